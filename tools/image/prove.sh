#!/usr/bin/env bash
# Runs the built image as a pod would, and says what holds: not root, read-only root, no capabilities, metrics of a
# JVM in the same network namespace, health check, exit 0 on SIGTERM. usage: tools/image/prove.sh [TAG [UID:GID]]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/engine.sh"
tag=${1:-localhost/jmx-bridge:dev}
podman image exists "$tag" || { echo "no image $tag found; hint: run 'make image' first" >&2; exit 1; }
work=$(mktemp -d)
user=${2:-10001:10001}
name=jmx-bridge-prove-$$
netns=jmxb$$
target=

clean() {
  podman rm -f "$name" >/dev/null 2>&1 || true
  [ -z "$target" ] || kill "$target" 2>/dev/null || true
  ip netns del "$netns" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
fail() { echo "FAILED: $*" >&2; podman logs "$name" >&2 || true; exit 1; }

ip netns add "$netns"
ip -n "$netns" link set lo up
cp "$here/../../tests/java/MovingApp.java" "$work"
javac -d "$work" "$work/MovingApp.java"
mkfifo "$work/in"
jmx=-Dcom.sun.management.jmxremote
ip netns exec "$netns" java $jmx.port=7199 $jmx.rmi.port=7199 $jmx.host=127.0.0.1 $jmx.authenticate=false $jmx.ssl=false \
  -Djava.rmi.server.hostname=127.0.0.1 -cp "$work" MovingApp <"$work/in" >"$work/out" &
target=$!
exec 3>"$work/in"
printf 'put\tpod:type=Thing\tCount\tlong\t42\n' >&3

# Its shells are no programs here: whatever starts one fails.
touch "$work/none"
podman run -d --name "$name" -v "$work/none:/usr/bin/dash:ro" -v "$work/none:/usr/bin/bash:ro" --network "ns:/run/netns/$netns" --read-only --read-only-tmpfs=false --cap-drop ALL \
  --security-opt no-new-privileges --user "$user" --memory 160m --pids-limit 200 \
  "$tag" --jmx.target=127.0.0.1:7199 --web.listen-address=:9404 >/dev/null 2>&1
# Into a file: a grep that ends early would break curl's pipe, and the pipeline with it.
page() { ip netns exec "$netns" curl -sf -m 5 -o "$work/page" http://127.0.0.1:9404/metrics; }
for _ in $(seq 60); do page && grep -q '^pod_Thing_Count 42.0$' "$work/page" && break; sleep 0.5; done
page && grep -q '^pod_Thing_Count 42.0$' "$work/page" || fail "the metric of the JVM in the same namespace is not there"
grep -q '^jvm_memory_used_bytes' "$work/page" || fail "no jvm_* metrics"
echo "serves the JVM's metrics: $(grep -vc '^#' "$work/page") samples"

pid=$(podman inspect "$name" --format '{{.State.Pid}}')
grep -q "^Uid:[[:space:]]${user%:*}[[:space:]]" "/proc/$pid/status" || fail "runs as root"
grep -q '^CapEff:[[:space:]]0*$' "/proc/$pid/status" || fail "has capabilities"
grep -qE '^[0-9]+ [0-9]+ [0-9:]+ [^ ]+ / ro[, ]' "/proc/$pid/mountinfo" || fail "the root file system can be written"
echo "runs as user ${user%:*}, without capabilities, on a read-only root with no writable /tmp"
! podman exec "$name" sh -c true 2>/dev/null || fail "there is a shell"
echo "needs no shell: it has none here"
podman healthcheck run "$name" 2>/dev/null || fail "the health check fails"
# Java says nothing of an archive that it can't use, because a jar, a flag or itself is another.
grep -q '^800000000-.* /opt/jmx-bridge/.*/jmx-bridge.jsa$' "/proc/$pid/maps" || fail "the archive of classes is not used"
echo "maps the archive of its classes"
echo "is healthy, asked at the port of its command line"
awk '/^(VmRSS|RssAnon)/ {size[$1] = int($2 / 1024)} END {print "resident memory: " size["VmRSS:"] " MiB, of which anonymous " size["RssAnon:"] " MiB"}' "/proc/$pid/status"
podman stop -t 8 "$name" >/dev/null 2>&1
status=$(podman inspect "$name" --format '{{.State.ExitCode}}')
[ "$status" = 0 ] || fail "exit status $status on SIGTERM"
echo "ends with status 0 on SIGTERM"

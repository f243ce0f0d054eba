#!/usr/bin/env bash
# Plays examples/kubernetes/tomcat.yaml as a pod of podman's, and says what holds: Tomcat's metrics come from the pod's
# address, its JMX port does not answer there, and a restarted Tomcat is found again.
# usage: tools/image/pod.sh [TAG]; needs an unpacked Tomcat (TOMCAT=DIR, else the one that `make demo` left).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/engine.sh"
tag=${1:-localhost/jmx-bridge:dev}
podman image exists "$tag" || { echo "no image $tag found; hint: run 'make image' first" >&2; exit 1; }
tomcat=${TOMCAT:-$(find "$here/../../.cache" -maxdepth 2 -type d -name 'apache-tomcat-10*' 2>/dev/null | head -1)}
[ -n "$tomcat" ] || { echo "no Tomcat found; hint: run 'make demo' once, or set TOMCAT=DIR" >&2; exit 1; }
work=$(mktemp -d)
page=$work/page

clean() {
  podman kube down "$work/pod.yaml" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean EXIT
fail() { echo "FAILED: $*" >&2; podman logs shop-pod-0-jmx-bridge >&2 || true; exit 1; }

cp -r "$tomcat" "$work/tomcat"
cat >"$work/Dockerfile" <<'END'
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless && rm -rf /var/lib/apt/lists/*
COPY tomcat /usr/local/tomcat
RUN cd /usr/local/tomcat && chmod -R a+rX . && chmod 1777 logs temp work
CMD ["/usr/local/tomcat/bin/catalina.sh", "run"]
END
buildah bud -q --isolation oci --runtime runc --network host --pull-never --layers --build-arg "BASE=$BASE" \
  -t localhost/tomcat:proof "$work" >/dev/null 2>"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }

# Podman knows no native sidecars, no PodMonitor, and no httpGet without curl in the image: what is left is the same.
podman run --rm -i --network none --entrypoint python "$tag" -c '
import sys, yaml
rules, deployment, _ = yaml.safe_load_all(sys.stdin)
pod = deployment["spec"]["template"]["spec"]
pod["containers"] = pod.pop("initContainers") + pod["containers"]
for container, image in zip(pod["containers"], sys.argv[1:], strict=True):
    container.update(image=image, imagePullPolicy="Never")
    for key in ("restartPolicy", "readinessProbe", "livenessProbe"):
        container.pop(key, None)
print(yaml.safe_dump_all([rules, deployment]))
' "$tag" localhost/tomcat:proof <"$here/../../examples/kubernetes/tomcat.yaml" >"$work/pod.yaml" 2>"$work/err" || { cat "$work/err" >&2; exit 1; }
podman kube play "$work/pod.yaml" >"$work/play.log" 2>&1 || { cat "$work/play.log" >&2; exit 1; }
infra=$(podman pod inspect shop-pod-0 --format '{{.InfraContainerID}}')
address=$(podman inspect "$infra" --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}')

wait_for() { # pattern what
  for _ in $(seq 60); do
    curl -s -m 5 -o /dev/null "http://$address:8080/" || true
    curl -sf -m 5 -o "$page" "http://$address:12346/metrics" && grep -qE "$1" "$page" && return
    sleep 0.5
  done
  fail "$2"
}
wait_for '^tomcat_requests_total\{connector="http-nio-8080"\} [1-9]' "Tomcat's metrics are not there"
grep '^tomcat_' "$page"
echo "serves Tomcat's metrics at the pod's address"
! timeout 2 bash -c "</dev/tcp/$address/7199" 2>/dev/null || fail "the JMX port is open outside the pod"
echo "Tomcat's JMX port is closed outside the pod"
podman stop -t 5 shop-pod-0-tomcat >/dev/null 2>&1
wait_for '^jmx_up 0' "a stopped Tomcat is still up"
podman start shop-pod-0-tomcat >/dev/null 2>&1
wait_for '^jmx_up 1' "a restarted Tomcat is not found again"
echo "finds a restarted Tomcat again"

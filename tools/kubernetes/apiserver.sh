#!/usr/bin/env bash
# Asks a real kube-apiserver, without nodes and on loopback only, what it says to manifests: it decodes them strictly,
# checks all values, and enforces the Pod Security Standard "restricted". Nothing of them is stored.
# usage: tools/kubernetes/apiserver.sh CRDS MANIFEST...; CRDS is a folder; the first time it builds the server, in about ten minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tools.sh"
. "$here/server.sh"
crds=$1
shift
build_server

work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; tail -n 5 "$work"/*.log >&2; exit 1; }
# Nobody makes the accounts that pods would run under, so the server must not ask for them.
start_server "$work" --disable-admission-plugins=ServiceAccount || fail "no API server"

kubectl create --filename "$crds" >/dev/null
kubectl wait --for=condition=Established --filename "$crds" >/dev/null
kubectl create namespace shop >/dev/null
kubectl label namespace shop pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/warn=restricted >/dev/null

# Workloads get no more than a warning for what only pods are refused for: so their pods are asked for, too.
pods() { # FILE [RULE-TO-BREAK]
  "$PY" -c '
import sys, yaml
for one in yaml.safe_load_all(open(sys.argv[1])):
    if one["kind"] == "Deployment":
        pod = {"apiVersion": "v1", "kind": "Pod", **one["spec"]["template"]}
        pod["metadata"]["name"] = one["metadata"]["name"]
        if sys.argv[2:]:
            del pod["spec"]["containers"][0]["securityContext"][sys.argv[2]]
        print("---")
        print(yaml.safe_dump(pod))
' "$@"
}
for file in "$@"; do
  echo "$(basename "$file"):"
  kubectl apply --dry-run=server --filename "$file" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "$(basename "$file") is refused"; }
  ! grep -q '^kind: Deployment' "$file" || pods "$file" | kubectl create --dry-run=server --filename - >>"$work/said" 2>&1 || { cat "$work/said" >&2; fail "a pod of $(basename "$file") is refused"; }
  sed 's/^/  /' "$work/said"
  ! grep -q '^Warning' "$work/said" || fail "$(basename "$file") is warned of"
done
# And the test of the test.
if pods "$1" allowPrivilegeEscalation | kubectl create --dry-run=server --filename - >"$work/said" 2>&1; then
  fail "a pod that breaks the rules is not refused"
fi
grep -q 'violates PodSecurity "restricted' "$work/said" || { cat "$work/said" >&2; fail "a pod is refused for another reason"; }
echo "a pod without allowPrivilegeEscalation: false is refused"

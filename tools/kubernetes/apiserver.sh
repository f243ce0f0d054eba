#!/usr/bin/env bash
# Asks a real kube-apiserver, without nodes and on loopback only, what it says to manifests: it decodes them strictly,
# checks all values, and enforces the Pod Security Standard "restricted". Nothing of them is stored.
# usage: tools/kubernetes/apiserver.sh CRDS MANIFEST...; CRDS is a folder; the first time it builds the server, in about ten minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tools.sh"
version=1.33.4
crds=$1
shift

# A module of our own: `go install` refuses Kubernetes' one, which takes its parts from its own tree. They are
# published as modules, too, under version 0.x for Kubernetes' 1.x.
module() {
  local theirs
  theirs=$(go mod download -json "k8s.io/kubernetes@v$version" | "$PY" -c 'import json, sys; print(json.load(sys.stdin)["GoMod"])')
  go mod edit -json "$theirs" | "$PY" -c '
import json, sys
module, version = json.load(sys.stdin), sys.argv[1]
print("module checks\n\ngo", module["Go"], "\n\nrequire k8s.io/kubernetes v" + version)
for one in module["Replace"]:
    if one["New"]["Path"].startswith("./staging/"):
        print("replace", one["Old"]["Path"], "=>", one["Old"]["Path"], "v0." + version.split(".", 1)[1])
' "$version"
}
if [ ! -x "$STORE/bin/kubectl" ]; then
  command -v go >/dev/null || { echo "no Go found, which builds the API server; hint: install it" >&2; exit 1; }
  echo "building kube-apiserver and kubectl $version, about ten minutes ..." >&2
  mkdir -p "$STORE/apiserver"
  module >"$STORE/apiserver/go.mod"
  stamp="-X k8s.io/component-base/version.gitVersion=v$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<<"$version")"
  for command in kube-apiserver kubectl; do
    (cd "$STORE/apiserver" && CGO_ENABLED=0 go build -mod=mod -trimpath -buildvcs=false -ldflags "-s -w $stamp" -o "$STORE/bin/$command" "k8s.io/kubernetes/cmd/$command")
  done
fi
etcd=$(command -v etcd || echo "$STORE/etcd/usr/bin/etcd")
if [ ! -x "$etcd" ]; then
  echo "unpacking Debian's etcd ..." >&2
  mkdir -p "$STORE/etcd"
  (cd "$STORE/etcd" && apt-get -o APT::Sandbox::User=root download -q etcd-server >/dev/null && dpkg -x etcd-server_*.deb .)
fi

work=$(mktemp -d)
etcd_pid=
server_pid=
clean() {
  for pid in $server_pid $etcd_pid; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean EXIT
fail() { echo "FAILED: $*" >&2; tail -n 5 "$work"/*.log >&2; exit 1; }
read -r client peer secure < <("$PY" -c '
import socket
open = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(one.getsockname()[1] for one in open))')

"$etcd" --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$client" --advertise-client-urls "http://127.0.0.1:$client" \
  --listen-peer-urls "http://127.0.0.1:$peer" >"$work/etcd.log" 2>&1 &
etcd_pid=$!
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
(umask 077 && echo "$token,admin,1,system:masters" >"$work/tokens.csv" && openssl genrsa -out "$work/accounts.key" 2048 2>/dev/null)
# Nobody makes the accounts that pods would run under, so the server must not ask for them.
"$STORE/bin/kube-apiserver" --etcd-servers="http://127.0.0.1:$client" --bind-address=127.0.0.1 --secure-port="$secure" \
  --cert-dir="$work/certs" --service-cluster-ip-range=10.0.0.0/24 --service-account-issuer=https://kubernetes.default.svc \
  --service-account-key-file="$work/accounts.key" --service-account-signing-key-file="$work/accounts.key" \
  --token-auth-file="$work/tokens.csv" --authorization-mode=RBAC --disable-admission-plugins=ServiceAccount >"$work/server.log" 2>&1 &
server_pid=$!
kubectl() {
  "$STORE/bin/kubectl" --server="https://127.0.0.1:$secure" --certificate-authority="$work/certs/apiserver.crt" \
    --token="$token" --cache-dir="$work/cache" --namespace=shop "$@"
}
for _ in $(seq 120); do
  kill -0 "$server_pid" 2>/dev/null || fail "the API server ended"
  [ "$(kubectl get --raw /readyz 2>/dev/null)" = ok ] && break
  sleep 0.5
done
kubectl version 2>/dev/null | grep 'Server Version' || fail "the API server does not get ready"

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

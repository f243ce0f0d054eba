# shellcheck shell=bash
# Sourced after tools.sh: a real kube-apiserver with its etcd, without nodes and controllers, on loopback only.
version=1.33.4

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
# The first time it takes about ten minutes.
build_server() {
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
}

etcd_pid=
server_pid=
stop_server() {
  for pid in $server_pid $etcd_pid; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}

start_server() { # FOLDER [FLAG...]: its files are in FOLDER, and what it says in FOLDER/*.log
  folder=$1
  local client peer
  read -r client peer secure < <("$PY" -c '
import socket
open = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(one.getsockname()[1] for one in open))')
  "$etcd" --data-dir "$folder/etcd" --listen-client-urls "http://127.0.0.1:$client" --advertise-client-urls "http://127.0.0.1:$client" \
    --listen-peer-urls "http://127.0.0.1:$peer" >"$folder/etcd.log" 2>&1 &
  etcd_pid=$!
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077 && echo "$token,admin,1,system:masters" >"$folder/tokens.csv" && openssl genrsa -out "$folder/accounts.key" 2048 2>/dev/null)
  "$STORE/bin/kube-apiserver" --etcd-servers="http://127.0.0.1:$client" --bind-address=127.0.0.1 --secure-port="$secure" \
    --cert-dir="$folder/certs" --service-cluster-ip-range=10.0.0.0/24 --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$folder/accounts.key" --service-account-signing-key-file="$folder/accounts.key" \
    --token-auth-file="$folder/tokens.csv" --authorization-mode=RBAC "${@:2}" >"$folder/server.log" 2>&1 &
  server_pid=$!
  for _ in $(seq 240); do
    kill -0 "$server_pid" 2>/dev/null || { echo "FAILED: the API server ended" >&2; return 1; }
    [ "$(kubectl get --raw /readyz 2>/dev/null)" = ok ] && break
    sleep 0.5
  done
  kubectl version 2>/dev/null | grep 'Server Version' || { echo "FAILED: the API server does not get ready" >&2; return 1; }
}

kubectl() {
  "$STORE/bin/kubectl" --server="https://127.0.0.1:$secure" --certificate-authority="$folder/certs/apiserver.crt" \
    --token="$token" --cache-dir="$folder/cache" --namespace=shop "$@"
}

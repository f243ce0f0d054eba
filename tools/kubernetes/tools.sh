# shellcheck shell=bash disable=SC2034
# Sourced: finds or installs what the checks of examples/kubernetes need, in one folder of ours. Needs Go and Python.
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
examples=$repo/examples/kubernetes
STORE=${KUBERNETES_STORE:-$repo/.cache/kubernetes}
PY=$STORE/venv/bin/python
mkdir -p "$STORE/bin"
export PATH="$STORE/bin:$PATH"

go_tool() { # NAME MODULE@VERSION
  command -v "$1" >/dev/null && return
  command -v go >/dev/null || { echo "no $1 found; hint: install it, or Go, which installs it here" >&2; exit 1; }
  echo "installing $1 ..." >&2
  GOBIN=$STORE/bin go install "$2"
}

# The schemas of Kubernetes' own kinds come with this package; it brings PyYAML, too.
if [ ! -e "$STORE/venv/.ready" ]; then
  echo "installing kubernetes-validate ..." >&2
  python3 -m venv "$STORE/venv"
  "$PY" -m pip install -q kubernetes-validate
  touch "$STORE/venv/.ready"
fi
go_tool kustomize sigs.k8s.io/kustomize/kustomize/v5@v5.7.1

go_module() { # MODULE@VERSION: prints the folder that Go unpacks it to
  command -v go >/dev/null || { echo "no Go found, which brings definitions of kinds; hint: install Go" >&2; exit 1; }
  go mod download -json "$1" | "$PY" -c 'import json, sys; print(json.load(sys.stdin)["Dir"])'
}
operator_crds() { # KIND...: prints the paths of kinds' definitions, as the operator publishes them
  local operator
  operator=$(go_module github.com/prometheus-operator/prometheus-operator@v0.83.0)
  printf "$operator/example/prometheus-operator-crd/monitoring.coreos.com_%s.yaml\n" "$@"
}
cert_manager_crds() { # KIND...: the same of cert-manager's
  local theirs
  theirs=$(go_module github.com/cert-manager/cert-manager@v1.18.2)
  printf "$theirs/deploy/crds/crd-%s.yaml\n" "$@"
}

#!/usr/bin/env bash
# Checks examples/kubernetes and deploy/operator: all of them build and meet the schemas of Kubernetes and of the
# Prometheus Operator, and shop.yaml is up to date.
# With --server a real kube-apiserver is asked, too, which enforces the Pod Security Standard "restricted"; the first
# time it is built, which takes about ten minutes. usage: tools/kubernetes/check.sh [--server]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tools.sh"
[ $# -eq 0 ] || [ "$*" = --server ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
overlays=(base logs/rsyslog logs/filebeat logs/kcat canary attach)
# The oldest with native sidecars, the one where they became stable, and the newest.
versions=(1.29 1.33 1.37)
go_tool kubeconform github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/render.sh" "$work/shop.yaml"
diff -u "$examples/shop.yaml" "$work/shop.yaml" || { echo "FAILED: shop.yaml is stale; hint: tools/kubernetes/render.sh" >&2; exit 1; }
echo "shop.yaml is what its sources give"
for overlay in "${overlays[@]}"; do
  kustomize build "$examples/$overlay" >"$work/${overlay//\//-}.yaml"
done

kustomize build "$repo/deploy/operator" >"$work/operator.yaml"

mkdir "$work/crds"
operator_crds podmonitors prometheusrules | xargs -I{} cp {} "$work/crds"
for version in "${versions[@]}"; do
  if [ ! -e "$STORE/schemas/$version/prometheusrule-monitoring-v1.json" ]; then
    "$PY" "$here/schemas.py" "$version" "$work" "$work"/crds/*
    rm -rf "$STORE/schemas/$version"
    mkdir -p "$STORE/schemas" && mv "$work/$version" "$STORE/schemas"
  fi
  echo "Kubernetes $version:"
  kubeconform -strict -summary -kubernetes-version "$version.0" \
    -schema-location "$STORE/schemas/$version/{{ .ResourceKind }}{{ .KindSuffix }}.json" "$work"/*.yaml
done
[ $# -eq 0 ] || "$here/apiserver.sh" "$work/crds" "$work"/*.yaml

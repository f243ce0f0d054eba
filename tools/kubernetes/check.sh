#!/usr/bin/env bash
# Checks examples/kubernetes, deploy/operator and the Helm chart with each values file of tests/chart: all of them build and
# meet the schemas of Kubernetes, the Prometheus Operator and cert-manager, and shop.yaml is up to date.
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
go_tool helm helm.sh/helm/v3/cmd/helm@v3.22.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/render.sh" "$work/shop.yaml"
diff -u "$examples/shop.yaml" "$work/shop.yaml" || { echo "FAILED: shop.yaml is stale; hint: tools/kubernetes/render.sh" >&2; exit 1; }
echo "shop.yaml is what its sources give"
for overlay in "${overlays[@]}"; do
  kustomize build "$examples/$overlay" >"$work/${overlay//\//-}.yaml"
done

kustomize build "$repo/deploy/operator" >"$work/operator.yaml"

chart=$repo/deploy/helm/jmx-bridge
mkdir "$work/charts"
for values in "$repo"/tests/chart/*.values.yaml; do
  name=$(basename "$values" .values.yaml)
  helm lint --strict --quiet --values "$values" "$chart"
  helm template jmx-bridge "$chart" --namespace jmx-bridge --kube-version "${versions[0]}" --values "$values" >"$work/charts/$name.yaml"
done
helm template jmx-bridge "$chart" --namespace jmx-bridge --kube-version "${versions[0]}" \
  --set monitoring.alerts.enabled=true,monitoring.dashboards.enabled=true >"$work/charts/everything.yaml"
echo "the chart passes helm lint with each values file of tests/chart"
# As it comes, for the API server, whose namespace is shop.
helm template jmx-bridge "$chart" --namespace shop --kube-version "${versions[0]}" >"$work/chart.yaml"

mkdir "$work/crds" "$work/more-crds"
operator_crds podmonitors prometheusrules | xargs -I{} cp {} "$work/crds"
cert_manager_crds certificates issuers | xargs -I{} cp {} "$work/more-crds"
for version in "${versions[@]}"; do
  if [ ! -e "$STORE/schemas/$version/certificate-cert-manager-v1.json" ]; then
    "$PY" "$here/schemas.py" "$version" "$work" "$work"/crds/* "$work"/more-crds/*
    rm -rf "$STORE/schemas/$version"
    mkdir -p "$STORE/schemas" && mv "$work/$version" "$STORE/schemas"
  fi
  echo "Kubernetes $version:"
  kubeconform -strict -summary -kubernetes-version "$version.0" \
    -schema-location "$STORE/schemas/$version/{{ .ResourceKind }}{{ .KindSuffix }}.json" "$work"/*.yaml "$work"/charts/*.yaml
done
[ $# -eq 0 ] || "$here/apiserver.sh" "$work/crds" "$work"/*.yaml

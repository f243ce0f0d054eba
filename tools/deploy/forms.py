"""What deploy/operator has: the alerts and dashboards in the forms that Kubernetes takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from alerts import dumped
from boards import ABOUT

LABELS = {
    "app.kubernetes.io/name": "jmx-bridge",
    "app.kubernetes.io/component": "monitoring",
}
NOTE = """\
# Needs the Prometheus Operator. Its Prometheus may ask for a label of this object: `release`, for kube-prometheus-stack.
"""


def prometheus_rule(name: str, groups: dict[str, Any]) -> str:
    """Alerts as the Prometheus Operator takes them."""
    text = dumped(
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": f"jmx-bridge-{name}", "labels": LABELS},
            "spec": groups,
        }
    )
    about, rest = text.split("\n", 1)
    return f"{about}\n{NOTE}{rest}"


def config_map(name: str, board: str) -> str:
    """A dashboard as the sidecar of Grafana's chart finds it: by the label grafana_dashboard."""
    labels = yaml.safe_dump({**LABELS, "grafana_dashboard": "1"}, sort_keys=False)
    lines = [
        f"# {ABOUT}",
        "apiVersion: v1",
        "kind: ConfigMap",
        "metadata:",
        f"  name: jmx-bridge-dashboard-{name}",
        "  labels:",
        *indented(labels, 4),
        "data:",
        f"  {name}.json: |",
        *indented(board, 4),
    ]
    return "\n".join(lines) + "\n"


def indented(text: str, by: int) -> Iterator[str]:
    for line in text.splitlines():
        yield " " * by + line


def kustomization(files: Iterable[str]) -> str:
    """What `kubectl apply -k` reads: all of them."""
    return dumped(
        {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": sorted(files),
        }
    )

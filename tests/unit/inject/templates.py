"""Pod templates to inject into."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def pod(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    """A template with these containers, by default a Tomcat's that says its user."""
    usual = {
        "name": "tomcat",
        "securityContext": {"runAsUser": 1000, "runAsGroup": 1000},
    }
    return {"spec": {"containers": list(containers) or [usual], **spec}}


NAMES = st.sampled_from(["app", "tomcat", "istio-proxy", "log", "init-db"])
IDS = st.none() | st.integers(0, 3)
SECURITY = st.none() | st.fixed_dictionaries(
    {}, optional={"runAsUser": IDS, "runAsGroup": IDS, "futureField": st.just({"a": 1})}
)
CONTAINERS = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "image": st.just("tomcat"),
        "securityContext": SECURITY,
        "restartPolicy": st.just("Always"),
        "ports": st.none()
        | st.lists(st.fixed_dictionaries({"containerPort": st.integers(12345, 12347)})),
        "futureField": st.lists(st.integers()),
    },
)
TEXTS = st.none() | st.dictionaries(
    st.sampled_from(["a", "b/c~d", "prometheus.io/port", "jmx-bridge.io/injected"]),
    st.sampled_from(["true", "", "8080"]),
)
METADATA = st.none() | st.fixed_dictionaries(
    {},
    optional={"labels": TEXTS, "annotations": TEXTS, "creationTimestamp": st.none()},
)
SPECS = st.fixed_dictionaries(
    {"containers": st.lists(CONTAINERS, min_size=1, max_size=3)},
    optional={
        "initContainers": st.none() | st.lists(CONTAINERS, max_size=2),
        "volumes": st.none()
        | st.lists(st.fixed_dictionaries({"name": st.sampled_from(["tmp", "logs"])})),
        "securityContext": SECURITY,
        "shareProcessNamespace": st.none() | st.booleans(),
        "automountServiceAccountToken": st.booleans(),
        "restartPolicy": st.sampled_from(["Always", "Never"]),
        "futureField": st.just({"x": [1]}),
    },
)
TEMPLATES = st.fixed_dictionaries({"spec": SPECS}, optional={"metadata": METADATA})

"""A pod template as it is written: what of it matters to a sidecar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MIRROR = "kubernetes.io/config.mirror"
OS_LABELS = ("kubernetes.io/os", "beta.kubernetes.io/os")
SIDECARS = {"istio-proxy", "linkerd-proxy", "daprd", "vault-agent", "otc-container"}
"""Containers that others inject, in which no application is."""
TEMPORARY = "/tmp"  # noqa: S108 -- in the application's container


@dataclass(frozen=True, slots=True)
class Pod:
    """A template whose shape was looked at."""

    metadata: Mapping[str, Any]
    spec: Mapping[str, Any]

    @property
    def annotations(self) -> Mapping[str, Any]:
        """Those of the pod."""
        return self.metadata.get("annotations") or {}

    @property
    def containers(self) -> list[dict[str, Any]]:
        """The ordinary ones."""
        return list(self.spec.get("containers") or [])

    @property
    def init_containers(self) -> list[dict[str, Any]]:
        """Native sidecars among them."""
        return list(self.spec.get("initContainers") or [])

    @property
    def security(self) -> Mapping[str, Any]:
        """What holds for all containers that don't say anything else."""
        return self.spec.get("securityContext") or {}

    def lasting(self) -> list[dict[str, Any]]:
        """Return the containers that run at the same time."""
        sidecars = [
            one for one in self.init_containers if one.get("restartPolicy") == "Always"
        ]
        return sidecars + self.containers

    def names(self) -> set[str]:
        """Return the names of all containers."""
        return {str(one.get("name")) for one in self.init_containers + self.containers}

    def volumes(self) -> set[str]:
        """Return the names of all volumes."""
        return {str(one.get("name")) for one in self.spec.get("volumes") or []}

    def ends(self) -> bool:
        """Whether it is over some time, as a Job's is."""
        return (self.spec.get("restartPolicy") or "Always") != "Always"

    def is_windows(self) -> bool:
        """Whether its nodes run Windows."""
        system = self.spec.get("os")
        selector = self.spec.get("nodeSelector")
        named = [system.get("name")] if isinstance(system, dict) else []
        if isinstance(selector, dict):
            named += [selector.get(label) for label in OS_LABELS]
        return "windows" in named

    def is_guaranteed(self) -> bool:
        """Whether each container's requests are its limits, which is the best class of service."""
        every = self.init_containers + self.containers
        return all(_is_bounded(one.get("resources") or {}) for one in every)

    def ports(self) -> Iterator[tuple[str, str, object]]:
        """Yield container, name and number of the TCP ports of containers that last."""
        for one in self.lasting():
            for port in one.get("ports") or []:
                if isinstance(port, dict) and port.get("protocol", "TCP") == "TCP":
                    yield one["name"], str(port.get("name")), port.get("containerPort")


def _is_bounded(resources: Mapping[str, Any]) -> bool:
    limits = resources.get("limits") or {}
    requests = {**limits, **(resources.get("requests") or {})}
    return all(
        name in limits and requests[name] == limits[name] for name in ("cpu", "memory")
    )


MAPS = (
    ("metadata",),
    ("metadata", "annotations"),
    ("metadata", "labels"),
    ("spec",),
    ("spec", "securityContext"),
)
LISTS = ("containers", "initContainers", "volumes")
INNER_MAPS = ("securityContext", "resources")
INNER_LISTS = ("ports", "volumeMounts")


def pod_of(template: Mapping[str, Any]) -> Pod | str:
    """Return the pod, or what is wrong with its shape."""
    for parts in MAPS:
        value: Any = template
        for part in parts:
            value = (value or {}).get(part)
        if value is not None and not isinstance(value, dict):
            return f"{'.'.join(parts)} is no map"
    spec = template.get("spec") or {}
    for name in LISTS:
        if wrong := _wrong_items(name, spec.get(name)):
            return wrong
    if not spec.get("containers"):
        return "spec.containers is empty"
    return Pod(template.get("metadata") or {}, spec)


def _wrong_items(name: str, items: object) -> str:
    if items is not None and not isinstance(items, list):
        return f"spec.{name} is no list"
    for at, item in enumerate(items or []):
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            return f"spec.{name}[{at}] is no map with a name"
        for key in INNER_MAPS:
            if name != "volumes" and not isinstance(item.get(key) or {}, dict):
                return f"spec.{name}[{at}].{key} is no map"
        for key in INNER_LISTS:
            if name != "volumes" and not isinstance(item.get(key) or [], list):
                return f"spec.{name}[{at}].{key} is no list"
        for key in ("limits", "requests"):
            if not isinstance((item.get("resources") or {}).get(key) or {}, dict):
                return f"spec.{name}[{at}].resources.{key} is no map"
    return ""

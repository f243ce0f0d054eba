"""Where in a Kubernetes object its pod template is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

POD: tuple[str, ...] = ()
IN_SPEC = ("spec", "template")
BY_KIND = {
    "Pod": POD,
    "PodTemplate": ("template",),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""The others have it where its shape is found, as custom resources such as a Rollout do."""


def template_path(document: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the keys that lead to the pod template of an object; None if it has none."""
    path = path_of(document.get("kind"), document.get("apiVersion"))
    if path is None:
        return None
    template: Any = document
    for key in path:
        template = template.get(key) if isinstance(template, dict) else None
    spec = template.get("spec") if isinstance(template, dict) else None
    containers = spec.get("containers") if isinstance(spec, dict) else None
    return path if isinstance(containers, list) and containers else None


def path_of(kind: object, version: object) -> tuple[str, ...] | None:
    """Return where objects of a kind have their pod template, if they have one."""
    if not isinstance(kind, str) or not isinstance(version, str):
        return None
    return BY_KIND.get(kind, IN_SPEC)

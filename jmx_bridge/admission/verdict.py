"""What becomes of a pod at admission: the sidecar, or a reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..inject import Edit, Refusal, inject_as_annotated, refused_status
from ..inject.edits import pointer
from ..settings.wish import INJECT, STATUS, wants
from .review import PODS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..inject import Injection
    from ..settings.wish import Wish
    from .review import Review

SYSTEM = ("kube-system", "kube-public", "kube-node-lease")
"""Namespaces in which nothing is ever injected."""
OURSELVES = {
    "app.kubernetes.io/name": "jmx-bridge",
    "app.kubernetes.io/component": "webhook",
}
"""The labels of the webhook's own pods."""
LONGEST_MESSAGE, LONGEST_NAME = 1000, 253
HASH = "pod-template-hash"
"""The label whose value a Deployment's ReplicaSets have behind their name."""
NOT_SAID = {"injected", "mirror", "opted_out"}
"""Refusals of `inject` that are what was wanted, or that nobody can read of."""
NOT_ASKED = {
    "not_asked": "it has no annotation that asks for it",
    "not_create": "only pods that are created get a sidecar",
    "not_pod": "only pods get a sidecar",
    "own": "it is the webhook itself",
    "system_namespace": f"nothing is injected in {', '.join(SYSTEM)}",
}
"""Why a pod isn't looked at, by the reason that metrics have."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is answered."""

    reason: str
    """One word of few: "injected_now", or why it is left as it is."""
    message: str = ""
    """The reason in words; "" if it is injected."""
    edits: tuple[Edit, ...] = ()
    warnings: tuple[str, ...] = ()
    injected: bool = False
    refused: bool = False
    """Somebody asked for it, and doesn't get it."""


def decide(review: Review, otherwise: Wish, *, by_namespace: bool) -> Verdict:
    """
    Return what to answer; *otherwise* has what annotations don't say.

    With *by_namespace* the namespace wants a sidecar in each pod that doesn't say no; else a pod
    has to say yes.
    """
    if reason := _left_alone(review):
        return Verdict(reason, NOT_ASKED[reason])
    annotations = _map(review.pod, "annotations")
    wanted = wants(annotations)
    if INJECT in annotations and wanted is None:
        message = f"{INJECT}: must be true or false"
        return _refused(review.pod, Refusal("bad_annotation", message))
    if not wanted and not (by_namespace and wanted is None):
        reason = "not_asked" if wanted is None else "opted_out"
        return Verdict(reason, NOT_ASKED.get(reason, "its annotation says so"))
    found = inject_as_annotated(review.pod, otherwise, workload(review.pod))
    if isinstance(found, Refusal):
        return _refused(review.pod, found)
    return _injected(found)


def _left_alone(review: Review) -> str:
    """Return why a pod isn't even looked at; "" if it is."""
    if review.resource != PODS:
        return "not_pod"
    if review.operation != "CREATE":
        return "not_create"
    if review.namespace in SYSTEM:
        return "system_namespace"
    labels = _map(review.pod, "labels")
    return "own" if OURSELVES.items() <= labels.items() else ""


def _injected(found: Injection) -> Verdict:
    return Verdict("injected_now", "", found.edits, found.warnings, injected=True)


def _refused(pod: Mapping[str, Any], found: Refusal) -> Verdict:
    message = found.message[:LONGEST_MESSAGE]
    if found.reason in NOT_SAID:
        return Verdict(found.reason, message)
    edits = _noted(pod, refused_status(found.reason, message))
    said = (f"no sidecar: {message}", *found.warnings)
    return Verdict(found.reason, message, edits, said, refused=True)


def _noted(pod: Mapping[str, Any], text: str) -> tuple[Edit, ...]:
    """Return what puts a status into a pod's annotations, unless it is there."""
    metadata = pod.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else ()
    if annotations is None:
        return (Edit("add", pointer("metadata", "annotations"), {STATUS: text}),)
    if not isinstance(annotations, dict) or annotations.get(STATUS) == text:
        return ()
    return (Edit("add", pointer("metadata", "annotations", STATUS), text),)


def _map(pod: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a map of a pod's metadata; {} where there is none, or something else."""
    metadata = pod.get("metadata")
    found = metadata.get(name) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def workload(pod: Mapping[str, Any]) -> str:
    """Return the name of what a pod belongs to, such as its Deployment; "" if that isn't known."""
    metadata = pod.get("metadata")
    owners = metadata.get("ownerReferences") if isinstance(metadata, dict) else None
    for owner in owners if isinstance(owners, list) else ():
        name = owner.get("name") if isinstance(owner, dict) else None
        if isinstance(name, str) and owner.get("controller") is True:
            return name.removesuffix(f"-{_map(pod, 'labels').get(HASH)}")
    return ""


def pod_name(pod: Mapping[str, Any]) -> str:
    """Return what a pod is called, or will be, up to what the server adds; "" if that isn't known."""
    metadata = pod.get("metadata")
    names = metadata if isinstance(metadata, dict) else {}
    found = names.get("name") or names.get("generateName")
    return found[:LONGEST_NAME] if isinstance(found, str) else ""

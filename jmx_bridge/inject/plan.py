"""What to change in a pod template so that the bridge runs beside its JVM, or why nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..settings.wish import (
    STATUS,
    TARGET,
    BadWish,
    unknown_annotations,
    wants,
    wish_of,
)
from .additions import Additions
from .identity import Unfit, application, own_identity, same_identity
from .pod import MIRROR, Pod, pod_of
from .sidecar import (
    LABEL,
    NAME,
    PORT,
    PORT_NAME,
    extra_annotations,
    sidecar,
    volumes,
)
from .status import Status, read_status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..settings.wish import Wish
    from .edits import Edit
    from .identity import Identity


@dataclass(frozen=True, slots=True)
class Injection:
    """What to change."""

    edits: tuple[Edit, ...]
    status: Status
    """What the annotation in *edits* says."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is changed."""

    reason: str
    """One word of few, for a metric's label."""
    message: str
    warnings: tuple[str, ...] = ()


def unspelled(_path: str) -> str:
    """Return "": a null has no spelling where there is no text."""
    return ""


def inject_as_annotated(
    template: Mapping[str, Any],
    otherwise: Wish,
    workload: str = "",
    spelled: Callable[[str], str] = unspelled,
) -> Injection | Refusal:
    """Inject as the pod's own annotations wish, and *otherwise* where they say nothing."""
    pod = pod_of(template)
    if isinstance(pod, str):
        return Refusal("malformed", pod)
    if wants(pod.annotations) is False:
        return Refusal("opted_out", "its annotation says so")
    unknown = unknown_annotations(pod.annotations)
    try:
        wish = wish_of(pod.annotations, otherwise)
    except BadWish as exc:
        return Refusal("bad_annotation", str(exc), unknown)
    outcome = inject(template, wish, workload, spelled)
    return replace(outcome, warnings=(*unknown, *outcome.warnings))


def inject(
    template: Mapping[str, Any],
    wish: Wish,
    workload: str = "",
    spelled: Callable[[str], str] = unspelled,
) -> Injection | Refusal:
    """
    Return the edits that give a pod template the sidecar, or a refusal.

    *template* has `metadata` and `spec` as JSON has them, and may be a whole pod; fields that
    nobody here knows are left alone. *workload* is the name of what it belongs to, if that is
    known: the application's container often has it, too. *spelled* tells how the null at a JSON
    pointer is written, which the status keeps.
    """
    pod = pod_of(template)
    if isinstance(pod, str):
        return Refusal("malformed", pod)
    for looks in CHECKS:
        if refusal := looks(pod, wish):
            return refusal
    try:
        identity = _identity(pod, wish, workload)
    except Unfit as exc:
        return Refusal(exc.reason, str(exc))
    additions = _additions(template, pod, wish, identity)
    status = _status(wish, additions, spelled)
    additions.override(("metadata", "annotations"), STATUS, status.text())
    warnings = (*identity.warnings, *additions.warnings)
    return Injection(additions.edits(), status, warnings)


def _identity(pod: Pod, wish: Wish, workload: str) -> Identity:
    if wish.attach:
        return same_identity(pod, wish, workload)
    if wish.container:
        application(pod, wish, workload)
    return own_identity(pod)


def _additions(
    template: Mapping[str, Any], pod: Pod, wish: Wish, identity: Identity
) -> Additions:
    additions = Additions(template)
    listed = "containers" if wish.classic else "initContainers"
    additions.put(("metadata", "labels"), LABEL, "true")
    for name, value in extra_annotations(pod, wish).items():
        additions.put(("metadata", "annotations"), name, value)
    # A status that tells of a refusal gives way.
    additions.override(("metadata", "annotations"), STATUS, "")
    if wish.attach:
        additions.put(("spec",), "shareProcessNamespace", True)  # noqa: FBT003 -- its value
    additions.append(("spec", listed), sidecar(pod, wish, identity))
    for volume in volumes(pod, wish):
        additions.append(("spec", "volumes"), volume)
    return additions


def _status(wish: Wish, additions: Additions, spelled: Callable[[str], str]) -> Status:
    return Status(
        "classic" if wish.classic else "native",
        f"attach {wish.attach}" if wish.attach else wish.target or TARGET,
        wish.image,
        additions.added(),
        additions.made(),
        {path: spelled(path) for path in additions.nulls()},
    )


# -- what keeps a pod from it ----------------------------------------------------------------------


def _injected(pod: Pod, _wish: Wish) -> Refusal | None:
    if NAME not in pod.names():
        return None
    if read_status({"metadata": pod.metadata}):
        return Refusal("injected", "the sidecar is there already")
    return Refusal("name_taken", f"it has a container {NAME!r} that was not injected")


def _unfit(pod: Pod, wish: Wish) -> Refusal | None:
    if MIRROR in pod.annotations:
        return Refusal(
            "mirror", "it is a static pod's mirror, whose changes have no effect"
        )
    if pod.is_windows():
        return Refusal("windows", "it runs on Windows")
    if pod.spec.get("hostNetwork") is True and not wish.port:
        message = (
            "it is in its node's network, where the port has to be chosen: name one"
        )
        return Refusal("host_network", message)
    if wish.classic and pod.ends():
        message = "it would never end beside an ordinary container: leave classic out"
        return Refusal("never_ends", message)
    return None


def _port(pod: Pod, wish: Wish) -> Refusal | None:
    ours = wish.port or PORT
    for container, name, number in pod.ports():
        if number == ours:
            message = f"container {container!r} has port {ours}: name another port"
            return Refusal("port_taken", message)
        if name == PORT_NAME:
            message = f"container {container!r} has a port that is called {PORT_NAME}"
            return Refusal("port_taken", message)
    taken = pod.volumes() & {one["name"] for one in volumes(pod, wish)}
    if taken:
        return Refusal("name_taken", f"it has a volume {taken.pop()!r} already")
    return None


def _attach(pod: Pod, wish: Wish) -> Refusal | None:
    if not wish.attach:
        return None
    if pod.spec.get("hostPID") is True:
        message = (
            "it shares its node's PID namespace, so it can't share its own for attach"
        )
        return Refusal("host_pid", message)
    if pod.spec.get("shareProcessNamespace") is False:
        message = "its shareProcessNamespace is false, and attach needs it to be true"
        return Refusal("not_shared", message)
    return None


CHECKS: tuple[Callable[[Pod, Wish], Refusal | None], ...] = (
    _injected,
    _unfit,
    _port,
    _attach,
)
REASONS = (
    "malformed",
    "opted_out",
    "bad_annotation",
    "injected",
    "name_taken",
    "mirror",
    "windows",
    "host_network",
    "never_ends",
    "port_taken",
    "host_pid",
    "not_shared",
    "no_container",
    "no_user",
    "root",
)
"""All that a Refusal's reason can be."""

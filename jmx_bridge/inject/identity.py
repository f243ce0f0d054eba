"""Whose process the bridge has to be to attach: the user and group of the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..settings.wish import NAMESPACE
from .pod import SIDECARS, TEMPORARY, Pod

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..settings.wish import Wish

BRIDGE = 10001
"""User and group of our image."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a container runs as; None: what the pod says, or else its image."""

    user: int | None = None
    group: int | None = None
    warnings: tuple[str, ...] = ()

    def context(self) -> dict[str, int]:
        """Return the part of a securityContext that says it."""
        both = {"runAsUser": self.user, "runAsGroup": self.group}
        return {key: value for key, value in both.items() if value is not None}


class Unfit(Exception):
    """Attach can't work in this pod; *reason* is one word for it."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def own_identity(pod: Pod) -> Identity:
    """Return who the bridge is beside a JMX port: who the pod says, but never root."""
    return (
        Identity(BRIDGE, BRIDGE) if pod.security.get("runAsUser") == 0 else Identity()
    )


def application(pod: Pod, wish: Wish, workload: str) -> dict[str, Any]:
    """Return the container that the application is in; raises Unfit."""
    if wish.container:
        for one in pod.containers:
            if one["name"] == wish.container:
                return one
        raise Unfit("no_container", f"there is no container {wish.container!r}")
    some = [one for one in pod.containers if one["name"] not in SIDECARS]
    named = [one for one in some if workload and one["name"] == workload]
    for several in (some, named):
        if len(several) == 1:
            return several[0]
    if some and len({_who(pod, one) for one in some}) == 1:
        return some[0]
    names = ", ".join(one["name"] for one in pod.containers)
    raise Unfit(
        "no_container", f"which container is the application's? there are {names}"
    )


def same_identity(pod: Pod, wish: Wish, workload: str) -> Identity:
    """Return who the bridge has to be to attach; raises Unfit if that can't be told or can't be."""
    container = application(pod, wish, workload)
    user, group = _who(pod, container)
    name = container["name"]
    if wish.user is None and user is None:
        raise Unfit("no_user", f"nothing says which user container {name!r} runs as")
    if wish.user is None and user == 0:
        raise Unfit(
            "root", f"container {name!r} runs as root, and the bridge never does"
        )
    return Identity(
        _ours(_chosen(wish.user, user), pod.security.get("runAsUser")),
        _ours(_chosen(wish.group, group), pod.security.get("runAsGroup")),
        tuple(_warnings(container, wish, group)),
    )


def _ours(chosen: int | None, inherited: object) -> int | None:
    """Return what our container has to say, which is nothing where the pod says it."""
    return None if chosen == inherited else chosen


def _chosen(wished: int | str | None, found: int | None) -> int | None:
    if wished == NAMESPACE:
        return None
    return found if wished is None else int(wished)


def _who(pod: Pod, container: Mapping[str, Any]) -> tuple[int | None, int | None]:
    own = container.get("securityContext") or {}
    user, group = (
        pod.security.get(key) if own.get(key) is None else own.get(key)
        for key in ("runAsUser", "runAsGroup")
    )
    return (
        user if isinstance(user, int) else None,
        group if isinstance(group, int) else None,
    )


def _warnings(
    container: Mapping[str, Any], wish: Wish, group: int | None
) -> Iterable[str]:
    name = container["name"]
    if group is None and wish.group is None and wish.user != NAMESPACE:
        yield (
            f"nothing says which group container {name!r} runs as: attach fails unless both"
            " images have the same one for this user"
        )
    own = container.get("securityContext") or {}
    mounted = [
        mount.get("mountPath")
        for mount in container.get("volumeMounts") or []
        if isinstance(mount, dict)
    ]
    if own.get("readOnlyRootFilesystem") is True and TEMPORARY not in mounted:
        yield (
            f"the JVM in container {name!r} can't write to /tmp, which attach needs: mount an"
            " emptyDir there"
        )

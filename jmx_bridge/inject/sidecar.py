"""The container that is added, its volumes, labels and annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..settings.wish import PREFIX, TARGET, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..settings.wish import Wish
    from .identity import Identity
    from .pod import Pod

NAME = "jmx-bridge"
RULES_VOLUME, TOKEN_VOLUME = "jmx-bridge-rules", "jmx-bridge-no-token"
RULES_FOLDER = "/etc/jmx-bridge"
TOKEN_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 -- a path
PORT_NAME = "jmx-metrics"
PORT = 12346
LABEL = f"{PREFIX}injected"
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
USUAL = (
    Resource("cpu", "50m"),
    Resource("memory", "128Mi", "192Mi"),
    Resource("ephemeral-storage", "16Mi", "64Mi"),
)
GUARANTEED = (
    Resource("cpu", "250m", "250m"),
    Resource("memory", "192Mi", "192Mi"),
    Resource("ephemeral-storage", "16Mi", "64Mi"),
)
"""In a pod whose requests are its limits, which shall keep that."""


def sidecar(pod: Pod, wish: Wish, identity: Identity) -> dict[str, Any]:
    """Return the container."""
    container: dict[str, Any] = {"name": NAME, "image": wish.image}
    if wish.pull_policy:
        container["imagePullPolicy"] = wish.pull_policy
    if not wish.classic:
        container["restartPolicy"] = "Always"
    container |= {
        "env": [{"name": key, "value": _literal(value)} for key, value in _env(wish)],
        "ports": [{"name": PORT_NAME, "containerPort": wish.port or PORT}],
        "readinessProbe": {"httpGet": {"path": "/-/ready", "port": PORT_NAME}},
        "livenessProbe": {
            "httpGet": {"path": "/-/healthy", "port": PORT_NAME},
            "initialDelaySeconds": 5,
        },
        "resources": _resources(pod, wish),
        "securityContext": {
            **identity.context(),
            "runAsNonRoot": True,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    if mounts := _mounts(pod, wish):
        container["volumeMounts"] = mounts
    return container


def _env(wish: Wish) -> Iterator[tuple[str, str]]:
    if wish.attach:
        yield "JMX_BRIDGE_JMX_ATTACH", wish.attach
    else:
        yield "JMX_BRIDGE_JMX_TARGET", wish.target or TARGET
    packs = wish.packs
    if packs is None and not wish.rules:
        packs = ("jvm",)
    if packs:
        yield "JMX_BRIDGE_CONFIG_INCLUDE", ",".join(packs)
    if wish.rules:
        yield "JMX_BRIDGE_CONFIG_FILE", f"{RULES_FOLDER}/{wish.rules.key}"
    if wish.port and wish.port != PORT:
        yield "JMX_BRIDGE_WEB_LISTEN_ADDRESS", f":{wish.port}"


def _literal(text: str) -> str:
    """Return a text of which Kubernetes takes no part for the name of a variable."""
    return text.replace("$", "$$")


def _resources(pod: Pod, wish: Wish) -> dict[str, dict[str, str]]:
    usual = GUARANTEED if pod.is_guaranteed() else USUAL
    each = {one.name: one for one in (*usual, *wish.resources)}
    return {
        "requests": {name: one.request for name, one in each.items()},
        "limits": {name: one.limit for name, one in each.items() if one.limit},
    }


def _mounts(pod: Pod, wish: Wish) -> list[dict[str, Any]]:
    places = {TOKEN_VOLUME: TOKEN_FOLDER, RULES_VOLUME: RULES_FOLDER}
    return [
        {"name": volume["name"], "mountPath": places[volume["name"]], "readOnly": True}
        for volume in volumes(pod, wish)
    ]


def volumes(pod: Pod, wish: Wish) -> list[dict[str, Any]]:
    """
    Return what the container mounts.

    An empty volume keeps the service account's token out; no emptyDir, since a pod with one
    keeps a cluster's autoscaler from taking its node away.
    """
    found: list[dict[str, Any]] = []
    if pod.spec.get("automountServiceAccountToken") is not False:
        found.append({"name": TOKEN_VOLUME, "downwardAPI": {"items": []}})
    if wish.rules:
        found.append({"name": RULES_VOLUME, "configMap": {"name": wish.rules.name}})
    return found


def extra_annotations(pod: Pod, wish: Wish) -> dict[str, str]:
    """Return the annotations that the pod gets, besides the status."""
    found = {}
    if wish.classic:
        found[DEFAULT_CONTAINER] = str(pod.containers[0]["name"])
    if wish.annotations:
        found["prometheus.io/scrape"] = "true"
        found["prometheus.io/port"] = str(wish.port or PORT)
        found["prometheus.io/path"] = "/metrics"
    return found

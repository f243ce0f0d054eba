"""A pod as an API server gave it back, played by podman on a network of its own."""

from __future__ import annotations

import copy
import json
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

NETWORK = "cluster-network"
PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
KINDS = ("emptyDir", "configMap")
"""The kinds of volumes that podman knows."""


class PlayFailed(Exception):
    """What podman refused, in its words."""


def podman(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(
        ["podman", *arguments],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if check and done.returncode:
        raise PlayFailed(f"podman {' '.join(arguments[:3])}: {done.stderr.strip()}")
    return done.stdout


def as_podman_plays(pod: dict[str, Any]) -> dict[str, Any]:
    """
    Return the pod in the words that podman knows.

    What it doesn't know is left out: probes, which it would run by a curl that images don't have,
    and volumes of other kinds, of which the server's token is one. Nothing else is changed.
    """
    spec = copy.deepcopy(pod["spec"])
    volumes = [
        one for one in spec.get("volumes", []) if any(kind in one for kind in KINDS)
    ]
    kept = {one["name"] for one in volumes}
    for container in spec["containers"]:
        image = container["image"].partition(":")[0]
        if image == "jmx-bridge":
            container["image"] = "localhost/jmx-bridge:dev"
        container["imagePullPolicy"] = "Never"
        for probe in PROBES:
            container.pop(probe, None)
        container["volumeMounts"] = [
            one for one in container.get("volumeMounts", []) if one["name"] in kept
        ]
    known = ("containers", "securityContext", "shareProcessNamespace", "restartPolicy")
    metadata = {"name": pod["metadata"]["name"], "labels": pod["metadata"]["labels"]}
    spec = {key: spec[key] for key in known if key in spec}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {**spec, "volumes": volumes},
    }


@contextmanager
def playing(pod: dict[str, Any]) -> Iterator[str]:
    """Play a pod; yield its address."""
    document = as_podman_plays(pod)
    volumes = [one["name"] for one in document["spec"]["volumes"]]
    name = pod["metadata"]["name"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pod.json"
        file.write_text(json.dumps(document))
        podman("network", "create", NETWORK)
        try:
            podman("kube", "play", "--start=false", "--network", NETWORK, str(file))
            _open_volumes(name)
            podman("pod", "start", name)
            infra = podman(
                "pod", "inspect", name, "--format", "{{.InfraContainerID}}"
            ).strip()
            form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
            yield podman("inspect", infra, "--format", form).strip()
        finally:
            podman("kube", "down", str(file), check=False)
            podman("volume", "rm", "-f", *volumes, check=False)
            podman("network", "rm", "-f", NETWORK, check=False)


def _open_volumes(pod: str) -> None:
    """Let every user write to the emptyDirs, as Kubernetes does; podman leaves them to root."""
    containers = json.loads(podman("pod", "inspect", pod))["Containers"]
    for container in json.loads(
        podman("inspect", *(one["Id"] for one in containers), "--format", "json")
    ):
        for mount in container["Mounts"]:
            if mount["Type"] == "volume":
                Path(mount["Source"]).chmod(0o1777)


def logs(pod: dict[str, Any]) -> str:
    """Return the last lines of all containers."""
    name = pod["metadata"]["name"]
    found = []
    for one in pod["spec"]["containers"]:
        done = subprocess.run(
            ["podman", "logs", "--tail=8", f"{name}-{one['name']}"],
            check=False,
            capture_output=True,
            text=True,
        )
        found.append(f"{one['name']}:\n{done.stdout}{done.stderr}")
    return "\n".join(found)


def fetch(url: str) -> str:
    """Return a page, or nothing."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with suppress(OSError), opener.open(url, timeout=10) as page:
        return str(page.read(), "utf-8")
    return ""

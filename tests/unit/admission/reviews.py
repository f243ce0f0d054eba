"""Reviews as an API server sends them."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from jmx_bridge.admission import Review, read_review
from jmx_bridge.inject.edits import Edit, applied

YES = {"jmx-bridge.io/inject": "true"}


def pod_of(
    annotations: dict[str, str] | None = None, **metadata: Any
) -> dict[str, Any]:
    """Return the pod of a Deployment, which runs as a known user."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": "shop-7d9f8b6c5-",
            "labels": {"app": "shop", "pod-template-hash": "7d9f8b6c5"},
            "annotations": dict(YES if annotations is None else annotations),
            **metadata,
        },
        "spec": {
            "securityContext": {"runAsUser": 1000, "runAsGroup": 1000},
            "containers": [{"name": "tomcat", "image": "tomcat:10"}],
        },
    }


def asked(pod: Any = None, **request: Any) -> dict[str, Any]:
    """Return a request for admission of *pod*, with other words in *request*."""
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "namespace": "shop",
            "operation": "CREATE",
            "object": pod_of() if pod is None else pod,
            "oldObject": None,
            "dryRun": False,
            **request,
        },
    }


def review_of(pod: Any = None, **request: Any) -> Review:
    return read_review(json.dumps(asked(pod, **request)).encode())


def patch_of(body: bytes | str) -> list[dict[str, Any]]:
    """Return the JSON Patch of an answer; [] where it has none."""
    response = json.loads(body)["response"]
    return json.loads(b64decode(response["patch"])) if "patch" in response else []


def patched(pod: dict[str, Any], body: bytes | str) -> dict[str, Any]:
    """Return what an API server makes of a pod and an answer."""
    edits = [Edit(one["op"], one["path"], one.get("value")) for one in patch_of(body)]
    return applied(pod, edits)

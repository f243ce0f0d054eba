"""Ask the webhook at $HOST about a pod, and look at its answer; the certificate has to be of the CA in $CA."""

from __future__ import annotations

import base64
import json
import os
import ssl
import sys
import time
import urllib.request
from pathlib import Path

PORT = os.environ.get("PORT", "443")
CA = Path(os.environ.get("CA", "/etc/ca/ca.crt"))
ANNOTATIONS = {"jmx-bridge.io/inject": "true"}
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"generateName": "test-", "annotations": ANNOTATIONS},
    "spec": {"containers": [{"name": "app", "image": "tomcat"}]},
}
REQUEST = {
    "uid": "test",
    "kind": {"group": "", "version": "v1", "kind": "Pod"},
    "resource": {"group": "", "version": "v1", "resource": "pods"},
    "namespace": "default",
    "operation": "CREATE",
    "object": POD,
    "dryRun": True,
}
REVIEW = {
    "apiVersion": "admission.k8s.io/v1",
    "kind": "AdmissionReview",
    "request": REQUEST,
}


def main() -> None:
    """Ask once the webhook can be reached; ends with status 1 if the answer is not as it should be."""
    if not CA.exists():
        sys.exit("FAILED: the Secret of the certificate has no ca.crt to know it by")
    response = answer(ssl.create_default_context(cafile=CA))
    patch = json.loads(base64.b64decode(response.get("patch", "W10=")))
    injected = "jmx-metrics" in json.dumps(patch)
    if not response["allowed"] or response["uid"] != "test" or not injected:
        sys.exit(f"FAILED: it adds no sidecar: {response}")
    print(f"the webhook adds the sidecar: a patch of {len(patch)} operations")


def answer(context: ssl.SSLContext) -> dict[str, str]:
    """Ask until there is an answer, for half a minute: a Service needs a moment."""
    for _ in range(15):
        try:
            return ask(context)
        except OSError as exc:
            print(f"no answer: {exc}", flush=True)
        time.sleep(2)
    sys.exit("FAILED: the webhook does not answer")


def ask(context: ssl.SSLContext) -> dict[str, str]:
    """Return what it answers, as an API server would get it; raises OSError."""
    request = urllib.request.Request(
        f"https://{os.environ['HOST']}:{PORT}/mutate?timeout=5s",
        json.dumps(REVIEW).encode(),
        {"Content-Type": "application/json"},
    )
    secure = urllib.request.HTTPSHandler(context=context)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), secure)
    with opener.open(request, timeout=5) as reply:
        return json.load(reply)["response"]


if __name__ == "__main__":
    main()

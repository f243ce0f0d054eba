"""The PodMonitor by which the Prometheus Operator finds injected pods, as text behind the manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .manifests import documents
from .sidecar import LABEL, PORT_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

BEGIN = """\
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: jmx-bridge
"""
NAMESPACE = "  namespace: "
END = f"""\
spec:
  selector:
    matchLabels:
      {LABEL}: "true"
  podMetricsEndpoints:
  - port: {PORT_NAME}
"""


def with_monitors(text: str, namespaces: Iterable[str]) -> str:
    """Return *text* and a PodMonitor for each namespace; "" is the one that is chosen later."""
    eol = "\r\n" if "\r\n" in text else "\n"
    found = [
        BEGIN + (f"{NAMESPACE}{name}\n" if name else "") + END for name in namespaces
    ]
    if not found:
        return text
    added = "".join(found).replace("\n", eol)
    if text.endswith("\n") or not text:
        return text + added
    # A file without a last line break stays one.
    return text + eol + added.removesuffix(eol)


def without_monitors(text: str) -> str:
    """Return *text* without the PodMonitors that were added to it."""
    kept: list[str] = []
    for document in documents(text):
        if not is_monitor(document):
            kept.append(document)
        elif kept and not document.endswith("\n"):
            kept[-1] = kept[-1].removesuffix("\n").removesuffix("\r")
    return "".join(kept)


def is_monitor(document: str) -> bool:
    """Whether a document is one that was added."""
    written = document.replace("\r\n", "\n").removesuffix("\n") + "\n"
    if not written.startswith(BEGIN) or not written.endswith(END):
        return False
    between = written[len(BEGIN) : -len(END)]
    name = between.removeprefix(NAMESPACE)
    return not between or (between != name and name.count("\n") == 1)

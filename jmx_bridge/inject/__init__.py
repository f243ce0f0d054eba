"""Into the pod: what a pod template needs to have the bridge beside its JVM, and how to take it back."""

from .edits import Edit, applied
from .plan import Injection, Refusal, inject, inject_as_annotated
from .removal import remove
from .status import Status, read_status, refused_status
from .workloads import template_path

__all__ = [
    "Edit",
    "Injection",
    "Refusal",
    "Status",
    "applied",
    "inject",
    "inject_as_annotated",
    "read_status",
    "refused_status",
    "remove",
    "template_path",
]

"""The annotation that tells what was done to a pod, so that it can be known and taken back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..settings.wish import STATUS
from .edits import parts_of
from .sidecar import DEFAULT_CONTAINER, LABEL, NAME, RULES_VOLUME, TOKEN_VOLUME

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
ITEMS = {
    ("spec", "initContainers"): {NAME},
    ("spec", "containers"): {NAME},
    ("spec", "volumes"): {RULES_VOLUME, TOKEN_VOLUME},
    ("metadata", "labels"): {LABEL},
    ("metadata", "annotations"): {
        STATUS,
        DEFAULT_CONTAINER,
        "prometheus.io/scrape",
        "prometheus.io/port",
        "prometheus.io/path",
    },
    ("spec",): {"shareProcessNamespace"},
}
"""All that is ever added, so that nobody has anything else taken away by a status of his own."""
PARENTS = {*ITEMS, ("metadata",)} - {("spec",), ("spec", "containers")}


@dataclass(frozen=True, slots=True)
class Status:
    """What was added, as JSON pointers with names for items of lists."""

    form: str
    """native or classic."""
    reads: str
    """How the target is reached: "attach auto" or HOST:PORT."""
    image: str
    added: tuple[str, ...]
    made: tuple[str, ...]
    """Lists and maps that were not there."""
    was: Mapping[str, str] = field(default_factory=dict)
    """Null values that were replaced, and how they were spelled: "", "null", "~"."""

    def text(self) -> str:
        """Return the annotation's value."""
        facts: dict[str, object] = {
            "version": VERSION,
            "form": self.form,
            "reads": self.reads,
            "image": self.image,
            "added": self.added,
            "made": self.made,
            "was": dict(self.was),
        }
        return json.dumps(
            {key: one for key, one in facts.items() if one not in ((), {})}
        )


def refused_status(reason: str, message: str) -> str:
    """Return the annotation's value for a pod that nothing was added to."""
    return json.dumps({"version": VERSION, "refused": reason, "message": message})


def read_status(template: Mapping[str, Any]) -> Status | None:
    """Return what was added to a pod template; None if nothing was, or its status isn't ours."""
    metadata = template.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    text = annotations.get(STATUS) if isinstance(annotations, dict) else None
    try:
        facts = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(facts, dict) or not isinstance(facts.get("added"), list):
        return None
    return _status(facts)


def _status(facts: Mapping[str, Any]) -> Status | None:
    made, was = facts.get("made", []), facts.get("was", {})
    if not isinstance(made, list) or not isinstance(was, dict):
        return None
    return Status(
        form=str(facts.get("form", "")),
        reads=str(facts.get("reads", "")),
        image=str(facts.get("image", "")),
        added=tuple(path for path in map(str, facts["added"]) if is_ours(path)),
        made=tuple(path for path in map(str, made) if parts_of(path) in PARENTS),
        was={str(path): str(text) for path, text in was.items()},
    )


def is_ours(path: str) -> bool:
    """Whether a JSON pointer leads to something that is ever added."""
    parts = parts_of(path)
    return parts[-1:] != () and parts[-1] in ITEMS.get(parts[:-1], ())

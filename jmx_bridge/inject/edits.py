"""Changes of a document as JSON Patch (RFC 6902) has them: add, replace and remove, by JSON pointer."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

END = "-"
"""Behind the last item of a list."""
ABSENT = object()


@dataclass(frozen=True, slots=True)
class Edit:
    """One change."""

    op: Literal["add", "replace", "remove"]
    path: str
    value: Any = None
    """Nothing for "remove"."""

    def json(self) -> dict[str, Any]:
        """Return the operation of a JSON Patch."""
        operation = {"op": self.op, "path": self.path}
        return operation if self.op == "remove" else {**operation, "value": self.value}


def pointer(*parts: str | int) -> str:
    """Return the JSON pointer to where *parts* lead."""
    return "".join(
        f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts
    )


def parts_of(path: str) -> tuple[str, ...]:
    """Return the parts of a JSON pointer."""
    return tuple(
        part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]
    )


def found(document: Any, parts: Iterable[str]) -> Any:
    """Return what is at *parts*, or ABSENT."""
    for part in parts:
        if isinstance(document, dict) and part in document:
            document = document[part]
        elif isinstance(document, list) and part.isdecimal():
            if int(part) >= len(document):
                return ABSENT
            document = document[int(part)]
        else:
            return ABSENT
    return document


def applied(document: Any, edits: Iterable[Edit]) -> Any:
    """Return a copy of *document* with the edits made; raises KeyError where one doesn't fit."""
    document = deepcopy(document)
    for edit in edits:
        *before, last = parts_of(edit.path)
        parent = found(document, before)
        if isinstance(parent, dict):
            _in_map(parent, last, edit)
        elif isinstance(parent, list):
            _in_list(parent, last, edit)
        else:
            raise KeyError(edit.path)
    return document


def _in_map(parent: dict[str, Any], key: str, edit: Edit) -> None:
    if edit.op != "add" and key not in parent:
        raise KeyError(edit.path)
    if edit.op == "remove":
        del parent[key]
    else:
        parent[key] = deepcopy(edit.value)


def _in_list(parent: list[Any], key: str, edit: Edit) -> None:
    at = len(parent) if key == END else int(key)
    if at > len(parent) or (edit.op != "add" and at == len(parent)):
        raise KeyError(edit.path)
    if edit.op == "remove":
        del parent[at]
    elif edit.op == "replace":
        parent[at] = deepcopy(edit.value)
    else:
        parent.insert(at, deepcopy(edit.value))

"""Take back what was added to a pod template, as its status tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .edits import ABSENT, Edit, found, parts_of, pointer
from .status import read_status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .status import Status

Parts = tuple[str, ...]


def remove(template: Mapping[str, Any]) -> tuple[Edit, ...]:
    """
    Return the edits that give a pod template back as it was; () for one without our status.

    What somebody else has added or changed since then stays.
    """
    status = read_status(template)
    return () if status is None else tuple(Removal(template, status).edits(()))


class Removal:
    """What is taken from one *template*."""

    def __init__(self, template: Mapping[str, Any], status: Status) -> None:
        self._template = template
        self._made = set(status.made)
        self._null = set(status.was)
        self._leaves = [parts_of(path) for path in status.added]

    def edits(self, parts: Parts) -> Iterator[Edit]:
        """Yield the edits for what is at *parts* and below, items of a list from its end."""
        there = found(self._template, parts)
        keys = {one[len(parts)] for one in self._leaves if one[: len(parts)] == parts}
        for key in _positions(there, keys):
            below = (*parts, key)
            if self._vanishes(below):
                # Null as it was, or gone.
                null = pointer(*below) in self._null
                yield Edit("replace" if null else "remove", pointer(*below))
            elif not self._is_leaf(below):
                yield from self.edits(below)

    def _is_leaf(self, parts: Parts) -> bool:
        *parent, key = parts
        there = found(self._template, parent)
        name = there[int(key)].get("name") if isinstance(there, list) else key
        return (*parent, name) in self._leaves

    def _vanishes(self, parts: Parts) -> bool:
        """Whether nothing is left of what is at *parts*, and it wasn't there before us."""
        if self._is_leaf(parts):
            return True
        if pointer(*parts) not in self._made | self._null:
            return False
        there = found(self._template, parts)
        if not isinstance(there, dict | list):
            return False
        keys = {one[len(parts)] for one in self._leaves if one[: len(parts)] == parts}
        ours = _positions(there, keys)
        return len(ours) == len(there) and all(
            self._vanishes((*parts, key)) and pointer(*parts, key) not in self._null
            for key in ours
        )


def _positions(there: Any, keys: set[str]) -> list[str]:
    """Return which of *keys* are there: of a map itself, of a list by its items' names, last first."""
    if isinstance(there, dict):
        return [key for key in there if key in keys]
    if not isinstance(there, list):
        return []
    names = [one.get("name") if isinstance(one, dict) else ABSENT for one in there]
    return [str(at) for at in reversed(range(len(names))) if names[at] in keys]

"""Entries that a pod template shall have: the edits that add what is missing, and a record of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .edits import ABSENT, END, Edit, found, pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Parts = tuple[str, ...]


class Additions:
    """Collects what shall be added to a *template*, which is not changed."""

    def __init__(self, template: Mapping[str, Any]) -> None:
        self._template = template
        self._entries: dict[Parts, dict[str, Any]] = {}
        self._lists: set[Parts] = set()
        self.warnings: list[str] = []

    def put(self, parent: Parts, key: str, value: object) -> None:
        """Have an entry in a map; one that is there stays as it is."""
        there = found(self._template, (*parent, key))
        if there is ABSENT or there is None:
            self.override(parent, key, value)
        elif there != value:
            self.warnings.append(f"{'.'.join(parent)} has {key} already: it stays")

    def override(self, parent: Parts, key: str, value: object) -> None:
        """Have an entry in a map, whatever is there."""
        self._entries.setdefault(parent, {})[key] = value

    def append(self, parent: Parts, item: Mapping[str, Any]) -> None:
        """Have one more item, which has a name, at the end of a list."""
        self._lists.add(parent)
        self._entries.setdefault(parent, {})[str(item["name"])] = item

    def added(self) -> tuple[str, ...]:
        """Return pointers to all that is added."""
        return tuple(
            pointer(*parent, key)
            for parent, entries in self._entries.items()
            for key in entries
        )

    def made(self) -> tuple[str, ...]:
        """Return pointers to lists and maps that are not there yet, outer ones first."""
        missing = {
            parent[: at + 1]: None
            for parent in self._entries
            for at in range(len(parent))
            if found(self._template, parent[: at + 1]) is ABSENT
        }
        return tuple(pointer(*parts) for parts in missing)

    def nulls(self) -> tuple[str, ...]:
        """Return pointers to what is null and gets a value."""
        places = dict.fromkeys(
            leaf[: at + 1] for leaf in self._leaves() for at in range(len(leaf))
        )
        return tuple(
            pointer(*parts) for parts in places if found(self._template, parts) is None
        )

    def edits(self) -> tuple[Edit, ...]:
        """Return the edits: one for each list, map or entry that is not there."""
        return tuple(self._edits_of(()))

    def _edits_of(self, parent: Parts) -> Iterator[Edit]:
        there = found(self._template, parent)
        for key in self._children(parent):
            parts = (*parent, key)
            value = found(self._template, parts) if isinstance(there, dict) else ABSENT
            if isinstance(value, dict | list) and parts not in self._leaves():
                yield from self._edits_of(parts)
                continue
            op: Any = "add" if value is ABSENT else "replace"
            last = END if parent in self._lists else key
            yield Edit(op, pointer(*parent, last), self._whole(parts))

    def _children(self, parent: Parts) -> dict[str, None]:
        """Return the keys below *parent* where something is added, in order."""
        depth = len(parent)
        keys = {one[depth]: None for one in self._leaves() if one[:depth] == parent}
        return dict(keys)

    def _leaves(self) -> dict[Parts, Any]:
        return {
            (*parent, key): value
            for parent, entries in self._entries.items()
            for key, value in entries.items()
        }

    def _whole(self, parts: Parts) -> Any:
        """Return all that is added at *parts* or below."""
        if parts in self._leaves():
            return self._leaves()[parts]
        below = {key: self._whole((*parts, key)) for key in self._children(parts)}
        return list(below.values()) if parts in self._lists else below

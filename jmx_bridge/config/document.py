"""
A document as a tree of nodes, each of which knows its place and reports its own problems.

Problems are collected, never raised one by one, so that a reader of a file goes on to
its end and its author sees all that is wrong at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..errors import Problem
from .numbers import java_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_PROBLEMS = 100
"""The first ones of a file are listed; of the others only their number is told."""
INT_MAX = 2**31 - 1
KINDS: dict[type, str] = {
    bool: "the boolean",
    int: "the integer",
    float: "the number",
    str: "the string",
}
COLLECTIONS: dict[type, str] = {tuple: "a list", dict: "a map", type(None): "nothing"}


class Place(NamedTuple):
    """Where something stands in a file; the first line and column are 1."""

    line: int
    column: int


NOWHERE = Place(0, 0)


class Problems:
    """What is wrong in one file, which messages call *file*."""

    def __init__(self, file: str) -> None:
        self.file = file
        # In order, and each once: whoever reads a node twice complains twice.
        self._found: dict[Problem, None] = {}
        self._more = 0
        self._failed = False
        self.too_large = False
        """Whether it was not read to its end, as it has too much."""

    def error(self, place: Place, message: str, hint: str = "") -> None:
        """Add a problem that makes the file unusable."""
        self._add(Problem(self.file, *place, message, hint))

    def warn(self, place: Place, message: str, hint: str = "") -> None:
        """Add a warning; the file can be used."""
        self._add(Problem(self.file, *place, message, hint, warning=True))

    def _add(self, problem: Problem) -> None:
        self._failed |= not problem.warning
        if len(self._found) < MOST_PROBLEMS or not problem.line:
            self._found[problem] = None
        elif problem not in self._found:
            self._more += 1

    def failed(self) -> bool:
        """Whether there is an error among the problems."""
        return self._failed

    def all(self) -> tuple[Problem, ...]:
        """Return the problems in the order of their places."""
        told = sorted(self._found, key=lambda found: (found.line, found.column))
        if self._more:
            more = f"there are {self._more:,} more problems in this file"
            told.append(Problem(self.file, 0, 0, more, warning=not self._failed))
        return tuple(told)


Value = None | bool | int | float | str | tuple["Node", ...] | dict[object, "Node"]


@dataclass(frozen=True, slots=True)
class Node:
    """
    A value in the document.

    An accessor whose type doesn't fit adds a problem and returns None or nothing.
    """

    value: Value
    place: Place
    path: str
    """How to get here: "rules[3].pattern"; "" is the whole document."""
    key_place: Place
    """Where the key of this value stands, in a map; else as *place*."""
    quote: str | None
    """How a one-line scalar is quoted; None if places in it can't be told."""
    problems: Problems = field(repr=False, compare=False)

    def error(
        self, message: str, hint: str = "", *, place: Place | None = None
    ) -> None:
        """Add an error about this node, or about another *place* in it."""
        self.problems.error(place or self.place, self._located(message), hint)

    def warn(self, message: str, hint: str = "", *, place: Place | None = None) -> None:
        """Add a warning about this node, or about another *place* in it."""
        self.problems.warn(place or self.place, self._located(message), hint)

    def found(self) -> str:
        """Return kind and text of the value for a message: "the string 'x'"."""
        if type(self.value) in COLLECTIONS:
            return COLLECTIONS[type(self.value)]
        text = repr(self.value) if isinstance(self.value, str) else self.java_text()
        return f"{KINDS[type(self.value)]} {text}"

    def text(self, *, secret: bool = False) -> str | None:
        """Return a string, or None; a *secret* value is not shown in messages."""
        if isinstance(self.value, str):
            return self.value
        scalar = type(self.value) in KINDS
        found = "another type" if secret and scalar else self.found()
        self.error(f"must be a string (found {found})", "put it in quotes" * scalar)
        return None

    def flag(self) -> bool | None:
        """Return a boolean, or None."""
        if isinstance(self.value, bool):
            return self.value
        quoted = isinstance(self.value, str) and self.value.lower() in {"true", "false"}
        self.error(
            f"must be true or false (found {self.found()})",
            "remove the quotes" * quoted,
        )
        return None

    def whole(self, *, minimum: int) -> int | None:
        """Return an integer from *minimum* up that Java's int can hold, or None."""
        value = self.value
        if type(value) is int and minimum <= value <= INT_MAX:
            return value
        self.error(f"must be an integer from {minimum} up (found {self.found()})")
        return None

    def coerced(self) -> str | None:
        """Return a scalar as Java's String.valueOf writes it; None for a list or map."""
        if not isinstance(self.value, tuple | dict):
            return self.java_text()
        self.error(f"must be a text (found {self.found()})", "put it in quotes")
        return None

    def java_text(self) -> str:
        """Return a scalar as Java writes it; nothing is "null"."""
        return java_text(self.value)

    def items(self) -> tuple[Node, ...]:
        """Return a list's items; () if this isn't a list."""
        if isinstance(self.value, tuple):
            return self.value
        hint = (
            "remove the key, or write [] for none"
            if self.value is None
            else 'begin each item with "- "'
        )
        self.error(f"must be a list (found {self.found()})", hint)
        return ()

    def texts(self) -> tuple[str, ...]:
        """Return a list's strings, without items that are none."""
        return tuple(text for item in self.items() if (text := item.text()) is not None)

    def entries(self) -> Mapping[object, Node]:
        """Return a map's entries; {} if this isn't a map."""
        if isinstance(self.value, dict):
            return self.value
        hint = (
            "remove the key, or write {} for none"
            if self.value is None
            else "write it as key: value"
        )
        subject, found = "", self.found()
        if not self.path:
            subject = "the document "
            # It is hardly a rule file, and may be one of passwords.
            found = COLLECTIONS.get(type(self.value), "only a text")
        self.error(f"{subject}must be a map (found {found})", hint)
        return {}

    def named(self) -> Iterator[tuple[str, Node]]:
        """Yield a map's entries whose keys are strings; another key is an error."""
        for key, node in self.entries().items():
            if isinstance(key, str):
                yield key, node
            else:
                written = str(key).lower() if isinstance(key, bool) else str(key)
                self.error(
                    f"a key must be a string (found {written})",
                    "put the key in quotes",
                    place=node.key_place,
                )

    def place_of(self, index: int) -> Place:
        """Return where character *index* of a scalar stands, else where it begins."""
        if self.quote is None or not isinstance(self.value, str):
            return self.place
        doubled = self.value[:index].count("'") if self.quote == "'" else 0
        return Place(
            self.place.line, self.place.column + len(self.quote) + index + doubled
        )

    def _located(self, message: str) -> str:
        return f"{self.path}: {message}" if self.path else message

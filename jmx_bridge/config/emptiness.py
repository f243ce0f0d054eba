"""
In how many ways a Java pattern can match nothing at one place.

Strategy: what bounds a match counts the characters that it looks at. `(?:|)(?:|)(?:|)...`
looks at none, and doubles its ways with each group: thirty of them never end. So the pattern
is read once, without understanding more of it than groups, alternatives and quantifiers:
ways of what stands side by side are multiplied, those of alternatives added. Whatever has
to take a character looks at it, and begins a new count.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_WAYS = 64
"""More are refused: of 855 patterns in use none has more than one."""

QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d+)(,?)(\d*)\})[?+]?")
ESCAPE = re.compile(r"\\(?:Q.*?(?:\\E|\Z)|[pPxNb]\{[^}]*\}|k<[^>]*>|.)", re.DOTALL)
GROUP = re.compile(r"\((\?(?:<[A-Za-z]\w*>|<?[=!]|>|[a-zA-Z-]*:|[a-zA-Z-]*\)))?")
# Escapes that take no character, or none if a group took none.
ANCHORS = frozenset("AbBGzZk123456789")


class Ways(NamedTuple):
    """What is known of a part of a pattern."""

    empty: int
    """In how many ways it matches nothing; 0: it takes a character."""
    most: int
    """How many ways lead to some place in it without a character looked at."""


TAKES = Ways(0, 1)
NOTHING = Ways(1, 1)


def empty_ways(pattern: str) -> int:
    """
    Return how many ways of matching nothing lead to one place of *pattern*, which Java accepts.

    Raises RecursionError for groups that are nested hundreds deep.
    """
    return EmptinessReader(pattern).alternatives().most


class EmptinessReader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0

    def alternatives(self) -> Ways:
        """Read up to the end of the group, or of the pattern."""
        rows = [self._row()]
        while self._text.startswith("|", self._at):
            self._at += 1
            rows.append(self._row())
        empty = sum(row.empty for row in rows)
        return Ways(empty, max(empty, *(row.most for row in rows), 1))

    def _row(self) -> Ways:
        empty = run = most = 1
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            one = self._quantified(self._one())
            most = max(most, run * max(one.most, one.empty))
            empty *= one.empty
            run = run * one.empty or 1
        return Ways(empty, most)

    def _one(self) -> Ways:
        char = self._text[self._at]
        if char == "(":
            return self._group()
        if char == "\\":
            found = ESCAPE.match(self._text, self._at)
            text = found[0] if found else char
            self._at += len(text)
            return NOTHING if text[1:2] in ANCHORS or text == "\\Q\\E" else TAKES
        if char == "[":
            self._skip_class()
            return TAKES
        self._at += 1
        return NOTHING if char in "^$" else TAKES

    def _group(self) -> Ways:
        found = GROUP.match(self._text, self._at)
        kind = found[1] or "" if found else ""
        self._at += 1 + len(kind)
        if kind.endswith(")"):
            return NOTHING  # flags
        inside = self.alternatives()
        self._at += 1
        looks = kind.endswith(("=", "!"))
        return Ways(max(1, inside.empty), inside.most) if looks else inside

    def _skip_class(self) -> None:
        """Step over a class and those inside it; a bracket that stands first in one is a character."""
        depth = 0
        while self._at < len(self._text):
            char = self._text[self._at]
            found = ESCAPE.match(self._text, self._at) if char == "\\" else None
            self._at += len(found[0]) if found else 1
            if char == "[":
                depth += 1
                self._at += self._text.startswith("^", self._at)
                self._at += self._text.startswith("]", self._at)
            elif char == "]":
                depth -= 1
                if not depth:
                    return

    def _quantified(self, one: Ways) -> Ways:
        while found := QUANTIFIER.match(self._text, self._at):
            self._at = found.end()
            sign, low, comma, high = found.groups()
            least = int(low) if low else int(sign == "+")
            varies = bool(sign) or (bool(comma) and high != low)
            if not one.empty:
                one = Ways(0 if least else 1, one.most)
            else:
                # An iteration that took nothing is the last one.
                empty = one.empty + varies
                one = Ways(empty, max(one.most, empty))
        return one

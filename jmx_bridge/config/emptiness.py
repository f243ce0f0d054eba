"""
In how many ways a Java pattern can match nothing at one place, and what trying them takes.

Strategy: what bounds a match counts the characters that it looks at. `(?:|)(?:|)(?:|)...`
looks at none, and doubles its ways with each group: thirty of them never end. So the pattern
is read once, without understanding more of it than groups, alternatives and quantifiers:
ways of what stands side by side are multiplied, those of alternatives added. Whatever has
to take a character looks at it, and begins a new count, which goes on behind the group that
it stands in. What may take one counts as if it took none: at a text's end nothing is looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

MOST_WAYS = 64
"""More are refused: of 855 patterns in use none has more than one."""
MOST_PIECES = 1024
"""More pieces that are tried unseen are refused, too: patterns in use have nine at most."""
PIECES_A_STEP = 16
"""So many may be tried for each character that is looked at; with more, looking costs more steps."""
ENOUGH = 1 << 40
"""Numbers stay below, so that a hostile pattern's don't take long to multiply."""
REMEMBERED = 1000
"""Characters of the longest pattern of which it is remembered."""
LONGEST = 8192
"""Characters of a text that a rule sees."""

QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d+)(,?)(\d*)\})[?+]?")
ESCAPE = re.compile(r"\\(?:Q.*?(?:\\E|\Z)|[pPxNb]\{[^}]*\}|k<[^>]*>|.)", re.DOTALL)
GROUP = re.compile(r"\((\?(?:<[A-Za-z]\w*>|<?[=!]|>|[a-zA-Z-]*:|[a-zA-Z-]*\)))?")
PLAIN = re.compile(r"[^\\()\[\]|*+?{}^$#\s]+(?![*+?{])")
COMMENT = re.compile(r"\s|#[^\n\r\u0085\u2028\u2029]*")
# Escapes that take no character, or none if a group took none.
ANCHORS = frozenset("AbBGzZk123456789")


class Emptiness(NamedTuple):
    """What a pattern does without looking at the text."""

    ways: int
    """The most ways of matching nothing that lead to one place."""
    pieces: int
    """The most pieces of it that are tried on all ways between two looks at a character."""

    @property
    def steps(self) -> int:
        """How many steps each look at a character counts for, so that they bound a match."""
        return max(1, self.pieces // PIECES_A_STEP)


class Part(NamedTuple):
    """What is known of a part of a pattern; *run*: what is tried from one look to the next."""

    empty: int
    """In how many ways it matches nothing; 0: it takes a character."""
    pieces: int
    """How many pieces a run tries that comes to its beginning, once."""
    tail: int = 0
    """In how many ways a run that begins in it comes to its end; 0: none does."""
    tail_pieces: int = 0
    """How many pieces such a run tries in it."""
    width: int = 0
    """How many characters it takes at most."""
    worst: Emptiness = Emptiness(1, 1)
    """Of all runs in it."""


TAKES = Part(0, 1, tail=1, width=1)
NOTHING = Part(1, 1)


def emptiness(pattern: str) -> Emptiness:
    """
    Return what *pattern*, which Java accepts, does without looking at the text.

    Raises RecursionError for groups that are nested hundreds deep.
    """
    read = _remembered if len(pattern) <= REMEMBERED else _read
    return read(pattern)


def _read(pattern: str) -> Emptiness:
    return EmptinessReader(pattern).alternatives().worst


# Whoever explains rules asks for the same beginnings of their patterns again and again.
_remembered = lru_cache(maxsize=2048)(_read)


class EmptinessReader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        # Whether spaces mean nothing and "#" begins a comment: the flag x.
        self._comments = False

    def alternatives(self) -> Part:
        """Read up to the end of the group, or of the pattern."""
        comments = self._comments
        rows = [self._row()]
        while self._text.startswith("|", self._at):
            self._at += 1
            rows.append(self._row())
        self._comments = comments
        empty = _least(sum(row.empty for row in rows))
        pieces = _least(sum(row.pieces for row in rows))
        worst = Emptiness(
            max(empty, *(row.worst.ways for row in rows), 1),
            max(pieces, *(row.worst.pieces for row in rows)),
        )
        tail, tail_pieces, width = (
            max(of) for of in zip(*(row[2:5] for row in rows), strict=True)
        )
        return Part(empty, pieces, tail, tail_pieces, width, worst)

    def _row(self) -> Part:
        """Read what stands side by side."""
        row = Part(1, 0)
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            if self._comments and (found := COMMENT.match(self._text, self._at)):
                self._at = found.end()
                continue
            row = _followed(row, self._quantified(self._one()))
            if row.worst.pieces >= ENOUGH:
                self._at = len(self._text)
        # An empty alternative is a piece as well.
        return row._replace(pieces=max(1, row.pieces))

    def _one(self) -> Part:
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
        if plain := PLAIN.match(self._text, self._at):
            self._at = plain.end()
            return TAKES._replace(width=min(LONGEST, len(plain[0])))
        self._at += 1
        return NOTHING if char in "^$" else TAKES

    def _group(self) -> Part:
        found = GROUP.match(self._text, self._at)
        kind = found[1] or "" if found else ""
        self._at += 1 + len(kind)
        outside = self._comments
        if kind.endswith((")", ":")):
            on, _, off = kind.partition("-")
            self._comments = ("x" in on or self._comments) and "x" not in off
        if kind.endswith(")"):
            return NOTHING  # flags
        inside = self.alternatives()
        self._comments = outside
        self._at += 1
        return (
            _look(inside, behind="<" in kind) if kind.endswith(("=", "!")) else inside
        )

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

    def _quantified(self, one: Part) -> Part:
        while found := QUANTIFIER.match(self._text, self._at):
            self._at = found.end()
            sign, low, comma, high = found.groups()
            least = int(low) if low else int(sign == "+")
            varies = bool(sign) or (bool(comma) and high != low)
            most = 1 if sign == "?" else int((high if comma else low) or LONGEST)
            one = _repeated(one, least, most, varies=varies)
        return one


def _least(number: int) -> int:
    return min(number, ENOUGH)


def _followed(row: Part, one: Part) -> Part:
    """Return *row* with *one* behind it."""
    # A run from the row's beginning, and one that began at a look in it, go on into *one*.
    pieces = _least(row.pieces + row.empty * one.pieces)
    going_on = _least(row.tail_pieces + row.tail * one.pieces)
    empty = _least(row.empty * one.empty)
    tail = max(_least(row.tail * one.empty), one.tail)
    ways = max(row.empty, row.tail) * max(one.empty, 1)
    worst = Emptiness(
        max(row.worst.ways, one.worst.ways, _least(ways)),
        max(row.worst.pieces, one.worst.pieces, pieces, going_on),
    )
    width = min(LONGEST, row.width + one.width)
    # A run ends where a character has to be taken.
    tail_pieces = max(going_on if row.tail * one.empty else 0, one.tail_pieces)
    return Part(empty, pieces, tail, tail_pieces, width, worst)


def _look(inside: Part, *, behind: bool) -> Part:
    """Return a look ahead or behind: it takes nothing; one behind is tried at many places."""
    pieces = _least(inside.pieces * (inside.width + 1 if behind else 1))
    worst = inside.worst._replace(pieces=max(pieces, inside.worst.pieces))
    tail = inside.tail and 1
    return Part(
        max(1, inside.empty), pieces, tail, inside.tail_pieces, width=0, worst=worst
    )


def _repeated(one: Part, least: int, most: int, *, varies: bool) -> Part:
    """Return *one* as often as a quantifier says."""
    empty = one.empty + varies if one.empty else int(not least)
    # An iteration that took nothing is the last one, but of those that have to be.
    tries = max(1, least) if one.empty else 1
    pieces = _least(one.pieces * tries + varies)
    tail, tail_pieces = one.tail, one.tail_pieces
    if most > 1:
        # What was looked at in one iteration is followed by another.
        tail = _least(tail * (one.empty + 1))
        tail_pieces = _least(tail_pieces + one.tail * pieces)
    worst = Emptiness(
        max(one.worst.ways, empty, tail),
        max(one.worst.pieces, pieces, tail_pieces),
    )
    width = min(LONGEST, one.width * most)
    return Part(empty, pieces, tail, tail_pieces, width, worst)

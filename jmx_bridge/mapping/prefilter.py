"""
Reads a Java pattern without running it: what text it requires, and whether it sees the value.

Strategy: a pattern is read as a row of elements, each with the characters it may match.
Only a few characters matter: those that numbers and booleans are written with (VALUE), and
the ": " before the value. An element that must match and can match no VALUE character is a
fence: it matches left of the value. If nothing behind the last fence can step over ": ",
the whole match lies left of the value, so neither matching nor groups depend on it. If all
that is behind the fence may match nothing, matching doesn't depend on the value, but groups
there do. Whatever is not understood counts as seeing the value: slower, never wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

VALUE = frozenset("0123456789.E+-NaInfinitytruefals")
PROBES = VALUE | frozenset(": ")
WORD = frozenset(c for c in PROBES if c.isalnum() or c == "_")
DIGITS = frozenset(c for c in PROBES if c.isdigit())
SPACE = frozenset(" ")
NOTHING: frozenset[str] = frozenset()
CLASSES = {
    "d": DIGITS,
    "D": PROBES - DIGITS,
    "w": WORD,
    "W": PROBES - WORD,
    "s": SPACE,
    "S": PROBES - SPACE,
    "h": SPACE,
    "H": PROBES - SPACE,
    "v": NOTHING,
    "V": PROBES,
    "R": NOTHING,
}
IGNORE_CASE = re.compile(r"\(\?[a-z]*i")
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}


@dataclass(frozen=True, slots=True)
class PatternFacts:
    """What is known of a pattern. The defaults are those of one that was not understood."""

    required: tuple[str, ...] = ()
    """Texts that every matching subject contains, each as often as it stands here."""
    always: bool = False
    """Whether it matches every subject without line terminators."""
    sees_value: bool = True
    """Whether it matches may depend on a number's or boolean's text."""
    seeing_groups: frozenset[int] | None = None
    """The groups whose text may depend on it; None: all."""
    names: dict[str, int] = field(default_factory=dict)
    """The number of each named group."""


class NotUnderstood(Exception):
    """The pattern has a construct that this reader leaves to Java."""


@dataclass(slots=True)
class Element:
    """One part of a pattern."""

    chars: frozenset[str]
    """Which of PROBES it may match."""
    literal: str | None = None
    """The one character that it matches, if it matches no other."""
    optional: bool = False
    """Whether it may match nothing."""
    groups: frozenset[int] = frozenset()
    """The numbers of the groups that it stands in."""
    looks: bool = False
    """Whether it looks at what is around a place instead of matching a character."""


SINGLES = {
    ".": [Element(PROBES)],
    "^": [],
    "$": [Element(NOTHING, optional=True, looks=True)],
}


def read_pattern(pattern: str) -> PatternFacts:
    """Return what is known of *pattern*, which Java accepts."""
    reader = PatternReader(pattern)
    try:
        row = reader.read_all()
    except (NotUnderstood, IndexError, ValueError):
        return PatternFacts()
    return PatternFacts(
        required=() if reader.ignore_case else tuple(_literals(row)),
        names=reader.names,
        **_seeing(row),  # type: ignore[arg-type]
    )


def _literals(row: list[Element]) -> list[str]:
    runs = [""]
    for element in row:
        if element.literal is None or element.optional:
            runs.append("")
        else:
            runs[-1] += element.literal
    # No match spans the ">" that ends a name and the "<" that begins a path in one piece
    # of either, so that a text with both is looked for in two parts.
    parts = [part for run in runs for part in run.replace("><", ">\0<").split("\0")]
    return [part for part in parts if part]


def _seeing(row: list[Element]) -> dict[str, object]:
    fences = [
        i
        for i, element in enumerate(row)
        if not element.optional and not element.looks and not element.chars & VALUE
    ]
    fence = fences[-1] if fences else -1
    behind = row[fence + 1 :]
    if any(element.looks for element in row):
        return {}
    reach = frozenset[str]().union(*(element.chars for element in behind))
    if fences and not _before_value(row[fence].chars) <= reach:
        return {"sees_value": False, "seeing_groups": frozenset()}
    if not all(element.optional for element in behind):
        return {}
    groups = frozenset[int]().union(*(element.groups for element in behind))
    return {
        "always": not fences and fence < 0,
        "sees_value": False,
        "seeing_groups": groups,
    }


def _before_value(fence: frozenset[str]) -> frozenset[str]:
    """Return the characters between a fence and the value, all of which have to be crossed."""
    if " " in fence:
        return NOTHING
    return frozenset(" ") if ":" in fence else frozenset(": ")


class Cursor:
    """A place in a pattern's text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        """Return the next character, or "" at the end."""
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        """Return the next character and step over it; raises IndexError at the end."""
        char = self.text[self.at]
        self.at += 1
        return char


class PatternReader(Cursor):
    """
    Turns a pattern's text into a row of elements.

    Its methods raise NotUnderstood, and IndexError or ValueError where the text ends too early.
    """

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.groups = 0
        self.names: dict[str, int] = {}
        self.ignore_case = IGNORE_CASE.search(pattern) is not None

    def read_all(self) -> list[Element]:
        """Return the whole pattern as a row."""
        row = self._alternatives()
        if self.at < len(self.text):
            raise NotUnderstood
        return row

    def _alternatives(self) -> list[Element]:
        rows = [self._row()]
        while self.peek() == "|":
            self.at += 1
            rows.append(self._row())
        return rows[0] if len(rows) == 1 else [_merged(rows)]

    def _row(self) -> list[Element]:
        row: list[Element] = []
        while self.peek() not in ("", "|", ")"):
            row.extend(self._quantified(self._one()))
        return row

    def _one(self) -> list[Element]:
        char = self.take()
        if char == "(":
            return self._group()
        if char == "[":
            return [self._cased(Element(self._char_class()))]
        if char == "\\":
            return self._escape()
        if char in SINGLES:
            return [replace(element) for element in SINGLES[char]]
        if char in "*+?{":
            raise NotUnderstood
        return [self._literal(char)]

    def _literal(self, char: str) -> Element:
        return self._cased(Element(frozenset(char) & PROBES, literal=char))

    def _cased(self, element: Element) -> Element:
        if self.ignore_case:
            both = {c.swapcase() for c in element.chars}
            if element.literal is not None:
                both |= {element.literal.lower(), element.literal.upper()}
            element.chars |= both & PROBES
        return element

    def _group(self) -> list[Element]:
        number = 0
        if self.peek() != "?":
            self.groups += 1
            number = self.groups
        else:
            self.at += 1
            number = self._special_group()
            if number < 0:
                return []
        row = self._alternatives()
        if self.take() != ")":
            raise NotUnderstood
        if number:
            for element in row:
                element.groups |= {number}
        # An empty group still is a group whose text is known: "".
        return row

    def _special_group(self) -> int:
        """Read what follows "(?"; return the group's number, 0 for none, -1 for flags."""
        if self.text.startswith("<", self.at) and self.text[self.at + 1] not in "=!":
            end = self.text.index(">", self.at)
            self.groups += 1
            self.names[self.text[self.at + 1 : end]] = self.groups
            self.at = end + 1
            return self.groups
        flags = ""
        while self.peek() and self.peek() in "ism-":
            flags += self.take()
        if self.peek() == ":":
            self.at += 1
            return 0
        if self.peek() == ")" and flags:
            self.at += 1
            return -1
        raise NotUnderstood  # look-around, atomic groups, other flags

    def _escape(self) -> list[Element]:
        char = self.take()
        if char in CLASSES:
            return [Element(CLASSES[char])]
        if char in CONTROLS:
            return [self._literal(CONTROLS[char])]
        if char == "Q":
            end = self.text.find("\\E", self.at)
            quoted = self.text[self.at :] if end < 0 else self.text[self.at : end]
            self.at = len(self.text) if end < 0 else end + 2
            return [self._literal(c) for c in quoted]
        if char in "bB":
            return [Element(NOTHING, optional=True, looks=True)]
        if char.isalnum():
            raise NotUnderstood  # \p{..}, \x41, \1, \k<..>, \G, \z ...
        return [self._literal(char)]

    def _char_class(self) -> frozenset[str]:
        """Read up to the closing bracket; nested classes and && are not understood."""
        negated = self.peek() == "^"
        self.at += negated
        chars: set[str] = set()
        first = True
        while first or self.peek() != "]":
            chars |= self._class_item()
            first = False
        self.at += 1
        return PROBES - chars if negated else frozenset(chars)

    def _class_item(self) -> set[str]:
        low = self.take()
        if low == "[" or self.text.startswith("&&", self.at - 1):
            raise NotUnderstood
        if low == "\\":
            low = self.take()
            if low in CLASSES:
                return set(CLASSES[low])
            if low.isalnum() and low not in CONTROLS:
                raise NotUnderstood
            low = CONTROLS.get(low, low)
        if self.peek() != "-" or self.text[self.at + 1] == "]":
            return {low} & PROBES
        self.at += 1
        high = self.take()
        if high == "[":
            raise NotUnderstood
        if high == "\\":
            high = self.take()
            if high.isalnum():
                raise NotUnderstood
        return {c for c in PROBES if low <= c <= high}

    def _quantified(self, row: list[Element]) -> list[Element]:
        minimum, maximum = self._quantifier()
        if (minimum, maximum) == (1, 1):
            return row
        if minimum == 1 and len(row) == 1 and row[0].literal is not None:
            # "a+" requires an "a" but nothing is known of what touches it.
            once = row[0]
            return [once, Element(once.chars, optional=True, groups=once.groups)]
        merged = _merged([row])
        merged.optional = merged.optional or minimum == 0
        return [merged]

    def _quantifier(self) -> tuple[int, int]:
        many = 1 << 30
        char = self.peek()
        if char not in ("*", "+", "?", "{"):
            return 1, 1
        self.at += 1
        bounds = {"*": (0, many), "+": (1, many), "?": (0, 1)}.get(char)
        if bounds is None:
            end = self.text.index("}", self.at)
            low, comma, high = self.text[self.at : end].partition(",")
            self.at = end + 1
            bounds = int(low), int(high) if high else many if comma else int(low)
        if self.peek() in ("?", "+"):
            if self.peek() == "+":
                raise NotUnderstood  # possessive
            self.at += 1
        return bounds


def _merged(rows: list[list[Element]]) -> Element:
    """Return one element for several rows, any of which may stand there."""
    elements = [element for row in rows for element in row]
    merged = Element(frozenset[str]().union(*(e.chars for e in elements)))
    merged.groups = frozenset[int]().union(*(e.groups for e in elements))
    merged.looks = any(e.looks for e in elements)
    merged.optional = any(all(e.optional for e in row) for row in rows)
    return merged

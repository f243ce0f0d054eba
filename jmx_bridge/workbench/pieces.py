"""
A Java pattern cut where it can be cut, so that beginnings of it can be tried by themselves.

A beginning ends behind whole elements (a character with its quantifier, a class, an escape),
and what is open there is closed, so that Java accepts it. "a.*(b|c)d" has the beginnings "a",
"a.*", "a.*(b|c)" and "a.*(b|c)d"; a group without alternatives is cut inside, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

QUANTIFIERS = frozenset("*+?{")
OPAQUE = ("(?=", "(?!", "(?<=", "(?<!", "(?>")
"""What begins a group that isn't cut inside."""


class Beginning(NamedTuple):
    """A part of a pattern from its start on."""

    end: int
    """Where it ends in the pattern."""
    pattern: str
    """It, with what is open at its end closed."""


class Element(NamedTuple):
    """One element with its quantifier, by its place in the pattern."""

    start: int
    end: int
    body: tuple[int, int] | None
    """Where the inside of a group is that may be cut; None for all else."""


@dataclass(slots=True)
class _Cutter:
    text: str
    beginnings: list[Beginning] = field(default_factory=list)

    def cut(self, start: int, end: int, closing: str) -> None:
        """Add the beginnings that end between *start* and *end*."""
        for element in elements(self.text, start, end):
            if element.body:
                self.cut(*element.body, f"){closing}")
            self.add(element.end, closing)

    def add(self, end: int, closing: str) -> None:
        self.beginnings.append(Beginning(end, self.text[:end] + closing))


def beginnings(pattern: str) -> list[Beginning]:
    """
    Return the beginnings of *pattern*, which Java accepts and has no alternatives at its top.

    From the shortest to the whole; each matches wherever a longer one does.
    """
    cutter = _Cutter(pattern)
    cutter.cut(0, len(pattern), "")
    return cutter.beginnings


def alternatives(pattern: str) -> list[tuple[int, str]]:
    """Return the alternatives at the top of a pattern, each with its place in it."""
    found, start, at = [], 0, 0
    while at < len(pattern):
        if pattern[at] == "|":
            found.append((start, pattern[start:at]))
            start = at + 1
        at = _whole(pattern, at)
    found.append((start, pattern[start:]))
    return found


def elements(text: str, start: int, end: int) -> list[Element]:
    """Return the elements between two places of a pattern, with their quantifiers."""
    found = []
    at = start
    while at < end:
        behind = min(_whole(text, at), end)
        quantified = _quantifier(text, behind)
        body = None
        if text[at] == "(" and quantified == behind and not text.startswith(OPAQUE, at):
            inside = _inside(text, at)
            if not any(text[i] == "|" for i in _tops(text, inside, behind - 1)):
                body = (inside, behind - 1)
        found.append(Element(at, quantified, body))
        at = quantified
    return found


def _tops(text: str, start: int, end: int) -> list[int]:
    """Return where the elements between two places begin."""
    found, at = [], start
    while at < end:
        found.append(at)
        at = _whole(text, at)
    return found


def _whole(text: str, at: int) -> int:
    """Return where the element that begins at *at* ends, without its quantifier."""
    if text.startswith("\\Q", at):
        end = text.find("\\E", at)
        return len(text) if end < 0 else end + 2
    if text[at] == "\\":
        return _escape(text, at)
    if text[at] == "[":
        return _char_class(text, at)
    if text[at] == "(":
        return _group(text, at)
    return at + 1


def _escape(text: str, at: int) -> int:
    char = text[at + 1 : at + 2]
    brace = char in {"p", "P", "x", "N", "k"} and text[at + 2 : at + 3] in {"{", "<"}
    if brace:
        closing = "}" if text[at + 2] == "{" else ">"
        end = text.find(closing, at)
        return len(text) if end < 0 else end + 1
    return min(len(text), at + {"u": 6, "x": 4, "c": 3, "p": 3, "P": 3}.get(char, 2))


def _char_class(text: str, at: int) -> int:
    """Classes nest in Java; a bracket right behind the opening one is a character of its own."""
    at += 1
    at += text.startswith("^", at)
    first = True
    while at < len(text) and (first or text[at] != "]"):
        first = False
        if text[at] == "\\":
            at = _whole(text, at)
        elif text[at] == "[":
            at = _char_class(text, at)
        else:
            at += 1
    return min(len(text), at + 1)


def _group(text: str, at: int) -> int:
    at += 1
    while at < len(text) and text[at] != ")":
        at = _whole(text, at)
    return min(len(text), at + 1)


def _inside(text: str, at: int) -> int:
    """Return where the inside of a group begins: behind "(", "(?:", "(?<name>" or "(?i:"."""
    if not text.startswith("(?", at):
        return at + 1
    if text.startswith("(?<", at):
        return text.index(">", at) + 1
    ends = [text.find(mark, at) for mark in ":)"]
    return min(end for end in ends if end >= 0) + 1 if max(ends) >= 0 else at + 1


def _quantifier(text: str, at: int) -> int:
    """Return where the quantifier at *at* ends; *at* if there is none."""
    if text[at : at + 1] not in QUANTIFIERS or at >= len(text):
        return at
    if text[at] == "{":
        end = text.find("}", at)
        at = len(text) if end < 0 else end + 1
    else:
        at += 1
    return at + (text[at : at + 1] in {"?", "+"} and at < len(text))

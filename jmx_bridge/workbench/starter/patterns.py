"""Java patterns that match the lines of one kind of MBean, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

SPECIAL = frozenset(r"\.[]{}()*+?^$|")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
BEYOND = 0xFFFF
"""What is behind has no escape that all engines know; it stands for itself."""


class Value(NamedTuple):
    """How a property's values are matched: what stands around what is captured."""

    before: str
    inside: str
    after: str

    def captured(self) -> str:
        """Return the pattern that captures a value."""
        return f"{self.before}({self.inside}){self.after}"

    def passed(self) -> str:
        """Return the pattern that matches a value, captured or not."""
        return f"{self.before}{self.inside}{self.after}"

    def bare(self, text: str) -> str:
        """Return what of a value is captured."""
        return text[1:-1] if self.before else text


def value_pattern(texts: Collection[str]) -> Value:
    """Return how to match a property that is one of *texts*, or something like them."""
    least = "*" if any(not text.strip('"') for text in texts) else "+"
    if all(QUOTED.fullmatch(text) for text in texts):
        if any("\\" in text for text in texts):
            return Value('"', r'(?:[^"\\]|\\[\s\S])*', '"')
        return Value('"', f'[^"]{least}', '"')
    if any("," in QUOTED.sub("", text) for text in texts):
        return Value("", r"[\s\S]*", "")
    if any("," in text for text in texts):
        return Value("", r'(?:"(?:[^"\\]|\\[\s\S])*"|[^,"]*)', "")
    if any(">" in text for text in texts):
        return Value("", "[^,]*", "")
    return Value("", f"[^,>]{least}", "")


def literal(text: str) -> str:
    """Return the pattern that matches *text* itself, in characters that a file can hold."""
    return "".join(map(_escaped, text))


def _escaped(char: str) -> str:
    if char in SPECIAL:
        return f"\\{char}"
    if char == "\0":
        # As which it is seen.
        char = "\ufffd"
    if char.isprintable() or ord(char) > BEYOND:
        return char
    return f"\\u{ord(char):04x}"


def one_of(texts: Iterable[str]) -> str:
    """Return the alternatives of some texts; what follows decides where one begins another."""
    return "|".join(map(literal, sorted(texts)))

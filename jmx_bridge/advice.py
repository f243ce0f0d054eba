"""Hints for common mistakes in what users write: what was probably meant."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from .model import RESERVED_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable

# Finding what is near takes time that grows as the square of the length.
LONGEST_WORD = 100
OBJECT_NAME = re.compile(
    r"\^?(?P<domain>[\w.$*+?\\-]+):(?P<properties>[\w\\.*+-]+=[^<>]*)"
)
GROUP_NAME = re.compile(r"\(\?<([a-zA-Z][a-zA-Z0-9]*)>")
REFERENCE = re.compile(r"\\(.?)|\$(?:\{([^}]*)\}|(\d))?", re.DOTALL)
PATTERN_HINTS = {
    "unclosed group": r"write \( to match a literal parenthesis",
    "unmatched closing": r"write \) to match a literal parenthesis",
    "dangling meta": "write .* for any text, or a backslash before a literal character",
    "unclosed character class": r"write \[ to match a literal bracket",
    "illegal character range": r"write \- for a literal hyphen in a character class",
    "illegal repetition": r"write \{ to match a literal brace",
    "unclosed counted closure": r"write \{ to match a literal brace",
    "illegal/unsupported escape": "write the letter without the backslash before it",
    "unknown look-behind": "a group's name stands as (?<name>...)",
    "unknown inline modifier": "groups are (...), (?:...) and (?<name>...)",
    "named capturing group": "a group's name stands as (?<name>...)",
    "unexpected internal error": r"write \\ for a backslash at the end",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """Return 'did you mean "x"?' with the nearest *known* word; "" when none is near."""
    if len(word) > LONGEST_WORD:
        return ""
    spelled = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), spelled, n=1, cutoff=0.7)
    return f'did you mean "{spelled[near[0]]}"?' if near else ""


def pattern_hint(message: str) -> str:
    """Return a hint for Java's *message* about a bad pattern; "" if there is none."""
    lower = message.lower()
    return next((hint for start, hint in PATTERN_HINTS.items() if start in lower), "")


def template_problem(template: str, pattern: str, groups: int) -> str:
    r"""
    Return why Java would refuse to expand *template*, or "".

    $1 is a group by number, of which only the first digit has to exist; ${name} is one
    by name; a backslash takes the next character as it is.
    """
    for reference in REFERENCE.finditer(template):
        written = reference.group()
        escaped, name, digit = reference.groups()
        if written.startswith("\\"):
            if not escaped:
                return 'ends with a "\\" that escapes nothing'
        elif digit:
            if int(digit) > groups:
                return f"{written} refers to a group that the pattern doesn't have"
        elif name is None:
            return 'has a "$" that no group number follows' + _meant(
                template[reference.end() :], pattern
            )
        elif name not in GROUP_NAME.findall(pattern):
            return f"{written} refers to a group that the pattern doesn't have"
    return ""


def _meant(rest: str, pattern: str) -> str:
    """Return what a "$" before *rest* was meant to be, if that begins with a group's name."""
    names = GROUP_NAME.findall(pattern)
    meant = [name for name in names if rest.startswith(name)]
    return f' (did you mean "${{{max(meant, key=len)}}}"?)' if meant else ""


def object_name_rewritten(pattern: str) -> str:
    """
    Return the pattern that somebody meant who wrote an ObjectName as *pattern*.

    "a:type=*" gives "a<type=.*><>"; what doesn't look like an ObjectName gives "".
    """
    found = OBJECT_NAME.fullmatch(pattern)
    if found is None:
        return ""
    properties = [
        ".*" if text.strip() == "*" else text.strip()
        for text in found["properties"].split(",")
    ]
    return f"{found['domain']}<{', '.join(properties)}><>"


def reserved_suffixes(name: str) -> list[str]:
    """
    Return the endings of a name template that the exposition formats reserve.

    The last comes first: "x_created_total" gives "_total" and "_created".
    """
    rest = re.sub(r"[^a-zA-Z0-9:$]+", "_", name)
    found: list[str] = []
    while suffix := next((end for end in RESERVED_SUFFIXES if rest.endswith(end)), ""):
        found.append(suffix)
        rest = rest.removesuffix(suffix)
    return found

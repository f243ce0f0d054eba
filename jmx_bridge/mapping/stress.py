"""A text on which a pattern that tries too many ways shows it."""

from __future__ import annotations

from .prefilter import read_pattern

LENGTH = 400
"""Characters that are repeated; strings of that length are common."""


def maybe_stress_text(pattern: str) -> str | None:
    """
    Return a text that *pattern* nearly matches in very many ways; None if none is known.

    It has the pattern's required texts but for the last one, and those that stand in the
    value again and again: each `.+` between them then has all of these places to end at.
    Names are left alone: nobody's are that long.
    """
    required = read_pattern(pattern).required
    begin = next((i for i, text in enumerate(required) if ": " in text), len(required))
    between = dict.fromkeys(required[begin + 1 : -1])
    if not between:
        return None
    again = "".join(f"n{text}" for text in between)
    return "".join(required[: begin + 1]) + again * (LENGTH // len(again))

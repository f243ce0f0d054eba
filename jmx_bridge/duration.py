"""A time as people write it, such as "1m30s", in seconds."""

from __future__ import annotations

import re

PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ms|s|m|h)", re.ASCII)
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_duration(text: str) -> float:
    """
    Return the seconds that a text such as "500ms", "5s" or "1m30s" means.

    Every number needs a unit, except for a "0" that stands alone. Raises ValueError
    without a message: what to write instead depends on where the text stands.
    """
    if text == "0":
        return 0.0
    parts = PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError
    return sum(float(number) * UNITS[unit] for number, unit in parts)

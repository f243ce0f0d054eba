"""Numbers and dates as Java writes them, and numbers as Java reads them."""

from __future__ import annotations

import math
import re
import time

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]
# Double.valueOf's grammar, without white space around it.
JAVA_DOUBLE = re.compile(
    r"[+-]?(?:NaN|Infinity|(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
    r"|0[xX](?:[0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?\d+)[fFdD]?)",
    re.ASCII,
)
JAVA_SPACE = "".join(map(chr, range(33)))
"""What String.trim takes away."""


def java_double(value: float) -> str:
    """Return a number as Java's Double.toString writes it."""
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 -- NaN
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[repr(value)]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value) if "e" not in repr(value) else f"{value:f}"
    digits, _, exponent = repr(value).partition("e")
    sign = "-" if digits.startswith("-") else ""
    whole, _, fraction = digits.lstrip("-").partition(".")
    fraction = "" if fraction == "0" else fraction
    power = int(exponent or 0) + len(whole) - 1
    significant = (whole + fraction).lstrip("0")
    power -= len(whole + fraction) - len(significant)
    rest = significant[1:].rstrip("0") or "0"
    return f"{sign}{significant[0]}.{rest}E{power}"


def java_text(value: object) -> str:
    """Return a simple value as Java's String.valueOf writes it; nothing is "null"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return java_double(value) if isinstance(value, float) else str(value)


def java_date(seconds: float) -> str:
    """
    Return seconds since 1970 as Java's Date.toString writes them, in this machine's zone.

    A date that no calendar here reaches stays a number.
    """
    try:
        at = time.localtime(math.floor(seconds))
    except (OverflowError, OSError, ValueError):
        return java_double(seconds)
    day = f"{DAYS[at.tm_wday]} {MONTHS[at.tm_mon - 1]} {at.tm_mday:02}"
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}"
    return f"{day} {clock} {at.tm_zone} {at.tm_year}"


def maybe_number(text: str) -> float | None:
    """
    Return the number that Java's Double.valueOf reads in *text*, or None.

    White space around it does not count; "1d", "0x1p3" and "Infinity" are numbers, "inf",
    "1_0" and "true" are not. What is too large for a double is infinite.
    """
    stripped = text.strip(JAVA_SPACE)
    if not JAVA_DOUBLE.fullmatch(stripped):
        return None
    digits = stripped.rstrip("fFdD")
    if "x" not in digits.lower():
        return float(digits)
    try:
        return float.fromhex(digits)
    except OverflowError:
        return -math.inf if digits.startswith("-") else math.inf

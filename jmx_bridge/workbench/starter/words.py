"""Metric and label names of words: in lower case, and free of what promtool remarks on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...mapping.naming import base_name, safe_name

if TYPE_CHECKING:
    from collections.abc import Iterable


def vocabulary(text: str) -> frozenset[str]:
    """Return the words of a text, divided by blanks."""
    return frozenset(text.split())


WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+|[0-9]+")
TYPES = ("counter", "gauge", "summary", "histogram", "gauge_histogram")
ABBREVIATED = vocabulary("s ms us ns sec b kb mb gb tb pb m h d")
PREFIXES = (
    *("pico", "nano", "micro", "milli", "centi", "deci", "deca", "kilo", "kibi"),
    *("mega", "mibi", "giga", "gibi", "tera", "tebi", "peta", "pebi"),
)
BASES = vocabulary(
    "amperes bytes celsius grams joules kelvin meters metres seconds volts"
)
OTHERS = vocabulary(
    "minutes hours days weeks kelvins fahrenheit rankine inches yards miles bits "
    "calories pounds ounces"
)
WRITTEN_UNITS = vocabulary(
    "millis msec micros nanos kilobytes megabytes gigabytes percent pct"
)
"""Further ends that `check` knows better names for."""
ENDS = ("_count", "_sum")
"""Ends of samples of a summary, which only counters may have besides."""
RESERVED_LABELS = frozenset({"le", "quantile", "job", "instance"})


def words(text: str) -> list[str]:
    """Return the words of a name in any spelling, in lower case: "HTTPServer" has two."""
    return [word.lower() for word in WORD.findall(text)]


def joined(*parts: Iterable[str]) -> list[str]:
    """Return words one behind the other; a part's first words that stand there already are left out."""
    whole: list[str] = []
    for part in parts:
        more = list(part)
        most = min(len(whole), len(more))
        same = next((n for n in range(most, 0, -1) if whole[-n:] == more[:n]), 0)
        whole += more[same:]
    return whole


def remarks(name: str) -> int:
    """Return how much promtool or `check` would remark on a sample's name; a counter's has its "_total"."""
    base, parts = name.removesuffix("_total"), name.split("_")
    return sum(
        (
            sum(map(_other_unit, parts)),
            sum(part in ABBREVIATED for part in parts[1:]),
            sum(f"_{kind}_" in f"{name}_" for kind in TYPES),
            base != base_name(base),
            name.endswith(ENDS),
            ":" in name,
            "__" in name or name.endswith("_"),
            name != name.lower(),
            base.rpartition("_")[2] in WRITTEN_UNITS,
        )
    )


def _other_unit(word: str) -> bool:
    if word in OTHERS:
        return True
    return any(
        word.startswith(prefix) and word.removeprefix(prefix) in BASES | OTHERS
        for prefix in PREFIXES
    )


def clean(name: str, *, counter: bool) -> str:
    """
    Return a sample's name that is like *name* and that nothing remarks on.

    A word that has another meaning to Prometheus is written together with the one before it.
    """
    total = "_total" if counter else ""
    legal = safe_name(name).lower().replace(":", "_")
    parts = [part for part in legal.split("_") if part] or ["value"]
    if parts[0][0].isdigit():
        parts.insert(0, "mbean")
    if counter and parts[-1] == "total" and len(parts) > 1:
        parts.pop()
    at = 1
    while at < len(parts):
        shorter = [*parts[: at - 1], parts[at - 1] + parts[at], *parts[at + 1 :]]
        if remarks("_".join(shorter) + total) < remarks("_".join(parts) + total):
            parts = shorter
        else:
            at += 1
    base = "_".join(parts)
    return (f"{base}_value" if remarks(base + total) else base) + total


def label_names(keys: Iterable[str]) -> dict[str, str]:
    """Return a legal label name for each key property, all of them different."""
    names: dict[str, str] = {}
    for key in sorted(keys):
        name = "_".join(words(safe_name(key))) or "key"
        if name in RESERVED_LABELS or name[0].isdigit():
            name = f"mbean_{name}"
        numbered, number = name, 2
        while numbered in names.values():
            numbered, number = f"{name}_{number}", number + 1
        names[key] = numbered
    return names

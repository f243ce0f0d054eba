"""Which unit a value has, by its name, its description and its magnitude."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .words import vocabulary

if TYPE_CHECKING:
    from collections.abc import Collection

MILLI, MICRO, NANO = 1e-3, 1e-6, 1e-9


class Unit(NamedTuple):
    """What a name's end says of the unit, or else its description or its values."""

    cut: str = ""
    """What is left out at the end of the name, in snake case: "_ms"."""
    ending: str = ""
    """What the metric's name gets instead: "_seconds"."""
    factor: float = 1.0


NONE = Unit()
SECONDS = {
    "ms": MILLI, "millis": MILLI, "milliseconds": MILLI, "msec": MILLI, "msecs": MILLI,
    "us": MICRO, "micros": MICRO, "microseconds": MICRO,
    "ns": NANO, "nanos": NANO, "nanoseconds": NANO, "nano": NANO,
    "s": 1.0, "sec": 1.0, "secs": 1.0, "seconds": 1.0,
    "minutes": 60.0, "hours": 3600.0, "days": 86400.0, "weeks": 604800.0,
}  # fmt: skip
BYTES = {
    "bytes": 1.0, "kb": 1024.0, "kilobytes": 1024.0, "kib": 1024.0,
    "mb": 2.0**20, "megabytes": 2.0**20, "mib": 2.0**20,
    "gb": 2.0**30, "gigabytes": 2.0**30, "gib": 2.0**30,
}  # fmt: skip
PERCENT = ("percent", "pct", "percentage")
UNIT_NAMES = {
    "nanoseconds": NANO, "microseconds": MICRO, "milliseconds": MILLI, "seconds": 1.0,
    "minutes": 60.0, "hours": 3600.0, "days": 86400.0,
}  # fmt: skip
"""What DurationUnit of Dropwizard's timers says."""
DESCRIBED = re.compile(
    r"\b(?:in|of)\s+(milliseconds|millis|ms|microseconds|nanoseconds|seconds|bytes|kilobytes"
    r"|megabytes|minutes|hours)\b|\((ms|milliseconds|microseconds|ns|seconds|bytes|kb|mb)\)",
    re.IGNORECASE,
)
MOMENT = vocabulary(
    "time timestamp date start started stop last since created at modified updated now"
)
EPOCH = (1e9, 4e9)
"""Seconds since 1970 from 2001 to 2096."""


def unit_of(
    snake: str, description: str, numbers: Collection[float], *, is_date: bool
) -> Unit:
    """Return a value's unit; *snake* is its name in snake case, *numbers* are its values."""
    name = re.sub(r"[^a-z0-9]+", "_", snake.lower())
    parts = name.split("_")
    moment = _moment(parts, numbers, is_date=is_date)
    last = parts[-1]
    cut = snake[-len(last) - 1 :] if last and len(parts) > 1 else ""
    if parts[-2:-1] == ["per"]:
        return _per_second(snake, parts)
    if cut and last in SECONDS:
        ending = "_timestamp_seconds" if moment else "_seconds"
        return Unit(cut, _without(ending, name.removesuffix(cut)), SECONDS[last])
    if moment:
        return Unit("", _without("_timestamp_seconds", name), moment)
    if cut and last in BYTES:
        return Unit(cut, "_bytes", BYTES[last])
    if cut and last in PERCENT:
        return Unit(cut, "_ratio", 0.01 if max(numbers, default=0.0) > 1 else 1.0)
    return _described(parts, description)


def _per_second(snake: str, parts: list[str]) -> Unit:
    """Return the unit of something per second."""
    if SECONDS.get(parts[-1]) != 1.0 and parts[-1] != "second":
        return NONE
    what = parts[-3:-2]
    if len(parts) > 3 and what[0] in BYTES:
        cut = snake[-len("_".join(parts[-3:])) - 1 :]
        return Unit(cut, "_bytes_per_second", BYTES[what[0]])
    cut = snake[-len("_".join(parts[-2:])) - 1 :]
    return Unit(cut, "_per_second") if len(cut) < len(snake) else NONE


def duration(unit: str | None) -> Unit:
    """Return the unit that a timer's DurationUnit names."""
    factor = UNIT_NAMES.get((unit or "").lower())
    return NONE if factor is None else Unit("", "_seconds", factor)


def _moment(
    parts: list[str], numbers: Collection[float], *, is_date: bool
) -> float | None:
    """Return the factor to seconds since 1970, if that is what a value is; None if it isn't."""
    if is_date:
        return 1.0
    known = [number for number in numbers if number > 0]
    if not known or MOMENT.isdisjoint(parts):
        return None
    for factor in (1.0, MILLI):
        if all(EPOCH[0] < number * factor < EPOCH[1] for number in known):
            return factor
    return None


def _without(ending: str, name: str) -> str:
    """Return an ending without what a name has already."""
    if ending == "_timestamp_seconds" and name.endswith(("_timestamp", "_time")):
        return "_seconds" if name.endswith("_timestamp") else "stamp_seconds"
    return ending


def _described(parts: list[str], description: str) -> Unit:
    match = DESCRIBED.search(description)
    if not match or "bytes" in parts or "seconds" in parts or "count" in parts:
        return NONE
    word = (match[1] or match[2]).lower()
    if word in SECONDS:
        return Unit("", "_seconds", SECONDS[word])
    return Unit("", "_bytes", BYTES[word])

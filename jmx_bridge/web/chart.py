"""The last scrapes as a small drawing: time by phase, samples, and what was not whole."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..observe import RecentScrape

BAR, GAP = 9, 1
"""Pixels of one scrape, and between two."""
TOP, TIME, BETWEEN, SAMPLES = 10, 100, 8, 36
"""Pixels from top to bottom: marks, time by phase, nothing, samples."""
MOST = 60
HEIGHT = TOP + TIME + BETWEEN + SAMPLES
WIDTH = MOST * (BAR + GAP)
PHASES = ("connect", "inventory", "plan", "fetch", "assemble")
"""From the bottom of a bar up; what is in none of them stands on top."""


def chart(recent: Sequence[RecentScrape]) -> str:
    """Return the last scrapes as SVG with a legend, the newest on the right; "" for none."""
    some = recent[-MOST:]
    if not some:
        return ""
    # Room above the slowest, or the scale of a scrape that takes no time at all.
    longest = max(0.001, *[one.seconds for one in some]) * 1.1
    most = max(1, *[one.samples for one in some])
    words = escape(summary(some))
    inside = "".join(
        text
        for index, one in enumerate(some, MOST - len(some))
        for text in _bar(one, index * (BAR + GAP), longest, most)
    )
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">'
        f"{inside}{_timeout(some, longest)}</svg>"
        f"<figcaption>{words}</figcaption>{_legend()}</figure>"
    )


def summary(some: Sequence[RecentScrape]) -> str:
    """Return in words what the chart shows."""
    slowest = max(some, key=lambda one: one.seconds)
    down = sum(one.state == "down" for one in some)
    partial = sum(one.state == "partial" for one in some)
    took, had = _milliseconds(slowest.seconds), f"{slowest.timeout:.1f} s"
    parts = [f"{len(some)} scrapes, the slowest {took} of the {had} that it had"]
    parts += [f"{partial} partial"] * bool(partial) + [f"{down} failed"] * bool(down)
    samples = [one.samples for one in some]
    parts.append(f"{min(samples):,} to {max(samples):,} samples")
    return "; ".join(parts)


def _bar(one: RecentScrape, left: int, longest: float, most: int) -> Iterator[str]:
    yield f"<g><title>{escape(_told(one))}</title>"
    y = float(TOP + TIME)
    phases = [(name, one.phases.get(name, 0.0)) for name in PHASES]
    rest = max(0.0, one.seconds - sum(seconds for _, seconds in phases))
    for name, seconds in (*phases, ("rest", rest)):
        height = TIME * seconds / longest
        if height >= 0.05:
            y -= height
            yield _rect(name, left, y, height)
    if one.state != "up":
        middle = left + BAR / 2
        yield f'<circle class="{one.state}" cx="{middle:g}" cy="5" r="3.5"/>'
    height = SAMPLES * one.samples / most
    yield _rect("samples", left, HEIGHT - height, height)
    yield "</g>"


def _rect(name: str, left: int, top: float, height: float) -> str:
    return (
        f'<rect class="{name}" x="{left}" y="{top:.1f}" '
        f'width="{BAR}" height="{height:.1f}"/>'
    )


def _timeout(some: Sequence[RecentScrape], longest: float) -> str:
    """Return a line at the time that scrapes may take, as far as that is on the scale."""
    lines = []
    for index, one in enumerate(some, MOST - len(some)):
        if one.timeout <= longest:
            y = TOP + TIME * (1 - one.timeout / longest)
            left = index * (BAR + GAP)
            lines.append(f"M{left} {y:.1f}h{BAR + GAP}")
    return f'<path class="timeout" d="{"".join(lines)}"/>' if lines else ""


def _told(one: RecentScrape) -> str:
    phases = ", ".join(
        f"{name} {_milliseconds(seconds)}" for name, seconds in one.phases.items()
    )
    return (
        f"{one.at:%H:%M:%S} UTC, {one.state}: {_milliseconds(one.seconds)} "
        f"of {one.timeout:.1f} s ({phases}); {one.samples:,} samples"
    )


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _legend() -> str:
    keys = (*PHASES, "rest", "timeout", "samples", "partial", "down")
    items = "".join(f'<li><i class="{key}"></i>{key}</li>' for key in keys)
    return f'<ul class="legend">{items}</ul>'

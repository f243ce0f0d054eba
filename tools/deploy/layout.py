"""Where the panels of a row stand: lines of 24 columns, none of them half empty."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from specs.words import Kind, Panel

COLUMNS = 24
HEIGHTS = {Kind.STAT: 4, Kind.GRAPH: 8, Kind.STATES: 6, Kind.TABLE: 10}
MOST = {Kind.STAT: 8, Kind.TABLE: 1}
"""Panels in a line."""
MOST_OTHERS = 3


class Place(NamedTuple):
    """A panel's place, in columns and in units of height."""

    x: int
    y: int
    width: int
    height: int


def placed(panels: tuple[Panel, ...], y: int) -> Iterator[tuple[Panel, Place]]:
    """Yield each panel with its place; the first line begins at *y*."""
    for line in lines(panels):
        height = max(HEIGHTS[one.kind] for one in line)
        x = 0
        for one, width in zip(line, widths(line), strict=True):
            yield one, Place(x, y, width, height)
            x += width
        y += height


def lines(panels: tuple[Panel, ...]) -> Iterator[list[Panel]]:
    """Break panels into lines of about the same number; numbers and tables stay apart."""
    for most, group in groupby(panels, lambda one: MOST.get(one.kind, MOST_OTHERS)):
        left = list(group)
        count = -(-len(left) // most)
        while left:
            size = -(-len(left) // count)
            yield left[:size]
            left, count = left[size:], count - 1


def widths(line: list[Panel]) -> list[int]:
    """Return widths that fill the line: those asked for, and equal shares of the rest."""
    rest = COLUMNS - sum(one.width for one in line)
    free = sum(not one.width for one in line)
    made = []
    for one in line:
        width = one.width
        if not width:
            width = -(-rest // free)
            rest, free = rest - width, free - 1
        made.append(width)
    if sum(made) != COLUMNS or min(made) < 1:
        titles = ", ".join(one.title for one in line)
        raise ValueError(f"{titles}: widths {made} don't make {COLUMNS}")
    return made

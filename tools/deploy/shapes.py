"""What draw.py draws: numbers, graphs, states and tables, with matplotlib."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter
from matplotlib.ticker import FuncFormatter, MaxNLocator

MOST_LINES = 8
MOST_ROWS = 3  # of a legend below its graph
LONGEST = 24  # of a table's cell, characters
GAP = timedelta(seconds=5)  # after which a state is not known any more
INK, FAINT, PAPER, PANEL = "#1f2933", "#9aa5b1", "#f3f5f7", "#ffffff"
LINES = (
    *("#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e"),
    *("#c2255c", "#1864ab", "#e67700", "#495057"),
)
STATES = {
    "green": "#2b8a3e",
    "blue": "#1864ab",
    "yellow": "#e0a800",
    "orange": "#e8590c",
    "red": "#c92a2a",
}
THOUSANDS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
BINARY = ((1 << 30, " GiB"), (1 << 20, " MiB"), (1 << 10, " KiB"))
SUFFIXES = {"bytes": " B", "Bps": " B/s", "reqps": " req/s", "ops": " ops/s", "cps": "/s", "pps": " p/s", "percent": " %"}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One series: its name and its points."""

    name: str
    times: list[datetime]
    values: list[float]


@dataclass(frozen=True)
class Cell:
    """What stands in a table."""

    text: str
    colour: str = INK


def number(frame: Axes, panel: dict[str, Any], lines: list[Line]) -> None:
    defaults = panel["fieldConfig"]["defaults"]
    frame.text(
        0.04, 0.86, panel["title"], size=9.5, weight="bold", color=INK, va="center"
    )
    if not lines:
        frame.text(0.5, 0.42, "no data", size=13, color=FAINT, ha="center", va="center")
        return
    shown = cell(lines[0].values[-1], {**defaults, "unit": defaults["unit"]})
    frame.text(
        0.5, 0.42, shown.text, size=22, color=shown.colour, ha="center", va="center"
    )


def cell(value: object, style: dict[str, Any]) -> Cell:
    """A value as its column shows it: a state's words, or a number in its threshold's colour."""
    if value is None or isinstance(value, str):
        return Cell(shortened(str(value or ""), LONGEST))
    assert isinstance(value, float)
    for mapping in style.get("mappings") or ():
        if found := mapping["options"].get(f"{value:g}"):
            return Cell(found["text"], STATES[found["color"]])
    steps = style.get("thresholds", {}).get("steps", ())
    reached = [
        step["color"]
        for step in steps
        if step["value"] is None or value >= step["value"]
    ]
    colour = STATES.get(reached[-1], INK) if reached else INK
    return Cell(spelled(value, style.get("unit", "short")), colour)


def table(axes: Axes, titles: list[str], rows: list[list[Cell]]) -> None:
    axes.axis("off")
    if not rows:
        axes.text(0.5, 0.5, "no data", color=FAINT, ha="center")
        return
    widths = [
        max(len(title), *(len(row[index].text) for row in rows)) + 2
        for index, title in enumerate(titles)
    ]
    lefts = [sum(widths[:index]) / sum(widths) for index in range(len(widths))]
    height = 1 / 13
    for left, title in zip(lefts, titles, strict=True):
        axes.text(left, 1 - height / 2, title, size=8, weight="bold", color=INK)
    for index, row in enumerate(rows[:12]):
        for left, one in zip(lefts, row, strict=True):
            y = 1 - height * (index + 1.5)
            axes.text(left, y, one.text, size=8, color=one.colour)
    axes.set(xlim=(0, 1), ylim=(0, 1))


def states(axes: Axes, lines: list[Line], mapping: dict[str, dict[str, str]]) -> None:
    """A bar for each series, in the colour of what it was."""
    axes.spines[:].set_visible(False)
    axes.tick_params(colors=INK, labelsize=8, length=0)
    axes.set_yticks([])
    if not lines:
        empty(axes)
        return
    for place, line in enumerate(lines[:MOST_LINES]):
        for start, end, value in runs(line):
            state = mapping.get(f"{value:g}", {"color": "grey", "text": f"{value:g}"})
            colour = STATES.get(state["color"], FAINT)
            axes.barh(-place, end - start, 0.5, start, color=colour, alpha=0.75)
            axes.text(
                start + (end - start) / 2, -place, state["text"],
                size=7.5, color=PANEL, ha="center", va="center", clip_on=True,
            )  # fmt: skip
        axes.text(line.times[0], 0.4 - place, line.name, size=7.5, color=INK)
    axes.set_ylim(0.6 - min(len(lines), MOST_LINES), 0.6)
    clock(axes)


def runs(line: Line) -> list[tuple[datetime, datetime, float]]:
    """Stretches of one value: from, to, value."""
    made: list[tuple[datetime, datetime, float]] = []
    for at, value in zip(line.times, line.values, strict=True):
        if made and made[-1][2] == value and at - made[-1][1] < GAP:
            made[-1] = made[-1][0], at, value
        else:
            if made and at - made[-1][1] < GAP:
                made[-1] = made[-1][0], at, made[-1][2]
            made.append((at, at, value))
    return made


def graph(
    axes: Axes, lines: list[Line], unit: str, limits: list[tuple[float, str]]
) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=8, length=0)
    axes.grid(axis="y", color=PAPER)
    if not lines:
        empty(axes)
        return
    lines = sorted(lines, key=lambda line: -max(line.values))
    for line, colour in zip(lines[:MOST_LINES], LINES, strict=False):
        axes.plot(line.times, line.values, color=colour, linewidth=1.4, label=line.name)
        axes.fill_between(
            line.times, line.values, color=colour, alpha=0.06, linewidth=0
        )
    low, high = axes.get_ylim()
    if not any(value for line in lines for value in line.values):
        high = 1.0
    # A limit far above the lines would make them flat.
    drawn = [(value, colour) for value, colour in limits if value <= 3 * high]
    high = max([high, *(1.05 * value for value, _ in drawn)])
    for value, colour in drawn:
        axes.axhline(value, color=STATES[colour], linewidth=1, linestyle="--")
    axes.set_ylim(min(0.0, low), high)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: spelled(value, unit)))
    clock(axes)
    if len(lines) > MOST_LINES:
        more = f"and {len(lines) - MOST_LINES} more"
        axes.text(
            1, 1.02, more, size=8, color=FAINT, ha="right", transform=axes.transAxes
        )
    names(axes)


def names(axes: Axes) -> None:
    """A legend below the graph, or in it if it is long."""
    handles, labels = axes.get_legend_handles_labels()
    wide = axes.get_position().width * axes.get_figure().get_figwidth() * 100
    found = handles, [shortened(label, int(wide / 5.5)) for label in labels]
    columns = max(
        1,
        min(len(found[1]), int((wide + 30) / (22 + 4.4 * max(map(len, found[1]))))),
    )
    rows = -(-len(found[1]) // columns)
    place = {"loc": "upper left", "bbox_to_anchor": (-40 / wide, -0.11)}
    if rows > MOST_ROWS:
        columns, place = 1, {"loc": "upper right"}
    axes.legend(
        *found, **place, ncols=columns, fontsize=7.5, frameon=False, handlelength=1,
        columnspacing=1.2, labelcolor=INK, borderpad=0, labelspacing=0.2,
    )  # fmt: skip


def clock(axes: Axes) -> None:
    axes.margins(x=0)
    start, end = axes.get_xlim()
    axes.set_xticks([start + (end - start) * part for part in (0.1, 0.37, 0.63, 0.9)])
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M:%S"))


def empty(axes: Axes) -> None:
    axes.text(0.5, 0.5, "no data", color=FAINT, ha="center", transform=axes.transAxes)
    axes.set(xticks=[], yticks=[])


def shortened(text: str, most: int) -> str:
    """A text that would be too wide, with an ellipsis for what it lacks."""
    if len(text) <= most:
        return text
    return f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


# -- values ------------------------------------------------------------------------------------


def spelled(value: float, unit: str) -> str:
    """Return a value with its unit, for people."""
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit in ("s", "ms"):
        return seconds(value if unit == "s" else value / 1e3)
    if unit == "bool":
        return "yes" if value else "no"
    if unit in ("bytes", "Bps"):
        for size, sign in BINARY:
            if abs(value) >= size:
                return f"{value / size:.3g}{sign}{'/s' if unit == 'Bps' else ''}"
    for many, sign in THOUSANDS:
        if abs(value) >= many and unit not in ("bytes", "Bps"):
            return f"{value / many:.3g}{sign}{SUFFIXES.get(unit, '')}"
    return f"{value:.3g}{SUFFIXES.get(unit, '')}"


def seconds(value: float) -> str:
    if value >= 7200:
        return f"{value / 3600:.3g} h"
    if value >= 120:
        return f"{value / 60:.3g} min"
    if value >= 1 or value == 0:
        return f"{value:.3g} s"
    return f"{value * 1e3:.3g} ms" if value >= 1e-3 else f"{value * 1e6:.3g} µs"

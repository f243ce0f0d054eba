"""
Draws dashboards from a Prometheus: `draw.py PROMETHEUS_URL FOLDER DASHBOARD.json ...`.

What comes out are our own drawings of the panels' queries, made for the docs; they are not
screenshots of Grafana. Needs matplotlib, from an environment of its own.
"""

from __future__ import annotations

import json
import re
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

WIDTH = 1400  # of a picture, pixels
CELL = 34  # height of a row of Grafana's grid, pixels
COLUMNS = 24
DPI = 100
SECONDS = 90  # of data
STEP = 2
MOST_LINES = 8
MOST_ROWS = 3  # of a legend below its graph
INTERVAL = "20s"
INK, FAINT, PAPER, PANEL = "#1f2933", "#9aa5b1", "#f3f5f7", "#ffffff"
LINES = (
    "#0b7285",
    "#e8590c",
    "#5f3dc4",
    "#2b8a3e",
    "#c2255c",
    "#1864ab",
    "#e67700",
    "#495057",
)
STATES = {"green": "#2b8a3e", "orange": "#e8590c", "red": "#c92a2a"}
THOUSANDS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
BINARY = ((1 << 30, " GiB"), (1 << 20, " MiB"), (1 << 10, " KiB"))
SUFFIXES = {"bytes": " B", "Bps": " B/s", "reqps": " req/s", "ops": " ops/s", "cps": "/s", "pps": " p/s", "percent": " %"}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One series: its name and its points."""

    name: str
    times: list[datetime]
    values: list[float]


def main() -> int:
    url, folder, *files = sys.argv[1:]
    for file in files:
        path = Path(file)
        dashboard = json.loads(path.read_text("utf-8"))
        empty = draw(url, dashboard, Path(folder) / f"{path.stem}.png")
        print(path.stem, "no data:" if empty else "", "; ".join(empty))
    return 0


def draw(url: str, dashboard: dict[str, Any], to: Path) -> list[str]:
    """Draw one dashboard; return the titles of the panels that had no data."""
    panels = dashboard["panels"]
    cells = max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in panels)
    height = cells * CELL
    figure = Figure((WIDTH / DPI, height / DPI), dpi=DPI, facecolor=PAPER)
    empty = []
    for panel in panels:
        place = panel["gridPos"]
        left = place["x"] / COLUMNS
        bottom = 1 - (place["y"] + place["h"]) * CELL / height
        wide, high = place["w"] / COLUMNS, place["h"] * CELL / height
        if panel["type"] == "row":
            figure.text(left + 0.008, bottom + high * 0.3, panel["title"], size=12, weight="bold", color=INK)  # fmt: skip
            continue
        edge, gap = 4 / WIDTH, 4 / height
        box = (left + edge, bottom + gap, wide - 2 * edge, high - 2 * gap)
        frame = figure.add_axes(box, facecolor=PANEL)
        frame.set(xticks=[], yticks=[])
        frame.spines[:].set_visible(False)
        lines = [line for target in panel["targets"] for line in ask(url, target)]
        if not lines:
            empty.append(panel["title"])
        unit = panel["fieldConfig"]["defaults"].get("unit", "short")
        if panel["type"] == "stat":
            number(frame, panel, lines, unit)
        else:
            frame.text(0.015, 1 - 16 / (place["h"] * CELL), panel["title"], size=9.5, weight="bold", color=INK, va="center", transform=frame.transAxes)  # fmt: skip
            inside = (
                box[0] + 64 / WIDTH, box[1] + 50 / height,
                box[2] - 78 / WIDTH, box[3] - 78 / height,
            )  # fmt: skip
            graph(figure.add_axes(inside, facecolor=PANEL), lines, unit)
    to.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(to, facecolor=PAPER, pil_kwargs={"optimize": True})
    return empty


def number(frame: Axes, panel: dict[str, Any], lines: list[Line], unit: str) -> None:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    frame.text(
        0.04, 0.86, panel["title"], size=9.5, weight="bold", color=INK, va="center"
    )
    if not lines:
        frame.text(0.5, 0.42, "no data", size=13, color=FAINT, ha="center", va="center")
        return
    value = lines[0].values[-1]
    reached = [
        step["color"]
        for step in steps
        if step["value"] is None or value >= step["value"]
    ]
    colour = STATES.get(reached[-1], INK)
    frame.text(
        0.5, 0.42, spelled(value, unit), size=22, color=colour, ha="center", va="center"
    )


def graph(axes: Axes, lines: list[Line], unit: str) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(colors=INK, labelsize=8, length=0)
    axes.grid(axis="y", color=PAPER)
    if not lines:
        axes.text(
            0.5, 0.5, "no data", color=FAINT, ha="center", transform=axes.transAxes
        )
        axes.set(xticks=[], yticks=[])
        return
    lines = sorted(lines, key=lambda line: -max(line.values))
    for line, colour in zip(lines[:MOST_LINES], LINES, strict=False):
        axes.plot(line.times, line.values, color=colour, linewidth=1.4, label=line.name)
        axes.fill_between(
            line.times, line.values, color=colour, alpha=0.06, linewidth=0
        )
    low, high = axes.get_ylim()
    if any(value for line in lines for value in line.values):
        axes.set_ylim(min(0.0, low), high)
    else:
        axes.set_ylim(0.0, 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: spelled(value, unit)))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(DateFormatter("%H:%M:%S"))
    names = axes.get_legend_handles_labels()
    if len(lines) > MOST_LINES:
        more = f"and {len(lines) - MOST_LINES} more"
        axes.text(
            1, 1.02, more, size=8, color=FAINT, ha="right", transform=axes.transAxes
        )
    columns = max(
        1, min(len(names[1]), int(560 / (22 + 4.4 * max(map(len, names[1])))))
    )
    rows = -(-len(names[1]) // columns)
    place = {"loc": "upper left", "bbox_to_anchor": (-0.07, -0.11)}
    if rows > MOST_ROWS:
        columns, place = 1, {"loc": "upper right"}
    axes.legend(
        *names, **place, ncols=columns, fontsize=7.5, frameon=False, handlelength=1,
        columnspacing=1.2, labelcolor=INK, borderpad=0, labelspacing=0.2,
    )  # fmt: skip


def ask(url: str, target: dict[str, Any]) -> list[Line]:
    """Return what a panel's query gave lately."""
    text = re.sub(r'"\$\w+"', '".*"', target["expr"])
    text = re.sub(r"\$__(rate_interval|interval|range)", INTERVAL, text)
    end = int(time.time()) // STEP * STEP
    query = urllib.parse.urlencode(
        {"query": text, "start": end - SECONDS, "end": end, "step": STEP}
    )
    with urllib.request.urlopen(
        f"{url}/api/v1/query_range?{query}", timeout=60
    ) as answer:
        result = json.load(answer)["data"]["result"]
    lines = []
    for series in result:
        points = [
            (datetime.fromtimestamp(at, UTC), float(value))
            for at, value in series["values"]
        ]
        points = [(at, value) for at, value in points if abs(value) < float("inf")]
        if points:
            times, values = zip(*points, strict=True)
            lines.append(
                Line(legend(target, series["metric"]), list(times), list(values))
            )
    return lines


def legend(target: dict[str, Any], labels: dict[str, str]) -> str:
    form = target.get("legendFormat") or ""
    text = re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), form)
    text = text.strip() or labels.get("__name__") or "value"
    # A name that begins with an underscore would be left out.
    return f"\u200b{text}"


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


if __name__ == "__main__":
    sys.exit(main())

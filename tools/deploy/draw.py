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
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapes
from matplotlib.figure import Figure
from shapes import INK, PANEL, PAPER, Cell, Line

WIDTH = 1400  # of a picture, pixels
CELL = 34  # height of a row of Grafana's grid, pixels
COLUMNS = 24
DPI = 100
SECONDS = 90  # of data
STEP = 2
INTERVAL = "20s"


def main() -> int:
    url, folder, *files = sys.argv[1:]
    for file in files:
        path = Path(file)
        dashboard = json.loads(path.read_text("utf-8"))
        empty = draw(url, dashboard, Path(folder) / f"{path.stem}.png")
        print(path.stem, "no data:" if empty else "", "; ".join(empty))
    return 0


def opened(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield panels; those of a row that repeats stand below it, as if somebody had opened it."""
    shift = 0
    for panel in panels:
        panel["gridPos"]["y"] += shift
        yield panel
        inside = panel.get("panels") or []
        for one in inside:
            one["gridPos"]["y"] += shift
            yield one
        if inside:
            end = max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in inside)
            shift += end - panel["gridPos"]["y"] - 1


def draw(url: str, dashboard: dict[str, Any], to: Path) -> list[str]:
    """Draw one dashboard; return the titles of the queries that had no data."""
    panels = list(opened(dashboard["panels"]))
    cells = max(one["gridPos"]["y"] + one["gridPos"]["h"] for one in panels)
    height = cells * CELL
    figure = Figure((WIDTH / DPI, height / DPI), dpi=DPI, facecolor=PAPER)
    empty: list[str] = []
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
        if panel["type"] == "stat":
            lines = queried(url, panel, empty)
            shapes.number(frame, panel, lines)
            continue
        frame.text(0.015 * 8 / place["w"], 1 - 16 / (place["h"] * CELL), panel["title"], size=9.5, weight="bold", color=INK, va="center", transform=frame.transAxes)  # fmt: skip
        # Names of states need room at the left.
        side = 64 if panel["type"] == "timeseries" else 10
        foot = 50 if panel["type"] != "table" else 8
        inside = (
            box[0] + side / WIDTH, box[1] + foot / height,
            box[2] - (side + 14) / WIDTH, box[3] - (foot + 28) / height,
        )  # fmt: skip
        axes = figure.add_axes(inside, facecolor=PANEL)
        if panel["type"] == "table":
            shapes.table(axes, *tabled(url, panel, empty))
        elif panel["type"] == "state-timeline":
            shapes.states(axes, queried(url, panel, empty), mappings(panel))
        else:
            unit = panel["fieldConfig"]["defaults"].get("unit", "short")
            shapes.graph(axes, queried(url, panel, empty), unit, limits(panel))
    to.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(to, facecolor=PAPER, pil_kwargs={"optimize": True})
    return empty


def mappings(panel: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Text and colour of each value, by the value."""
    found = panel["fieldConfig"]["defaults"].get("mappings") or [{"options": {}}]
    return found[0]["options"]


def limits(panel: dict[str, Any]) -> list[tuple[float, str]]:
    """Thresholds that are drawn, with their colours."""
    defaults = panel["fieldConfig"]["defaults"]
    if not defaults.get("custom", {}).get("thresholdsStyle"):
        return []
    steps = defaults["thresholds"]["steps"]
    return [
        (step["value"], step["color"]) for step in steps if step["value"] is not None
    ]


# -- lines -------------------------------------------------------------------------------------


def queried(url: str, panel: dict[str, Any], empty: list[str]) -> list[Line]:
    """Return a panel's lines; add queries without any to *empty*."""
    lines = []
    for target in panel["targets"]:
        found = ask(url, target)
        if not found:
            empty.append(f"{panel['title']} {target['refId']}")
        lines += found
    return lines


def ask(url: str, target: dict[str, Any]) -> list[Line]:
    """Return what a panel's query gave lately."""
    end = int(time.time()) // STEP * STEP
    result = fetched(
        f"{url}/api/v1/query_range",
        query=filled(target["expr"]),
        start=end - SECONDS,
        end=end,
        step=STEP,
    )
    lines = []
    for series in result:
        points = [
            (datetime.fromtimestamp(at, UTC), float(value))
            for at, value in series["values"]
        ]
        points = [(at, value) for at, value in points if abs(value) < float("inf")]
        if points:
            times, values = zip(*points, strict=True)
            name = legend(target, series["metric"])
            lines.append(Line(name, list(times), list(values)))
    return lines


def filled(text: str) -> str:
    """Return an expression with the choice "all" for every variable."""
    text = re.sub(r'"\$\w+"', '".*"', text)
    return re.sub(r"\$__(rate_interval|interval|range)", INTERVAL, text)


def fetched(url: str, **query: object) -> list[dict[str, Any]]:
    with urllib.request.urlopen(
        f"{url}?{urllib.parse.urlencode(query)}", timeout=60
    ) as answer:
        return json.load(answer)["data"]["result"]


def legend(target: dict[str, Any], labels: dict[str, str]) -> str:
    form = target.get("legendFormat") or ""
    text = re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), form)
    text = " ".join(text.split()) or labels.get("__name__") or "value"
    # A name that begins with an underscore would be left out.
    return f"\u200b{text}"


# -- tables ------------------------------------------------------------------------------------


def tabled(
    url: str, panel: dict[str, Any], empty: list[str]
) -> tuple[list[str], list[list[Cell]]]:
    """Return a table's titles and rows: joined and named as its transformations say."""
    organized = panel["transformations"][-1]["options"]
    hidden, names = organized["excludeByName"], organized["renameByName"]
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for target in panel["targets"]:
        found = fetched(f"{url}/api/v1/query", query=filled(target["expr"]))
        value = f"Value #{target['refId']}"
        if not found:
            empty.append(f"{panel['title']}: {names.get(value, value)}")
        for series in found:
            labels = series["metric"]
            key = tuple(
                labels.get(one, "") for one in ("namespace", "job", "pod", "instance")
            )
            row = rows.setdefault(key, {})
            row |= labels | {value: float(series["value"][1])}
    order = sorted(organized["indexByName"], key=organized["indexByName"].get)
    shown = [
        one
        for one in order
        if one not in hidden and any(row.get(one) for row in rows.values())
    ]
    (by,) = panel["options"]["sortBy"]
    column = next(key for key, name in names.items() if name == by["displayName"])
    ordered = sorted(rows.values(), key=lambda row: -row.get(column, -1))
    styles = styled(panel)
    titles = [names.get(one, one) for one in shown]
    return titles, [
        [
            shapes.cell(row.get(one), styles.get(names.get(one, one), {}))
            for one in shown
        ]
        for row in ordered
    ]


def styled(panel: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A table's overrides, by column."""
    return {
        one["matcher"]["options"]: {each["id"]: each["value"] for each in one["properties"]}
        for one in panel["fieldConfig"]["overrides"]
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())

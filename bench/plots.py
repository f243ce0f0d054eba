"""
Writes what docs/benchmarks.md shows: `python bench/plots.py RESULTS.json`.

The tables go between two marks in the page, the plots beside it as SVG.
Needs matplotlib, from an environment of its own: it brings numpy, which JPype imports
wherever it finds it, so that ours would look 11 MiB larger than it is.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from measure import Figures, Results, load_results
from report import MIB, markdown, synthetic

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
GENERATED = re.compile(
    r"(?<=<!-- figures -->\n).*(?=<!-- end of figures -->)", re.DOTALL
)

COLOURS = {"ours": "#0b7285", "standalone": "#e8590c", "agent": "#868e96"}
PLOTS: dict[str, tuple[str, Callable[[Figures], float]]] = {
    "warm": ("Warm scrape, median, seconds", lambda f: f.warm_median),
    "cpu": (
        "CPU per scrape, application and exporter, seconds",
        lambda f: f.cpu_mean,
    ),
    "application-cpu": (
        "CPU per scrape in the application, seconds",
        lambda f: f.application_cpu_mean,
    ),
    "memory": ("Exporter's resident memory, MiB", lambda f: f.exporter_rss / MIB),
}


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: plots.py RESULTS.json", file=sys.stderr)
        return 2
    results = load_results(Path(sys.argv[1]))
    # The same figures give the same bytes: no random ids, no date, no version of matplotlib.
    mpl.rcParams["svg.hashsalt"] = "bench"
    images = [
        draw(results, rules, plot)
        for rules in dict.fromkeys(case.rules for case in results.cases)
        for plot in PLOTS
        if len(synthetic(results, rules)) > 1
    ]
    shown = "\n".join(f"![{path.stem}]({path.name})" for path in images)
    text = f"\n{markdown(results)}\n\n{shown}\n\n".replace("\n\n\n\n", "\n\n")
    PAGE.write_text(GENERATED.sub(lambda _: text, PAGE.read_text(), count=1))
    return 0


def draw(results: Results, rules: str, plot: str) -> Path:
    """Draw one quantity over the number of MBeans, a line for each exporter."""
    title, value = PLOTS[plot]
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    cases = synthetic(results, rules)
    for place, first in enumerate(cases[0].figures):
        values = [value(case.figures[place]) for case in cases]
        if any(values):
            line(axes, first.exporter, [case.mbeans for case in cases], values)
    axes.set(title=f"{title} ({rules})", xlabel="MBeans", xscale="log", yscale="log")
    axes.margins(0.08, 0.15)
    axes.set_xticks([case.mbeans for case in cases], minor=False)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, which="both", alpha=0.2)
    axes.legend()

    path = PAGE.parent / f"benchmarks-{plot}-{rules}.svg"
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    return path


def line(axes: Axes, exporter: str, mbeans: list[int], values: list[float]) -> None:
    colour = COLOURS.get(exporter, "black")
    axes.plot(mbeans, values, marker="o", color=colour, label=exporter)
    axes.annotate(
        f"{values[-1]:.3g}",
        (mbeans[-1], values[-1]),
        textcoords="offset points",
        xytext=(-4, 7),
        ha="right",
        color=colour,
    )


if __name__ == "__main__":
    sys.exit(main())

"""
Shows results as tables: `python bench/report.py RESULTS.json`.

Everything here is a function of the saved figures.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from measure import CaseResult, Figures, Results, load_results

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MIB = 2**20


def milliseconds(seconds: float) -> str:
    """Three digits are all that a benchmark can honestly claim."""
    value = seconds * 1000
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def mebibytes(size: float) -> str:
    return f"{size / MIB:,.0f}" if size else "-"


COLUMNS: dict[str, Callable[[Figures], str]] = {
    "exporter": lambda f: f"{f.exporter} {f.version}".strip(),
    "first ms": lambda f: milliseconds(f.first_seconds),
    "warm ms": lambda f: milliseconds(f.warm_median),
    "p95 ms": lambda f: milliseconds(f.warm_p95),
    "CPU app ms": lambda f: milliseconds(f.application_cpu_mean),
    "CPU exp ms": lambda f: milliseconds(f.exporter_cpu_mean),
    "RSS exp MiB": lambda f: mebibytes(f.exporter_rss),
    "RSS app MiB": lambda f: mebibytes(f.application_rss),
    "samples": lambda f: f"{f.samples:,}",
    "start ms": lambda f: milliseconds(f.start_seconds) if f.exporter_rss else "-",
}
RATIOS: dict[str, Callable[[Figures], float]] = {
    "first": lambda f: f.first_seconds,
    "warm": lambda f: f.warm_median,
    "p95": lambda f: f.warm_p95,
    "CPU app": lambda f: f.application_cpu_mean,
    "CPU app+exp": lambda f: f.cpu_mean,
    "RSS exp": lambda f: f.exporter_rss,
}
"""What ours is compared in; below 1 ours needs less."""
PEERS = ("standalone", "agent")


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: report.py RESULTS.json", file=sys.stderr)
        return 2
    results = load_results(Path(sys.argv[1]))
    for case in results.cases:
        print(case_table(case))
    print(summary(results))
    return 0


def case_table(case: CaseResult) -> str:
    """Return one case as aligned text."""
    notes = "".join(f"  {note}\n" for note in notes_of(case))
    rows = [[show(f) for show in COLUMNS.values()] for f in case.figures]
    return f"\n{title(case)}\n{aligned([list(COLUMNS), *rows])}\n{notes}"


def title(case: CaseResult) -> str:
    return f"{case.target} ({case.mbeans:,} MBeans), rules {case.rules}"


def notes_of(case: CaseResult) -> list[str]:
    """Return what a reader must know before believing the figures."""
    notes = []
    if case.others_cpu > 0.05:
        share = f"{case.others_cpu:.0%}"
        notes.append(f"not quiet: unrelated work took {share} of the machine's CPU")
    for f in case.figures:
        if f.missing or f.extra:
            differ = f"{f.missing:,} series missing, {f.extra:,} more"
            notes.append(f"{f.exporter}: {differ} than the reference")
        if f.first_samples != f.samples:
            notes.append(
                f"{f.exporter}: the first scrape had {f.first_samples:,} samples"
            )
    return notes


def summary(results: Results) -> str:
    """Return ratios and growth as aligned text."""
    parts = []
    if ratios := ratio_rows(results):
        header = ["ours / peer", "rules", "peer", *RATIOS]
        parts.append(aligned([header, *ratios]))
    if growth := growth_rows(results):
        header = ["growth of", "rules", "MBeans", "x", "warm x", "CPU x"]
        parts.append(aligned([header, *growth]))
    return "\n\n".join(["", *parts])


def ratio_rows(results: Results) -> list[list[str]]:
    return [
        [case.target, case.rules, peer, *ratios]
        for case in results.cases
        for peer in PEERS
        if (ratios := ratios_of(case, peer))
    ]


def ratios_of(case: CaseResult, peer: str) -> list[str]:
    """Return ours divided by *peer*'s for each of RATIOS; nothing if one is missing."""
    by_name = {f.exporter: f for f in case.figures}
    if "ours" not in by_name or peer not in by_name:
        return []
    ours, theirs = by_name["ours"], by_name[peer]
    return [
        f"{value(ours) / value(theirs):.2f}" if value(theirs) else "-"
        for value in RATIOS.values()
    ]


def synthetic(results: Results, rules: str) -> list[CaseResult]:
    """Return the cases that differ only in their number of MBeans, smallest first."""
    cases = [
        c
        for c in results.cases
        if c.rules == rules and c.target.startswith("synthetic")
    ]
    return sorted(cases, key=lambda case: case.mbeans)


def growth_rows(results: Results) -> list[list[str]]:
    """Return how figures grow from the smallest to the largest synthetic target."""
    rows = []
    for rules in dict.fromkeys(case.rules for case in results.cases):
        cases = synthetic(results, rules)
        if len(cases) < 2:
            continue
        small, large = cases[0], cases[-1]
        sizes = f"{small.mbeans:,} to {large.mbeans:,}"
        for few, many in zip(small.figures, large.figures, strict=True):
            factors = (
                large.mbeans / small.mbeans,
                many.warm_median / few.warm_median,
                many.cpu_mean / few.cpu_mean,
            )
            rows.append([few.exporter, rules, sizes, *(f"{x:.1f}" for x in factors)])
    return rows


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows with columns in line: words left, numbers right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    words = [is_text(column[1:]) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(row, widths, words, strict=True)
        ).rstrip()
        for row in rows
    )


def is_text(cells: Sequence[str]) -> bool:
    return any(cell[:1].isalpha() for cell in cells)


def markdown(results: Results) -> str:
    """Return the generated part of docs/benchmarks.md."""
    quiet = max(case.others_cpu for case in results.cases)
    facts = ", ".join(f"{name} {value}" for name, value in results.machine.items())
    about = f"Measured on {results.when[:10]}: {facts}."
    parts = [
        f"{about}\nUnrelated work took at most {quiet:.0%} of the machine's CPU.",
    ]
    for case in results.cases:
        rows = [[show(f) for show in COLUMNS.values()] for f in case.figures]
        notes = "".join(f"\n- {note}" for note in notes_of(case))
        parts += [f"### {title(case)}", pipes([list(COLUMNS), *rows])]
        parts += [notes.lstrip()] if notes else []
    if ratios := ratio_rows(results):
        header = ["case", "rules", "peer", *RATIOS]
        parts += ["### Ours divided by the peer's", pipes([header, *ratios])]
    if growth := growth_rows(results):
        header = ["exporter", "rules", "MBeans", "MBeans x", "warm x", "CPU x"]
        parts += ["### Growth", pipes([header, *growth])]
    return "\n\n".join(parts)


def pipes(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table."""
    words = [is_text(column[1:]) for column in zip(*rows, strict=True)]
    rule = ["---" if left else "---:" for left in words]
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:]))


if __name__ == "__main__":
    sys.exit(main())

"""
How good generated rules are on real products under load: `make live`.

    python tests/integration/generated_live.py [PRODUCT | PACK=HOST:PORT...]

runs `generate` on each, `check --strict` and promtool on what comes out, and tells how many
numbers are served exactly once, and how many counters of the product's packs are counters there,
too. Packs whose names dashboards know have no type for what counts, as a counter's name would
get `_total`; such values are told by themselves.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from integration.live import Live, under_load, wanted
from integration.starters import remarks
from jmx_bridge.workbench.pages import read_page, series_of
from jmx_bridge.workbench.starter.generate import CONFLICT, NOBODYS

NUMBER = re.compile(r"-?\d[\d.E+-]*|-?Infinity|NaN|true|false")
NO_NUMBERS = {"text", "empty", "unsupported", "unreadable", "never read"}
AGREEMENT = 0.9
"""How many of a pack's counters have to be counters."""
MORE_PACKS = {
    "tomcat": ("tomcat-catalina",),
    "zookeeper": ("zookeeper-native",),
    "kafka": ("kafka-strimzi",),
}
"""Packs for the same product."""
COUNTING = ("counter", "unknown")
"""Types of values that count, by packs."""


Place = tuple[str, str]
"""What tells a value from all others, whatever it is now: its MBean, and its line."""


@dataclass
class Judged:
    """What is to be said of a generated file."""

    numbers: int = 0
    once: int = 0
    series: int = 0
    counters: dict[str, dict[Place, bool]] = field(
        default_factory=lambda: {kind: {} for kind in COUNTING}
    )
    """By a pack's type: values that count, and whether they are counters in the generated file."""
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def short(self) -> bool:
        """Whether this is worse than it has to be."""
        few = (
            sum(met.values()) < AGREEMENT * len(met) for met in self.counters.values()
        )
        return bool(self.wrong) or any(few)

    def __str__(self) -> str:
        counters = "; ".join(
            f"{kind} by packs: {sum(met.values())} of {len(met)} are counters"
            for kind, met in self.counters.items()
        )
        return (
            f"{self.once} of {self.numbers} numbers once, {self.series} series; "
            f"{counters}; {len(self.wrong)} wrong"
        )


def judge(live: Live, file: Path) -> Judged:
    """Generate rules for a product, and judge them by its page and its pack."""
    found = Judged()
    live.output("generate", "--output", str(file))
    checked = live.run("check", "--strict", str(file))
    if checked.returncode:
        found.wrong.append(f"check: {checked.stdout.strip()[-300:]}")
    page = live.page(file)
    found.wrong += [f"promtool: {one}" for one in remarks(page)]
    lines = live.lines(file)
    judge_numbers(lines, page, found)
    for pack in (live.pack, *MORE_PACKS.get(live.pack, ())):
        packed = live.lines(live.rules.with_stem(pack), "--served")
        judge_counters(lines, packed, found)
    return found


def judge_numbers(lines: Sequence[dict[str, Any]], page: str, found: Judged) -> None:
    """Count the numbers that are served by exactly one series of their own."""
    served = read_page(page)
    found.series = len(served)
    makers = Counter(
        series_of(one["name"], one["labels"])
        for line in lines
        for one in line["samples"]
    )
    for line in lines:
        if not is_number(line):
            continue
        found.numbers += 1
        own = [series_of(one["name"], one["labels"]) for one in line["samples"]]
        good = len(own) == 1 and makers[own[0]] == 1 and f"{CONFLICT}=" not in own[0]
        found.once += good
        if not good:
            found.wrong.append(f"number: {line['line']} {line['fate']} {own}")
    found.wrong += [f"page: {one}" for one in served if f"{CONFLICT}=" in one]


def is_number(line: dict[str, Any]) -> bool:
    """Whether a line is a number that `generate` was asked for."""
    return (
        line["mbean"].partition(":")[0] not in NOBODYS
        and line["fate"] not in NO_NUMBERS
        and line["type"] != "java.lang.String"
        and bool(NUMBER.fullmatch(line["value"] or ""))
    )


def judge_counters(
    lines: Sequence[dict[str, Any]], packed: Sequence[dict[str, Any]], found: Judged
) -> None:
    """Note which of a pack's counters are counters in the generated file."""
    types = {
        place_of(line): one["type"]
        for line in lines
        for one in line["samples"]
        if one["rule"]
    }
    for line in packed:
        place, samples = place_of(line), line["samples"]
        by_pack = samples[0]["type"] if samples and samples[0]["rule"] else ""
        kind = types.get(place)
        # A percentile has no type where the count beside it has none.
        percentile = samples and "quantile" in samples[0]["labels"]
        if kind is None or percentile or by_pack not in COUNTING:
            continue
        found.counters[by_pack][place] = kind == "counter"
        if kind != "counter":
            name = samples[0]["name"]
            found.missed.append(f"{name} ({by_pack}) is a {kind}: {line['line']}")


def place_of(line: dict[str, Any]) -> Place:
    return line["mbean"], line["line"]


def main(arguments: Sequence[str]) -> int:
    """Print a line for each product; return 1 if a file falls short."""
    short = 0
    with tempfile.TemporaryDirectory() as folder:
        for argument in wanted(arguments):
            with under_load(argument) as live:
                found = judge(live, Path(folder) / f"{live.pack}.yml")
            print(f"{live.pack}: {found}", flush=True)
            for one in (*found.wrong[:20], *found.missed[:20]):
                print(f"    {one}")
            short += found.short
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

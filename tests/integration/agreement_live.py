"""
What `list` and `explain` say of real products, compared with a scrape: `make live`.

    python tests/integration/agreement_live.py [PRODUCT | PACK=HOST:PORT...]

compares under the product's pack and under a rule that takes everything. As the product works
meanwhile, the page is scraped between two lists: what both name has to be on the page, and what
is on the page, and on another one behind the lists, has to be named by one of them. A value that
both agree on has to be the page's; a counter's has to lie between theirs.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from integration.live import Live, under_load, wanted
from jmx_bridge.workbench.pages import Page, read_page, same, series_of

CATCH_ALL = 'rules:\n- pattern: ".*"\n'
UNSEEN = "jvm_runtime_info{"
"""Its labels are three system properties, which no rule sees, so no line has it."""
EXPLAINED = 40
"""How many series are explained, as many in one run."""


@dataclass(frozen=True)
class Told:
    """What `list` says of one series."""

    type: str
    value: float
    rule: str | None


@dataclass
class Compared:
    """How much was compared, and what doesn't agree."""

    series: int = 0
    equal: int = 0
    """Values that both lists and the page agree on."""
    between: int = 0
    """Counters that grew, and were between what the lists say."""
    moved: int = 0
    """Gauges that changed between the lists, so that nothing can be said."""
    passing: int = 0
    """Series that were there for one page only."""
    explained: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.series} series: {self.equal} values equal, {self.between} counters "
            f"between, {self.moved} gauges moved, {self.passing} came and went; "
            f"{self.explained} explained; {len(self.wrong)} wrong"
        )


def told_of(lines: Sequence[dict[str, Any]]) -> dict[str, Told]:
    """Return the series that a list names."""
    return {
        series_of(one["name"], one["labels"]): Told(
            one["type"].replace("unknown", "untyped"), float(one["value"]), one["rule"]
        )
        for line in lines
        for one in line["samples"]
    }


def compare(live: Live, rules: Path) -> Compared:
    """Compare what is said of a product under a rule file with a scrape of it."""
    before = told_of(live.lines(rules, "--served"))
    page = read_page(live.page(rules))
    after = told_of(live.lines(rules, "--served"))
    found = compare_page(before, page, after, read_page(live.page(rules)))
    compare_explanations(live, rules, {**after, **before}, page, found)
    return found


def compare_page(
    before: dict[str, Told], page: Page, after: dict[str, Told], later: Page
) -> Compared:
    """Compare a page with what was said before and after it; *later* is a page behind that."""
    found = Compared(series=len(page))
    both = before.keys() & after.keys()
    found.wrong += [f"not on the page: {one}" for one in both - page.keys()]
    unknown = page.keys() - before.keys() - after.keys()
    unknown = {one for one in unknown if not one.startswith(UNSEEN)}
    found.passing = len(unknown - later.keys())
    found.wrong += [f"not in the list: {one}" for one in unknown & later.keys()]
    for series in sorted(both & page.keys()):
        compare_sample(series, (before[series], after[series]), page, found)
    return found


def compare_sample(
    series: str, told: tuple[Told, Told], page: Page, found: Compared
) -> None:
    """Compare the type and value of one sample."""
    (first, last), sample = told, page[series]
    if not first.type == sample.type == last.type:
        found.wrong.append(f"type: {series} {first.type} {sample.type} {last.type}")
    elif same(first.value, last.value):
        right = same(first.value, sample.value)
        found.equal += right
        # A gauge may have come back to where it was.
        if not right and sample.type == "counter":
            found.wrong.append(f"value: {series} {first.value} {sample.value}")
        found.moved += not right
    elif sample.type == "counter":
        right = first.value <= sample.value <= last.value
        found.between += right
        if not right:
            values = f"{first.value} {sample.value} {last.value}"
            found.wrong.append(f"counter: {series} {values}")
    else:
        found.moved += 1


def compare_explanations(
    live: Live, rules: Path, told: dict[str, Told], page: Page, found: Compared
) -> None:
    """What `explain` says of some of the page's series names the rule that `list` names."""
    known = sorted(page.keys() & told.keys())
    chosen = random.Random(live.pack).sample(known, min(EXPLAINED, len(known)))
    flags = (f"--config.file={rules}", "--format=json", "--show-secrets")
    done = live.run("explain", *chosen, *flags)
    assert done.stdout, done.stderr[-2000:]
    for series, answer in zip(chosen, json.loads(done.stdout), strict=True):
        makers = {
            sample["rule"]
            for one in answer["series"]
            if one["sample"] == series
            for sample in one["samples"]
            if series_of(sample["name"], sample["labels"]) == series
        }
        found.explained += 1
        if makers != {told[series].rule}:
            found.wrong.append(f"explained: {series} {makers} {told[series].rule}")


def main(arguments: Sequence[str]) -> int:
    """Print a line for each product and rule file; return 1 if anything doesn't agree."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        catch_all = Path(folder) / "catch-all.yml"
        catch_all.write_text(CATCH_ALL, "utf-8")
        for argument in wanted(arguments):
            with under_load(argument) as live:
                for rules in (live.rules, catch_all):
                    found = compare(live, rules)
                    print(f"{live.pack} under {rules.name}: {found}", flush=True)
                    for one in found.wrong[:20]:
                        print(f"    {one}")
                    wrong += len(found.wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""
What `list` and `explain` say of recorded products, compared with a scrape; alone, all pairs.

    python tests/integration/agreement.py [SECONDS [INVENTORY...]]

compares every value of each inventory, or of those named (`zookeeper-3.9`), under each rule file
found in the wild. `cassandra-5.0` takes an hour; each file that is done is told on standard error.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

from unit.offline import make_bridge, page, scraped

from integration.targets import CACHE, COMPAT, compile_java, start_target
from jmx_bridge import jmx
from jmx_bridge.config import Config, load_config
from jmx_bridge.jmx import JavaPatterns, JavaSyntax
from jmx_bridge.jmx.abc import TargetAddress
from jmx_bridge.jmx.moment import RUNTIME_PROPERTIES, JvmReading
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.mapping import Ruleset
from jmx_bridge.workbench.derive import ARROW, seen_by
from jmx_bridge.workbench.explain import Explainer
from jmx_bridge.workbench.lines import Fate, Line
from jmx_bridge.workbench.listing import written
from jmx_bridge.workbench.pages import differences, page_of, read_page
from jmx_bridge.workbench.reading import read_jvm
from jmx_bridge.workbench.survey import Survey, survey

WILD = sorted(path for path in (COMPAT / "wild").glob("*.y*ml"))
AT_ONCE = 2000
UNSEEN = "jvm_runtime_info{"


class Compared(NamedTuple):
    """How much was compared."""

    values: int
    series: int
    explained: int


def rules_of(file: Path) -> Config:
    """Return a rule file found in the wild, without a delay at the start."""
    config = load_config(str(file), syntax=JavaSyntax(), environ={})
    return replace(config, start_delay_seconds=0)


def compare(
    reading: JvmReading, config: Config, chance: random.Random, explain: int
) -> Compared:
    """Compare what is said of *reading* with a scrape of it; of *explain* lines each step."""
    rules = Ruleset(config, JavaPatterns)
    found = survey(reading, rules)
    series = compare_pages(reading, found, config)
    compare_first_rules(found.lines, rules)
    chosen = chance.sample(found.lines, min(explain, len(found.lines)))
    served = [line for line in found.lines if line.samples and line.rule]
    chosen += chance.sample(served, min(explain, len(served)))
    compare_explanations(chosen, found.lines, rules)
    return Compared(len(found.lines), series, len(chosen))


def compare_pages(reading: JvmReading, found: Survey, config: Config) -> int:
    """The page of a scrape has the samples that `list` names, and no others; return how many."""
    properties = dict(zip(RUNTIME_PROPERTIES, reading.runtime, strict=True))
    session = RecordedSession(reading.mbeans, properties)
    with patch.object(jmx, "connect", lambda *_, **__: session):
        bridge = make_bridge(lambda: config, compile_patterns=JavaPatterns)
        try:
            scraped(bridge)
            theirs = read_page(page(scraped(bridge)))
        finally:
            bridge.close()
    ours = read_page(page_of(found))
    assert differences(theirs, ours) == []
    told = [written(one) for line in found.lines for one in line.samples]
    # Its labels are three system properties, which no rule sees, so no line has it.
    assert sorted(told) == sorted(one for one in ours if not one.startswith(UNSEEN))
    return len(ours)


def compare_first_rules(lines: Sequence[Line], rules: Ruleset) -> None:
    """The rule that a line names is the first whose pattern matches it, each tried without short cuts."""
    patterned = list(takewhile(lambda rule: rule.pattern, rules.config.rules))
    matcher = JavaPatterns([(rule.pattern or "", ()) for rule in patterned])
    seen = [
        line
        for line in lines
        if line.fate is Fate.UNMATCHED or (line.rule and line.leaf)
    ]
    for start in range(0, len(seen), AT_ONCE):
        part = seen[start : start + AT_ONCE]
        subjects: dict[str, int] = {}
        questions = [
            [
                (subjects.setdefault(seen_by(line, rule), len(subjects)), i)
                for i, rule in enumerate(patterned)
            ]
            for line in part
        ]
        matcher.renew()
        answers = matcher.match(list(subjects), questions)
        for line, answer in zip(part, answers, strict=True):
            first = patterned[answer.candidate].where if answer.candidate >= 0 else ""
            assert not line.rule or not first or line.rule == first, (
                line.full,
                line.rule,
                first,
            )
            assert line.fate is not Fate.UNMATCHED or not first, (line.full, first)


def compare_explanations(
    chosen: Sequence[Line], lines: Sequence[Line], rules: Ruleset
) -> None:
    """What `explain` derives ends with what is served."""
    explainer = Explainer(lines, rules, JavaPatterns, JavaSyntax().group_count)
    for line in chosen:
        found = [one for one in explainer.explain(line.full).lines if one.line is line]
        if line.text is not None and line.fate is Fate.UNMATCHED:
            tried = [one for told in found for one in told.tried]
            assert not any(one.matches for one in tried), line.full
        for sample in line.samples:
            if sample.rule:
                compare_steps(explainer._derived(line, sample))


def compare_steps(derived) -> None:
    """The last stage of each step is what the page has."""
    ends = {step.what: step.text.split(ARROW)[-1] for step in derived.steps}
    sample = derived.sample
    assert ends["name"] == sample.name, derived
    assert float(ends["value"]) == sample.value or sample.value != sample.value, derived
    for name, value in sample.labels:
        assert ends[f"label {name}"].startswith(value), derived


def reading_of(*inventories: str) -> JvmReading:
    """Return all that a JVM tells that plays recorded products."""
    classes = compile_java(sorted((COMPAT / "app").glob("*.java")), CACHE / "compat")
    files = [str(COMPAT / "inventories" / f"{name}.tsv.gz") for name in inventories]
    target = start_target(classes, "ReplayApp", *files)
    try:
        session = jmx.connect(TargetAddress(target.url), timeout=30, calls=4)
        try:
            return read_jvm(session, 300.0)
        finally:
            session.close()
    finally:
        target.stop()


def inventories() -> list[str]:
    """Return the names of all recorded products."""
    files = sorted((COMPAT / "inventories").glob("*.tsv.gz"))
    return [file.name.removesuffix(".tsv.gz") for file in files]


def main(seconds: float, names: Sequence[str]) -> None:
    """Compare all pairs, and print how much that was."""
    jmx.start_jvm()
    end = time.monotonic() + seconds
    for name in names:
        reading = reading_of(name)
        begin, total = time.monotonic(), Compared(0, 0, 0)
        pairs = 0
        for file in WILD:
            if time.monotonic() > end:
                break
            chance = random.Random(f"{name}{file.name}")
            some = compare(reading, rules_of(file), chance, 20)
            total = Compared(*(a + b for a, b in zip(total, some, strict=True)))
            pairs += 1
            print(f"{time.monotonic() - begin:.0f} s", file.stem, some, file=sys.stderr)
        print(
            name,
            f"{len(reading.mbeans)} MBeans, {pairs} of {len(WILD)} files,",
            total,
            f"{time.monotonic() - begin:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main(
        float(sys.argv[1]) if len(sys.argv) > 1 else 1e9, sys.argv[2:] or inventories()
    )

"""Whatever rules make of values, the page is one that parsers take: theirs, and promtool's."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

from jmx_bridge.collect.catalog import OBJECT_NAME, Catalog
from jmx_bridge.collect.series import Series
from jmx_bridge.exposition import negotiate, render
from jmx_bridge.model import Labels, MetricType, Snapshot

PROMETHEUS = Path(__file__).parents[2] / ".cache" / "prometheus" / "usr" / "bin"
PROMTOOL = shutil.which("promtool", path=f"{os.environ['PATH']}:{PROMETHEUS}")
TEXT = negotiate(None)
OPENMETRICS = negotiate("application/openmetrics-text;version=1.0.0")
LABEL = re.compile(r'([^{,="]+)="((?:[^"\\]|\\.)*)"')
NAMES = ("a", "b", OBJECT_NAME, "x:y", "x_y", "_Objectname", "le")
VALUES = (
    "",
    "one",
    "t<type=A><>B",
    'a "quoted" one',
    "back\\slash",
    "a\nb",
    "日本",
    "\0",
)
TYPES = (MetricType.COUNTER, MetricType.GAUGE, MetricType.INFO, MetricType.UNKNOWN)
SEEDS = range(60)
ORIGIN = "t<type=A><>"


def series(family: str, labels: Labels, kind=MetricType.GAUGE, value=1.0, origin="B"):
    bean: Any = SimpleNamespace(unread=False, base=-1, name=f"{ORIGIN}{origin}")
    return Series(family, kind, labels, bean, -1, 1.0, value, None, 0)


def catalog_of(*planned: Series) -> Catalog:
    catalog = Catalog(lambda one: one.bean.name, lambda _: "rules.yml:1")
    for one in planned:
        catalog.add(one, lambda: "Help.")
    return catalog


def pages(catalog: Catalog) -> dict[object, str]:
    layout, values = catalog.values(())
    shot = Snapshot(layout, values, ())
    return {fmt: render(shot, fmt).decode() for fmt in (TEXT, OPENMETRICS)}


def check(catalog: Catalog, planned: int) -> None:
    """Look at both pages; each of *planned* samples is there, or dropped and counted."""
    for fmt, page in pages(catalog).items():
        families = list((parse_text if fmt is TEXT else parse_openmetrics)(page))
        lines = [one for one in page.splitlines() if one and not one.startswith("#")]
        identities = []
        for line in lines:
            names = [name for name, _ in LABEL.findall(line)]
            assert len(set(names)) == len(names), line
            identities.append(line.rpartition(" ")[0])
        assert len(set(identities)) == len(identities)
        assert sum(len(family.samples) for family in families) == len(lines)
        assert len(lines) + len(catalog.dropped()) == planned


def test_a_rules_own_objectname_beside_a_duplicate_is_there_once():
    mine = ((OBJECT_NAME, "static"),)
    catalog = catalog_of(
        series("x", mine, origin="Int"), series("x", mine, origin="Long")
    )

    page = pages(catalog)[TEXT]

    assert f'x{{{OBJECT_NAME}="static"}} 1.0' in page.splitlines()
    assert page.count(OBJECT_NAME) == 1
    assert [one.reason for one in catalog.dropped()] == ["duplicate"]


def test_samples_that_are_not_at_fault_stay():
    mine = ((OBJECT_NAME, "static"),)
    catalog = catalog_of(
        series("x", mine), series("x", (), origin="C"), series("x", (), origin="D")
    )

    lines = pages(catalog)[TEXT].splitlines()[2:]

    assert lines == [
        f'x{{{OBJECT_NAME}="static"}} 1.0',
        f'x{{{OBJECT_NAME}="{ORIGIN}C"}} 1.0',
        f'x{{{OBJECT_NAME}="{ORIGIN}D"}} 1.0',
    ]
    assert catalog.dropped() == []


def random_series(seed: int, prefix: str = "") -> list[Series]:
    chance = random.Random(seed)
    planned = []
    for _ in range(chance.randrange(1, 40)):
        names = sorted(chance.sample(NAMES, chance.randrange(4)))
        labels = tuple((name, chance.choice(VALUES)) for name in names)
        kind = chance.choice(TYPES)
        # A rule of type INFO can't have another value; a counter that is NaN is served, as
        # jmx_exporter does and Prometheus takes it, though the parser here refuses it.
        numbers = [0.0, 1.5, 1e300, float("inf"), -1.0]
        if kind is not MetricType.COUNTER:
            numbers.append(float("nan"))
        value = 1.0 if kind is MetricType.INFO else chance.choice(numbers)
        planned.append(
            series(
                prefix + chance.choice("xyz"), labels, kind, value, chance.choice("BCD")
            )
        )
    return planned


@pytest.mark.parametrize("seed", SEEDS)
def test_random_families_make_valid_pages(seed):
    planned = random_series(seed)

    check(catalog_of(*planned), len(planned))


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not there")
def test_promtool_takes_the_pages_of_random_families():
    """All pages in one, as its start takes longer than its check."""
    families = [random_series(seed, f"seed{seed}_") for seed in SEEDS]
    page = "".join(pages(catalog_of(*one))[TEXT] for one in families)

    told = subprocess.run(
        [PROMTOOL, "check", "metrics"],
        input=page,
        text=True,
        capture_output=True,
        check=False,
    )

    # 3: it would name something otherwise.
    assert told.returncode in {0, 3}, told.stderr

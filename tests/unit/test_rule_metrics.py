"""What is told of each rule when that is asked for."""

from __future__ import annotations

from functools import partial

import pytest
from unit import offline
from unit.fake_matcher import FakeMatcher
from unit.jmx.mbeans import mbean
from unit.offline import ALL, own, scraped

from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.mapping import Ruleset
from jmx_bridge.settings import LimitSettings

A, B = "t:type=A", "t:type=B"
RULES = (
    "rules:\n"
    "- {pattern: 't<type=A><>(Count|Size): (.+)', name: a, labels: {x: $1}}\n"
    "- {pattern: 't<type=Z><>Count', name: z}\n"
    "- {pattern: 't<type=(.)><>', name: t_$1}\n"
)
SAMPLES, SECONDS = "jmx_bridge_rule_samples", "jmx_bridge_rule_planning_seconds_total"
MEASURED = {"compile_patterns": partial(FakeMatcher, measured=True)}


@pytest.fixture
def session() -> RecordedSession:
    session = RecordedSession()
    session.mbeans[A] = mbean(A, {"Count": 1, "Size": 2})
    session.mbeans[B] = mbean(B, {"Count": 3})
    return session


@pytest.fixture
def rows(monkeypatch, session):
    """A function that scrapes with these options, and returns a metric's values by line of its rule."""
    with offline.bridge_on(monkeypatch, session, ALL + RULES, **MEASURED) as bridge:
        yield lambda metric: by_line(own(scraped(bridge)), metric)


def by_line(page: dict[str, float], metric: str) -> dict[int, float]:
    head, tail = f"{metric}{{rule=rules.yml:", "}"
    return {
        int(series.removeprefix(head).removesuffix(tail)): value
        for series, value in page.items()
        if series.startswith(head)
    }


def test_each_rule_has_its_samples_and_one_that_makes_none_has_zero(rows):
    assert rows(SAMPLES) == {3: 2.0, 4: 0.0, 5: 1.0}


def test_samples_of_a_rule_follow_the_mbeans(rows, session):
    rows(SAMPLES)
    del session.mbeans[A]
    without = rows(SAMPLES)
    session.mbeans["t:type=Z"] = mbean("t:type=Z", {"Count": 1})

    assert without == {3: 0.0, 4: 0.0, 5: 1.0}
    assert rows(SAMPLES) == {3: 0.0, 4: 1.0, 5: 1.0}


def test_seconds_of_a_rule_grow_only_when_its_pattern_is_tried(rows, session):
    first = rows(SECONDS)
    unchanged = rows(SECONDS)
    session.mbeans[A] = mbean(A, {"Count": 9, "Size": 2})
    changed = rows(SECONDS)

    # The fake takes a second for each: the value of A's attributes is seen, the others' is not.
    assert first == unchanged == {3: 2.0, 4: 0.0, 5: 1.0}
    assert changed == {3: 3.0, 4: 0.0, 5: 1.0}


def test_samples_of_rules_are_those_before_a_limit(monkeypatch, session):
    with offline.bridge_on(
        monkeypatch, session, ALL + RULES, limits=LimitSettings(samples=1), **MEASURED
    ) as bridge:
        page = own(scraped(bridge))

    assert page["jmx_bridge_samples"] == 1.0
    assert by_line(page, SAMPLES) == {3: 2.0, 4: 0.0, 5: 1.0}


def test_nothing_is_told_of_rules_unless_it_is_asked_for(monkeypatch, session):
    def refused(_: object) -> None:
        raise AssertionError("samples were counted by rule")

    monkeypatch.setattr("jmx_bridge.collect.catalog.Counter", refused)

    with offline.bridge_on(monkeypatch, session, ALL + RULES) as bridge:
        page = own(scraped(bridge))

    assert page["jmx_up"] == 1.0
    assert [series for series in page if SAMPLES in series or SECONDS in series] == []


def test_rules_in_one_place_have_their_seconds_together():
    config = offline.config_of("rules: [{pattern: a}, {pattern: b}, {}]\n")
    rules = Ruleset(config, partial(FakeMatcher, measured=True))
    rules.matcher.match(["a", "b"], [[(0, 0)], [(1, 0), (1, 1)]])

    assert rules.seconds() == {"rules.yml:1": 3.0}

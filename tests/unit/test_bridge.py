"""The life of a scrape, on recorded MBeans: what is served, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from unit import offline
from unit.jmx.mbeans import Holds, mbean
from unit.offline import ALL, own, scraped, series

from jmx_bridge.jmx.abc import Failure
from jmx_bridge.jmx.recorded import RecordedMBean, RecordedSession

A, B, C = "t:type=A", "t:type=B", "t:type=C"

DROPPED = "jmx_bridge_samples_dropped{reason=%s}"


class Target:
    """Recorded MBeans that move, and a bridge that watches them."""

    def __init__(self) -> None:
        self.session = RecordedSession()
        self.bridge: Any = None

    def put(self, name: str, attributes=None, **fields) -> RecordedMBean:
        self.session.mbeans[name] = one = mbean(name, attributes, **fields)
        return one

    def change(self, name: str, **fields) -> None:
        self.session.mbeans[name] = replace(self.session.mbeans[name], **fields)

    def drop(self, name: str) -> None:
        del self.session.mbeans[name]

    def page(self) -> dict[str, float]:
        return series(scraped(self.bridge))

    def own(self, name: str) -> float | None:
        return own(scraped(self.bridge)).get(name)


@pytest.fixture
def target() -> Target:
    return Target()


@pytest.fixture
def watch(monkeypatch, target):
    """A function that sets a bridge with these rules on the target."""
    open_ = []

    def start(rules: str = "", **more) -> Target:
        scope = offline.bridge_on(monkeypatch, target.session, ALL + rules, **more)
        target.bridge = scope.__enter__()
        open_.append(scope)
        return target

    yield start
    for scope in open_:
        scope.__exit__(None, None, None)


# -- MBeans that come, change and go -------------------------------------------------------------


def test_an_mbean_registered_anew_without_attributes_is_asked_nothing(target, watch):
    target.put(A, {"Count": 1})
    target.put(B, {"Count": 2})
    watch().page()
    target.put(A, {}, registration=1)

    assert [target.page(), target.page()] == [{"t_B_Count": 2.0}] * 2


def test_one_registered_anew_is_described_however_long_that_takes(target, watch):
    target.put(A, {"Count": 1})
    watch().page()
    target.put(A, {"Count": 1, "More": 2}, registration=1, undescribed=Failure.LATE)
    late = [target.page(), target.page()]
    target.change(A, undescribed=None)

    assert late == [{"t_A_Count": 1.0}] * 2
    assert target.page() == {"t_A_Count": 1.0, "t_A_More": 2.0}


# -- what rules see of values ---------------------------------------------------------------------


def test_a_dropped_sample_is_counted_until_its_own_value_is_another(target, watch):
    target.put(A, {"Bad": 1, "State": "on", "Worse": "x"})
    watch(
        "rules:\n"
        "- {pattern: 't<type=A><>Bad', name: bad_$9}\n"
        "- {pattern: 't<type=A><>State: (.+)', name: state, value: 1, labels: {s: $1}}\n"
        "- {pattern: 't<type=A><>Worse: x', name: worse_$9, value: 1}\n"
    )
    first = target.own(DROPPED % "bad_template")
    target.put(A, {"Bad": 1, "State": "off", "Worse": "x"})
    second = target.own(DROPPED % "bad_template")
    target.put(A, {"Bad": 1, "State": "off", "Worse": "y"})

    assert (first, second) == (2.0, 2.0)
    assert target.own(DROPPED % "bad_template") == 1.0
    assert target.page() == {"state{s=off}": 1.0}


def test_a_label_of_a_customizer_follows_a_value_that_was_null(target, watch):
    target.put(A, {"Count": 1, "Version": Holds(None, "java.lang.String")})
    watch(
        "metricCustomizers:\n"
        "- {mbeanFilter: {domain: t}, attributesAsLabels: [Version]}\n"
        "rules: [{pattern: '.*'}]\n"
    )
    pages = [target.page()]
    for version in ("1", "2"):
        target.put(A, {"Count": 1, "Version": version})
        pages.append(target.page())

    assert pages == [
        {"t_A_Count": 1.0},
        {"t_A_Count{Version=1}": 1.0},
        {"t_A_Count{Version=2}": 1.0},
    ]

"""A bridge on recorded MBeans that move, for tests of scrapes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from unit import offline
from unit.jmx.mbeans import mbean
from unit.offline import ALL, own, scraped, series

from jmx_bridge.jmx.moment import RecordedMBean
from jmx_bridge.jmx.recorded import RecordedSession

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

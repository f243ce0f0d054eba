"""A tracker under test, and the names of what it watches."""

from __future__ import annotations

from typing import Protocol

import pytest

from jmx_bridge.jmx.abc import (
    BeanFound,
    MBeanTracker,
    Placed,
    Reading,
    Scope,
    Session,
    Texts,
)
from jmx_bridge.model import Attribute

A, B, C = "t:type=A", "t:type=B", "t:type=C"
SECONDS = 10.0
NONE, STRINGS, ALL = Texts.NONE, Texts.STRINGS, Texts.ALL


class World(Protocol):
    """A target whose MBeans move on command; kinds of values are MovingApp's."""

    session: Session

    def put(self, name: str, attribute: str, kind: str, value: object) -> None:
        """Set an attribute; register its MBean, or add the attribute to it, if need be."""

    def drop(self, name: str) -> None:
        """Unregister an MBean."""

    def again(self, name: str) -> None:
        """Unregister an MBean and register it again."""


def scope(includes=("t:*",), excludes=(), platform=(), most=1000) -> Scope:
    return Scope(
        includes,
        tuple(excludes),
        without_jvm=False,
        platform=tuple(platform),
        most=most,
    )


class Tracked:
    """A tracker, and its MBeans by name."""

    def __init__(self, world: World, of: Scope | None = None) -> None:
        self.tracker: MBeanTracker = world.session.watch(of or scope())
        self.found: dict[str, BeanFound] = {}

    def look(self):
        changes = self.tracker.names(SECONDS)
        for bean_id in changes.vanished:
            self.found = {k: v for k, v in self.found.items() if v.id != bean_id}
        self.found |= {found.name: found for found in changes.appeared}
        return changes

    def ids(self, *names: str) -> list[int]:
        return [self.found[name].id for name in names]

    def describe(self, name: str) -> tuple[Attribute, ...]:
        (bean_id,) = self.ids(name)
        described, failed = self.tracker.describe([bean_id], SECONDS)
        assert failed == {}
        return self.tracker.descriptions[described[bean_id]]

    def first(self, name: str, *attributes: str, texts: Texts = NONE):
        """Read an MBean first; return its leaves and their texts."""
        (bean_id,) = self.ids(name)
        request = self.tracker.request(attributes, [texts] * len(attributes))
        reading = self.tracker.read_first([bean_id], [request], SECONDS)
        assert reading.failed == {}
        leaves = self.tracker.shapes[reading.shapes[bean_id]]
        return leaves, reading.texts.get(bean_id, {})

    def plan(self, name: str, *attributes: str, texts: Texts = NONE) -> Placed:
        """Read an MBean first, and settle that it is read from now on."""
        self.first(name, *attributes, texts=texts)
        request = self.tracker.request(attributes, [texts] * len(attributes))
        (placed,) = self.tracker.select(self.ids(name), [request])
        return placed

    def read(self, *fresh: str) -> Reading:
        return self.tracker.read(self.ids(*fresh), SECONDS)

    def at(self, reading: Reading, place: Placed) -> list[float]:
        size = len(self.tracker.shapes[place.shape])
        return list(reading.numbers[place.base : place.base + size])


@pytest.fixture
def tracked(world):
    return lambda *arguments, **fields: Tracked(world, scope(*arguments, **fields))


def again_tracked(world) -> Tracked:
    """Another tracker, which knows nothing yet."""
    other = Tracked(world)
    other.look()
    return other

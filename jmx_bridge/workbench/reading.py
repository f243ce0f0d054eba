"""One reading of all that a JVM tells: every MBean, every attribute, every value with its text."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ..collect.planner import SKIPPED, SKIPPED_BEANS
from ..errors import DeadlinePassed
from ..jmx.abc import Failure, FirstReading, Scope, Texts
from ..jmx.moment import RUNTIME_PROPERTIES, JvmReading, RecordedMBean
from ..jmx.recording import value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..jmx.abc import BeanFound, Session
    from ..model import Description, Leaf

# So many MBeans are asked at a time, which bounds what is on its way at once.
AT_ONCE = 1000
NOTHING_READ = FirstReading({}, {}, {})


def read_jvm(session: Session, timeout: float, most: int = 200_000) -> JvmReading:
    """
    Read every value of every MBean once, *most* MBeans at the most.

    Attributes that the bridge never asks for (system properties, class paths) are described
    and have no values here either. Raises TargetError, which is DeadlinePassed when reading
    takes longer than *timeout* seconds.
    """
    reader = _Reader(session, time.monotonic() + timeout, most)
    runtime = session.properties(RUNTIME_PROPERTIES, reader.left())
    return JvmReading(reader.mbeans(), tuple(runtime), time.time(), reader.cut)


def may_be_read(name: str, description: Description) -> list[int]:
    """Return the attributes that may be read of the MBean *name*, by their index."""
    if name in SKIPPED_BEANS:
        return []
    skipped = SKIPPED.get(name, frozenset())
    return [i for i, one in enumerate(description) if one.name.lower() not in skipped]


class _Reader:
    def __init__(self, session: Session, deadline: float, most: int) -> None:
        self._deadline = deadline
        everything = Scope(None, (), without_jvm=False, platform=(), most=most)
        self._tracker = session.watch(everything)
        self.cut = 0
        self._requests: dict[tuple[str, ...], int] = {}
        # shape, attributes asked for -> its leaves
        self._described: dict[tuple[int, tuple[int, ...]], list[Leaf]] = {}

    def left(self) -> float:
        """Return how many seconds are left; raises DeadlinePassed when none are."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed("the target did not tell all of its values in time")
        return left

    def mbeans(self) -> list[RecordedMBean]:
        """Return all MBeans with their values."""
        changes = self._tracker.names(self.left())
        self.cut = changes.cut
        by_name = sorted(changes.appeared, key=lambda one: one.name)
        return [
            mbean
            for start in range(0, len(by_name), AT_ONCE)
            for mbean in self._read(by_name[start : start + AT_ONCE])
        ]

    def _read(self, found: Sequence[BeanFound]) -> list[RecordedMBean]:
        ids = [one.id for one in found]
        described, failed = self._tracker.describe(ids, self.left())
        names = {one.id: one.name for one in found}
        mbeans = {
            i: RecordedMBean(names[i], self._tracker.descriptions[number])
            for i, number in described.items()
        }
        for i, reason in failed.items():
            if reason is not Failure.GONE:
                mbeans[i] = RecordedMBean(names[i], (), undescribed=reason)
        asked = {i: may_be_read(names[i], mbeans[i].attributes) for i in described}
        requests = {
            i: self._request(mbeans[i], kept) for i, kept in asked.items() if kept
        }
        first = NOTHING_READ
        if requests:
            wanted = list(requests.values())
            first = self._tracker.read_first(list(requests), wanted, self.left())
        for i, reason in first.failed.items():
            mbeans[i] = replace(mbeans[i], unanswered=reason)
        for i, number in first.shapes.items():
            leaves, texts = self._leaves(number, asked[i]), first.texts.get(i, {})
            values = [value_of(leaf, texts.get(at)) for at, leaf in enumerate(leaves)]
            mbeans[i] = replace(mbeans[i], values=tuple(values))
        return [
            mbeans[i]
            for i in ids
            if i in mbeans and mbeans[i].unanswered is not Failure.GONE
        ]

    def _leaves(self, shape: int, asked: Sequence[int]) -> Sequence[Leaf]:
        """Return a shape's leaves with their attributes as indices in the description."""
        key = (shape, tuple(asked))
        leaves = self._described.get(key)
        if leaves is None:
            leaves = self._described[key] = [
                replace(leaf, attribute=asked[leaf.attribute])
                for leaf in self._tracker.shapes[shape]
            ]
        return leaves

    def _request(self, mbean: RecordedMBean, kept: Sequence[int]) -> int:
        names = tuple(mbean.attributes[i].name for i in kept)
        number = self._requests.get(names)
        if number is None:
            texts = (Texts.ALL,) * len(names)
            number = self._requests[names] = self._tracker.request(names, texts)
        return number

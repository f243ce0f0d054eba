"""What one scrape planned and read, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..jmx.abc import Failure
from .beans import State
from .failed import FAILED, failed_attributes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..jmx.abc import MBeanTracker
    from .beans import MBean
    from .failed import FailedAttributes
    from .requests import Requests

SLOW = frozenset({Failure.LATE, Failure.RESTING})


@dataclass(frozen=True, slots=True)
class Counts:
    """What one scrape planned and read."""

    present: int = 0
    """MBeans that a pattern of the scope finds, those that are excluded too; without *cut*."""
    planned: int = 0
    """MBeans that are read."""
    planned_attributes: int = 0
    fetched_attributes: int = 0
    failed_attributes: int = 0
    """Planned ones that gave no value, those of unread MBeans included."""
    fetched: int = 0
    """MBeans that answered."""
    failed: int = 0
    """MBeans that did not, or are not planned yet."""
    late: int = 0
    """Those among them that may still answer: out of time, or left alone."""
    cached: int = 0
    """Values that `cache: true` decided."""
    cut: int = 0
    """MBeans beyond the limit."""

    def mbeans(self) -> dict[str, int]:
        """Return the numbers of MBeans by state."""
        names = ("present", "planned", "fetched", "failed", "cut")
        return {name: getattr(self, name) for name in names}

    def attributes(self) -> dict[str, int]:
        """Return the numbers of attributes by state."""
        names = ("planned", "fetched", "failed")
        return {name: getattr(self, f"{name}_attributes") for name in names}


class Counting:
    """Counts MBeans and attributes of one session; an answer's structure is looked at once."""

    def __init__(self, tracker: MBeanTracker, requests: Requests) -> None:
        self._tracker = tracker
        self._requests = requests
        # shape -> how many attributes an answer of it lacks
        self._absences: dict[int, int] = {}

    def count(
        self,
        beans: Iterable[MBean],
        unread: Mapping[int, Failure],
        names: Counts,
    ) -> Counts:
        """
        Return what a scrape planned and read, *names* being what is known of it so far.

        *unread* are the planned MBeans that it has no answer of, with the reasons.
        """
        planned = attributes = missing = cached = 0
        waiting: list[Failure | None] = []
        for bean in beans:
            cached += bean.plan.cached
            if bean.base >= 0:
                planned += 1
                asked = len(self._requests.asked(bean.request))
                attributes += asked
                missing += asked if bean.unread else self._absent(bean.shape)
            elif bean.state is State.NAMED:
                waiting.append(bean.reason)
        failures = [reason for reason in unread.values() if reason is not Failure.GONE]
        return Counts(
            present=names.present,
            cut=names.cut,
            planned=planned,
            planned_attributes=attributes,
            fetched_attributes=attributes - missing,
            failed_attributes=missing,
            fetched=planned - len(unread),
            failed=len(failures) + len(waiting),
            # What waits without a reason was not even asked in time.
            late=sum(why is None or why in SLOW for why in (*failures, *waiting)),
            cached=cached,
        )

    def failed_attributes(
        self, beans: Iterable[MBean], most: int
    ) -> list[FailedAttributes]:
        """Return *most* planned attributes that gave no value although their MBean answered."""
        asked, shapes = self._requests.asked, self._tracker.shapes
        found: list[FailedAttributes] = []
        for bean in beans:
            # Not all are looked at, as there may be very many.
            if most <= 0:
                break
            if bean.state is State.PLANNED and self._absent(bean.shape):
                shape, request = shapes[bean.shape], asked(bean.request)
                found += failed_attributes(bean.name, shape, request, most)
                most -= self._absent(bean.shape)
        return sorted(found)

    def numbers(self, beans: Iterable[MBean]) -> int:
        """Return how many places in the table of numbers the MBeans use."""
        shapes = self._tracker.shapes
        return sum(len(shapes[bean.shape]) for bean in beans if bean.base >= 0)

    def _absent(self, shape: int) -> int:
        """Return how many attributes an answer of this shape lacks."""
        absent = self._absences.get(shape)
        if absent is None:
            leaves = self._tracker.shapes[shape]
            absent = sum(leaf.kind in FAILED for leaf in leaves)
            self._absences[shape] = absent
        return absent

"""
One reading, and of it what is the same whichever rules are tried.

An editor tries rules with each key that is pressed; what an MBean answers, and whether a
pattern of the filters finds it, has not changed since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..collect.jvm_metrics import PLATFORM
from ..jmx import moment
from ..jmx.abc import TOO_MUCH
from ..jmx.scopes import matches
from ..model import LeafKind
from .filters import mbean_filtered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..config import Config
    from ..jmx.moment import JvmReading, RecordedMBean, RecordedValue
    from ..model import Attribute, Shape

VALUES = frozenset({LeafKind.NUMBER, LeafKind.BOOLEAN, LeafKind.STRING})
MOST_FILTERS = 4
"""Answers to so many filters of MBeans are remembered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an MBean answers when it is asked for some of its attributes."""

    asked: Sequence[Attribute]
    values: Sequence[RecordedValue]
    """Leaves' attributes are indices in *asked*."""
    number: int
    """Of the shape: equal structures have the same."""
    shape: Shape
    texts: Mapping[int, str]
    """By index in *values*."""
    names: frozenset[str]
    """Of the attributes asked for."""
    plain: Sequence[int]
    """Which of *values* are numbers, booleans and strings whose text is there."""


@dataclass(slots=True)
class Prepared:
    """A reading, with the answers that were worked out so far."""

    reading: JvmReading
    platform: frozenset[int] = field(init=False)
    """The MBeans that the JVM's own metrics may read, by index in the reading."""
    _shapes: dict[Shape, int] = field(default_factory=dict)
    _answers: list[dict[object, Answer]] = field(init=False)
    _filtered: dict[object, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare for a first survey."""
        mbeans = self.reading.mbeans
        self._answers = [{} for _ in mbeans]
        self.platform = frozenset(
            index
            for index, mbean in enumerate(mbeans)
            if any(matches(pattern, mbean.name) for pattern in PLATFORM)
        )

    def filtered(self, config: Config) -> Sequence[str]:
        """Return for each MBean why rules don't see it, in words; "" if they do."""
        key = (
            config.include_object_names,
            config.exclude_object_names,
            config.exclude_jvm_metrics,
        )
        found = self._filtered.get(key)
        if found is None:
            mbeans = self.reading.mbeans
            found = [mbean_filtered(config, mbean.name) for mbean in mbeans]
            while len(self._filtered) >= MOST_FILTERS:
                del self._filtered[next(iter(self._filtered))]
            self._filtered[key] = found
        return found

    def answer(self, index: int, wanted: frozenset[str] | None) -> Answer:
        """Return what an MBean answers for the attributes in *wanted*; None: for all."""
        mbean, known = self.reading.mbeans[index], self._answers[index]
        found = known.get(wanted)
        if found is None:
            if len(known) >= MOST_FILTERS:
                known.clear()
            found = known[wanted] = self._answer(mbean, wanted)
        return found

    def _answer(self, mbean: RecordedMBean, wanted: frozenset[str] | None) -> Answer:
        """Return the answer as a first reading would have it, with every text."""
        asked = [a for a in mbean.attributes if wanted is None or a.name in wanted]
        values = moment.answer(mbean, [attribute.name for attribute in asked])
        shape = tuple(value.leaf for value in values)
        return Answer(
            asked,
            values,
            self._shapes.setdefault(shape, len(self._shapes)),
            shape,
            {i: one.text for i, one in enumerate(values) if one.text is not None},
            frozenset(attribute.name for attribute in asked),
            [
                i
                for i, one in enumerate(values)
                if one.leaf.kind in VALUES and one.text != TOO_MUCH
            ],
        )

"""What MBeans are asked: lists of attributes by number, equal ones once."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from ..jmx.abc import Texts
from ..model import LeafKind
from .beans import NOTHING_HIDDEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..jmx.abc import MBeanTracker
    from ..mapping import Ruleset
    from ..model import Attribute, Leaf
    from .beans import MBean
    from .jvm_metrics import JvmMetrics
    from .planner import Planner

# What holds no value now may hold one later whose text a rule sees.
WITHOUT_VALUE = frozenset(
    {LeafKind.TABLE, LeafKind.NULL, LeafKind.ABSENT, LeafKind.UNREADABLE}
)


class FirstRequest(NamedTuple):
    """What an MBean is asked first: all that the rules or the JVM's own metrics may want."""

    number: int
    description: int
    hidden: frozenset[str]
    """The attributes among them that only the JVM's own metrics want."""


class Requests:
    """The requests of one session under one ruleset; safe for two threads."""

    def __init__(
        self, tracker: MBeanTracker, planner: Planner, jvm: JvmMetrics | None
    ) -> None:
        self._tracker = tracker
        self._planner = planner
        self._jvm = jvm
        self._lock = Lock()
        # attributes, and which texts come with them -> request
        self._numbers: dict[tuple[object, ...], int] = {}
        # request -> its attributes
        self._asked: dict[int, tuple[Attribute, ...]] = {}
        # first request, shape, attributes kept, leaves watched -> narrower request, and where leaves are in its answer
        self._narrowed: dict[
            tuple[int, int, frozenset[int], frozenset[int]], tuple[int, dict[int, int]]
        ] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def asked(self, number: int) -> tuple[Attribute, ...]:
        """Return the attributes that a request asks for."""
        return self._asked[number]

    def first(self, bean: MBean, description: int) -> FirstRequest:
        """Return what an MBean of this *description* is asked first."""
        attributes = self._tracker.descriptions[description]
        admitted: list[Attribute] = []
        if bean.for_rules:
            admitted = self._planner.admitted(bean.name, attributes)
        hidden = NOTHING_HIDDEN
        if self._jvm and bean.for_platform:
            names = {attribute.name for attribute in admitted}
            wanted = self._jvm.wants(bean.name)
            more = [a for a in attributes if a.name in wanted and a.name not in names]
            admitted += more
            hidden = frozenset(attribute.name for attribute in more)
        texts = _texts(self._planner.rules)
        number = self._number(tuple(admitted), (texts,) * len(admitted))
        return FirstRequest(number, description, hidden)

    def narrowed(
        self,
        first: int,
        shape: int,
        kept: frozenset[int],
        watched: frozenset[int],
    ) -> tuple[int, dict[int, int]]:
        """
        Return a request for some attributes of a first one, and where leaves are in its answer.

        *kept* are indices of attributes in the first request, *watched* leaves of its answer
        (which had *shape*) whose texts the plan depends on.
        """
        key = (first, shape, kept, watched)
        narrowed = self._narrowed.get(key)
        if narrowed is None:
            narrowed = self._narrowed[key] = self._narrower(*key)
        return narrowed

    def _narrower(
        self, first: int, number: int, kept: frozenset[int], watched: frozenset[int]
    ) -> tuple[int, dict[int, int]]:
        asked, shape = self._asked[first], self._tracker.shapes[number]
        texts = {shape[leaf].attribute for leaf in watched}
        rules = self._planner.rules
        if _texts(rules) is not Texts.NONE:
            texts |= {leaf.attribute for leaf in shape if _may_change(leaf)}
        order = sorted(kept)
        request = self._number(
            tuple(asked[index] for index in order),
            tuple(Texts.ALL if index in texts else Texts.NONE for index in order),
        )
        stay = [i for i, leaf in enumerate(shape) if leaf.attribute in kept]
        return request, {old: new for new, old in enumerate(stay)}

    def _number(self, attributes: tuple[Attribute, ...], texts: Sequence[Texts]) -> int:
        key = (attributes, texts)
        with self._lock:
            number = self._numbers.get(key)
            if number is None:
                names = [attribute.name for attribute in attributes]
                number = self._numbers[key] = self._tracker.request(names, texts)
                self._asked[number] = attributes
        return number


def _may_change(leaf: Leaf) -> bool:
    """Whether there may be a value later whose text a rule sees."""
    text = leaf.kind is LeafKind.STRING and not leaf.path and not leaf.row
    return text or leaf.kind in WITHOUT_VALUE


def _texts(rules: Ruleset) -> Texts:
    """Return which texts a first answer has to bring."""
    if rules.any_sees_value or rules.config.metric_customizers:
        return Texts.ALL
    return Texts.STRINGS if rules.any_value else Texts.NONE

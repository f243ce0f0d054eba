"""
A session that plays MBeans from memory.

It keeps the contract of `abc` without Java: tests let MBeans come, change, fail and go in
it, and whatever reads recordings plays them through it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heappop, heappush
from math import nan
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import ConnectFailed, RecordingError, SessionLost
from ..model import LeafKind
from . import scopes
from .abc import BeanFound, Changes, Failure, FirstReading, Placed, Reading, Texts
from .moment import RUNTIME_PROPERTIES, RecordedMBean, RecordedValue, answer
from .recording import read_recording

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from ..errors import TargetError
    from ..model import Description, Shape
    from .abc import Scope

T = TypeVar("T", bound="Hashable")
Request = tuple[tuple[str, ...], tuple[Texts, ...]]
"""The attributes that are asked for, and the texts that are wanted of each."""


class RecordedSession:
    """A session with a target whose MBeans are *mbeans*, by name; who owns them may change them."""

    def __init__(
        self,
        mbeans: Iterable[RecordedMBean] = (),
        properties: Mapping[str, str] | None = None,
    ) -> None:
        """*properties* are the target's system properties."""
        self.mbeans = {mbean.name: mbean for mbean in mbeans}
        self.lost: TargetError | None = None
        """What every call raises; None while the session is well."""
        self.forgot_registrations = False
        """The target lost count of what was registered anew."""
        self._properties = properties or {}

    def watch(self, scope: Scope) -> RecordedTracker:
        """Begin to follow the MBeans in *scope*."""
        self.check()
        return RecordedTracker(self, scope)

    def properties(self, keys: Sequence[str], timeout: float) -> tuple[str, ...]:  # noqa: ARG002
        """Return system properties, one for each key, "" for those it lacks."""
        self.check()
        return tuple(self._properties.get(key, "") for key in keys)

    def thread_states(self, timeout: float) -> Sequence[int]:  # noqa: ARG002
        """Raise SessionLost: no operation can be invoked on a recording."""
        raise SessionLost("a recording has no operations")

    def close(self, timeout: float = 0.0) -> None:
        """Do nothing: nobody has to hear of it."""

    def check(self) -> None:
        """Raise what the session was lost by."""
        if self.lost:
            raise self.lost


class Numbered(Generic[T]):
    """Values, each once, known by the order in which they came."""

    def __init__(self) -> None:
        self.all: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        """Return the number of *value*, which gets the next one if it is new."""
        number = self._numbers.setdefault(value, len(self.all))
        if number == len(self.all):
            self.all.append(value)
        return number


@dataclass(slots=True)
class Tracked:
    """One MBean that is followed."""

    id: int
    name: str
    registration: int
    request: int = -1
    shape: int = -1
    base: int = -1
    first: tuple[RecordedValue, ...] | None = None
    """What a first reading found, until `select` gives it a place."""
    sent: tuple[str | None, ...] = ()
    """The texts that were sent last, by leaf."""


class RecordedTracker:
    """The MBeans in scope of a recorded session; see abc.MBeanTracker."""

    def __init__(self, session: RecordedSession, scope: Scope) -> None:
        self._session = session
        self._scope = scope
        self._shapes: Numbered[Shape] = Numbered()
        self._descriptions: Numbered[Description] = Numbered()
        self._requests: Numbered[Request] = Numbered()
        self.shapes: Sequence[Shape] = self._shapes.all
        self.descriptions: Sequence[Description] = self._descriptions.all
        self._tracked: dict[int, Tracked] = {}
        # identifiers of MBeans that are no more
        self._unused: list[int] = []
        self._table: list[float] = []
        # places that are free, by size
        self._free: dict[int, list[int]] = {}

    # -- who is there ----------------------------------------------------------------------

    def names(self, timeout: float) -> Changes:  # noqa: ARG002
        """Say which MBeans appeared and vanished."""
        self._session.check()
        mbeans = self._session.mbeans
        gone = [one for one in self._tracked.values() if one.name not in mbeans]
        for one in gone:
            self._release(self._tracked.pop(one.id))
            heappush(self._unused, one.id)
        anew, forgot = self._registered_anew(), self._session.forgot_registrations
        self._session.forgot_registrations = False
        known = {one.name for one in self._tracked.values()}
        new = [name for name in mbeans if name not in known]
        admitted = [name for name in new if scopes.for_rules(self._scope, name)]
        kept = set(admitted[: max(0, self._scope.most - len(known))])
        platform = {name for name in new if scopes.for_platform(self._scope, name)}
        appeared = [
            self._begin(name, name in kept, name in platform)
            for name in new
            if name in kept | platform
        ]
        found = [name for name in new if scopes.found(self._scope, name)]
        ignored = set(found).difference(admitted, platform)
        return Changes(
            found=len(self._tracked) + len(ignored),
            vanished=[one.id for one in gone],
            appeared=appeared,
            registered_anew=None if forgot else anew,
            cut=len(admitted) - len(kept),
        )

    def _registered_anew(self) -> list[int]:
        anew = []
        for one in self._tracked.values():
            registration = self._session.mbeans[one.name].registration
            if registration != one.registration:
                one.registration = registration
                anew.append(one.id)
        return anew

    def _begin(self, name: str, rules: bool, platform: bool) -> BeanFound:  # noqa: FBT001
        number = heappop(self._unused) if self._unused else len(self._tracked)
        registration = self._session.mbeans[name].registration
        self._tracked[number] = Tracked(number, name, registration)
        return BeanFound(number, name, rules, platform)

    def describe(
        self,
        ids: Sequence[int],
        timeout: float,  # noqa: ARG002
    ) -> tuple[dict[int, int], dict[int, Failure]]:
        """Return each MBean's description identifier, and the failures."""
        self._session.check()
        described, failed = {}, {}
        for bean_id in ids:
            mbean = self._session.mbeans.get(self._tracked[bean_id].name)
            reason = Failure.GONE if mbean is None else mbean.undescribed
            if mbean is None or reason is not None:
                failed[bean_id] = reason or Failure.GONE
            else:
                described[bean_id] = self._descriptions.number(mbean.attributes)
        return described, failed

    # -- values ----------------------------------------------------------------------------

    def request(self, attributes: Sequence[str], texts: Sequence[Texts]) -> int:
        """Name a list of attributes to ask for."""
        return self._requests.number((tuple(attributes), tuple(texts)))

    def read_first(
        self,
        ids: Sequence[int],
        requests: Sequence[int],
        timeout: float,  # noqa: ARG002
    ) -> FirstReading:
        """Read MBeans to learn their shapes; what was read of them before loses its place."""
        self._session.check()
        shapes, failed = {}, {}
        texts: dict[int, dict[int, str]] = {}
        for bean_id, request in zip(ids, requests, strict=True):
            one = self._tracked[bean_id]
            self._release(one)
            one.request = request
            answer = self._answer(one)
            if isinstance(answer, Failure):
                failed[bean_id] = answer
                continue
            one.first = answer
            shapes[bean_id] = self._shapes.number(tuple(v.leaf for v in answer))
            wanted = self._texts(one, answer)
            texts[bean_id] = {i: t for i, t in enumerate(wanted) if t is not None}
        return FirstReading(shapes, failed, texts)

    def select(self, ids: Sequence[int], requests: Sequence[int]) -> list[Placed]:
        """Settle what is asked from now on of MBeans whose first reading is there; -1: nothing."""
        return [
            self._select(self._tracked[i], r)
            for i, r in zip(ids, requests, strict=True)
        ]

    def _select(self, one: Tracked, request: int) -> Placed:
        first, before = one.first, one.request
        self._release(one)
        if request < 0 or first is None:
            return Placed(one.id, -1, -1)
        asked, kept = self._requests.all[before][0], self._requests.all[request][0]
        values = [
            replace(
                value,
                leaf=replace(
                    value.leaf, attribute=kept.index(asked[value.leaf.attribute])
                ),
            )
            for value in first
            if asked[value.leaf.attribute] in kept
        ]
        one.request = request
        self._place(one, values)
        return Placed(one.id, one.shape, one.base)

    def read(self, fresh: Sequence[int], timeout: float) -> Reading:  # noqa: ARG002
        """Read all MBeans that have a request, except *fresh* ones, which were just read first."""
        self._session.check()
        unread: dict[int, Failure] = {}
        changed: list[Placed] = []
        texts: list[tuple[int, int, str]] = []
        for one in self._tracked.values():
            if one.base < 0 or one.id in fresh:
                continue
            answer = self._answer(one)
            if isinstance(answer, Failure):
                unread[one.id] = answer
                continue
            if self._shapes.all[one.shape] == tuple(value.leaf for value in answer):
                self._table[one.base : one.base + len(answer)] = [
                    v.number for v in answer
                ]
            else:
                request = one.request
                self._release(one)
                one.request = request
                self._place(one, answer)
                changed.append(Placed(one.id, one.shape, one.base))
            news = self._texts(one, answer)
            old = one.sent or (None,) * len(news)
            texts += [
                (one.id, leaf, text)
                for leaf, text in enumerate(news)
                if text is not None and text != old[leaf]
            ]
            one.sent = tuple(news)
        return Reading(list(self._table), unread, changed, texts)

    def hurry(self, timeout: float) -> None:
        """Do nothing: all is answered at once."""

    def back_off_slow(self, timeout: float) -> int:  # noqa: ARG002
        """Do nothing: who is late is decided by who owns the MBeans."""
        return 0

    def _answer(self, one: Tracked) -> tuple[RecordedValue, ...] | Failure:
        mbean = self._session.mbeans.get(one.name)
        if mbean is None:
            return Failure.GONE
        if mbean.unanswered is not None:
            return mbean.unanswered
        return answer(mbean, self._requests.all[one.request][0])

    def _texts(self, one: Tracked, values: Sequence[RecordedValue]) -> list[str | None]:
        wanted = self._requests.all[one.request][1]
        return [_text(value, wanted[value.leaf.attribute]) for value in values]

    def _place(self, one: Tracked, values: Sequence[RecordedValue]) -> None:
        size = len(values)
        free = self._free.get(size)
        if free:
            one.base = free.pop()
        else:
            one.base = len(self._table)
            self._table += [0.0] * size
        self._table[one.base : one.base + size] = [value.number for value in values]
        one.shape = self._shapes.number(tuple(value.leaf for value in values))

    def _release(self, one: Tracked) -> None:
        if one.base >= 0:
            size = len(self._shapes.all[one.shape])
            # What reads a place that isn't its own any more must show.
            self._table[one.base : one.base + size] = [nan] * size
            self._free.setdefault(size, []).append(one.base)
        one.request = one.shape = one.base = -1
        one.first, one.sent = None, ()


def _text(value: RecordedValue, wanted: Texts) -> str | None:
    string = value.leaf.kind is LeafKind.STRING
    if wanted is Texts.ALL or (wanted is Texts.STRINGS and string):
        return value.text
    return None


def session_with(recording: str, *_: object, **__: object) -> RecordedSession:
    """Return a session with what a file recorded last, for whoever connects; raises ConnectFailed."""
    try:
        reading = read_recording(recording)[-1]
    except RecordingError as exc:
        raise ConnectFailed(str(exc)) from exc
    properties = dict(zip(RUNTIME_PROPERTIES, reading.runtime, strict=False))
    return RecordedSession(reading.mbeans, properties)

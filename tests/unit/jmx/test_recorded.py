"""The recorded session keeps the contract of the live ones, and what else it does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

pytest.register_assert_rewrite("unit.jmx.contract", "unit.jmx.contract_values")

from unit.jmx.contract import SessionContract  # noqa: E402
from unit.jmx.mbeans import Holds, Opaque, Table, Throws, mbean  # noqa: E402
from unit.jmx.tracked import SECONDS, A, B, scope, tracked  # noqa: E402, F401

from jmx_bridge.errors import SessionLost  # noqa: E402
from jmx_bridge.jmx.abc import Failure, MBeanTracker, Session, Texts  # noqa: E402
from jmx_bridge.jmx.recorded import RecordedSession, RecordedTracker  # noqa: E402
from jmx_bridge.model import LeafKind  # noqa: E402

PROPERTIES = {
    "java.specification.name": "Java Platform API Specification",
    "file.separator": "/",
}
_session: type[Session] = RecordedSession
_tracker: type[MBeanTracker] = RecordedTracker


def value(kind: str, text: Any) -> object:  # noqa: PLR0911 -- a table
    """Return what MovingApp makes of such a value."""
    match kind:
        case "long":
            return Holds(int(text), "long")
        case "double":
            return Holds(float(text), "double")
        case "boolean":
            return text == "true"
        case "null":
            return None
        case "throw":
            return Throws()
        case "table":
            pairs = [pair.split("=") for pair in text.split(",") if pair]
            return Table(tuple((key, int(number)) for key, number in pairs))
        case "strings":
            return Opaque()
        case "uuid":
            return Opaque(LeafKind.UNSUPPORTED)
        case _:
            return text


class RecordedWorld:
    """MBeans in memory, moved by MovingApp's words."""

    def __init__(self) -> None:
        self.session = RecordedSession(properties=PROPERTIES)
        self._values: dict[str, dict[str, object]] = {}
        self._registrations: dict[str, int] = {}

    def put(self, name: str, attribute: str, kind: str, text: object) -> None:
        self._values.setdefault(name, {})[attribute] = value(kind, text)
        self._renew(name)

    def drop(self, name: str) -> None:
        del self.session.mbeans[name], self._values[name]

    def again(self, name: str) -> None:
        self._registrations[name] = self._registrations.get(name, 0) + 1
        self._renew(name)

    def _renew(self, name: str) -> None:
        registration = self._registrations.get(name, 0)
        one = mbean(name, self._values[name], registration=registration)
        self.session.mbeans[name] = one


@pytest.fixture
def world() -> RecordedWorld:
    return RecordedWorld()


class TestRecorded(SessionContract):
    pass


def test_a_lost_session_raises_why_at_each_call(tracked):  # noqa: F811
    session = RecordedSession([mbean(A, {"Count": 1})])
    tracker = session.watch(scope())
    tracker.names(SECONDS)
    request = tracker.request(["Count"], [Texts.NONE])
    session.lost = SessionLost("the target is gone")

    for call in (
        lambda: session.watch(scope()),
        lambda: session.properties((), SECONDS),
        lambda: tracker.names(SECONDS),
        lambda: tracker.describe([0], SECONDS),
        lambda: tracker.read_first([0], [request], SECONDS),
        lambda: tracker.read([], SECONDS),
    ):
        with pytest.raises(SessionLost, match="the target is gone"):
            call()
    session.close()


def test_a_recording_has_no_operations():
    with pytest.raises(SessionLost, match="no operations"):
        RecordedSession().thread_states(SECONDS)


def test_a_target_that_lost_count_tells_of_no_registration():
    session = RecordedSession([mbean(A), mbean(B)])
    tracker = session.watch(scope())
    tracker.names(SECONDS)
    session.mbeans[A] = replace(session.mbeans[A], registration=1)
    session.forgot_registrations = True

    assert tracker.names(SECONDS).registered_anew is None
    assert tracker.names(SECONDS).registered_anew == []


@pytest.mark.parametrize("reason", Failure)
def test_an_mbean_gives_the_failure_that_it_is_told_to(reason):
    session = RecordedSession(
        [mbean(A, {"Count": 1}, unanswered=reason, undescribed=reason)]
    )
    tracker = session.watch(scope())
    tracker.names(SECONDS)
    request = tracker.request(["Count"], [Texts.NONE])

    assert tracker.describe([0], SECONDS) == ({}, {0: reason})
    assert tracker.read_first([0], [request], SECONDS).failed == {0: reason}


def test_without_patterns_all_but_the_jvms_own_are_watched_if_those_are_not_wanted():
    names = ["java.lang:type=Memory", "java.lang.odd:type=A", A]
    session = RecordedSession(map(mbean, names))
    tracker = session.watch(replace(scope(None), without_jvm=True))

    appeared = [one.name for one in tracker.names(SECONDS).appeared]

    assert appeared == names[1:]


def test_a_released_place_holds_no_number():
    session = RecordedSession([mbean(A, {"Count": 1}), mbean(B, {"Count": 2})])
    tracker = session.watch(scope())
    tracker.names(SECONDS)
    request = tracker.request(["Count"], [Texts.NONE])
    tracker.read_first([0, 1], [request] * 2, SECONDS)
    tracker.select([0, 1], [request] * 2)
    del session.mbeans[A]
    tracker.names(SECONDS)

    one, other = tracker.read([], SECONDS).numbers

    assert one != one  # noqa: PLR0124
    assert other == 2.0

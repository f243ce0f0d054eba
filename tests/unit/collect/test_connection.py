"""Sessions are opened one attempt at a time, with pauses after failures."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from jmx_bridge import jmx
from jmx_bridge.collect import connection
from jmx_bridge.collect.connection import LONGEST_PAUSE, Connection, Pause
from jmx_bridge.errors import ConnectFailed, DeadlinePassed, LoginFailed
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.observe import Telemetry
from jmx_bridge.settings import TargetSettings

if TYPE_CHECKING:
    from jmx_bridge.collect.connection import Connect

HERE, THERE = jmx.TargetAddress("here"), jmx.TargetAddress("there")


class Clock:
    """time.monotonic() and random.uniform(), as a test wants them."""

    def __init__(self, monkeypatch) -> None:
        self.now = 100.0
        self.asked: list[tuple[float, float]] = []
        monkeypatch.setattr(connection.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(connection.random, "uniform", self._uniform)

    def _uniform(self, low: float, high: float) -> float:
        self.asked.append((low, high))
        return high


class FakeExecutor:
    """Keeps what is submitted until a test answers it."""

    def __init__(self) -> None:
        self.addresses: list[jmx.TargetAddress] = []
        self.futures: list[Future] = []

    def submit(self, call, address) -> Future:
        self.addresses.append(address)
        self.futures.append(Future())
        return self.futures[-1]


class FakeSession(RecordedSession):
    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    def close(self, timeout: float = 0.0) -> None:
        self.closed += 1


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def executor() -> FakeExecutor:
    return FakeExecutor()


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("1", "17")


@pytest.fixture
def opening(executor, telemetry, clock) -> Connection:
    settings = TargetSettings(connect_timeout=3.0, calls=7, wire="standard")
    return Connection(settings, executor, telemetry)


def failures(telemetry: Telemetry) -> dict[str, float]:
    return {
        dict(sample.labels)["reason"]: sample.value
        for family in telemetry.families()
        if family.name == "jmx_bridge_connect_failures"
        for sample in family.samples
        if sample.value
    }


def test_a_session_is_opened_as_the_settings_say(monkeypatch, telemetry):
    session, calls = FakeSession(), []
    settings = TargetSettings(connect_timeout=3.0, calls=7, wire="standard")

    def connect(*arguments, **keywords):
        calls.append((arguments, keywords))
        return session

    monkeypatch.setattr(jmx, "connect", connect)
    with ThreadPoolExecutor(1) as executor:
        opened = Connection(settings, executor, telemetry).open(HERE, 5.0)

    assert opened is session
    assert calls == [((HERE,), {"timeout": 3.0, "calls": 7, "wire": "standard"})]
    assert failures(telemetry) == {}


def test_an_attempt_that_takes_longer_goes_on(opening, executor, telemetry):
    with pytest.raises(DeadlinePassed, match="did not let us connect in time"):
        opening.open(HERE, 0.0)
    session = FakeSession()
    executor.futures[0].set_result(session)

    assert opening.open(HERE, 0.0) is session
    assert len(executor.addresses) == 1
    assert failures(telemetry) == {"deadline": 1.0}


def test_each_session_is_an_attempt_of_its_own(opening, executor):
    for _ in range(2):
        with pytest.raises(DeadlinePassed):
            opening.open(HERE, 0.0)
        executor.futures[-1].set_result(FakeSession())
        opening.open(HERE, 0.0)

    assert len(executor.addresses) == 2


def failed(opening: Connection, executor: FakeExecutor, error: BaseException) -> None:
    """Let one attempt end in *error*."""
    before = len(executor.futures)
    with pytest.raises(DeadlinePassed):
        opening.open(HERE, 0.0)
    assert len(executor.futures) == before + 1
    executor.futures[-1].set_exception(error)
    with pytest.raises(type(error), match=str(error)):
        opening.open(HERE, 0.0)


def test_a_target_that_was_not_reached_is_left_alone_for_a_while(
    opening, executor, telemetry, clock
):
    failed(opening, executor, ConnectFailed("refused"))

    clock.now += 0.24
    with pytest.raises(ConnectFailed, match="refused"):
        opening.open(HERE, 0.0)
    assert len(executor.futures) == 1
    clock.now += 0.01
    with pytest.raises(DeadlinePassed):
        opening.open(HERE, 0.0)
    assert len(executor.futures) == 2
    assert failures(telemetry) == {"connect": 1.0, "deadline": 2.0}


def test_pauses_get_longer_up_to_a_limit(opening, executor, clock):
    for _ in range(20):
        failed(opening, executor, LoginFailed("no"))
        clock.now += 5.0

    longest = [high for _, high in clock.asked]
    assert longest[:6] == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0]
    assert set(longest[5:]) == {5.0}
    assert [low for low, _ in clock.asked] == [high / 2 for high in longest]


def test_a_session_ends_the_pauses(opening, executor, clock):
    for _ in range(3):
        failed(opening, executor, ConnectFailed("refused"))
        clock.now += 5.0
    with pytest.raises(DeadlinePassed):
        opening.open(HERE, 0.0)
    executor.futures[-1].set_result(FakeSession())
    opening.open(HERE, 0.0)

    failed(opening, executor, ConnectFailed("refused"))

    assert clock.asked[-1] == (0.125, 0.25)


def test_a_mistake_of_ours_is_raised_and_begins_no_pause(opening, executor, telemetry):
    failed(opening, executor, ValueError("odd"))

    with pytest.raises(DeadlinePassed):
        opening.open(HERE, 0.0)
    assert len(executor.futures) == 2
    assert failures(telemetry) == {"deadline": 2.0}


def test_a_pause_checks_nothing_before_a_failure(clock):
    Pause().check()


def test_a_pause_raises_an_exception_of_its_own(clock):
    pause, error = Pause(), ConnectFailed("refused")
    pause.after(error)

    with pytest.raises(ConnectFailed, match="refused") as caught:
        pause.check()
    assert caught.value is not error


def passwords_seen(seen: list[str | None]) -> Connect:
    def connect(address, **_):
        seen.append(address.password)
        return FakeSession()

    return connect


def test_the_password_is_read_for_each_attempt(telemetry, clock, tmp_path):
    file, seen = tmp_path / "password", []
    settings = TargetSettings(username="me", password_file=str(file))
    address = jmx.TargetAddress("here", "me")
    with ThreadPoolExecutor(1) as threads:
        opening = Connection(settings, threads, telemetry, passwords_seen(seen))
        with pytest.raises(LoginFailed, match="the password file"):
            opening.open(address, 5.0)
        clock.now += LONGEST_PAUSE
        for password in ("one", "two"):
            file.write_text(password)
            opening.open(address, 5.0)

    assert seen == ["one", "two"]
    assert failures(telemetry) == {"login": 1.0}


def test_an_attempt_at_another_address_is_given_up(opening, executor, clock):
    with pytest.raises(DeadlinePassed):
        opening.open(HERE, 0.0)
    executor.futures[0].set_running_or_notify_cancel()
    with pytest.raises(DeadlinePassed):
        opening.open(THERE, 0.0)
    old, new = FakeSession(), FakeSession()
    executor.futures[0].set_result(old)
    executor.futures[1].set_result(new)

    assert opening.open(THERE, 0.0) is new
    assert executor.addresses == [HERE, THERE]
    assert (old.closed, new.closed) == (1, 0)


def test_an_attempt_that_did_not_begin_is_not_made(opening, executor):
    with pytest.raises(DeadlinePassed):
        opening.open(HERE, 0.0)
    with pytest.raises(DeadlinePassed):
        opening.open(THERE, 0.0)

    assert executor.futures[0].cancelled()


def test_an_attempt_that_was_given_up_may_fail(opening, executor, telemetry):
    with pytest.raises(DeadlinePassed):
        opening.open(HERE, 0.0)
    executor.futures[0].set_running_or_notify_cancel()
    with pytest.raises(DeadlinePassed):
        opening.open(THERE, 0.0)
    executor.futures[0].set_exception(ConnectFailed("refused"))

    assert failures(telemetry) == {"deadline": 2.0}


def test_another_address_need_not_wait_for_the_pause_of_the_one_before(
    opening, executor, clock
):
    failed(opening, executor, ConnectFailed("refused"))

    with pytest.raises(DeadlinePassed):
        opening.open(THERE, 0.0)
    assert len(executor.futures) == 2


def test_what_began_early_is_for_whoever_opens_first(opening, executor, telemetry):
    told: list[str] = []
    opening.begin(HERE, lambda exc: told.append(str(exc)))
    assert not opening.ready
    session = FakeSession()
    executor.futures[0].set_result(session)

    assert opening.ready
    assert opening.open(HERE, 0.0) is session
    assert not opening.ready
    assert len(executor.addresses) == 1
    assert told == []
    assert failures(telemetry) == {}


def test_an_early_failure_is_told_at_once_and_tried_again_later(
    opening, executor, telemetry
):
    told: list[str] = []
    opening.begin(HERE, lambda exc: told.append(str(exc)))
    executor.futures[0].set_exception(ConnectFailed("refused"))

    assert told == ["refused"]
    assert not opening.ready
    assert failures(telemetry) == {"connect": 1.0}
    with pytest.raises(DeadlinePassed):
        opening.open(HERE, 0.0)
    assert len(executor.addresses) == 2


def test_a_failure_that_somebody_waits_for_counts_once(opening, executor, telemetry):
    told: list[str] = []
    opening.begin(HERE, lambda exc: told.append(str(exc)))
    answer = executor.futures[0].result

    def while_waiting(timeout):
        executor.futures[0].set_exception(ConnectFailed("refused"))
        return answer(timeout)

    executor.futures[0].result = while_waiting

    with pytest.raises(ConnectFailed):
        opening.open(HERE, 5.0)
    assert told == ["refused"]
    assert failures(telemetry) == {"connect": 1.0}


def test_an_early_attempt_at_another_address_is_given_up(opening, executor):
    told: list[str] = []
    opening.begin(HERE, lambda exc: told.append(str(exc)))

    with pytest.raises(DeadlinePassed):
        opening.open(THERE, 0.0)

    assert executor.futures[0].cancelled()
    assert told == []
    assert len(executor.addresses) == 2


def test_a_password_file_without_one_is_told_early(telemetry, tmp_path):
    told: list[str] = []
    seen: list[str | None] = []
    settings = TargetSettings(password_file=str(tmp_path / "missing"))

    with ThreadPoolExecutor(1) as threads:
        Connection(settings, threads, telemetry, passwords_seen(seen)).begin(
            HERE, lambda exc: told.append(str(exc))
        )

    assert len(told) == 1
    assert told[0].startswith("the password file: ")
    assert seen == []
    assert failures(telemetry) == {"login": 1.0}


def test_a_password_file_that_does_not_come_keeps_nobody_waiting(
    telemetry, tmp_path, monkeypatch
):
    read, end = threading.Event(), threading.Event()

    def stuck(settings, address):
        read.set()
        end.wait(10)
        return address

    monkeypatch.setattr(connection, "with_password", stuck)
    with ThreadPoolExecutor(1) as threads:
        opening = Connection(TargetSettings(), threads, telemetry, passwords_seen([]))
        with pytest.raises(DeadlinePassed):
            opening.open(HERE, 0.01)
        assert read.wait(10)
        end.set()

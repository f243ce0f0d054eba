"""Whose session an attempt to connect becomes, and what becomes of one that nobody waits for."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from jmx_bridge.collect.connection import Connection
from jmx_bridge.errors import ConnectFailed, DeadlinePassed
from jmx_bridge.jmx import TargetAddress
from jmx_bridge.settings import TargetSettings

A, B = (TargetAddress(f"service:jmx:{name}", None, None) for name in "ab")
SOON, PATIENCE = 0.02, 10.0


class FakeSession:
    def __init__(self, address):
        self.address = address
        self.closed = threading.Event()

    def close(self, timeout=0.0):
        self.closed.set()


class Targets:
    """Lets in who connects, at once or, in *hanging*, when told to."""

    def __init__(self, *hanging):
        self.gates = {address: threading.Event() for address in hanging}
        self.sessions = []
        self.absent = set()

    def connect(self, address, **_):
        if address in self.gates:
            assert self.gates[address].wait(PATIENCE)
        if address in self.absent:
            raise ConnectFailed("nobody there")
        self.sessions.append(FakeSession(address))
        return self.sessions[-1]


def wait_until(true):
    """Poll until *true()* is truthy; return that."""
    end = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)
    return found


@pytest.fixture
def opening():
    """A function that makes a connection to such targets."""
    with ThreadPoolExecutor(2) as executor:
        telemetry = SimpleNamespace(connect_failed=lambda _: None)
        yield lambda targets, **settings: Connection(
            TargetSettings(**settings), executor, telemetry, targets.connect
        )


def test_an_attempt_that_takes_long_is_waited_for_again(opening):
    targets = Targets(A)
    connection = opening(targets)

    with pytest.raises(DeadlinePassed):
        connection.open(A, SOON)
    targets.gates[A].set()

    assert connection.open(A, PATIENCE).address == A
    assert len(targets.sessions) == 1


def test_an_attempt_that_never_ends_keeps_nobody_from_another(opening):
    targets = Targets(A)
    connection = opening(targets, connect_timeout=SOON)
    with pytest.raises(DeadlinePassed):
        connection.open(A, SOON)
    gate = targets.gates.pop(A)

    session = connection.open(A, PATIENCE)
    gate.set()
    wait_until(lambda: len(targets.sessions) == 2)

    assert not session.closed.is_set()
    (late,) = (one for one in targets.sessions if one is not session)
    assert late.closed.wait(PATIENCE)


def test_a_session_with_another_target_than_the_one_wanted_is_closed_unused(opening):
    targets = Targets(A)
    connection = opening(targets)

    with pytest.raises(DeadlinePassed):
        connection.open(A, SOON)
    session = connection.open(B, PATIENCE)
    targets.gates[A].set()

    assert session.address == B
    (stale,) = wait_until(lambda: [s for s in targets.sessions if s.address == A])
    assert stale.closed.wait(PATIENCE)
    assert not session.closed.is_set()


def test_the_pause_after_a_failure_is_for_that_address_only(opening):
    targets = Targets()
    targets.absent.add(A)
    connection = opening(targets)

    for _ in range(2):
        with pytest.raises(ConnectFailed):
            connection.open(A, PATIENCE)

    assert connection.open(B, PATIENCE).address == B


def test_what_comes_after_the_end_is_closed(opening):
    targets = Targets(A)
    connection = opening(targets)

    with pytest.raises(DeadlinePassed):
        connection.open(A, SOON)
    connection.give_up()
    targets.gates[A].set()

    assert wait_until(lambda: targets.sessions)
    assert targets.sessions[0].closed.wait(PATIENCE)

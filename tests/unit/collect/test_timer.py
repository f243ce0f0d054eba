"""The time that one scrape has, and where it went."""

from __future__ import annotations

import pytest

from jmx_bridge.collect import timer as module
from jmx_bridge.collect.timer import Timer
from jmx_bridge.errors import DeadlinePassed


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_what_is_left_and_what_was_taken(clock):
    timer = Timer(110.0)
    clock[0] = 104.0

    assert (timer.left(), timer.taken()) == (6.0, 4.0)


@pytest.mark.parametrize("now", [110.0, 111.0])
def test_when_nothing_is_left_it_raises(clock, now):
    timer = Timer(110.0)
    clock[0] = now

    with pytest.raises(DeadlinePassed, match="no time left"):
        timer.left()


def test_phases_are_measured_also_if_they_fail(clock):
    timer = Timer(110.0)
    with timer.phase("plan"):
        clock[0] += 1.0
    with pytest.raises(KeyError), timer.phase("fetch"):
        clock[0] += 2.0
        raise KeyError

    assert timer.phases == {"plan": 1.0, "fetch": 2.0}


def test_parts_of_one_phase_are_added_up(clock):
    timer = Timer(110.0)
    for seconds in (1.0, 2.0):
        with timer.phase("connect"):
            clock[0] += seconds

    assert timer.phases == {"connect": 3.0}

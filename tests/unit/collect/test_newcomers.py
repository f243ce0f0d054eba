"""New MBeans are described, read first and judged; many of them in batches."""

from __future__ import annotations

import gc

import pytest
from unit.collect.world import A, World

from jmx_bridge.collect import newcomers
from jmx_bridge.collect.beans import State
from jmx_bridge.errors import SessionLost
from jmx_bridge.jmx.abc import Failure


@pytest.fixture
def small_batches(monkeypatch) -> None:
    monkeypatch.setattr(newcomers, "PLANNED_AT_ONCE", 4)
    monkeypatch.setattr(newcomers, "PLANNED_FIRST", 2)


@pytest.fixture
def world() -> World:
    return World()


def many(world: World, count: int) -> None:
    for n in range(count):
        world.put(f"t:type=M,n={n:02}", {"Count": n})


@pytest.fixture
def asked(world, monkeypatch) -> list[list[int]]:
    """The MBeans of each call of describe."""
    calls = []
    describe = world.tracker.describe

    def counting(ids, timeout):
        calls.append(list(ids))
        return describe(ids, timeout)

    monkeypatch.setattr(world.tracker, "describe", counting)
    return calls


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (1, [1]), (4, [4]), (5, [2, 3]), (6, [2, 4]), (7, [2, 4, 1])],
)
def test_batches_are_small_at_first(world, small_batches, asked, count, sizes):
    many(world, count)

    page = world.scrape()

    assert [len(ids) for ids in asked] == sizes
    assert list(page.values()) == [float(n) for n in range(count)]


def test_garbage_is_not_looked_for_while_batches_are_planned(
    world, small_batches, monkeypatch
):
    seen = []
    read_first = world.tracker.read_first

    def looking(*arguments):
        seen.append(gc.isenabled())
        return read_first(*arguments)

    monkeypatch.setattr(world.tracker, "read_first", looking)
    many(world, 9)
    world.scrape()

    assert set(seen) == {False}
    assert gc.isenabled()


def test_the_next_batch_is_asked_for_before_one_is_judged(
    world, small_batches, asked, monkeypatch
):
    order = []
    select = world.tracker.select

    def selecting(ids, requests):
        order.append(len(asked))
        return select(ids, requests)

    monkeypatch.setattr(world.tracker, "select", selecting)
    many(world, 7)
    world.scrape()

    assert order == [2, 3, 3]


def test_a_session_that_is_lost_between_batches_ends_planning(
    world, small_batches, asked, monkeypatch
):
    def selecting(ids, requests):
        world.session.lost = SessionLost("gone")
        raise world.session.lost

    monkeypatch.setattr(world.tracker, "select", selecting)
    many(world, 7)
    with pytest.raises(SessionLost):
        world.scrape()

    assert gc.isenabled()
    assert len(asked) == 2


def test_without_time_nobody_is_asked_and_all_wait(world, asked):
    many(world, 3)
    new = world.inventory.follow(60.0)

    assert world.inventory.plan(new, 0.0) == []
    world.inventory.read([], 60.0)
    assert asked == []
    assert (world.inventory.counts.failed, world.inventory.counts.late) == (3, 3)
    assert world.scrape() == {
        "t_M_Count{n=00}": 0.0,
        "t_M_Count{n=01}": 1.0,
        "t_M_Count{n=02}": 2.0,
    }


def test_first_answers_are_waited_for_only_for_a_share_of_the_time(world, monkeypatch):
    limits = []
    describe, read_first = world.tracker.describe, world.tracker.read_first

    def describing(ids, timeout):
        limits.append(timeout)
        return describe(ids, timeout)

    def reading(ids, requests, timeout):
        limits.append(timeout)
        return read_first(ids, requests, timeout)

    monkeypatch.setattr(world.tracker, "describe", describing)
    monkeypatch.setattr(world.tracker, "read_first", reading)
    many(world, 1)
    new = world.inventory.follow(60.0)
    world.inventory.plan(new, 100.0)

    # 0.7 of the time left is planning's, and 0.4 of that is for first answers.
    assert limits == pytest.approx([28.0, 28.0], abs=1.0)


def test_one_whose_description_is_the_same_is_not_read_first_again(world, monkeypatch):
    world.put("t:type=A", {"Count": 1})
    world.scrape()
    monkeypatch.setattr(world.tracker, "read_first", None)
    world.put("t:type=A", {"Count": 2}, registration=1)

    assert world.scrape() == {"t_A_Count{}": 2.0}


def test_one_that_can_not_be_described_again_keeps_its_plan(world):
    world.put("t:type=A", {"Count": 1})
    world.scrape()
    world.put("t:type=A", {"Count": 2}, registration=1, undescribed=Failure.BROKEN)

    assert world.scrape() == {"t_A_Count{}": 2.0}
    assert world.bean("t:type=A").state is State.PLANNED
    assert world.bean("t:type=A").reason is None


def test_one_that_is_described_anew_and_not_read_is_not_served(world):
    world.put("t:type=A", {"Count": 1})
    world.scrape()
    world.put("t:type=A", {"More": 2}, registration=1, unanswered=Failure.LATE)

    assert world.scrape() == {}
    assert world.bean("t:type=A").state is State.NAMED
    assert world.bean("t:type=A").reason is Failure.LATE


@pytest.mark.parametrize(
    ("rules", "attributes"),
    [("", {}), ("rules: [{pattern: nothing}]", {"Count": 1})],
    ids=["it has no attributes", "no rule wants any"],
)
def test_of_an_mbean_that_gives_nothing_nothing_is_asked(
    monkeypatch, rules, attributes
):
    one = World(rules)
    one.put(A, attributes)
    select, selected = one.tracker.select, []

    def noted(ids, requests):
        selected.extend(requests)
        return select(ids, requests)

    monkeypatch.setattr(one.tracker, "select", noted)

    assert one.scrape() == {}
    assert selected == [-1]
    assert one.bean(A).request == -1
    assert one.bean(A).state is State.IDLE

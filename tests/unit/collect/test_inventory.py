"""Which MBeans the target has, and their values at each scrape."""

from __future__ import annotations

import pytest
from unit.collect.world import World
from unit.jmx.mbeans import Holds, Table, Throws

from jmx_bridge.collect import inventory as module
from jmx_bridge.collect.beans import State
from jmx_bridge.collect.counts import Counts
from jmx_bridge.collect.failed import FailedAttributes
from jmx_bridge.collect.inventory import FAST_ROTATION, ROTATION, TOGETHER
from jmx_bridge.jmx.abc import Failure

A, B = "t:type=A", "t:type=B"


@pytest.fixture
def world() -> World:
    return World()


# -- descriptions that change without a word ----------------------------------------------------------


def scrapes_until(world: World, name: str, most: int) -> int:
    """Return how many scrapes it takes until a series is served."""
    for n in range(1, most + 1):
        if name in world.scrape():
            return n
    raise AssertionError(f"{name} was not served in {most} scrapes")


def test_every_mbean_is_described_again_in_its_turn(world):
    world.put(A, {"Count": 1})
    world.scrape()
    world.put(A, {"Count": 1, "More": 2})

    # Number 0 has its turn when the rotation is full; one scrape was before.
    assert scrapes_until(world, "t_A_More{}", ROTATION) == ROTATION - 1


def test_turns_come_faster_after_the_target_lost_count(world):
    world.put(A, {"Count": 1})
    world.scrape()
    world.session.forgot_registrations = True
    world.put(A, {"Count": 1, "More": 2})

    assert scrapes_until(world, "t_A_More{}", FAST_ROTATION) == FAST_ROTATION - 1


def test_turns_come_fast_only_once_around(world):
    for n in range(FAST_ROTATION * TOGETHER):
        world.put(f"t:type=M,n={n}", {"Count": n})
    world.scrape()
    world.session.forgot_registrations = True
    asked = [world.inventory.follow(1.0) for _ in range(2 * FAST_ROTATION)]

    assert set().union(*asked[:FAST_ROTATION]) == set(range(FAST_ROTATION * TOGETHER))
    assert all(len(one) in (0, TOGETHER) for one in asked)
    # Then turns are as slow as before, and those of these MBeans are far off.
    assert not any(asked[FAST_ROTATION:])


def test_mbeans_take_their_turns_in_groups(world):
    for n in range(TOGETHER + 1):
        world.put(f"t:type=M,n={n:02}", {"Count": n})
    world.scrape()

    turns = [world.inventory.follow(1.0) for _ in range(ROTATION)]

    asked = [turn for turn in turns if turn]
    assert sorted(map(len, asked)) == [1, TOGETHER]
    assert set().union(*asked) == set(range(TOGETHER + 1))


# -- what is told -----------------------------------------------------------------------------------------


def test_counts_tell_what_was_planned_and_read(world):
    world.put(A, {"Count": 1, "Bad": Holds(Throws(), "long"), "Name": "x"})
    world.put(B, {"Count": 1, "More": 2})
    world.put("t:type=C", {"Name": "x"})
    world.put("t:type=D", {"Count": 1}, undescribed=Failure.RESTING)
    world.put("t:type=E", {"Count": 1}, unanswered=Failure.BROKEN)
    world.scrape()
    first = world.inventory.counts
    world.put(B, {"Count": 1, "More": 2}, unanswered=Failure.LATE)
    world.scrape()

    assert first == Counts(
        present=5,
        planned=2,
        planned_attributes=4,
        fetched_attributes=3,
        failed_attributes=1,
        fetched=2,
        failed=2,
        late=1,
    )
    assert world.inventory.counts == Counts(
        present=5,
        planned=2,
        planned_attributes=4,
        fetched_attributes=1,
        failed_attributes=3,
        fetched=1,
        failed=3,
        late=2,
    )
    assert first.mbeans() == {
        "present": 5, "planned": 2, "fetched": 2, "failed": 2, "cut": 0
    }  # fmt: skip
    assert first.attributes() == {"planned": 4, "fetched": 3, "failed": 1}


def test_values_that_a_cache_decided_are_counted():
    world = World("rules: [{pattern: 't', name: n, cache: true}]\n")
    world.put(A, {"Count": 1, "More": 2})
    world.scrape()

    assert world.inventory.counts.cached == 2


def test_attributes_that_gave_no_value_are_named_with_the_reason(world):
    world.put(A, {"Bad": Holds(Throws(), "long"), "Good": 1})
    world.put(B, {"Bad": Holds(Throws(), "long"), "Count": 1})
    world.put("t:type=C", {"Count": 1})
    world.scrape()

    expected = [
        FailedAttributes(name, "absent", usual=False, attributes=("Bad",))
        for name in (A, B)
    ]
    assert world.inventory.failed_attributes(5) == expected
    assert world.inventory.failed_attributes(1) == expected[:1]


def test_what_the_jvm_itself_has_as_an_option_is_told_apart():
    world = World(with_jvm=True)
    pool = "java.lang:name=Metaspace,type=MemoryPool"
    failing = ("CollectionUsageThreshold", "UsageThreshold", "Odd")
    attributes = {name: Holds(Throws(), "long") for name in failing}
    for name in (pool, "t:type=MemoryPool"):
        world.put(name, {"Count": 1, **attributes})
    world.scrape()

    assert world.inventory.failed_attributes(9) == [
        FailedAttributes(pool, "absent", usual=False, attributes=("Odd",)),
        FailedAttributes(pool, "absent", usual=True, attributes=failing[:2]),
        FailedAttributes(
            "t:type=MemoryPool",
            "absent",
            usual=False,
            attributes=("CollectionUsageThreshold", "Odd", "UsageThreshold"),
        ),
    ]


def test_unread_mbeans_are_named_up_to_a_number(world):
    for name, reason in ((B, Failure.BROKEN), (A, Failure.LATE)):
        world.put(name, {"Count": 1}, unanswered=reason)
    world.put("t:type=C", {"Count": 1}, undescribed=Failure.GONE)
    world.scrape()

    assert world.inventory.unread(5) == [(A, "late"), (B, "broken")]
    assert world.inventory.unread(1) == [(A, "late")]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [(None, []), (Failure.LATE, [0.25]), (Failure.BROKEN, [])],
)
def test_mbeans_are_backed_off_from_if_some_were_late(
    world, monkeypatch, reason, expected
):
    world.put(A, {"Count": 1})
    world.scrape()
    world.put(A, {"Count": 1}, unanswered=reason)
    world.scrape()
    asked = []
    monkeypatch.setattr(world.tracker, "back_off_slow", asked.append)

    world.inventory.back_off_slow()

    assert asked == expected


def test_mbeans_that_wait_are_backed_off_from(world, monkeypatch):
    world.put(A, {"Count": 1}, undescribed=Failure.BROKEN)
    world.scrape()
    asked = []
    monkeypatch.setattr(world.tracker, "back_off_slow", asked.append)

    world.inventory.back_off_slow()

    assert asked == [0.25]


# -- what is no more -----------------------------------------------------------------------------------------


def test_an_inventory_is_overgrown_when_most_shapes_are_dead(world, monkeypatch):
    monkeypatch.setattr(module, "MOST_DEAD", 5)
    grown = []
    for n in range(12):
        world.put(A, {"Rows": Table(((f"row{n}", n),))})
        world.scrape()
        grown.append(world.inventory.overgrown())

    # One MBean is alive, so 5 + 3 shapes may be known; the empty one is not among them.
    assert grown.index(True) == 8


def test_an_inventory_is_overgrown_when_most_of_the_table_is_dead(world, monkeypatch):
    monkeypatch.setattr(module, "MOST_DEAD_NUMBERS", 4)
    world.put(A, {"Rows": Table((("a", 1),))})
    world.scrape()
    before = world.inventory.overgrown()
    for size in range(2, 5):
        world.put(A, {"Rows": Table(tuple((str(n), n) for n in range(size)))})
        world.scrape()
    world.put(A, {"Rows": Table()})
    world.scrape()

    assert (before, world.inventory.overgrown()) == (False, True)


def test_an_mbean_that_vanishes_unread_leaves_nothing(world):
    world.put(A, {"Count": 1})
    world.put(B, {"Count": 1})
    world.scrape()
    world.put(A, {"Count": 1}, unanswered=Failure.LATE)
    world.scrape()
    bean = world.bean(A)
    world.drop(A)

    assert world.scrape() == {"t_B_Count{}": 1.0}
    assert bean.state is State.GONE
    assert world.inventory.unread(5) == []


def test_another_mbean_may_have_the_number_of_one_that_was_unread(world):
    world.put(A, {"Count": 1})
    world.scrape()
    world.put(A, {"Count": 1}, unanswered=Failure.LATE)
    world.scrape()
    world.drop(A)
    world.put(B, {"Count": 2})

    assert world.scrape() == {"t_B_Count{}": 2.0}
    assert world.scrape() == {"t_B_Count{}": 2.0}


# -- texts and structures in one scrape ------------------------------------------------------------------------


def test_a_structure_and_a_text_may_change_together():
    world = World(
        "rules: [{pattern: 't<type=A><>(\\w+): (.+)', name: $1, labels: {l: $2}, value: 1}]\n"
    )
    world.put(A, {"State": "on", "Count": None})
    first = world.scrape()
    world.put(A, {"State": "off", "Count": 5})
    second = world.scrape()
    world.put(A, {"State": "off", "Count": 6})

    assert first == {"State{l=on}": 1.0}
    assert second == {"Count{l=5}": 1.0, "State{l=off}": 1.0}
    assert world.scrape() == {"Count{l=6}": 1.0, "State{l=off}": 1.0}


def test_an_mbean_that_was_unread_may_come_back_with_another_structure(world):
    world.put(A, {"Count": 1, "More": Holds(None, "java.lang.Long")})
    world.scrape()
    world.put(A, {"Count": 1}, unanswered=Failure.LATE)
    unread = world.scrape()
    world.put(A, {"Count": 2, "More": 3})

    assert unread == {}
    assert world.scrape() == {"t_A_Count{}": 2.0, "t_A_More{}": 3.0}
    assert world.bean(A).state is State.PLANNED


def test_an_mbean_that_stays_unread_is_laid_out_once(world):
    world.put(A, {"Count": 1})
    world.put(B, {"Count": 1})
    world.scrape()
    world.put(A, {"Count": 1}, unanswered=Failure.LATE)
    world.scrape()
    before = world.inventory.catalog.assembled()
    world.scrape()

    assert world.inventory.catalog.assembled() is before


def test_a_scrape_in_which_nothing_changed_lays_out_nothing(world):
    world.put(A, {"Count": 1})
    world.scrape()
    before = world.inventory.catalog.assembled()
    world.put(A, {"Count": 2})
    world.scrape()

    assert world.inventory.catalog.assembled() is before

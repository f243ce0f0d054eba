"""What every session owes, live or recorded; see jmx_bridge/jmx/abc.py."""

from __future__ import annotations

from unit.jmx.contract_values import ValuesContract
from unit.jmx.tracked import NONE, SECONDS, A, B, C

from jmx_bridge.jmx.abc import (
    Failure,
)
from jmx_bridge.model import Attribute


class SessionContract(ValuesContract):
    """The tests; who inherits has a fixture `world`."""

    # -- who is there ----------------------------------------------------------------------------

    def test_mbeans_are_told_when_they_appear_and_not_again(self, world, tracked):
        world.put(A, "Count", "long", 1)
        mine = tracked()
        first = mine.look()
        world.put(B, "Count", "long", 1)

        second, third = mine.look(), mine.look()

        assert [(one.id, one.name) for one in first.appeared] == [(0, A)]
        assert [(one.id, one.name) for one in second.appeared] == [(1, B)]
        assert (third.appeared, third.vanished, third.registered_anew) == ([], [], [])
        assert [one.found for one in (first, second, third)] == [1, 2, 2]

    def test_what_vanished_is_told_by_its_number_which_is_used_again(
        self, world, tracked
    ):
        world.put(A, "Count", "long", 1)
        world.put(B, "Count", "long", 1)
        mine = tracked()
        mine.look()
        number = mine.found[A].id
        world.drop(A)
        vanished = mine.look().vanished
        world.put(C, "Count", "long", 1)

        appeared = mine.look().appeared

        assert vanished == [number]
        assert [(one.id, one.name) for one in appeared] == [(number, C)]

    def test_known_mbeans_that_were_registered_anew_are_told_once(self, world, tracked):
        world.put(A, "Count", "long", 1)
        world.put(B, "Count", "long", 1)
        mine = tracked()
        mine.look()
        world.again(A)

        assert mine.look().registered_anew == mine.ids(A)
        assert mine.look().registered_anew == []

    def test_scopes_tell_who_may_see_an_mbean(self, world, tracked):
        for name in (A, B, C):
            world.put(name, "Count", "long", 1)
        mine = tracked(("t:type=A", "t:type=B"), (B,), ("t:type=A", "t:type=C"))

        mine.look()

        seen = {name: (f.for_rules, f.for_platform) for name, f in mine.found.items()}
        assert seen == {A: (True, True), C: (False, True)}

    def test_what_is_excluded_is_present_and_not_watched(self, world, tracked):
        world.put(A, "Count", "long", 1)
        world.put(B, "Count", "long", 1)
        mine = tracked(excludes=("t:type=B,*",))

        changes = mine.look()

        assert changes.found == 2
        assert list(mine.found) == [A]

    def test_no_more_mbeans_are_watched_than_may_be(self, world, tracked):
        for name in (A, B, C):
            world.put(name, "Count", "long", 1)
        mine = tracked(most=2)
        first = mine.look()
        world.drop(next(iter(mine.found)))
        mine.look()

        last = mine.look()

        assert (len(first.appeared), first.cut) == (2, 1)
        assert (len(mine.found), last.cut) == (2, 0)

    def test_properties_stand_in_the_order_of_registration(self, world, tracked):
        world.put('t:type=Z,name="a,b",first=x', "Count", "long", 1)
        mine = tracked()

        mine.look()

        assert list(mine.found) == ['t:type=Z,name="a,b",first=x']

    # -- descriptions ----------------------------------------------------------------------------

    def test_a_description_lists_attributes_with_type_and_text(self, world, tracked):
        world.put(A, "Count", "long", 1)
        world.put(A, "State", "text", "on")
        mine = tracked()
        mine.look()

        assert mine.describe(A) == (
            Attribute("Count", "long", "Count"),
            Attribute("State", "java.lang.String", "State"),
        )

    def test_equal_descriptions_have_the_same_number(self, world, tracked):
        world.put(A, "Count", "long", 1)
        world.put(B, "Count", "long", 2)
        world.put(C, "Other", "long", 2)
        mine = tracked()
        mine.look()

        described, _ = mine.tracker.describe(mine.ids(A, B, C), SECONDS)

        a, b, c = (described[bean_id] for bean_id in mine.ids(A, B, C))
        assert a == b != c

    def test_what_went_after_its_name_was_told_is_gone(self, world, tracked):
        world.put(A, "Count", "long", 1)
        mine = tracked()
        mine.look()
        world.drop(A)
        (bean_id,) = mine.ids(A)
        request = mine.tracker.request(["Count"], [NONE])

        described, undescribed = mine.tracker.describe([bean_id], SECONDS)
        reading = mine.tracker.read_first([bean_id], [request], SECONDS)

        assert (described, undescribed) == ({}, {bean_id: Failure.GONE})
        assert (reading.shapes, reading.failed) == ({}, {bean_id: Failure.GONE})

    # -- the session -----------------------------------------------------------------------------

    def test_two_trackers_do_not_know_of_each_other(self, world, tracked):
        world.put(A, "Count", "long", 1)
        one, other = tracked(), tracked()
        one.look()
        one.plan(A, "Count")
        other.look()

        assert list(one.read().numbers) == [1.0]
        assert list(other.read().numbers) == []

    def test_properties_come_in_the_order_of_the_question(self, world):
        keys = ("java.specification.name", "no.such.property", "file.separator")

        answer = world.session.properties(keys, SECONDS)

        assert answer == ("Java Platform API Specification", "", "/")

    def test_nobody_rests_who_was_not_late(self, world, tracked):
        world.put(A, "Count", "long", 1)
        mine = tracked()
        mine.look()
        mine.plan(A, "Count")
        mine.read()

        assert mine.tracker.back_off_slow(SECONDS) == 0

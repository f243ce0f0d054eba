"""What every session owes, live or recorded; see jmx_bridge/jmx/abc.py."""

from __future__ import annotations

from math import isnan
from typing import Protocol

import pytest

from jmx_bridge.jmx.abc import (
    BeanFound,
    Failure,
    MBeanTracker,
    Placed,
    Reading,
    Scope,
    Session,
    Texts,
)
from jmx_bridge.model import Attribute, LeafKind

A, B, C = "t:type=A", "t:type=B", "t:type=C"
SECONDS = 10.0
NONE, STRINGS, ALL = Texts.NONE, Texts.STRINGS, Texts.ALL


class World(Protocol):
    """A target whose MBeans move on command; kinds of values are MovingApp's."""

    session: Session

    def put(self, name: str, attribute: str, kind: str, value: object) -> None:
        """Set an attribute; register its MBean, or add the attribute to it, if need be."""

    def drop(self, name: str) -> None:
        """Unregister an MBean."""

    def again(self, name: str) -> None:
        """Unregister an MBean and register it again."""


def scope(includes=("t:*",), excludes=(), platform=(), most=1000) -> Scope:
    return Scope(
        includes,
        tuple(excludes),
        without_jvm=False,
        platform=tuple(platform),
        most=most,
    )


class Tracked:
    """A tracker, and its MBeans by name."""

    def __init__(self, world: World, of: Scope | None = None) -> None:
        self.tracker: MBeanTracker = world.session.watch(of or scope())
        self.found: dict[str, BeanFound] = {}

    def look(self):
        changes = self.tracker.names(SECONDS)
        for bean_id in changes.vanished:
            self.found = {k: v for k, v in self.found.items() if v.id != bean_id}
        self.found |= {found.name: found for found in changes.appeared}
        return changes

    def ids(self, *names: str) -> list[int]:
        return [self.found[name].id for name in names]

    def describe(self, name: str) -> tuple[Attribute, ...]:
        (bean_id,) = self.ids(name)
        described, failed = self.tracker.describe([bean_id], SECONDS)
        assert failed == {}
        return self.tracker.descriptions[described[bean_id]]

    def first(self, name: str, *attributes: str, texts: Texts = NONE):
        """Read an MBean first; return its leaves and their texts."""
        (bean_id,) = self.ids(name)
        request = self.tracker.request(attributes, [texts] * len(attributes))
        reading = self.tracker.read_first([bean_id], [request], SECONDS)
        assert reading.failed == {}
        leaves = self.tracker.shapes[reading.shapes[bean_id]]
        return leaves, reading.texts.get(bean_id, {})

    def plan(self, name: str, *attributes: str, texts: Texts = NONE) -> Placed:
        """Read an MBean first, and settle that it is read from now on."""
        self.first(name, *attributes, texts=texts)
        request = self.tracker.request(attributes, [texts] * len(attributes))
        (placed,) = self.tracker.select(self.ids(name), [request])
        return placed

    def read(self, *fresh: str) -> Reading:
        return self.tracker.read(self.ids(*fresh), SECONDS)

    def at(self, reading: Reading, place: Placed) -> list[float]:
        size = len(self.tracker.shapes[place.shape])
        return list(reading.numbers[place.base : place.base + size])


@pytest.fixture
def tracked(world):
    return lambda *arguments, **fields: Tracked(world, scope(*arguments, **fields))


class SessionContract:
    """The tests; who inherits has a fixture `world`."""

    # -- who is there --------------------------------------------------------------------------

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

    # -- descriptions --------------------------------------------------------------------------

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

    # -- first readings -------------------------------------------------------------------------

    def test_leaves_come_in_the_order_of_the_request(self, world, tracked):
        world.put(A, "Count", "long", 1)
        world.put(A, "State", "text", "on")
        mine = tracked()
        mine.look()

        leaves, _ = mine.first(A, "State", "Count")

        assert [(one.attribute, one.name, one.kind) for one in leaves] == [
            (0, "State", LeafKind.STRING),
            (1, "Count", LeafKind.NUMBER),
        ]

    def test_each_kind_of_value_and_each_lack_of_one_has_its_kind(self, world, tracked):
        kinds = {
            "long": LeafKind.NUMBER,
            "double": LeafKind.NUMBER,
            "boolean": LeafKind.BOOLEAN,
            "text": LeafKind.STRING,
            "null": LeafKind.NULL,
            "throw": LeafKind.ABSENT,
            "strings": LeafKind.ARRAY,
            "uuid": LeafKind.UNSUPPORTED,
        }
        values = {"boolean": "true"}
        for kind in kinds:
            world.put(A, kind, kind, values.get(kind, "1"))
        mine = tracked()
        mine.look()

        leaves, _ = mine.first(A, *kinds)

        assert {leaf.name: leaf.kind for leaf in leaves} == kinds

    def test_an_attribute_that_the_mbean_lacks_is_absent(self, world, tracked):
        world.put(A, "Count", "long", 1)
        mine = tracked()
        mine.look()

        leaves, _ = mine.first(A, "Count", "Nope")

        assert [leaf.kind for leaf in leaves] == [LeafKind.NUMBER, LeafKind.ABSENT]

    def test_a_table_is_marked_and_its_rows_have_their_index(self, world, tracked):
        world.put(A, "Rows", "table", "a=1,b=2")
        mine = tracked()
        mine.look()

        leaves, _ = mine.first(A, "Rows")

        rows = [(leaf.kind, leaf.name, leaf.path, leaf.row) for leaf in leaves]
        assert rows == [
            (LeafKind.TABLE, "Rows", (), ()),
            (LeafKind.NUMBER, "Rows", (), (("key", "", "a"),)),
            (LeafKind.NUMBER, "Rows", (), (("key", "", "b"),)),
        ]

    def test_equal_structures_have_the_same_shape(self, world, tracked):
        world.put(A, "Count", "long", 1)
        world.put(B, "Count", "long", 7)
        world.put(C, "Count", "null", "")
        mine = tracked()
        mine.look()
        request = mine.tracker.request(["Count"], [NONE])

        reading = mine.tracker.read_first(mine.ids(A, B, C), [request] * 3, SECONDS)

        a, b, c = (reading.shapes[bean_id] for bean_id in mine.ids(A, B, C))
        assert a == b != c

    @pytest.mark.parametrize(
        ("wanted", "texts"),
        [
            pytest.param(NONE, {}, id="none"),
            pytest.param(STRINGS, {1: "on"}, id="strings"),
            pytest.param(ALL, {0: "12", 1: "on", 2: "0.5", 3: "true"}, id="all"),
        ],
    )
    def test_texts_come_as_far_as_they_are_wanted(self, world, tracked, wanted, texts):
        world.put(A, "Count", "long", 12)
        world.put(A, "State", "text", "on")
        world.put(A, "Share", "double", 0.5)
        world.put(A, "Well", "boolean", "true")
        world.put(A, "Nothing", "null", "")
        mine = tracked()
        mine.look()

        _, found = mine.first(
            A, "Count", "State", "Share", "Well", "Nothing", texts=wanted
        )

        assert found == texts

    # -- the table of numbers ---------------------------------------------------------------------

    def test_numbers_lie_where_the_mbean_was_placed(self, world, tracked):
        world.put(A, "Count", "long", 7)
        world.put(A, "Well", "boolean", "true")
        world.put(A, "State", "text", "on")
        world.put(B, "Count", "double", -0.5)
        mine = tracked()
        mine.look()
        a = mine.plan(A, "Count", "Well", "State")
        b = mine.plan(B, "Count")

        reading = mine.read()

        count, well, state = mine.at(reading, a)
        assert (count, well, mine.at(reading, b)) == (7.0, 1.0, [-0.5])
        assert isnan(state)
        assert (reading.unread, reading.changed) == ({}, [])

    def test_a_first_reading_has_no_place_until_it_is_selected(self, world, tracked):
        world.put(A, "Count", "long", 7)
        mine = tracked()
        mine.look()
        mine.first(A, "Count")

        assert list(mine.read().numbers) == []

    def test_a_narrower_request_keeps_the_leaves_of_its_attributes(
        self, world, tracked
    ):
        for number, attribute in enumerate(("One", "Two", "Three")):
            world.put(A, attribute, "long", number)
        mine = tracked()
        mine.look()
        mine.first(A, "One", "Two", "Three")
        request = mine.tracker.request(["Two", "Three"], [NONE, NONE])

        (place,) = mine.tracker.select(mine.ids(A), [request])

        leaves = mine.tracker.shapes[place.shape]
        assert [(one.attribute, one.name) for one in leaves] == [
            (0, "Two"),
            (1, "Three"),
        ]
        assert mine.at(mine.read(A), place) == [1.0, 2.0]
        assert mine.at(mine.read(), place) == [1.0, 2.0]

    def test_what_nothing_is_asked_of_is_not_read(self, world, tracked):
        world.put(A, "Count", "long", 7)
        mine = tracked()
        mine.look()
        mine.first(A, "Count")

        assert mine.tracker.select(mine.ids(A), [-1]) == [
            Placed(mine.ids(A)[0], -1, -1)
        ]
        assert list(mine.read().numbers) == []

    def test_nothing_is_asked_any_more_of_what_was_read_until_now(self, world, tracked):
        world.put(A, "Count", "long", 7)
        mine = tracked()
        mine.look()
        mine.plan(A, "Count")
        mine.tracker.select(mine.ids(A), [-1])
        world.drop(A)

        assert mine.read().unread == {}

    def test_fresh_mbeans_are_not_asked_again(self, world, tracked):
        world.put(A, "Count", "long", 1)
        world.put(B, "Count", "long", 1)
        mine = tracked()
        mine.look()
        a, b = mine.plan(A, "Count"), mine.plan(B, "Count")
        for name in (A, B):
            world.put(name, "Count", "long", 2)

        reading = mine.read(A)

        assert (mine.at(reading, a), mine.at(reading, b)) == ([1.0], [2.0])

    def test_one_that_is_gone_is_unread_and_keeps_its_last_numbers(
        self, world, tracked
    ):
        world.put(A, "Count", "long", 1)
        world.put(B, "Count", "long", 1)
        mine = tracked()
        mine.look()
        a, b = mine.plan(A, "Count"), mine.plan(B, "Count")
        world.drop(A)
        world.put(B, "Count", "long", 2)

        reading = mine.read()

        assert reading.unread == {mine.found[A].id: Failure.GONE}
        assert (mine.at(reading, a), mine.at(reading, b)) == ([1.0], [2.0])

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            pytest.param(("null", ""), ("long", 5), id="null to number"),
            pytest.param(("long", 5), ("throw", "no"), id="number to failure"),
            pytest.param(("table", "a=1"), ("table", "a=1,b=2"), id="another row"),
            pytest.param(("table", "a=1"), ("table", ""), id="no row any more"),
        ],
    )
    def test_another_structure_is_told_with_its_shape_and_place(
        self, world, tracked, before, after
    ):
        world.put(A, "Count", *before)
        world.put(B, "Count", "long", 3)
        mine = tracked()
        mine.look()
        mine.plan(A, "Count")
        b = mine.plan(B, "Count")
        world.put(A, "Count", *after)

        reading = mine.read()
        again = mine.read()

        (changed,) = reading.changed
        expected, _ = Tracked.first(again_tracked(world), A, "Count")
        assert changed.id == mine.found[A].id
        assert mine.tracker.shapes[changed.shape] == expected
        assert mine.at(reading, b) == [3.0]
        assert again.changed == []

    def test_what_is_read_first_again_loses_its_place(self, world, tracked):
        world.put(A, "Count", "long", 1)
        mine = tracked()
        mine.look()
        mine.plan(A, "Count")
        world.drop(A)
        request = mine.tracker.request(["Count"], [NONE])

        reading = mine.tracker.read_first(mine.ids(A), [request], SECONDS)

        assert reading.failed == {mine.found[A].id: Failure.GONE}
        assert mine.read().unread == {}

    def test_a_place_is_used_again(self, world, tracked):
        world.put(A, "Count", "long", 1)
        mine = tracked()
        mine.look()
        before = mine.plan(A, "Count")
        world.drop(A)
        mine.look()
        world.put(B, "Count", "long", 2)
        mine.look()

        assert mine.plan(B, "Count").base == before.base
        assert list(mine.read().numbers) == [2.0]

    # -- texts -----------------------------------------------------------------------------------

    def test_texts_are_told_when_they_change(self, world, tracked):
        world.put(A, "State", "text", "on")
        world.put(A, "Count", "long", 1)
        mine = tracked()
        mine.look()
        mine.plan(A, "State", "Count", texts=ALL)
        (bean_id,) = mine.ids(A)
        first = mine.read()
        same = mine.read()
        world.put(A, "State", "text", "off")

        last = mine.read()

        assert sorted(first.texts) == [(bean_id, 0, "on"), (bean_id, 1, "1")]
        assert same.texts == []
        assert last.texts == [(bean_id, 0, "off")]

    def test_texts_come_with_another_structure_all_of_them(self, world, tracked):
        world.put(A, "State", "text", "on")
        world.put(A, "Count", "null", "")
        mine = tracked()
        mine.look()
        mine.plan(A, "State", "Count", texts=ALL)
        mine.read()
        world.put(A, "Count", "long", 1)

        reading = mine.read()

        (bean_id,) = mine.ids(A)
        assert sorted(reading.texts) == [(bean_id, 0, "on"), (bean_id, 1, "1")]

    def test_strings_alone_come_where_strings_are_wanted(self, world, tracked):
        world.put(A, "State", "text", "on")
        world.put(A, "Count", "long", 1)
        mine = tracked()
        mine.look()
        mine.plan(A, "State", "Count", texts=STRINGS)

        assert mine.read().texts == [(mine.ids(A)[0], 0, "on")]

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


def again_tracked(world) -> Tracked:
    """Another tracker, which knows nothing yet."""
    other = Tracked(world)
    other.look()
    return other

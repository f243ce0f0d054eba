"""What each session promises of the values that it reads."""

from __future__ import annotations

from math import isnan

import pytest
from unit.jmx.tracked import (
    ALL,
    NONE,
    SECONDS,
    STRINGS,
    A,
    B,
    C,
    Tracked,
    again_tracked,
)

from jmx_bridge.jmx.abc import (
    Failure,
    Placed,
)
from jmx_bridge.model import LeafKind


class ValuesContract:
    """The tests; who inherits has a fixture `world`."""

    # -- first readings --------------------------------------------------------------------------

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

    # -- the table of numbers --------------------------------------------------------------------

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

    def test_a_lone_attribute_may_fail_and_come_back(self, world, tracked):
        world.put(A, "Count", "long", 0)
        mine = tracked()
        mine.look()
        mine.plan(A, "Count")
        kinds = []
        for value in (
            ("throw", "no"),
            ("long", 1),
            ("null", ""),
            ("long", 2),
            ("throw", "no"),
        ):
            world.put(A, "Count", *value)
            (changed,) = mine.read().changed
            (leaf,) = mine.tracker.shapes[changed.shape]
            kinds.append(leaf.kind)
            assert mine.read().changed == []

        number, absent = LeafKind.NUMBER, LeafKind.ABSENT
        assert kinds == [absent, number, LeafKind.NULL, number, absent]

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

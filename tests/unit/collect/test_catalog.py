"""All planned series by family, and the layout in which they are served."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Any

import pytest

from jmx_bridge.collect.catalog import Catalog
from jmx_bridge.collect.series import Dropped, Series
from jmx_bridge.model import MetricType

COUNTER, GAUGE, UNKNOWN = MetricType.COUNTER, MetricType.GAUGE, MetricType.UNKNOWN


@dataclass
class FakeBean:
    """What the catalog asks of an MBean."""

    base: int = 0
    unread: bool = False


def rule_of(series: Series) -> str:
    return f"rules.yml:{series.rule}"


class Shelf:
    """A catalog, its series by name, and a table of numbers."""

    def __init__(self) -> None:
        self.catalog = Catalog(lambda series: f"origin {series.leaf}", rule_of)
        self.table: list[float] = []

    def add(self, family="n", labels=(), kind=GAUGE, number=1.0, **more) -> Series:
        fields = {"factor": 1.0, "constant": None, "help": None, "rule": 0}
        bean: Any = more.pop("bean", None) or FakeBean()
        about = more.pop("about", "help")
        series = Series(
            family=family,
            type=kind,
            labels=labels,
            bean=bean,
            leaf=len(self.table),
            **{**fields, **more},
        )
        self.table.append(number)
        self.catalog.add(series, lambda: about)
        return series

    def page(self):
        layout, values = self.catalog.values(self.table)
        names = [
            (family.name, labels)
            for family in layout.families
            for labels in family.series
        ]
        assert len(names) == len(values)
        return list(zip(names, values, strict=True))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_an_empty_catalog_serves_nothing(shelf):
    assert shelf.page() == []


def test_families_come_by_name_and_series_by_labels(shelf):
    shelf.add("b", (("x", "2"),), number=1.0)
    shelf.add("a", number=2.0)
    shelf.add("b", (("x", "1"),), number=3.0)

    assert shelf.page() == [
        (("a", ()), 2.0),
        (("b", (("x", "1"),)), 3.0),
        (("b", (("x", "2"),)), 1.0),
    ]


def test_series_with_other_labels_come_by_the_labels_names_first(shelf):
    shelf.add("n", (("b", "1"),), number=1.0)
    shelf.add("n", (("a", "2"), ("c", "0")), number=2.0)
    shelf.add("n", number=3.0)
    shelf.add("n", (("a", "9"),), number=4.0)

    assert [value for _, value in shelf.page()] == [3.0, 4.0, 2.0, 1.0]


def test_a_value_is_multiplied_or_constant(shelf):
    shelf.add("a", number=3.0, factor=0.5)
    shelf.add("b", number=3.0, constant=7.0)
    shelf.add("c", number=3.0, constant=7.0, factor=2.0)

    assert [value for _, value in shelf.page()] == [1.5, 7.0, 7.0]


def test_one_series_alone_is_read_at_its_place(shelf):
    shelf.table = [9.0, 9.0]
    shelf.add(number=4.0)

    assert shelf.page() == [(("n", ()), 4.0)]


def test_constants_need_no_table():
    catalog = Catalog(lambda _: "", rule_of)
    series = Series("n", GAUGE, (), FakeBean(), -1, 1.0, 5.0, None, 0)
    catalog.add(series, lambda: "")

    assert catalog.values([])[1] == [5.0]


def test_a_series_that_was_removed_is_gone(shelf):
    first, second = shelf.add("a"), shelf.add("b")
    shelf.page()
    shelf.catalog.remove(first)
    without = shelf.page()
    shelf.catalog.remove(second)

    assert without == [(("b", ()), 1.0)]
    assert shelf.page() == []


def test_a_series_may_be_removed_and_added_in_one_scrape(shelf):
    first = shelf.add("a", number=1.0)
    shelf.page()
    shelf.catalog.remove(first)
    shelf.add("a", number=2.0)

    assert shelf.page() == [(("a", ()), 2.0)]


def test_a_family_whose_series_are_all_gone_is_made_anew(shelf):
    series = shelf.add("a", about="old")
    shelf.page()
    shelf.catalog.remove(series)
    shelf.page()
    shelf.add("a", about="new")

    (family,) = shelf.catalog.assembled().layout.families
    assert family.help == "new"


def test_the_first_series_gives_the_help(shelf):
    shelf.add("a", about="first")
    shelf.add("a", (("x", "1"),), about="second")

    (family,) = shelf.catalog.assembled().layout.families
    assert family.help == "first"


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [((GAUGE, GAUGE), GAUGE), ((GAUGE, COUNTER), UNKNOWN), ((COUNTER,), COUNTER)],
)
def test_a_family_has_the_type_that_all_its_series_have(shelf, kinds, expected):
    for number, kind in enumerate(kinds):
        shelf.add("a", (("x", str(number)),), kind)

    (family,) = shelf.catalog.assembled().layout.families
    assert family.type is expected


def test_series_of_an_mbean_that_is_not_read_are_left_out(shelf):
    bean = FakeBean()
    series = shelf.add("a", bean=bean)
    shelf.add("b")
    shelf.page()
    bean.unread = True
    shelf.catalog.touch(series)
    without = shelf.page()
    bean.unread = False
    shelf.catalog.touch(series)

    assert without == [(("b", ()), 1.0)]
    assert len(shelf.page()) == 2


def test_only_families_that_changed_are_laid_out_again(shelf):
    shelf.add("a")
    touched = shelf.add("b")
    before = shelf.catalog.assembled().layout.families
    shelf.catalog.touch(touched)
    after = shelf.catalog.assembled().layout.families

    assert after[0] is before[0]
    assert after[1] is not before[1]


def test_nothing_is_assembled_twice(shelf):
    shelf.add("a")

    assert shelf.catalog.assembled() is shelf.catalog.assembled()


# -- equal series -------------------------------------------------------------------------------------


def test_equal_series_are_told_apart_and_so_are_all_others_of_the_family(shelf):
    for number in (1.0, 2.0):
        shelf.add("a", (("x", "1"),), number=number)
    shelf.add("a", (("x", "2"),), number=3.0)

    origin = "_objectname"
    assert shelf.page() == [
        (("a", ((origin, "origin 0"), ("x", "1"))), 1.0),
        (("a", ((origin, "origin 1"), ("x", "1"))), 2.0),
        (("a", ((origin, "origin 2"), ("x", "2"))), 3.0),
    ]
    assert shelf.catalog.dropped() == []


def test_of_those_that_nothing_tells_apart_the_first_stays(shelf):
    shelf.catalog = Catalog(lambda _: "same", rule_of)
    for number in (1.0, 2.0, 3.0):
        shelf.add("a", number=number, rule=int(number))

    labels = (("_objectname", "same"),)
    assert shelf.page() == [(("a", labels), 1.0)]
    dropped = [
        Dropped("duplicate", "a", str(dict(labels)), f"rules.yml:{rule}")
        for rule in (2, 3)
    ]
    assert shelf.catalog.dropped() == dropped
    # Told for each layout, not one after the other.
    shelf.add("b")
    shelf.page()
    assert shelf.catalog.dropped() == dropped


def test_equal_series_are_not_marked_any_more_once_one_is_gone(shelf):
    first = shelf.add("a", number=1.0)
    shelf.add("a", number=2.0)
    shelf.page()
    shelf.catalog.remove(first)

    assert shelf.page() == [(("a", ()), 2.0)]
    assert shelf.catalog.dropped() == []


# -- counters --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "more", "served"),
    [
        pytest.param(-1.0, {}, False, id="negative"),
        pytest.param(0.0, {}, True, id="nothing"),
        pytest.param(nan, {}, True, id="no number"),
        pytest.param(-1.0, {"factor": -1.0}, True, id="negative twice"),
        pytest.param(1.0, {"factor": -1.0}, False, id="by its factor"),
        pytest.param(1.0, {"constant": -1.0}, False, id="by its constant"),
    ],
)
def test_a_counter_is_served_unless_it_is_negative(shelf, number, more, served):
    shelf.add("a", kind=COUNTER, number=number, **more)

    assert len(shelf.page()) == served
    assert [drop.reason for drop in shelf.catalog.dropped()] == (
        [] if served else ["negative_counter"]
    )


def test_what_is_no_counter_may_be_negative(shelf):
    shelf.add("a", number=-1.0)
    shelf.add("b", (("x", "1"),), COUNTER, number=1.0)

    assert [value for _, value in shelf.page()] == [-1.0, 1.0]


def test_a_negative_counter_is_told_by_its_origin_and_comes_back(shelf):
    shelf.add("a", kind=COUNTER, number=1.0)
    shelf.add("b", kind=COUNTER, number=1.0, rule=14)
    shelf.table[1] = -2.0
    without = shelf.page()
    dropped = shelf.catalog.dropped()
    still = shelf.page()
    shelf.table[1] = 2.0

    assert without == still == [(("a", ()), 1.0)]
    assert dropped == [Dropped("negative_counter", "b", "origin 1", "rules.yml:14")]
    assert shelf.page() == [(("a", ()), 1.0), (("b", ()), 2.0)]
    assert shelf.catalog.dropped() == []


def test_a_negative_counter_that_is_removed_is_forgotten(shelf):
    series = shelf.add("a", kind=COUNTER, number=-1.0)
    shelf.page()
    shelf.catalog.remove(series)

    assert shelf.page() == []
    assert shelf.catalog.dropped() == []


def test_a_negative_counter_that_was_hidden_by_its_equal_is_not_served(shelf):
    shelf.add(kind=COUNTER, number=-1.0)
    same = {"constant": -2.0}
    for _ in range(3):
        shelf.add(labels=(("a", "1"),), kind=COUNTER, **same)
    first = shelf.page()

    shelf.catalog = Catalog(lambda _: "the same origin", lambda _: "")
    for _ in range(3):
        shelf.add(kind=COUNTER, **same)

    assert first == []
    assert shelf.page() == []
    assert [one.reason for one in shelf.catalog.dropped()] == ["negative_counter"] * 3


def test_samples_are_counted_by_rule_and_only_when_the_layout_is_another(shelf):
    shelf.add("a", rule=3)
    shelf.add("b", rule=3)
    gone = shelf.add("c", rule=5)
    first = shelf.catalog.samples_by_rule()
    shelf.page()
    again = shelf.catalog.samples_by_rule()
    shelf.catalog.remove(gone)

    assert first == {"rules.yml:3": 2, "rules.yml:5": 1}
    assert again is first
    assert shelf.catalog.samples_by_rule() == {"rules.yml:3": 2}


def test_a_sample_that_is_left_out_is_not_counted_for_its_rule(shelf):
    shelf.add("a", kind=COUNTER, number=-1.0, rule=3)
    shelf.add("b", rule=4)
    shelf.page()

    assert shelf.catalog.samples_by_rule() == {"rules.yml:4": 1}

"""What planned series tell of themselves, and how they follow texts that change."""

from __future__ import annotations

import pytest
from unit.collect.world import A, World, world
from unit.jmx.mbeans import Holds, Table

from jmx_bridge.collect.series import Series
from jmx_bridge.model import MetricType

# -- help -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(
            {"N": Holds(1, "long", "How many")},
            "How many t:name=null,type=A,attribute=N",
            id="described",
        ),
        pytest.param({"N": 1}, "t:name=null,type=A,attribute=N", id="by its name"),
        pytest.param(
            {"U": {"n": 1}},
            "a composite t:name=null,type=A,attribute=n",
            id="in a composite",
        ),
        pytest.param(
            {"N": Table((("a", 1),))},
            "a row t:name=null,type=A,attribute=N",
            id="in a table",
        ),
    ],
)
def test_the_default_help_is_description_and_origin(values, expected):
    one = world("rules: [{pattern: 't', name: n}]\n", A=values)
    one.scrape()

    assert one.helps() == {"n": expected}


def test_a_table_column_called_name_stands_in_the_default_help():
    one = World("rules: [{pattern: 't', name: n}]\n")
    one.put("t:type=A,name=own", {"N": Table((("a", 1),))})
    one.scrape()

    assert one.helps() == {"n": "a row t:name=own,type=A,attribute=N"}


def test_equal_series_tell_the_attribute_in_the_spelling_that_their_rule_saw():
    rules = (
        "rules:\n- {pattern: '<>some_a', name: n, attrNameSnakeCase: true}\n"
        "- {pattern: '<>someB', name: n}\n- {pattern: 'key=x', name: n}\n"
    )
    values = {"someA": 1, "someB": 2, "Rows": Table((("x", 3),))}

    assert list(world(rules, A=values).scrape()) == [
        "n{_objectname=t<type=A, key=x><>Rows}",
        "n{_objectname=t<type=A><>someB}",
        "n{_objectname=t<type=A><>some_a}",
    ]


def test_equal_series_tell_the_text_to_its_last_colon_if_their_rule_saw_it():
    rules = (
        "rules:\n- {pattern: 'Seen: ', name: n, value: 1}\n"
        "- {pattern: 'Hidden: ', name: n, value: 2, cache: true}\n"
    )

    one = world(rules, A={"Seen": "a:b:c", "Hidden": "d:e"})

    assert one.scrape() == {
        "n{_objectname=t<type=A><>Hidden}": 2.0,
        "n{_objectname=t<type=A><>Seen: a:b}": 1.0,
    }


# -- texts that change -------------------------------------------------------------------------------------


def test_another_value_of_the_same_series_lays_nothing_out_anew():
    one = world("rules: [{pattern: 'N: (.+)', name: n, value: $1}]\n", A={"N": "1"})
    one.scrape()
    before = one.inventory.catalog.assembled()
    one.put(A, {"N": "2"})

    assert one.scrape() == {"n{}": 2.0}
    assert one.inventory.catalog.assembled() is before


def test_a_text_that_another_rule_claims_becomes_another_series():
    rules = (
        "rules:\n- {pattern: 'N: a', name: one, value: 1}\n"
        "- {pattern: 'N: b', name: two, value: 2}\n- {pattern: 'M', name: three}\n"
    )
    one = world(rules)
    pages = []
    for text in ("a", "b", "c", "a"):
        one.put(A, {"N": text, "M": 3})
        pages.append(one.scrape())

    three = {"three{}": 3.0}
    assert pages == [
        {"one{}": 1.0, **three},
        {"two{}": 2.0, **three},
        three,
        {"one{}": 1.0, **three},
    ]


def test_a_text_that_stays_is_not_judged_again():
    one = world("rules: [{pattern: 'N: (.+)', name: n, value: $1}]\n", A={"N": "1"})
    one.scrape()
    before = one.rules.matcher.asked
    one.scrape()

    assert one.rules.matcher.asked == before


def test_an_answer_of_another_structure_is_judged_once_by_the_texts_in_it():
    rules = "rules: [{pattern: 'N: (.+)', name: n, value: $1}, {pattern: 'N'}]\n"
    one = world(rules, A={"N": "1", "Usage": {"Nice": None}})
    one.scrape()
    one.put(A, {"N": "2", "Usage": {"Nice": 3}})
    before = one.rules.matcher.asked

    assert one.scrape() == {"n{}": 2.0, "t_A_Usage_Nice{}": 3.0}
    assert one.rules.matcher.asked - before == 2


def test_values_that_a_cached_rule_decided_are_counted_on_when_a_text_changes():
    rules = (
        "rules:\n- {pattern: 'N: (.+)', name: n, value: $1}\n"
        "- {pattern: 'Count', name: c, cache: true}\n"
    )
    one = world(rules)
    cached = []
    for text in ("1", "2"):
        one.put(A, {"N": text, "Count": 3})
        one.scrape()
        cached.append(one.inventory.counts.cached)

    assert cached == [1, 1]


def test_a_label_on_all_series_of_an_mbean_changes_all_of_them():
    rules = (
        "metricCustomizers:\n"
        "- {mbeanFilter: {domain: t}, attributesAsLabels: [Version]}\n"
        "rules: [{pattern: '<>(One|Two)', name: $1}]\n"
    )
    one = world(rules)
    pages = []
    for version in ("1", "2"):
        one.put(A, {"One": 1, "Two": 2, "Version": version})
        pages.append(one.scrape())

    assert pages == [
        {f"One{{Version={v}}}": 1.0, f"Two{{Version={v}}}": 2.0} for v in ("1", "2")
    ]


def series(**changed) -> Series:
    fields = {
        "family": "n",
        "type": MetricType.GAUGE,
        "labels": (("a", "b"),),
        "bean": None,
        "leaf": 0,
        "factor": 1.0,
        "constant": 1.0,
        "help": None,
        "rule": 0,
        "text": "x",
    }
    return Series(**{**fields, **changed})


@pytest.mark.parametrize(
    "other",
    [
        {"family": "m"},
        {"labels": ()},
        {"type": MetricType.COUNTER},
        {"constant": None},
        {"factor": 2.0},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_series_that_is_another_does_not_take_the_place(other):
    assert not series().differs_only_in_value(series(**other))
    assert not series(**other).differs_only_in_value(series())


def test_a_series_takes_the_value_of_one_that_has_another_only():
    one, other = series(), series(constant=2.0, text="y", rule=5)

    assert one.differs_only_in_value(other)
    one.take_value(other)
    assert (one.constant, one.text) == (2.0, "y")


def test_a_constant_has_no_place_in_the_table():
    assert series(leaf=-1).slot == -1

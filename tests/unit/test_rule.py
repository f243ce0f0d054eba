"""What rules make of values: the first that matches decides, as in jmx_exporter."""

import pytest
from fake_matcher import FakeMatcher
from unit.ruled import BEAN, claim, ruleset, verdict

from jmx_bridge.config import DEFAULT
from jmx_bridge.mapping import (
    Drop,
    Ruleset,
    parse_name,
)
from jmx_bridge.mapping.subject import tail

# -- matching ----------------------------------------------------------------------------------


def test_the_first_rule_that_matches_decides():
    rules = ruleset(
        {"pattern": "BytesOut", "name": "zero"},
        {"pattern": "BytesIn", "name": "one"},
        {"pattern": "Bytes", "name": "two"},
    )

    found = verdict(rules)

    assert (found.family, found.rule) == ("one", 1)
    assert rules.where(found.rule) == rules.rules[1].where == "f.yml:4"


def test_what_no_rule_matches_becomes_nothing():
    assert verdict(ruleset({"pattern": "BytesOut", "name": "a"})) is None
    assert verdict(ruleset()) is None


def test_a_rule_that_leaves_a_value_out_hides_it_from_later_ones():
    rules = ruleset({"pattern": "Count", "name": ""}, {"pattern": ".*", "name": "a"})

    assert verdict(rules) == Drop("")


@pytest.mark.parametrize(
    ("expected", "pattern"),
    [
        (True, "<>Count"),
        (True, "<>Coun"),
        (True, "^kafka"),
        (True, "12$"),
        (True, "name=BytesIn, topic"),
        (True, "Count: 12"),
        (False, "name=BytesIn,topic"),
        (False, "^Count"),
        (False, "topic=orders, name"),
        (False, "kafka.server:type"),
    ],
)
def test_a_pattern_may_stand_anywhere_in_the_subject(expected, pattern):
    found = verdict(ruleset({"pattern": pattern, "name": "a"}))

    assert expected == (found is not None)


def test_groups_bind_as_far_right_as_they_can():
    assert (
        claim({"pattern": r"(\w=)(.*)", "name": "a_$1_$2"}).family
        == "a_c_orders_Count:_12"
    )


def test_no_pattern_matches_across_lines():
    rule = ruleset({"pattern": "Text: (.*)", "name": "a", "value": "1"})

    found = [
        verdict(rule, attribute=("Text", text), string=True)
        for text in ("one", "two\nlines", "two\u2028lines")
    ]

    assert [one is not None for one in found] == [True, False, False]


def test_a_rule_without_a_pattern_takes_everything():
    rules = ruleset({})

    found = verdict(rules)

    assert found.family == "kafka_server_Topics_Count"
    assert rules.matcher.asked == 0


def test_rules_behind_one_that_takes_everything_are_not_candidates():
    rules = ruleset({"pattern": "a"}, {"pattern": ".*"}, {"pattern": "b"})

    assert rules.candidates(-1, -1) == rules.text_candidates(-1, -1) == (0, 1)


def test_rules_whose_texts_are_missing_are_never_tried():
    rules = ruleset(
        {"pattern": "a<type=(.*)><>x", "name": "a"},
        {"pattern": "kafka.server<type=(.*)><>Value", "name": "b"},
    )

    assert verdict(rules) is None
    assert verdict(rules, attribute=("Text", "x"), string=True) is None
    assert rules.matcher.asked == 0


def test_a_text_is_required_as_often_as_it_stands_in_the_pattern():
    rules = ruleset({"pattern": "x=.*x=.*x=", "name": "a"})

    found = [rules.candidates(rules.bits(f"a<{text}>"), 0) for text in ("x=", "x=x=x=")]

    assert found == [(), (0,)]


def test_a_text_of_the_value_is_not_required_of_the_name():
    # The bits of a number's own text are never looked at.
    rules = ruleset({"pattern": "Count: 12", "name": "a"})

    assert verdict(rules).family == "a"
    assert verdict(rules, attribute=("Count", "13")) is None


# -- snake case and the cache ------------------------------------------------------------------


def test_snake_case_concerns_the_attribute_alone():
    rule = {"pattern": r"(\w+)<type=(\w+).*><(.*)>(\w+):", "attrNameSnakeCase": True}

    found = claim(
        rule | {"name": "$2_$3_$4"}, attribute=("MaxValue", "1"), path=("ThePath",)
    )

    assert found.family == "Topics_ThePath_max_value"
    assert claim(rule, attribute=("MaxValue", "1")).family == (
        "kafka_server_Topics_max_value"
    )


def test_each_rule_sees_the_attribute_as_it_asks_for_it():
    rules = ruleset(
        {"pattern": "<>MaxValue", "attrNameSnakeCase": True, "name": "no"},
        {"pattern": "<>max_value", "name": "neither"},
        {"pattern": "<>max_value", "attrNameSnakeCase": True, "name": "yes"},
    )

    assert verdict(rules, attribute=("MaxValue", "1")).family == "yes"


def test_each_rule_sees_a_texts_attribute_as_it_asks_for_it():
    options = {"attribute": ("SomeText", "x"), "string": True}
    written = {"pattern": "<>SomeText: x", "name": "written"}
    snake = {"pattern": "<>some_text: x", "name": "snake", "attrNameSnakeCase": True}

    assert claim(written, **options).family == "written"
    assert claim(snake, **options).family == "snake"


def test_a_cached_rule_sees_no_value():
    rules = ruleset(
        {"pattern": "Count: 12", "name": "value", "cache": True},
        {"pattern": r"Count: (\d+)", "name": "number", "cache": True},
        {"pattern": "Count: (.+)", "name": "a$1", "cache": True},
    )

    assert verdict(rules).family == "a_cache_"


@pytest.mark.parametrize(
    ("expected", "rule"),
    [
        (False, {"pattern": "Count:", "name": "a"}),
        (False, {"pattern": "<(.*)>C", "name": "a_$1"}),
        (False, {"pattern": ".*", "name": "a"}),
        (True, {"pattern": "Count: 1", "name": "a"}),
        (False, {"pattern": "Count: 1", "name": "a", "cache": True}),
        (True, {"pattern": "Count: (.*)", "name": "a", "value": "$1"}),
        (False, {"pattern": "Count: (.*)", "name": "a"}),
        (False, {"pattern": "(Count): (.*)", "name": "$1"}),
        (False, {"pattern": "(Count): (.*)", "name": "$12"}),
        (True, {"pattern": "(Count): (.*)", "name": "$21"}),
        (True, {"pattern": "(Count): (.*)", "name": "$2"}),
        (True, {"pattern": "(Count): (.*)", "name": "a", "labels": {"x": "$0"}}),
        (True, {"pattern": "Count: (?<v>.*)", "name": "a", "labels": {"${v}": "x"}}),
        (False, {"pattern": "(?<n>Count): (.*)", "name": "${n}"}),
        (False, {"pattern": "Count: (.*)", "name": r"\$1"}),
        (False, {"pattern": None}),
    ],
)
def test_it_is_known_whether_a_rule_may_see_the_value(expected, rule):
    rule = {key: value for key, value in rule.items() if value is not None}
    rules = ruleset(rule)

    assert expected == rules.rules[0].sees_value == rules.any_sees_value


# -- which MBeans and texts are worth asking for -----------------------------------------------


@pytest.mark.parametrize(
    ("expected", "pattern"),
    [
        (True, ".*"),
        (True, "kafka.server<type=Topics"),
        (True, "orders><Usage>used"),
        (True, "topic=orders, key=x"),
        (True, "<>Count"),
        (True, "used"),
        (True, "topic=invoices>"),
        (True, "server<type=Topics, name=BytesIn, topic=orders, key=x"),
        (False, r"kafka\.client<type"),
        (False, "client<type=Topics"),
        (False, "t<type=Topics"),
        (False, "r<type=Other"),
    ],
)
def test_a_rule_may_claim_inside_an_mbean_unless_its_text_is_elsewhere(
    expected, pattern
):
    rules = ruleset({"pattern": pattern, "name": "a"})

    assert expected == rules.may_claim_inside(parse_name(BEAN).text)


@pytest.mark.parametrize(
    ("expected", "rule"),
    [
        (True, {"pattern": "Text: (.*)", "name": "a", "value": "$1"}),
        (True, {"pattern": "Text: ok", "name": "a", "value": "1"}),
        (True, {"pattern": ".*", "name": "a", "value": "1"}),
        (True, {"pattern": "(.*)", "name": "a", "type": "INFO"}),
        (False, {"pattern": "Text: (.*)", "name": "a"}),
        (False, {"pattern": "Other: (.*)", "name": "a", "value": "$1"}),
        (False, {"pattern": ".*", "name": "a", "value": ""}),
    ],
)
def test_a_string_is_watched_only_if_a_rule_can_give_it_a_value(expected, rule):
    rules = ruleset(rule)
    bits = rules.bits(f"{parse_name(BEAN).text}{tail((), 'Text')}")

    assert expected == rules.may_value_string(bits, bits)
    assert rules.any_value == bool(rules.rules[0].config.value)


def test_a_string_is_watched_under_the_name_that_the_rule_sees():
    written = {"pattern": "<>SomeText: (.*)", "name": "a", "value": "$1"}
    snake = written | {"pattern": "<>some_text: (.*)", "attrNameSnakeCase": True}
    found = []
    for rules in (ruleset(written), ruleset(snake)):
        name = parse_name(BEAN).text
        bits = [rules.bits(f"{name}<>{text}: ") for text in ("SomeText", "some_text")]
        found.append(
            [rules.may_value_string(*bits), rules.may_value_string(*bits[::-1])]
        )

    assert found == [[True, False], [True, False]]


# -- the prefilter changes nothing -------------------------------------------------------------

ODD_RULES = [
    {"pattern": r"(\w+)<type=(\w+), name=(\w+), (.+)=(.+)><>Count: 1", "name": "a"},
    {"pattern": "type=.*, type=", "name": "b"},
    {"pattern": "a><", "name": "c"},
    {"pattern": "<>(true|false|NaN)", "name": "d"},
    {"pattern": "E: ", "name": "e"},
    {"pattern": ": E", "name": "f"},
    {"pattern": ": 1.5E-7", "name": "g"},
    {"pattern": "used: N", "name": "h", "cache": True},
    {"pattern": "max_value: N", "name": "i", "attrNameSnakeCase": True},
    {"pattern": "MaxValue: .*N", "name": "j"},
    {"pattern": "(?i)HEAP", "name": "k"},
    {"pattern": "^x.*(y|z)$", "name": "l"},
    {"pattern": r"name=a\.b", "name": "m"},
    {"pattern": "tr?u+e", "name": "n"},
    {"pattern": ": ?-", "name": "o"},
]
ODD_BEANS = [BEAN, "a:type=b", "x:type=t,name=a.b,type_=type=", "java.lang:type=Heap"]
ODD_VALUES = ["0", "12", "1.5E-7", "-1.0", "NaN", "-Infinity", "true", "false"]


@pytest.mark.parametrize("bean", ODD_BEANS)
@pytest.mark.parametrize("attribute", ["Count", "MaxValue", "E", "true", "used"])
@pytest.mark.parametrize("path", [(), ("Usage",), ("E", "max")])
def test_numbers_become_the_same_with_and_without_the_prefilter(bean, attribute, path):
    rules = ruleset(*ODD_RULES)

    for value in ODD_VALUES:
        found = [
            verdict(rules, bean, (attribute, value), path, fast=fast)
            for fast in (True, False)
        ]
        assert found[0] == found[1], value


@pytest.mark.parametrize("bean", ODD_BEANS)
@pytest.mark.parametrize("text", ["", "E", "y", "Heap", "type=, type=", ": E: N", "ok"])
def test_texts_become_the_same_with_and_without_the_prefilter(bean, text):
    rules = ruleset(*ODD_RULES)

    found = [
        verdict(rules, bean, ("MaxValue", text), string=True, fast=fast)
        for fast in (True, False)
    ]

    assert found[0] == found[1]


def test_without_a_file_everything_has_a_default_name():
    rules = Ruleset(DEFAULT, FakeMatcher)

    found = verdict(rules)

    assert found.family == "kafka_server_Topics_Count"
    assert found.labels == (("name", "BytesIn"), ("topic", "orders"))
    assert rules.where(found.rule) == "the default rule"

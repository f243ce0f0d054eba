"""Each step from a line to a sample, as the rule made it."""

import pytest
from unit.fake_matcher import FakeMatcher
from unit.fake_syntax import FakeSyntax
from unit.workbench.shop import Shop

from jmx_bridge.workbench.derive import arrows, derivation, seen_by

COUNTER = "- {name: 'a:type=Pool,name=x', attributes: {maxSize: 4, isOpen: true, Text: 7.5 MB}}"


def steps(rules, name, mbeans=COUNTER):
    shop = Shop(rules, mbeans)
    (line,) = [one for one in shop.lines for s in one.samples if s.name == name]
    (sample,) = line.samples
    rule = next(r for r in shop.rules.config.rules if r.where == sample.rule)
    count = FakeSyntax().group_count
    return dict(derivation(line, sample, rule, FakeMatcher, count))


@pytest.mark.parametrize(
    ("rule", "name", "step", "said"),
    [
        ("pattern: maxSize\n  name: a.B-c", "a_B_c", "name", "a.B-c → a_B_c"),
        (
            "pattern: maxSize\n  name: pool_total",
            "pool",
            "name",
            "pool_total → pool",
        ),
        (
            "pattern: maxSize\n  name: pool\n  type: COUNTER",
            "pool_total",
            "name",
            "pool → pool_total",
        ),
        (
            "pattern: maxSize\n  name: pool\n  type: COUNTER",
            "pool_total",
            "type",
            'counter, so its name ends with "_total"',
        ),
        ("pattern: maxSize\n  name: p\n  type: GAUGE", "p", "type", "gauge"),
        (
            "pattern: maxSize\n  name: p\n  valueFactor: 2",
            "p",
            "value",
            "4 → 4 * 2 → 8.0",
        ),
        ("pattern: maxSize\n  name: p", "p", "value", "4 → 4.0"),
        ("pattern: isOpen\n  name: p\n  valueFactor: 2", "p", "value", "true → 1.0"),
        (
            (
                r"pattern: 'Text: ([\d.]+) MB'"
                "\n  name: p\n  value: $1\n  valueFactor: 1024"
            ),
            "p",
            "value",
            "$1 → 7.5 → 7.5 * 1024 → 7680.0",
        ),
        (
            "pattern: max_size\n  name: p\n  attrNameSnakeCase: true",
            "p",
            "seen as",
            "a<type=Pool, name=x><>max_size: 4",
        ),
        (
            "pattern: maxSize\n  name: p\n  cache: true",
            "p",
            "seen as",
            "a<type=Pool, name=x><>maxSize: <cache>",
        ),
        (
            "pattern: 'name=(.*)><>maxSize'\n  name: p\n  labels: {pool: $1, none: ''}",
            "p",
            "label pool",
            "$1 → x",
        ),
        (
            "pattern: 'maxSize'\n",
            "a_Pool_maxSize",
            "name",
            "the rule gives none: made of the MBean's → a_Pool_maxSize",
        ),
        (
            "pattern: 'maxSize'\n",
            "a_Pool_maxSize",
            "label name",
            "x (a property of the ObjectName)",
        ),
    ],
)
def test_a_step_says_what_became_of_what(rule, name, step, said):
    assert steps(f"rules:\n- {rule}\n", name)[step] == said


def test_names_and_labels_in_lower_case_are_a_stage():
    rules = (
        "lowercaseOutputName: true\nlowercaseOutputLabelNames: true\n"
        "rules:\n- pattern: maxSize\n  name: PoolMax\n  labels: {KIND: Big}\n"
    )

    found = steps(rules, "poolmax")

    assert found["name"] == "PoolMax → poolmax"
    assert found["label kind"] == "Big"


def test_a_label_that_is_empty_is_said_to_be_left_out():
    rules = "rules:\n- pattern: '(x?)maxSize'\n  name: p\n  labels: {kind: $1}\n"

    assert steps(rules, "p")["label kind"] == "$1 →  (left out: empty)"


def test_a_counter_may_be_inferred_from_its_name():
    rules = (
        "inferCounterTypeFromName: true\nrules:\n- pattern: maxSize\n  name: p_total\n"
    )

    assert steps(rules, "p_total")["type"].startswith(
        "counter, by inferCounterTypeFromName"
    )


def test_families_of_two_types_say_so():
    mbeans = "- {name: 'a:b=c', attributes: {One: 1, Two: 2}}"
    rules = (
        "rules:\n- {pattern: 'One', name: p, type: GAUGE, labels: {n: '1'}}\n"
        "- {pattern: 'Two', name: p, type: UNTYPED, labels: {n: '2'}}\n"
    )
    shop = Shop(rules, mbeans)
    kinds = {line.samples[0].type for line in shop.lines}

    assert len(kinds) == 1
    told = shop.told("p")
    assert "have different types" in told


def test_a_rule_without_pattern_keeps_its_templates():
    shop = Shop("rules: [{}]", COUNTER)
    line = shop.line("maxSize")

    assert seen_by(line, shop.rules.config.rules[0]) == line.full
    assert "made of the MBean's" in shop.told("a_Pool_maxSize")


def test_equal_stages_have_one_arrow():
    assert arrows(["a", "a", "b", "b", "a"]) == "a → b → a"
    assert arrows([]) == ""

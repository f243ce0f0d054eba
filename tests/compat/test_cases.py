"""The rule language alone, without Java, makes the series of jmx_exporter 1.6."""

import re

import pytest
from cases import FOLDER, all_cases
from leaves import leaves
from unit.fake_matcher import FakeMatcher, verdict
from unit.fake_syntax import FakeSyntax

from jmx_bridge.config import load_config
from jmx_bridge.mapping import Claim, Ruleset, parse_name
from jmx_bridge.model import MetricType

CASES = all_cases()
SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)", re.ASCII)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)",?', re.ASCII)
BEYOND_THE_RULES = (
    "23-include-and-exclude",
    "24-whitelist-and-blacklist",
    "25-exclude-attributes",
    "26-include-attributes",
    "27-exclude-jvm-metrics",
    "28-customizers",
    "39-the-same-series-twice",
    "40-extra-metrics",
    "41-colons-in-values",
    "42-dates-as-labels",
)
"""What is not decided value by value."""


def read_page(text):
    """Return types by family, and values by name and labels."""
    types, values = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            types[name] = kind
        elif not line.startswith("#"):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            pairs = LABEL.findall(labels or "")
            values[name, tuple((key, unescaped(text)) for key, text in pairs)] = value
    return types, {key: repr(float(value)) for key, value in values.items()}


def unescaped(text):
    return re.sub(r"\\(.)", lambda escape: {"n": "\n"}.get(escape[1], escape[1]), text)


def made(case):
    """Return what `read_page` would of the page that our rules make."""
    config = load_config(str(case.rules), syntax=FakeSyntax(), environ={})
    rules = Ruleset(config, FakeMatcher)
    types, values = {}, {}
    for bean in case.mbeans:
        name = parse_name(bean.name)
        for leaf in leaves(bean):
            sample = leaf.text is not None and sampled(rules, name, leaf)
            if sample:
                claim, value = sample
                counter = claim.type is MetricType.COUNTER
                family = claim.family + "_total" * counter
                kind = claim.type.value.replace("unknown", "untyped")
                types.setdefault(family, kind)
                values[family, claim.labels] = repr(value)
    return types, values


def sampled(rules, name, leaf):
    string = leaf.kind == "STRING"
    bean = name.with_row(leaf.row) if leaf.row else name
    found = verdict(rules, bean, (leaf.name, leaf.text), leaf.path, string=string)
    if not isinstance(found, Claim) or (string and found.value is None):
        return None
    factor = 1.0 if leaf.kind == "BOOLEAN" else found.factor
    return found, leaf.number * factor if found.value is None else found.value


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.id)
        for case in CASES
        if case.id not in BEYOND_THE_RULES
    ],
)
def test_rules_make_the_series_of_jmx_exporter(case):
    assert read_page(case.expected) == made(case)


def test_every_file_belongs_to_a_case():
    names = {path.name.split(".")[0] for path in FOLDER.glob("[0-9]*")}

    assert names == {case.id for case in CASES}
    assert len(CASES) >= 25


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_a_case_says_what_it_shows(case):
    assert case.rules.read_text("utf-8").startswith("# ")
    assert case.mbeans

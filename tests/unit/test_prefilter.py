"""A pattern is read without running it, and what is said of it is true."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from fake_matcher import compiled

from jmx_bridge.mapping.prefilter import (
    PROBES,
    PatternFacts,
    PatternReader,
    read_pattern,
)

# The one in C, where there is one, as the packs are long.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PACKS = sorted((Path(__file__).parents[2] / "rules").glob("*.yml"))
NAMES = (
    "java.lang<type=Memory><HeapMemoryUsage>used",
    "kafka.server<type=A, name=BytesInPerSec, topic=t><>Count",
    "kafka.network<type=RequestMetrics, name=TotalTimeMs, request=Fetch><>99thPercentile",
    'Catalina<type=ThreadPool, name="http-nio-8080"><>currentThreadsBusy',
    "a<b=c><>d",
    "x1<y=2><z 3>w: 4",
    "E<INF=Nan><true>false",
)
VALUES = ("0", "1.0", "-12.5E-7", "NaN", "Infinity", "-Infinity", "true", "false")


@pytest.mark.parametrize(
    ("expected", "pattern"),
    [
        (("abc",), "abc"),
        (("a", "c"), "a.*c"),
        (("a.b",), r"a\.b"),
        (("a", "b"), "a.b"),
        (("ab", "d"), "abc?d"),
        (("a",), "a+"),
        (("a", "d"), "a(?:b|c)d"),
        (("abcd",), "a(bc)d"),
        (("abcd",), "a(?<name>bc)d"),
        (("a", "c"), "a[b]c"),
        (("a", "c"), r"a[b\d\t-]c"),
        (("a", "c"), "a(b)*c"),
        (("a", "c"), "ab{0,2}c"),
        (("a.*b",), r"\Qa.*b\E"),
        (("a.*b",), r"\Qa.*b"),
        (("a>", "<b"), "a><b"),
        (("a\tb",), r"a\tb"),
        (("a", "b"), r"a\d\W\s\S\hb"),
        (("ab",), "^ab"),
        (("ab",), "ab$"),
        (("a", "b"), r"a\bb"),
        ((), "(?i)abc"),
        ((), "(?i:abc)d"),
        (("abc",), "(?s)abc"),
        (("abc",), "(?sm)abc"),
        (("abc",), "(?s-m)abc"),
        (("abcd",), "a(?s-m:bc)d"),
        (("abcd",), "a(?:bc)d"),
        ((), "a|b"),
        ((), ".*"),
        ((), ""),
    ],
)
def test_the_required_texts_are_those_that_every_match_contains(expected, pattern):
    assert expected == read_pattern(pattern).required


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)b",
        "(?!a)b",
        "(?<=a)b",
        "(?<!a)b",
        "(?<=a)b>c",
        "(?<!a)b>c",
        "(?)ab",
        "(?u)ab",
        "(?>a)b",
        "(?x)a b",
        r"\p{Lu}a",
        r"(a)\1",
        r"\x41",
        r"a\zb",
        "a*+b",
        "a++b",
        "[a&&b]",
        "[a[b]]",
        r"[\p{Lu}]",
        "[a-[b]]",
        r"[a-\d]",
    ],
)
def test_what_is_not_understood_is_left_to_java(pattern):
    assert read_pattern(pattern) == PatternFacts()


@pytest.mark.parametrize(
    "pattern",
    [
        *("[a-f]", "[^a-f]", "[0-4E]", "[+-:]", "[ -0]", "[a-]", "[^a-]", "[-a]"),
        *(r"[\d:]", r"[^\d:]", r"[\w.]", r"[\W]", r"[\s]", r"[\S ]", r"[\D]", r"[\]a]"),
        *(
            r"[\t-\:]",
            r"[\t]",
            r"[\n ]",
            r"[\-a]",
            r"[a\-f]",
            "[&a]",
            "[a^]",
            "[a-e-n]",
        ),
        *(
            ".",
            "a",
            ":",
            "x",
            r"\d",
            r"\W",
            r"\S",
            r"\.",
            "(?i)[a-e]",
            "(?i)e",
            "(?i)N",
        ),
    ],
)
def test_one_character_is_read_as_what_it_matches(pattern):
    (element,) = PatternReader(pattern).read_all()

    assert element.chars == {c for c in PROBES if re.fullmatch(pattern, c)}


@pytest.mark.parametrize("pattern", ["*a", "a)", "(a", "a(?<b", "[a", "a\\", "(a]"])
def test_a_pattern_that_java_refuses_has_no_facts(pattern):
    assert read_pattern(pattern) == PatternFacts()


@pytest.mark.parametrize(
    ("expected", "pattern"),
    [
        (False, "a<b=c><>d"),
        (False, "a<b=c><>d: "),
        (False, r"a<b=c><>\w+:"),
        (False, "a<b=c>"),
        (False, ".*"),
        (False, "(?s).*"),
        (True, "a<b=c><>d: 1"),
        (True, r"a<b=c><>d: (\d+)"),
        (True, "a<b=(.+)><>(.+)"),
        (True, r"\d+"),
        (True, "true"),
        (True, "a<b=c><>d$"),
        (True, r"a<b=c><>d\b"),
        (True, "(?=a)b"),
        (True, "a<b=c><>d(: 1)+"),
        (False, "a<b=c><>[^:]+"),
        (True, r"a<b=c><>d.\d"),
    ],
)
def test_it_is_known_whether_a_match_may_depend_on_the_value(expected, pattern):
    assert expected == read_pattern(pattern).sees_value


@pytest.mark.parametrize(
    ("expected", "pattern"),
    [
        (frozenset(), "(a)<(b)=c><>d:"),
        (frozenset({3}), "(a)<(b)=c><>(.*)"),
        (frozenset({1, 2}), "<>((.*))"),
        (frozenset({2}), "(a)<>(?<rest>.*)"),
        (frozenset(), r"(a)<>(\d)"),
        (None, r"(a)<>d: (\d)"),
    ],
)
def test_it_is_known_which_groups_may_reach_into_the_value(expected, pattern):
    assert expected == read_pattern(pattern).seeing_groups


@pytest.mark.parametrize(
    ("expected", "pattern"),
    [
        (True, ".*"),
        (True, "(.*)"),
        (True, "^.*"),
        (True, ""),
        (False, ".+"),
        (False, "a*b"),
        (False, "^.*$"),
    ],
)
def test_it_is_known_whether_everything_matches(expected, pattern):
    assert expected == read_pattern(pattern).always


def test_groups_have_their_names():
    assert read_pattern("(a)(?<b>c)(?:d)(?<e>f)").names == {"b": 2, "e": 3}


@cache
def written():
    rules = [
        rule
        for path in PACKS
        for rule in yaml.load(path.read_text("utf-8"), LOADER).get("rules", ())
    ]
    return sorted({rule["pattern"] for rule in rules if "pattern" in rule})


read_once = cache(read_pattern)
MORE = [
    r"kafka\.(\w+)<type=(.+), name=(.+)PerSec, (.+)=(.+)><>Count",
    r"(\w+)<(.*)><(.*)>(.*)",
    r"(.*): (.*)",
    "[^:]*:",
    "[a-z]+<",
    r"(?i)COUNT",
    "(?i)[A-Z]+: NAN",
    "a|b|Memory",
    "a?b*c{0,1}",
    "><",
    ":",
    " ",
    "[: ]+",
    r"\D+",
    r"\W\w",
    "E",
    "(a(b|c)+)?",
]


@pytest.mark.parametrize("pattern", [*MORE, *written()])
def test_facts_hold_for_every_subject(pattern):
    facts, regex = read_once(pattern), compiled(pattern)

    for name in NAMES:
        matches = [regex.fullmatch(f"{name}: {value}") for value in VALUES]
        for match in filter(None, matches):
            wanted = {text: facts.required.count(text) for text in facts.required}
            assert all(match[0].count(text) >= n for text, n in wanted.items())
        if facts.always:
            assert all(matches)
        if not facts.sees_value:
            assert len({match is None for match in matches}) == 1
            groups = {seen(match, facts) for match in matches if match}
            assert len(groups) <= 1


def seen(match, facts):
    """Return the groups that are said not to depend on the value."""
    numbers = range(1, match.re.groups + 1)
    return tuple(match[n] for n in numbers if n not in (facts.seeing_groups or ()))


def test_the_packs_patterns_are_nearly_all_understood():
    facts = [read_once(pattern) for pattern in written()]

    assert len([one for one in facts if one.required]) >= 0.9 * len(facts)


def test_flags_in_the_middle_count_for_the_whole_pattern():
    assert read_pattern("ab(?i)cd").required == ()

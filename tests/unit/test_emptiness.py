"""In how many ways a pattern can match nothing at one place, told without running it."""

import pytest
from fake_syntax import FakeSyntax

from jmx_bridge.config import parse_config
from jmx_bridge.config.emptiness import emptiness
from jmx_bridge.errors import ConfigError


@pytest.mark.parametrize(
    ("expected", "pattern"),
    [
        (1, ""),
        (1, "abc.*d"),
        (1, "a|b|c"),
        (1, ".*.+(.*)"),
        (2, "|"),
        (2, "(|)"),
        (2, "(?:a|)?x"),
        (2, "(.*)?"),
        (1, "(a.*)?"),
        (8, "(.*)?(.*)?(.*)?x"),
        (8, "x(|)(|)(|)y"),
        (4, "(|)(|)x(|)(|)"),
        (3, r"\z|\Z|"),
        (3, "^|$|"),
        (27, "(?:|)*(?:|)*(?:|)*"),
        (27, "(?:|)?(?:|){0,2}(?:|){0,}"),
        (2, "(?:|){16}"),
        (2, "(?:|){3,3}"),
        (3, "(?:|){3,4}+"),
        (4, r"()(?:\1|)(?:\1|)"),
        (4, "(?<name>|)(|)"),
        (4, r"(?<name>)(?:\k<name>|)(?:\k<name>|)"),
        (4, "(?=|)(?<!|)"),
        (1, "(?=a)(?!.*b)(?<=c)(?<!d)"),
        (2, "(?i)(?i-s:|)"),
        (2, "(?>|)"),
        (1, r"\(\|\)"),
        (1, r"\Q(|)(|)\E"),
        (2, r"\Q(|)\E(|)"),
        (2, r"\Q\E(|)"),
        (1, r"\p{Alpha}{2,3}\x{41}?[\p{L}|]"),
        (1, "[]|)](a|b)"),
        (1, "[^]|)](a|b)"),
        (1, r"[a&&[^|)\]]]"),
        (2, "[a[b(]c](|)"),
        (16, "(?:x(?:|)(?:|))(?:|)(?:|)y"),
        (16, "(?:x(?:|)(?:|)|z)(?:|)(?:|)y"),
        (6, "(?:x(?:|)|(?:|))*"),
        (8, "(?x)(?:|) (?:|) # a\n(?:|)"),
        (4, "(?x:(?:|) (?:|)) (?:|)"),
        (4, "(?x)(?-x:(?:|) (?:|))(?:|)"),
    ],
)
def test_ways_of_matching_nothing_are_counted(expected, pattern):
    assert emptiness(pattern).ways == expected


@pytest.mark.parametrize(
    ("expected", "pattern"),
    [
        (1, "abc"),
        (4, ".*.+(.*)"),
        (3, "^a|b"),
        (8, "^(?:, (a)=(b))?(?:, c)?(?:, d)?$"),
        (3, "()()()"),
        (6, "(|)(|)"),
        (22, "(?:|)(?:|)(?:|)a"),
        (500, "(?=){500}"),
        (501, "(?:^){500,600}"),
        (2, "(?=){0,500}"),
        (9, "(?<=abc|d)x"),
        (2001, "(?<=a{1,999})x"),
    ],
)
def test_pieces_that_are_tried_without_a_look_are_counted(expected, pattern):
    assert emptiness(pattern).pieces == expected


def test_a_pattern_of_many_pieces_pays_more_steps_for_each_look():
    assert emptiness("(?:|)" * 6 + "x").steps == 11
    assert emptiness(r"kafka.(\w+)<type=(.+), name=(.+)><>(Count|Value)").steps == 1


def test_a_pattern_of_very_many_ways_is_read_in_no_time():
    assert emptiness("(?:|)" * 1_000_000).ways >= 1 << 40


@pytest.mark.parametrize("group", ["(?:|)", "(|)", r"(?:\b|)", "(?:(?=)|)", "(?:|)*"])
def test_each_more_of_them_multiplies_the_ways(group):
    assert emptiness(group * 30 + "x").ways >= 1 << 30


def test_a_pattern_that_is_nested_too_deeply_to_be_read_is_refused():
    class Lenient(FakeSyntax):
        def pattern_problem(self, pattern):
            return None

        def group_count(self, pattern):
            return 5000

    rules = f"rules: [{{pattern: {'(' * 5000}x{')' * 5000}, name: a}}]\n"
    with pytest.raises(ConfigError, match="groups are nested too deeply"):
        parse_config(rules, "rules.yml", syntax=Lenient(), environ={})

"""Matching is Java's own, so java.util.regex is the oracle."""

from __future__ import annotations

import threading

import jpype
import pytest

from jmx_bridge.jmx import JavaPatterns

SUBJECT = "kafka.server<type=A, name=BytesInPerSec, topic=t><>Count: 12"
TEMPLATES = [
    "", "plain", "$0", "$1", "$2_$3", "x$12", "$1$1", "$9", "$", "a$", "$x", "${name}", "${nope}", "${1}",
    "${", "${name", "\\$1", "\\\\", "tail\\", "$1\\", "€ $2 日本", "$4", "[$5]",
]  # fmt: skip
PATTERNS = [
    r"kafka.(\w+)<type=(.+), name=(.+)PerSec, (.+)=(.+)><>Count",
    r"(?<name>\w+)<(.*)>",
    r"(a)?kafka|(z)",
    r"()(server)",
    r"(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)",
    r".*",
]


@pytest.mark.parametrize(
    "subject", [SUBJECT, SUBJECT + "\nmore", ""], ids=["one", "two", "empty"]
)
@pytest.mark.parametrize("pattern", [*PATTERNS, r"(?s)(k.*)"])
def test_templates_expand_as_java_expands_them(jvm, pattern, subject):
    java = jpype.JClass("java.util.regex.Pattern").compile(f"^.*(?:{pattern}).*$")
    patterns = JavaPatterns([(pattern, [template]) for template in TEMPLATES])

    for index, template in enumerate(TEMPLATES):
        (answer,) = patterns.match([subject], [[(0, index)]])
        matcher = java.matcher(subject)
        matches = bool(matcher.matches())
        try:
            expected = str(matcher.replaceAll(template)) if matches else None
        except jpype.JException:
            expected = "bad"

        found = (
            None
            if answer.candidate < 0
            else "bad"
            if answer.bad
            else answer.expansions[0]
        )
        assert expected == found, template


def test_the_first_candidate_that_matches_answers(jvm):
    patterns = JavaPatterns([("nothing", ["a"]), ("S", ["b"]), ("S", ["c"])])

    answers = patterns.match(["S1", "no"], [[(0, 0), (0, 1), (0, 2)], [(1, 0), (1, 1)]])

    assert [answer.candidate for answer in answers] == [1, -1]
    assert answers[0].expansions == ["b"]


def test_a_pattern_that_java_refuses_is_told(jvm):
    with pytest.raises(ValueError, match="Unclosed group"):
        JavaPatterns([("fine", []), ("a(b", [])])


def test_the_time_of_each_pattern_is_measured_for_who_asks(jvm):
    compiled = [("S", ["a"]), (WILD, ["b"]), ("T", ["c"])]
    measured, other = JavaPatterns(compiled, measured=True), JavaPatterns(compiled)
    subjects = ["S", WILD_TEXT]

    for patterns in (measured, other):
        patterns.match(subjects, [[(0, 0)], [(1, 1), (1, 2)]])

    quick, wild, untried = measured.seconds()
    assert wild > quick > 0.0
    assert untried == 0.0
    assert other.seconds() is None


def test_a_nul_in_a_pattern_or_template_shifts_nothing(jvm):
    patterns = JavaPatterns([("a\0?(.)", ["x\0y", "$1"]), ("a", ["z"])])

    first, second = patterns.match(["ab"], [[(0, 0)], [(0, 1)]])

    assert first.expansions == ["x\ufffdy", "b"]
    assert second.expansions == ["z"]


WILD = r"Nodes: (.+),(.+),(.+),(.+),(.+),(.+);"
WILD_TEXT = "Nodes: ok;" + "n," * 400
DEEP = r"X((?:q|zz)+)0$"


def test_a_match_without_end_is_stopped_by_its_steps_and_no_later_pattern_answers(jvm):
    patterns = JavaPatterns([(WILD, ["a"]), (".*", ["b"])])

    stopped, other = patterns.match(
        [WILD_TEXT, "x"], [[(0, 0), (0, 1)], [(1, 0), (1, 1)]]
    )

    assert (stopped.candidate, stopped.undecided) == (0, "pattern_steps")
    assert (other.candidate, other.undecided) == (1, "")


@pytest.mark.parametrize(
    ("expected", "ways"), [("", ""), ("pattern_steps", "(?:|)" * 6)]
)
def test_what_is_tried_between_two_looks_counts_as_steps_too(jvm, expected, ways):
    # Half a million looks, each followed by 64 ways that look at nothing.
    patterns = JavaPatterns([(rf".[a-y]*{ways}\G", ["a"])])

    (answer,) = patterns.match(["y" * 1000], [[(0, 0)]])

    assert (answer.candidate == 0, answer.undecided) == (bool(expected), expected)


def test_a_pattern_that_is_stopped_again_and_again_rests_and_others_go_on(jvm):
    patterns = JavaPatterns([(WILD, ["a"]), (".*", ["b"])])

    for scrape in range(2):
        patterns.renew()
        answers = patterns.match([WILD_TEXT, "x"], [[(0, 0)]] * 10_000 + [[(1, 1)]])
        reasons = [answer.undecided for answer in answers]

        assert reasons.count("pattern_steps") <= (0 if scrape else 60)
        assert reasons.count("pattern_rests") >= 9_940
        assert answers[-1].expansions == ["b"]


def test_matches_that_take_few_steps_never_use_a_budget_up(jvm):
    patterns = JavaPatterns([(r"(.+)<(.+), (.+)=(.+)><>", ["$3"])])

    answers = patterns.match([SUBJECT], [[(0, 0)]] * 20_000)

    assert {answer.undecided for answer in answers} == {""}


def test_a_deep_match_does_not_depend_on_the_stack_of_who_asks(jvm):
    patterns = JavaPatterns([(DEEP, ["a"])])
    subjects = ["X" + "q" * length + "0" for length in (600, 1000, 2000, 4000)]
    questions = [[(i, 0)] for i in range(len(subjects))]
    answers = []
    before = threading.stack_size(256 << 10)
    try:
        asking = threading.Thread(
            target=lambda: answers.extend(patterns.match(subjects, questions))
        )
        asking.start()
    finally:
        threading.stack_size(before)
    asking.join()

    assert [answer.candidate for answer in answers] == [0, 0, 0, 0]


def test_a_match_deeper_than_any_stack_is_undecided(jvm):
    patterns = JavaPatterns([(DEEP, ["a"]), (".*", ["b"])])

    (answer,) = patterns.match(["X" + "q" * 300_000 + "0"], [[(0, 0), (0, 1)]])

    assert (answer.candidate, answer.undecided) == (0, "pattern_stack")

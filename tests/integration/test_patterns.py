"""Matching is Java's own, so java.util.regex is the oracle."""

from __future__ import annotations

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


def test_a_nul_in_a_pattern_or_template_shifts_nothing(jvm):
    patterns = JavaPatterns([("a\0?(.)", ["x\0y", "$1"]), ("a", ["z"])])

    first, second = patterns.match(["ab"], [[(0, 0)], [(0, 1)]])

    assert first.expansions == ["x\ufffdy", "b"]
    assert second.expansions == ["z"]

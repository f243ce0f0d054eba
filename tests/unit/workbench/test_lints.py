"""Each lint: what it finds, what is nearly it and is not, and the comment that silences it."""

import re
from dataclasses import dataclass, field

import pytest
from unit.fake_syntax import FakeSyntax
from unit.offline import config_of

from jmx_bridge.config.document import Problems
from jmx_bridge.config.parse import read_document
from jmx_bridge.workbench.lints import lint, silent_lines


def found(text):
    """Return what is found: lint and line, and the hint of each."""
    document = read_document(text, Problems("rules.yml"))
    problems = lint(config_of(text), document, text, FakeSyntax())
    return [
        (re.search(r"\[([\w-]+)\]$", one.message)[1], one.line, one.hint)
        for one in problems
    ]


def names(text):
    return [name for name, _, _ in found(text)]


@dataclass(frozen=True)
class Case:
    lint: str
    fires: str
    """With "HERE" behind the line where it is found."""
    misses: tuple[str, ...]
    hint: str = ""
    keys: dict[str, str] = field(default_factory=dict)


def rule(pattern, more="name: m"):
    return f"rules:\n- pattern: '{pattern}' # HERE\n  {more}\n"


CASES = [
    Case(
        "no-blank-after-comma",
        rule("a<b=c,d=(.+)><>E:"),
        (
            rule("a<b=c, d=(.+)><>E:"),
            rule("a<b=([^,]+), d=x><>E:"),
            rule("a.*(b,c)"),
            rule(r"a<b=c><>E: \d{1,3}"),
        ),
        "write a<b=c, d=(.+)><>E:",
    ),
    Case(
        "ends-before-value",
        rule("a<b=c><>Count$"),
        (rule("a<b=c><>Count: .*$"), rule("a<b=c><>Count:"), rule(r"a<b=c><>Count\$")),
        'write "a<b=c><>Count:"',
    ),
    Case(
        "open-end",
        rule("a<b=c><>current"),
        (
            rule("a<b=c><>current:"),
            rule("a<b=c><>(current|other)"),
            rule("a<b=c><>cur.*"),
        ),
        'write "a<b=c><>current:" for this one alone',
    ),
    Case(
        "hidden-rule",
        "rules:\n- {pattern: 'a<b=c', name: m}\n- {pattern: 'a<b=c><>D:', name: n} # HERE\n",
        (
            "rules:\n- {pattern: 'a<b=c><>D:', name: n}\n- {pattern: 'a<b=c', name: m}\n",
            "rules:\n- {pattern: 'a<b=c', name: m}\n- {pattern: 'a<b=c*><>D:', name: n}\n",
            "rules:\n- {pattern: 'a<b=(c', name: m}\n".replace("(c", "(c)")
            + "- {pattern: 'a<b=(c)?><>D:', name: n}\n",
            "rules:\n- {pattern: 'a<b=c', name: m}\n- {pattern: 'a<b=c|x<', name: n}\n",
            (
                "rules:\n- {pattern: 'a<b=c', name: m, cache: true}\n"
                "- {pattern: 'a<b=c><>D:', name: n}\n"
            ),
            (
                "rules:\n- {pattern: 'a<b=c', name: m, attrNameSnakeCase: true}\n"
                "- {pattern: 'a<b=c><>D:', name: n}\n"
            ),
        ),
    ),
    Case(
        "same-pattern",
        "rules:\n- {pattern: 'a<b=c', name: m}\n- {pattern: 'a<b=c', name: n} # HERE\n",
        (
            "rules:\n- {pattern: 'a<b=c', name: m}\n- {pattern: 'a<b=d', name: n}\n",
            (
                "rules:\n- {pattern: 'a<b=c', name: m}\n"
                "- {pattern: 'a<b=c', name: n, attrNameSnakeCase: true}\n"
            ),
        ),
    ),
    Case(
        "excluded-mbeans",
        "includeObjectNames: ['kafka.*:*']\n" + rule("java.lang<type=x><>Y:"),
        (
            rule("java.lang<type=x><>Y:"),
            "includeObjectNames: ['java.*:*']\n" + rule("java.lang<type=x><>Y:"),
            "includeObjectNames: ['my.java.lang:*']\n" + rule("java.lang<type=x><>Y:"),
            "includeObjectNames: ['kafka:*']\n" + rule("(kafka|x)<type=x><>Y:"),
        ),
        'add "java.lang:*" or a narrower pattern to includeObjectNames',
    ),
    Case(
        "two-types",
        "rules:\n- {pattern: 'a', name: m, type: GAUGE}\n"
        "- {pattern: 'b', name: m, type: UNTYPED} # HERE\n",
        (
            (
                "rules:\n- {pattern: 'a', name: m, type: GAUGE}\n"
                "- {pattern: 'b', name: m, type: GAUGE}\n"
            ),
            (
                "rules:\n- {pattern: '(a)', name: m$1, type: GAUGE}\n"
                "- {pattern: '(b)', name: m$1, type: UNTYPED}\n"
            ),
        ),
        "give both the same type",
    ),
    Case(
        "two-label-sets",
        "rules:\n- {pattern: 'a', name: m, labels: {x: '1'}}\n"
        "- {pattern: 'b', name: m, labels: {y: '1'}} # HERE\n",
        (
            (
                "rules:\n- {pattern: 'a', name: m, labels: {x: '1'}}\n"
                "- {pattern: 'b', name: m, labels: {x: '2'}}\n"
            ),
        ),
    ),
    *(
        Case(
            "reserved-label",
            f"rules:\n- {{pattern: 'a', name: m, labels: {{{label}: x}}}} # HERE\n",
            ("rules:\n- {pattern: 'a', name: m, labels: {level: x, _a: y}}\n",),
            "choose another name",
        )
        for label in ("le", "quantile", "job", "instance", "__meta")
    ),
    Case(
        "counter-without-total",
        "rules:\n- {pattern: 'a', name: requests, type: COUNTER} # HERE\n",
        (
            "rules:\n- {pattern: 'a', name: requests_total, type: COUNTER}\n",
            "rules:\n- {pattern: 'a', name: requests, type: GAUGE}\n",
            "rules:\n- {pattern: '(a)', name: requests_$1, type: COUNTER}\n",
            "rules:\n- {pattern: '(?<n>a)', name: 'requests_${n}', type: COUNTER}\n",
            "rules:\n- {pattern: 'a', type: COUNTER}\n",
        ),
        "write requests_total, as dashboards have to",
    ),
    *(
        Case(
            "unit",
            f"rules:\n- {{pattern: 'a', name: {name}}} # HERE\n",
            (
                f"rules:\n- {{pattern: 'a', name: {better}}}\n",
                "rules:\n- {pattern: a, name: ms}\n",
            ),
            f"write name: {better} and valueFactor: {factor}",
        )
        for name, better, factor in [
            ("wait_ms", "wait_seconds", "0.001"),
            ("wait_micros_total", "wait_seconds_total", "1e-6"),
            ("size_mb", "size_bytes", "1048576"),
            ("load_percent", "load_ratio", "0.01"),
            ("age_days", "age_seconds", "86400"),
        ]
    ),
    Case(
        "user-without-password",
        "hostPort: a:1\nusername: me # HERE\n",
        ("hostPort: a:1\nusername: me\npassword: x\n", "hostPort: a:1\n"),
    ),
]
IDS = [f"{case.lint}-{i}" for i, case in enumerate(CASES)]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_lint_finds_it_at_its_line(case):
    line = next(n for n, one in enumerate(case.fires.splitlines(), 1) if "HERE" in one)

    same = [one for one in found(case.fires) if one[0] == case.lint]

    assert [one[1] for one in same] == [line]
    assert case.hint in same[0][2]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_lint_lets_what_is_nearly_that_pass(case):
    for text in case.misses:
        assert case.lint not in names(text), text


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.parametrize("above", [True, False])
def test_a_comment_silences_a_lint_on_its_line(case, above):
    comment = f"# lint: off other-one, {case.lint}"
    lines = case.fires.splitlines()
    at = next(i for i, one in enumerate(lines) if "HERE" in one)
    if above:
        lines.insert(at, comment)
    else:
        lines[at] = lines[at].replace("# HERE", comment)

    assert case.lint not in names("\n".join(lines) + "\n")


def test_a_comment_silences_nothing_else():
    assert silent_lines("# lint: off a, b\nx\ny # lint: off c\n") == {
        1: {"a", "b"},
        2: {"a", "b"},
        3: {"c"},
        4: {"c"},
    }
    text = "# lint: off unit\nrules:\n- {pattern: 'a', name: wait_ms}\n"
    assert names(text) == ["unit"]


def test_what_is_found_stands_in_the_order_of_the_file():
    text = (
        "rules:\n- {pattern: 'a<b=c,d=e><>F', name: x_ms, type: COUNTER}\n"
        "- {pattern: 'a<b=c,d=e><>F', name: x_ms, type: GAUGE}\n"
    )

    lines = [line for _, line, _ in found(text)]

    assert lines == sorted(lines)
    assert {"two-types", "same-pattern", "no-blank-after-comma"} <= set(names(text))


def test_a_file_without_rules_has_nothing_to_find():
    assert names("rules: []\n") == []
    assert names("lowercaseOutputName: true\n") == []

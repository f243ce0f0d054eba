"""`jmx-bridge check` with a JVM: rules that match nothing, and series of each metric."""

import io
import json
import re
from pathlib import Path

import pytest
from fake_matcher import FakeMatcher
from fake_syntax import FakeSyntax

from jmx_bridge.commands import check as checking
from jmx_bridge.config.document import Problems
from jmx_bridge.config.parse import read_document
from jmx_bridge.jmx.moment import JvmReading
from jmx_bridge.settings import Settings, parse_settings
from jmx_bridge.workbench import checked
from jmx_bridge.workbench.written import read_mbeans

ROOT = Path(__file__).parents[2]
MBEANS = """\
- name: "Catalina:type=Manager,host=localhost,context=/shop"
  attributes: {activeSessions: 3, stateName: STARTED, password: hunter22}
- name: "Catalina:type=Manager,host=localhost,context=/"
  attributes: {activeSessions: 1, stateName: STARTED}
- name: "hidden:type=Other"
  attributes: {depth: 7}
"""
GOOD = """\
- pattern: 'Catalina<type=Manager, host=(.+), context=(.+)><>activeSessions:'
  name: app_sessions
  labels: {context: "$2"}
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Check the rules of a file on MBEANS; return what was found."""
    monkeypatch.setattr(checking, "JavaPatterns", FakeMatcher)
    monkeypatch.setattr(checking, "JavaSyntax", FakeSyntax)
    node = read_document(MBEANS, Problems("mbeans"))
    reading = JvmReading(read_mbeans(node))
    monkeypatch.setattr(checking, "read_moments", lambda *_: [reading])
    monkeypatch.chdir(tmp_path)

    def run(rules, *arguments):
        (tmp_path / "rules.yml").write_text(f"excludeJvmMetrics: true\n{rules}")
        settings = parse_settings(
            ["check", "rules.yml", "--jmx.target=a:1", *arguments], {}
        )
        target = checking.Target(settings)
        return checking.check_file("rules.yml", FakeSyntax(), None, target)

    return run


def told(found):
    return [(p.line, p.message.partition(": ")[2], p.hint) for p in found.problems]


def test_series_are_counted_by_metric(check):
    found = check("rules:\n" + GOOD)

    assert told(found) == []
    assert found.covered.samples == 2
    assert found.covered.metrics == [
        ("app_sessions", "unknown", 2, ("rules.yml:3",)),
    ]


NOTHING = "matches nothing in this JVM [matches-nothing]"
LINE = "Catalina<type=Manager, host=localhost, context=/shop><>"


@pytest.mark.parametrize(
    ("rule", "message", "hint"),
    [
        (
            "pattern: 'Catalina<type=Manager, host=(.+), context=(.+)><>activesessions:'",
            NOTHING,
            (
                "write (?i)Catalina<type=Manager, host=(.+), context=(.+)><>activesessions: "
                f"(other letters are capitals) for {LINE}activeSessions: 3"
            ),
        ),
        (
            "pattern: 'Catalina<type=Manager, host=other, context=(.+)><>activeSessions:'",
            NOTHING,
            (
                f"the nearest line is {LINE}activeSessions: 3, "
                "where 'other, context=(.+)><>activeSessions:' of the pattern is not found"
            ),
        ),
        (
            "pattern: 'zzz<zzz=zzz>'",
            "matches nothing in this JVM, and nothing there is like it [matches-nothing]",
            "",
        ),
        (
            "pattern: 'context=/shop><>activeSessions: '",
            "gets nothing: rules.yml:4 takes what it matches first [matches-nothing]",
            (
                "move it before that one, which takes "
                "Catalina<type=Manager, host=localhost, context=/shop><>activeSessions"
            ),
        ),
        (
            "pattern: 'hidden<type=Other><>depth: '",
            "matches only what rules don't see [matches-nothing]",
            ("such as hidden<type=Other><>depth: excludeObjectNames has hidden:*"),
        ),
        (
            "{pattern: '<>stateName: ', name: a}",
            "matches only text, and gives it no value [matches-nothing]",
            f"add value; it is {LINE}stateName",
        ),
    ],
)
def test_a_rule_that_gets_nothing_is_told_with_the_nearest_line(
    check, rule, message, hint
):
    found = check(f"excludeObjectNames: ['hidden:*']\nrules:\n{GOOD}- {rule}\n")

    assert told(found) == [(7, message, hint)]
    assert not checking.good(found, strict=True)
    assert checking.good(found, strict=False)


def test_a_comment_silences_it(check):
    silent = "# lint: off matches-nothing\n- pattern: 'zzz<zzz=zzz>'\n"

    assert told(check(f"rules:\n{silent}{GOOD}")) == []


def test_rules_that_leave_out_on_purpose_match(check):
    dropping = "- {pattern: '<>activeSessions: 3', name: ''}\n"

    found = check(f"rules:\n{dropping}{GOOD}")

    assert told(found) == []
    assert found.covered.claimed == {"rules.yml:3": 1, "rules.yml:4": 1}


def test_secrets_of_the_jvm_are_not_told(check):
    rule = "- pattern: 'Catalina<type=Manager, host=localhost, context=/shop><>password: no'\n"

    for arguments, shown in (((), "<secret>"), (("--show-secrets",), "hunter22")):
        ((_, message, hint),) = told(check(f"rules:\n{rule}", *arguments))
        assert message == NOTHING
        assert shown in hint
        assert shown == "hunter22" or "hunter22" not in hint


def test_rules_of_included_files_are_counted_and_not_named(check, tmp_path):
    (tmp_path / "more.yml").write_text("rules:\n- pattern: 'zzz'\n" + GOOD)

    found = check("include: [more.yml]\n")

    output = io.StringIO()
    checked.write_text([found], output)
    assert told(found) == []
    assert output.getvalue().splitlines() == [
        "rules.yml: good, 2 rules",
        "  2 samples of 1 metric, and 0 that need no rule",
        "         2 app_sessions (unknown) by more.yml:3",
        "  more.yml: 1 of 2 rules match nothing here",
    ]


def test_json_has_the_counts(check):
    output = io.StringIO()

    checked.write_json([check("rules:\n- pattern: 'zzz'\n" + GOOD)], output)

    (file,) = json.loads(output.getvalue())["files"]
    assert file["jvm"] == {
        "samples": 2,
        "built_in": 0,
        "metrics": [
            {
                "name": "app_sessions",
                "type": "unknown",
                "series": 2,
                "rules": ["rules.yml:4"],
            }
        ],
        "rules": [
            {"rule": "rules.yml:3", "values": 0},
            {"rule": "rules.yml:4", "values": 2},
        ],
    }


@pytest.mark.parametrize(
    ("reads", "argv", "environ"),
    [
        (False, ["check", "a.yml"], {}),
        (False, ["check", "a.yml"], {"JMX_BRIDGE_JMX_TARGET": "a:1"}),
        (True, ["check", "a.yml", "--recording=x"], {"JMX_BRIDGE_JMX_TARGET": "a:1"}),
        (True, ["check", "a.yml", "--jmx.url=service:jmx:x"], {}),
        (False, ["--config.check", "--config.file=a", "--jmx.target=a:1"], {}),
    ],
)
def test_only_a_flag_of_check_names_a_jvm(reads, argv, environ):
    settings: Settings = parse_settings(argv, environ)

    assert checking.reads_target(settings) is reads


OURS = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("rules/*.yml", "examples/rules/*.yml", "examples/**/rules.yml")
    for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("name", OURS)
def test_there_is_nothing_to_say_about_our_own_rule_files(name):
    found = checking.check_file(str(ROOT / name), FakeSyntax())

    assert list(map(str, found.problems)) == []
    assert checking.good(found, strict=True)


def test_what_is_silenced_in_our_own_rule_files_has_a_reason():
    reasons = [
        match[1].strip()
        for name in OURS
        for match in re.finditer(
            r"#\s*lint:\s*off\s+[\w, -]+(.*)", (ROOT / name).read_text("utf-8")
        )
    ]

    assert reasons
    assert all(re.fullmatch(r"\(.+\)", reason) for reason in reasons)

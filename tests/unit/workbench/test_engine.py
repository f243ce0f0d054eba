"""What the engine of the workbench's page answers, without Java."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from shop import MANAGER, MBEANS, mbeans_of
from unit.fake_matcher import FakeMatcher, compiled
from unit.fake_syntax import FakeSyntax

from jmx_bridge.config import load_config
from jmx_bridge.errors import NotAnswered
from jmx_bridge.jmx.moment import JvmReading
from jmx_bridge.mapping import Ruleset
from jmx_bridge.workbench.engine import Engine, Sources, engine
from jmx_bridge.workbench.engine.drafts import MOST_NODES
from jmx_bridge.workbench.lines import Fate
from jmx_bridge.workbench.survey import survey

RULES = """
excludeJvmMetrics: true
password: c4nary-in-the-file
rules:
- pattern: 'Catalina<type=Manager, host=(.+), context=(.+)><>activeSessions'
  name: app_sessions
  labels: {context: $2}
"""
EDITED = """
excludeJvmMetrics: true
rules:
- pattern: 'Catalina<type=Manager, host=(.+), context=(.+)><>activeSessions'
  name: app_sessions
  type: GAUGE
  labels: {context: $2}
- {pattern: 'maxThreads', name: app_threads}
- {pattern: 'nothing', name: app_nothing}
"""
SECRETS = """
- name: "shop:type=Secrets,password=c4nary-in-a-name"
  attributes: {password: c4nary-in-a-value, Url: 'jdbc:x://shop:c4nary-in-a-url@db/x'}
"""


def known(pattern):
    try:
        compiled(pattern)
    except re.error:
        return "(?!)"
    return pattern


class LimitedMatcher(FakeMatcher):
    """A matcher that nothing limits; what Java takes and Python doesn't matches nothing."""

    def __init__(self, patterns, **more):
        super().__init__([(known(text), texts) for text, texts in patterns], **more)

    def limit(self, seconds):
        self.limited = seconds


class Bench:
    """An engine over written MBeans."""

    def __init__(
        self,
        folder: Path,
        rules: str = RULES,
        mbeans: str = MBEANS,
        *,
        seconds: float = 10.0,
        recording: bool = False,
        flagged=(),
        matcher=LimitedMatcher,
    ) -> None:
        self.file = folder / "rules.yml"
        self.file.write_text(rules, "utf-8")
        self.readings = 0
        self.mbeans = mbeans
        sources = Sources(
            target="shop",
            recording=recording,
            read=self._read,
            load=self._load,
            file=str(self.file),
            flagged=flagged,
            secrets=["c4nary-of-a-flag"],
            compile_patterns=matcher,
            syntax=FakeSyntax(),
        )
        self.engine = Engine(sources, seconds)

    def _read(self, _):
        self.readings += 1
        return JvmReading(mbeans_of(self.mbeans), taken_at=1_700_000_000.0)

    def _load(self):
        return load_config(str(self.file), syntax=FakeSyntax(), environ={})

    @property
    def reading(self) -> str:
        return self.engine.kept().id

    def attempt(self, rules: str, client: str = "me"):
        return self.engine.attempt(client, self.reading, rules)


@pytest.fixture
def bench(tmp_path) -> Bench:
    return Bench(tmp_path)


def test_the_state_has_the_rules_without_their_passwords(bench):
    state = bench.engine.state()

    assert state["reading"] == {
        "id": bench.reading,
        "at": "2023-11-14T22:13:20Z",
        "mbeans": 3,
        "values": 6,
    }
    assert state["rules"]["file"] == str(bench.file)
    assert state["rules"]["text"] == RULES.replace("c4nary-in-the-file", "'<secret>'")
    assert "tomcat" in state["packs"]
    assert state["mayRefresh"]


def test_the_tree_counts_values_in_the_order_of_registration(bench):
    domains = {one["domain"]: one["mbeans"] for one in bench.engine.tree()["domains"]}

    assert domains["Catalina"][0] == {
        "name": "Catalina:type=Manager,host=localhost,context=/shop",
        "properties": [
            ["type", "Manager"],
            ["host", "localhost"],
            ["context", "/shop"],
        ],
        "values": 3,
        "served": 1,
    }


def test_an_mbean_has_its_lines(bench):
    name = "Catalina:type=Manager,host=localhost,context=/shop"
    found = bench.engine.mbean(bench.reading, name)

    assert [line["attribute"] for line in found["lines"]] == [
        "activeSessions",
        "stateName",
        "broken",
    ]
    with pytest.raises(NotAnswered) as refused:
        bench.engine.mbean(bench.reading, "no:type=Such")
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("text", "state", "expected"),
    [
        ("ACTIVESESS", "all", ["activeSessions"]),
        ("app_sessions{context", "all", ["activeSessions"]),
        ("", "served", ["activeSessions"]),
        ("", "unmatched", ["stateName", "maxThreads"]),
        ("activeSessions", "unmatched", []),
    ],
)
def test_a_search_finds_lines_and_what_they_become(bench, text, state, expected):
    found = bench.engine.search(bench.reading, text, state, 0)

    assert [line["attribute"] for line in found["lines"]] == expected
    assert found["total"] == len(expected)


def test_a_search_goes_on_where_it_is_told_to(bench):
    found = bench.engine.search(bench.reading, "", "all", 5)

    assert (found["total"], len(found["lines"])) == (6, 1)


def test_rules_on_trial_are_compared_with_those_in_force(bench):
    told = bench.attempt(EDITED)

    assert told["valid"]
    assert told["samples"] == 2
    assert told["series"] == {
        "gained": {
            "total": 1,
            "shown": [
                {
                    "series": "app_threads",
                    "value": "200.0",
                    "type": "unknown",
                    "line": "editor:8",
                }
            ],
        },
        "lost": {"total": 0, "shown": []},
        "changed": {
            "total": 1,
            "shown": [
                {
                    "series": 'app_sessions{context="/shop"}',
                    "value": "3.0",
                    "type": "gauge",
                    "line": "editor:4",
                    "was": {"type": "unknown", "value": "3.0"},
                }
            ],
        },
    }
    assert told["rules"] == [
        {"line": "editor:4", "name": "app_sessions", "samples": 1},
        {"line": "editor:8", "name": "app_threads", "samples": 1},
        {"line": "editor:9", "name": "app_nothing", "samples": 0},
    ]
    assert told["unmatched"] == {
        "total": 1,
        "shown": [
            "Catalina<type=Manager, host=localhost, context=/shop><>stateName: STARTED"
        ],
    }
    assert 'app_sessions{context="/shop"} 3.0' in told["page"]["text"]
    assert told["page"]["total"] == len(told["page"]["text"])


@pytest.mark.parametrize(
    "rules",
    [
        "rules: []\n",
        "lowercaseOutputName: true\n",
        "includeObjectNames: ['Catalina:*']\n",
        "excludeObjectNameAttributes: {'Catalina:type=ThreadPool,name=\"http-nio-8080\"': [maxThreads]}\n",
        EDITED,
        "rules: [{pattern: 'stateName: (.+)', name: s, value: 1}]\n",
        "rules: [{pattern: 'stateName', name: s}, {pattern: max, name: ''}]\n",
        "metricCustomizers: [{mbeanFilter: {domain: Catalina}, attributesAsLabels: [stateName]}]\n",
    ],
)
def test_what_stays_unmatched_is_what_list_says(bench, rules):
    told = bench.attempt(rules)
    bench.file.write_text(rules, "utf-8")
    lines = survey(bench._read(None), Ruleset(bench._load(), FakeMatcher)).lines
    left = [one.full for one in lines if one.fate in {Fate.UNMATCHED, Fate.TEXT}]

    assert told["valid"], told
    assert told["unmatched"] == {"total": len(left), "shown": left}


def test_a_wrong_text_gives_findings_with_their_places(bench):
    told = bench.attempt("rules:\n- {pattern: '(', name: x}\n")

    assert not told["valid"]
    assert "series" not in told
    (finding,) = told["findings"]
    assert (finding["file"], finding["line"], finding["level"]) == (
        "editor",
        2,
        "error",
    )


def test_only_packs_may_be_included(bench, tmp_path):
    (tmp_path / "other.yml").write_text("rules: [{pattern: max, name: other}]\n")
    told = bench.attempt(
        f"excludeJvmMetrics: true\ninclude: [tomcat, other.yml, {tmp_path}/other.yml]\n"
    )

    assert told["valid"], told
    assert [(one["line"], one["level"]) for one in told["findings"]] == [
        (2, "warning"),
        (2, "warning"),
    ]
    lines = {one["line"] for one in told["series"]["gained"]["shown"]}
    assert lines
    assert all(line.startswith("tomcat.yml:") for line in lines)


def test_what_says_nothing_of_values_is_left_out_and_never_read(bench, monkeypatch):
    monkeypatch.setenv("SECRET", "c4nary-of-the-environment")
    told = bench.attempt(
        "hostPort: [1]\npassword: ${SECRET}\nssl: {keyStore: {filename: /etc/passwd}}\n"
        "httpServer: {authentication: {basic: {}}}\nrules: [{pattern: max, name: m}]\n"
    )

    assert told["valid"], told
    assert [one["line"] for one in told["findings"]] == [1, 2, 3, 4]
    assert "c4nary" not in str(told)


def test_passwords_show_in_no_answer(tmp_path):
    bench = Bench(tmp_path, mbeans=MBEANS + SECRETS)
    rules = (
        "rules:\n- pattern: 'password: (.)(.)(.*)'\n  name: found\n  value: 1\n"
        "  labels: {a: $1, all: '$2$3', flag: c4nary-of-a-flag}\n"
    )
    answers = [
        bench.engine.state(),
        bench.engine.tree(),
        bench.engine.search(bench.reading, "", "all", 0),
        bench.engine.explain("me", bench.reading, "password", None),
        bench.engine.explain("me", bench.reading, "found", rules),
        bench.attempt(rules),
    ]

    assert [str(one) for one in answers if "c4nary" in str(one)] == []
    assert bench.attempt(rules)["samples"] == 1


@pytest.mark.parametrize("guess", ["c4nary", "c", "c4nary-in-a-v"])
def test_no_guess_tells_whether_it_is_a_part_of_a_password(tmp_path, guess):
    secret = "- name: 'shop:type=S'\n  attributes: {password: c4nary-in-a-value}\n"
    bench = Bench(tmp_path, "rules: []\n", secret)
    pattern = f"rules: [{{pattern: 'password: {guess}', name: x, value: 1}}]\n"

    assert bench.attempt(pattern)["samples"] == 0
    assert bench.engine.search(bench.reading, f": {guess}", "all", 0)["total"] == 0


def test_a_metric_is_explained_by_the_rules_that_it_is_asked_with(bench):
    by_rules = bench.engine.explain("me", bench.reading, "app_threads", EDITED)
    in_force = bench.engine.explain("me", bench.reading, MANAGER, None)

    assert [one["rule"] for one in by_rules["series"]] == ["editor:8"]
    assert [one["rule"] for one in in_force["lines"]] == [f"{bench.file}:5"]


def test_a_reading_that_is_no_more_is_told(bench):
    old = bench.reading
    new = bench.engine.refresh()["reading"]

    assert (bench.readings, new["id"]) == (2, bench.reading)
    with pytest.raises(NotAnswered) as refused:
        bench.engine.attempt("me", old, EDITED)
    assert refused.value.status == 410
    assert refused.value.document["reading"] == new


def test_a_recording_is_not_read_anew(tmp_path):
    bench = Bench(tmp_path, recording=True)

    with pytest.raises(NotAnswered) as refused:
        bench.engine.refresh()
    assert refused.value.status == 409


def test_a_rule_file_that_changes_is_in_force_and_one_that_is_wrong_is_not(bench):
    before = bench.reading
    bench.file.write_text(EDITED, "utf-8")
    state = bench.engine.state()
    assert state["reading"]["id"] != before
    assert bench.readings == 1
    assert bench.attempt(EDITED)["series"]["gained"]["total"] == 0

    bench.file.write_text("rules: [{pattern: '('}]", "utf-8")
    state = bench.engine.state()
    assert "pattern" in state["rules"]["why"]
    assert bench.attempt(EDITED)["series"]["gained"]["total"] == 0


def test_a_text_that_is_too_large_is_refused(bench):
    for rules, status in (
        ("#" * (engine.MOST_BYTES + 1), 413),
        (f"a: [{'1,' * MOST_NODES}1]", 422),
        (f"a: [{'1,' * 60_000}1]", 422),
        (f"x: &x [{'1,' * 1000}]\ny: [{'*x,' * 30}]", 422),
        (7, 400),
    ):
        with pytest.raises(NotAnswered) as refused:
            bench.attempt(rules)
        assert refused.value.status == status
        if status == 422:
            (finding,) = refused.value.document["findings"]
            assert finding["level"] == "error"


class SlowMatcher(LimitedMatcher):
    """Matches until it is limited."""

    begun = threading.Event()

    def __init__(self, patterns, **more):
        super().__init__(patterns, **more)
        self._slow = any(text == "maxT" for text, _ in patterns)
        self._limited = threading.Event()

    def limit(self, seconds):
        if seconds <= 0:
            self._limited.set()

    def match(self, subjects, questions):
        if self._slow and questions:
            self.begun.set()
            assert self._limited.wait(10)
        return super().match(subjects, questions)


def test_a_newer_evaluation_of_the_same_client_ends_the_older(tmp_path):
    bench = Bench(tmp_path, matcher=SlowMatcher)
    refused = []

    def older():
        with pytest.raises(NotAnswered) as caught:
            bench.attempt("rules: [{pattern: maxT, name: x}]")
        refused.append(caught.value)

    thread = threading.Thread(target=older)
    thread.start()
    assert SlowMatcher.begun.wait(10)
    assert bench.attempt(EDITED)["valid"]
    thread.join(10)
    assert (refused[0].status, refused[0].document["busy"]) == (409, True)


def test_an_evaluation_ends_when_its_time_is_up(tmp_path):
    bench = Bench(tmp_path, seconds=0.0)

    with pytest.raises(NotAnswered) as refused:
        bench.attempt(EDITED)
    assert refused.value.status == 422
    assert "longer than 0 s" in refused.value.document["findings"][0]["message"]

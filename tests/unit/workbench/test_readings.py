"""One reading of all that a JVM tells, and what became of each value in it."""

import pytest
from unit.jmx.mbeans import Opaque, Table, Throws, mbean
from unit.workbench.shop import ruleset

from jmx_bridge.errors import DeadlinePassed, SessionLost
from jmx_bridge.jmx.abc import TOO_MUCH, Failure
from jmx_bridge.jmx.moment import JvmReading
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.workbench import reading as readings
from jmx_bridge.workbench.lines import Fate
from jmx_bridge.workbench.reading import may_be_read, read_jvm
from jmx_bridge.workbench.survey import survey

EVERYTHING = (
    mbean("a:type=All", {"N": 1, "T": "x", "C": {"u": 1}, "R": Table((("k", 2),))}),
    mbean("a:type=Odd", {"Null": None, "Gone": Throws(), "List": Opaque()}),
    mbean("b:type=Empty"),
    mbean("c:type=Late", {"N": 1}, unanswered=Failure.LATE),
    mbean("c:type=Broken", {"N": 1}, undescribed=Failure.BROKEN),
    mbean("java.lang:type=Runtime", {"SystemProperties": "secret", "Uptime": 5}),
)


def read(mbeans=EVERYTHING, **more):
    return read_jvm(RecordedSession(mbeans, {"java.vm.vendor": "V"}), 10.0, **more)


def test_every_value_is_read_once_sorted_by_mbean():
    found = read()

    assert [one.name for one in found.mbeans] == sorted(one.name for one in EVERYTHING)
    (every,) = [one for one in found.mbeans if one.name == "a:type=All"]
    assert [value.text for value in every.values] == ["1", "x", "1", None, "2"]
    assert found.runtime == ("", "V", "")
    assert found.taken_at > 1.7e9


def test_what_is_never_asked_for_is_described_and_has_no_value():
    (runtime,) = [one for one in read().mbeans if one.name.endswith("Runtime")]

    assert [one.name for one in runtime.attributes] == ["SystemProperties", "Uptime"]
    assert [value.text for value in runtime.values] == ["5"]
    assert may_be_read("java.lang:type=Runtime", runtime.attributes) == [1]


def test_failures_are_kept_with_their_reason():
    by_name = {one.name: one for one in read().mbeans}

    assert by_name["c:type=Late"].unanswered is Failure.LATE
    assert by_name["c:type=Broken"].undescribed is Failure.BROKEN


def test_more_mbeans_than_are_asked_at_a_time(monkeypatch):
    monkeypatch.setattr(readings, "AT_ONCE", 2)

    assert read().mbeans == read_jvm(RecordedSession(EVERYTHING), 10.0).mbeans


def test_a_reading_that_takes_too_long_is_given_up():
    with pytest.raises(DeadlinePassed):
        read_jvm(RecordedSession(EVERYTHING), -1.0)


def test_a_lost_session_is_told():
    session = RecordedSession(EVERYTHING)
    session.lost = SessionLost("over")

    with pytest.raises(SessionLost):
        read_jvm(session, 10.0)


FATES = [
    ("a<type=All>N", "rules: [{pattern: N}]", Fate.SERVED, ""),
    ("a<type=All>N", "rules: [{pattern: zzz}]", Fate.UNMATCHED, "no rule matches"),
    ("a<type=All>T", "rules: [{pattern: zzz}]", Fate.TEXT, "no rule gives it a value"),
    ("a<type=All>T", "rules: [{pattern: T}]", Fate.TEXT, "no rule gives it a value"),
    ("a<type=All>T", "rules: [{pattern: T, name: t, value: 1}]", Fate.SERVED, ""),
    (
        "a<type=All>N",
        "rules: [{pattern: N, name: ''}]",
        Fate.EMPTIED,
        "the rule gives it no name, or no number",
    ),
    (
        "a<type=All>N",
        "rules: [{pattern: N, name: n, value: x}]",
        Fate.EMPTIED,
        "the rule gives it no name, or no number",
    ),
    ("a<type=All>R", "", Fate.EMPTY, "a table, whose rows stand in lines of their own"),
    ("a<type=Odd>Null", "", Fate.EMPTY, "null"),
    ("a<type=Odd>Gone", "", Fate.UNREADABLE, "its getter failed"),
    ("a<type=Odd>List", "", Fate.UNSUPPORTED, "an array"),
    ("c<type=Late>", "", Fate.UNREADABLE, "the MBean did not answer in time"),
    ("c<type=Broken>", "", Fate.UNREADABLE, "the MBean's answer failed"),
    (
        "java.lang<type=Runtime>SystemProperties",
        "",
        Fate.NEVER_READ,
        "large, useless or secret",
    ),
    (
        "a<type=All>N",
        "includeObjectNames: ['b:*']",
        Fate.EXCLUDED,
        "includeObjectNames has no pattern for it",
    ),
    (
        "a<type=All>N",
        "excludeObjectNameAttributes: {'a:type=All': [N]}",
        Fate.EXCLUDED,
        "excludeObjectNameAttributes has it for a:type=All",
    ),
    (
        "a<type=All>N",
        "rules: [{pattern: 'N: (x)?', name: n, labels: {'a.b': '1', a-b: '2'}}]",
        Fate.DROPPED,
        "two labels have the same name once both are legal",
    ),
    (
        "a<type=All>N",
        "rules: [{pattern: '<type=All><.*>.: [12]', name: same}]",
        Fate.SERVED,
        "",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("which", "rules", "fate", "why"), FATES)
def test_each_value_has_its_fate_and_the_reason(which, rules, fate, why):
    lines = [
        line
        for line in survey(read(), ruleset(rules)).lines
        if place(line) == which and not (line.leaf and line.leaf.row)
    ]

    assert [(line.fate, line.why) for line in lines] == [(fate, why)]


def place(line):
    """Return domain, properties and the last name of a line."""
    return f"{line.subject.partition('>')[0]}>{line.attribute.name}"


def test_a_text_that_has_no_room_is_dropped():
    mbeans = [mbean("a:b=c", {"T": TOO_MUCH})]
    reading = JvmReading(mbeans)

    (line,) = survey(reading, ruleset("rules: [{pattern: T, name: t, value: 1}]")).lines

    assert (line.fate, line.text) == (Fate.DROPPED, None)
    assert "no room" in line.why


def test_a_customizer_s_additions_are_lines_and_its_labels_are_no_values():
    rules = """
metricCustomizers:
- mbeanFilter: {domain: a, properties: {type: All}}
  attributesAsLabels: [T]
  extraMetrics: [{name: extra, value: 1, description: more}, {name: words, value: x}]
"""
    lines = survey(read(), ruleset(rules)).lines
    by_name = {
        line.attribute.name: line for line in lines if line.mbean == "a:type=All"
    }

    assert by_name["T"].why == "a label of its MBean's samples"
    assert by_name["extra"].fate is Fate.SERVED
    assert by_name["extra"].why == "extraMetrics adds it"
    assert by_name["words"].fate is not Fate.SERVED


def test_built_in_metrics_are_told_beside_what_rules_make():
    memory = mbean(
        "java.lang:type=Memory",
        {"HeapMemoryUsage": {"committed": 1, "init": 2, "max": 3, "used": 4}},
    )
    lines = survey(read([memory]), ruleset("rules: [{pattern: zzz}]")).lines
    used = next(line for line in lines if line.full.endswith("used: 4"))

    assert used.fate is Fate.SERVED
    assert [one.name for one in used.samples] == ["jvm_memory_used_bytes"]
    assert used.samples[0].rule == ""


def test_a_rule_s_family_beats_a_built_in_one_of_the_same_name():
    memory = mbean(
        "java.lang:type=Memory",
        {"HeapMemoryUsage": {"committed": 1, "init": 2, "max": 3, "used": 4}},
    )
    rules = "rules: [{pattern: 'used', name: jvm_memory_used_bytes, type: GAUGE}]"
    lines = survey(read([memory]), ruleset(rules)).lines
    used = next(line for line in lines if line.full.endswith("used: 4"))

    assert [one.rule for one in used.samples] == ["rules.yml:1"]


def test_mbeans_beyond_the_limit_are_counted():
    found = read(most=4)

    assert len(found.mbeans) == 4
    assert found.cut == len(EVERYTHING) - 4
    assert read().cut == 0

"""`jmx-bridge test`: what a test file may say, and how a test goes."""

import io
from pathlib import Path

import pytest
from unit.workbench.shop import mbeans_of, ruleset

from jmx_bridge.commands.test import run_file
from jmx_bridge.errors import ConfigError
from jmx_bridge.jmx.moment import JvmReading
from jmx_bridge.jmx.recording import write_recording
from jmx_bridge.workbench.ruletests import read_tests, run_test

RULES = """
rules:
- pattern: 'Catalina<type=Manager, context=(.*)><>activeSessions'
  name: app_sessions
  labels: {context: $1}
  type: GAUGE
"""
MBEAN = """
  mbeans:
  - name: "Catalina:type=Manager,context=/shop"
    attributes: {activeSessions: 3}
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "shop.test.yml"
        path.write_text(text, "utf-8")
        return str(path)

    return write


def wrong(path):
    with pytest.raises(ConfigError) as caught:
        read_tests(path)
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


def test_a_test_that_passes_and_one_that_fails(file):
    path = file(
        f"rule_files: [rules.yml]\ntests:\n- name: good{MBEAN}"
        '  exposition: |\n    app_sessions{context="/shop"} 3\n'
        f"- name: bad{MBEAN}"
        '  exposition: |\n    # TYPE app_sessions counter\n    app_sessions{context="/shop"} 4\n'
    )
    output = io.StringIO()

    good = run_file(path, lambda files, folder: ruleset(RULES), output)

    assert not good
    assert output.getvalue().splitlines() == [
        f"FAILED {path}:9: bad",
        "  --- expected",
        "  +++ made of the MBeans",
        "  -# TYPE app_sessions counter",
        '  -app_sessions{context="/shop"} 4.0',
        "  +# TYPE app_sessions gauge",
        '  +app_sessions{context="/shop"} 3.0',
        f"{path}: 1 passed, 1 failed",
    ]


def test_rule_files_are_looked_for_beside_the_tests(file):
    path = file(
        f"rule_files: [a.yml, kafka]\ntests:\n- name: x{MBEAN}  exposition: ''\n"
    )
    asked = []

    def load(files, folder):
        asked.append((files, folder))
        return ruleset("rules: [{pattern: none}]")

    assert run_file(path, load, io.StringIO())
    assert asked == [(("a.yml", "kafka"), Path(path).parent)]


def test_a_rule_file_that_is_wrong_is_told(file):
    path = file(f"rule_files: [a.yml]\ntests:\n- name: x{MBEAN}  exposition: ''\n")
    output = io.StringIO()

    def load(files, folder):
        raise ConfigError(())

    assert not run_file(path, load, output)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tests: []\n", ["1: 'rule_files' names none", "1: has no tests"]),
        ("rule_files: [a]\n", ["1: has no tests"]),
        (
            f"rule_files: [a]\ntests:\n- name: x{MBEAN}  recording: y\n  exposition: ''\n",
            ["3: tests[0]: needs mbeans or a recording, and not both"],
        ),
        (
            f"rule_files: [a]\ntests:\n- name: x{MBEAN}",
            ["3: tests[0]: 'exposition' is missing"],
        ),
        (
            f"rule_files: [a]\ntests:\n- name: x{MBEAN}  exposition: 'a{{'\n",
            [
                (
                    "7: tests[0].exposition: is no page of metrics: "
                    "line 1: has no label at column 3"
                )
            ],
        ),
        (
            f"rule_files: [a]\ntests:\n- nam: x{MBEAN}  exposition: ''\n",
            ["3: tests[0]: unknown key 'nam'"],
        ),
    ],
)
def test_what_is_wrong_in_a_test_file_is_told_with_its_place(file, text, said):
    found = wrong(file(text))

    assert len(found) == len(said)
    for one, expected in zip(found, said, strict=True):
        place, _, words = expected.partition(": ")
        assert one.startswith(f"{place}: ")
        assert words.rpartition(": ")[2][:12] in one


def test_a_test_without_a_name_is_called_by_its_line(file):
    path = file(f"rule_files: [a]\ntests:\n- {MBEAN.strip()}\n  exposition: ''\n")

    (one,) = read_tests(path).tests
    assert one.name == "line 3"


def test_a_recording_stands_for_mbeans(file, tmp_path):
    mbeans = mbeans_of("- {name: 'a:b=c', attributes: {N: 7}}")
    readings = [JvmReading(mbeans, taken_at=at) for at in (1.0, 2.0)]
    write_recording(str(tmp_path / "shop.rec"), readings, "a test")
    path = file(
        "rule_files: [a]\ntests:\n- name: x\n  recording: shop.rec\n  exposition: a_N 7\n"
    )
    rules = ruleset("rules: [{pattern: 'a<b=c><>N', name: a_N}]")

    (one,) = read_tests(path).tests

    assert run_test(one, rules) == []


def test_a_recording_that_is_none_is_told_at_its_line(file):
    text = "rule_files: [a]\ntests:\n- name: x\n  recording: no.rec\n  exposition: ''\n"

    (said,) = wrong(file(text))

    assert said.startswith("4: ")
    assert "no.rec" in said


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ("[one]", "one 1\n"),
        ("['o*', two]", "one 1\ntwo 2\n"),
        ("[three]", ""),
    ],
)
def test_only_some_metrics_are_compared(file, metrics, expected):
    lines = "".join(f"    {line}\n" for line in expected.splitlines())
    path = file(
        "rule_files: [a]\ntests:\n- name: x\n"
        "  mbeans: [{name: 'a:b=c', attributes: {One: 1, Two: 2}}]\n"
        f"  metrics: {metrics}\n"
        + (f"  exposition: |\n{lines}" if lines else "  exposition: ''\n")
    )
    rules = ruleset("rules: [{pattern: 'One', name: one}, {pattern: 'Two', name: two}]")

    (test,) = read_tests(path).tests

    assert run_test(test, rules) == []


def test_types_count_where_they_are_written_alone(file):
    base = "rule_files: [a]\ntests:\n- name: x" + MBEAN + "  exposition: |\n"
    value = '    app_sessions{context="/shop"} 3.0\n'
    rules = ruleset(RULES)

    (bare,) = read_tests(file(base + value)).tests
    (right,) = read_tests(file(f"{base}    # TYPE app_sessions gauge\n{value}")).tests
    (wrong_,) = read_tests(
        file(f"{base}    # TYPE app_sessions counter\n{value}")
    ).tests

    assert run_test(bare, rules) == []
    assert run_test(right, rules) == []
    assert run_test(wrong_, rules) != []


def test_a_diff_hides_what_smells_of_a_secret(file):
    path = file(f"rule_files: [a]\ntests:\n- name: x{MBEAN}  exposition: ''\n")
    rules = RULES.replace("context: $1", "apiKey: c4nary-7f3e91")
    output, shown = io.StringIO(), io.StringIO()

    run_file(path, lambda files, folder: ruleset(rules), output)
    run_file(path, lambda files, folder: ruleset(rules), shown, str)

    assert "c4nary" not in output.getvalue()
    assert "c4nary" in shown.getvalue()

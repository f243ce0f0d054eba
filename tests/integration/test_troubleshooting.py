"""The table of mistakes in docs/troubleshooting.md is true."""

import re
from io import StringIO
from pathlib import Path

import pytest

from jmx_bridge.config import parse_config
from jmx_bridge.config.document import Problems
from jmx_bridge.config.parse import read_document
from jmx_bridge.jmx import JavaPatterns, JavaSyntax
from jmx_bridge.jmx.abc import Failure
from jmx_bridge.jmx.moment import JvmReading, RecordedMBean
from jmx_bridge.mapping import Ruleset
from jmx_bridge.workbench.explain import Explainer
from jmx_bridge.workbench.explained import Teller
from jmx_bridge.workbench.paint import Paint
from jmx_bridge.workbench.secrets import Redactor
from jmx_bridge.workbench.survey import survey
from jmx_bridge.workbench.written import read_mbeans

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text("utf-8")
TABLE = PAGE.partition("<!-- mistakes -->")[2].partition("<!-- end of mistakes -->")[0]
CELL = r"((?:[^|\\]|\\.)+)"
ROWS = re.findall(
    rf"^\| {CELL} \| {CELL} \| {CELL} \| {CELL} \|$", TABLE, re.MULTILINE
)[1:]
MBEANS = """
- name: "Catalina:type=Manager,host=localhost,context=/shop"
  attributes:
  - {name: activeSessions, type: int, value: 3}
  - {name: stateName, type: string, value: STARTED}
  - {name: broken, type: long, fails: SecurityException}
- name: 'Catalina:type=ThreadPool,name="http-nio-8080"'
  attributes: {maxThreads: 200, currentThreads: 10}
"""
LATE = RecordedMBean("shop:type=Late", (), unanswered=Failure.LATE)


def explained(rules: str, what: str) -> str:
    """Return what `explain` prints of those MBeans, with Java's own patterns."""
    node = read_document(MBEANS, Problems("mbeans.yml"))
    assert node is not None
    reading = JvmReading([*read_mbeans(node), LATE])
    config = parse_config(rules, "rules.yml", syntax=JavaSyntax(), environ={})
    ruleset = Ruleset(config, JavaPatterns)
    lines = survey(reading, ruleset).lines
    explainer = Explainer(lines, ruleset, JavaPatterns, JavaSyntax().group_count)
    teller = Teller(Redactor(reading.mbeans), Paint(StringIO(), "never"))
    return "\n".join(teller.text(explainer.explain(what)))


def test_the_table_has_its_rows():
    assert len(ROWS) == 24


@pytest.mark.parametrize(
    ("mistake", "rules", "what", "said"), ROWS, ids=[r[0] for r in ROWS]
)
def test_explain_says_what_the_table_promises(jvm, mistake, rules, what, said):
    rule, *more = re.findall(r"`([^`]+)`", rules.replace("\\|", "|"))
    document = "\n".join([*more, f"rules: [{rule}]", "excludeJvmMetrics: true"])

    told = explained(document, what.strip("`"))

    assert said in told
    if " try " in told:
        mended = re.search(r"    try       (.+)", told)[1]
        pattern = re.search(r"pattern: '([^']+)'", rule)[1]
        assert "No metric" not in explained(document.replace(pattern, mended), "app")

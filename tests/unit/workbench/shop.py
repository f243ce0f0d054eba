"""MBeans and rules written out, surveyed without Java."""

from __future__ import annotations

import textwrap
from io import StringIO

from unit.fake_matcher import FakeMatcher
from unit.fake_syntax import FakeSyntax
from unit.offline import config_of

from jmx_bridge.config.document import Problems
from jmx_bridge.config.parse import read_document
from jmx_bridge.jmx.moment import JvmReading
from jmx_bridge.mapping import Ruleset
from jmx_bridge.workbench.explain import Explainer
from jmx_bridge.workbench.explained import Teller
from jmx_bridge.workbench.paint import Paint
from jmx_bridge.workbench.secrets import Redactor
from jmx_bridge.workbench.survey import survey
from jmx_bridge.workbench.written import read_mbeans

MANAGER = "Catalina<type=Manager, host=localhost, context=/shop><>activeSessions"
POOL = 'Catalina<type=ThreadPool, name="http-nio-8080"><>maxThreads'
MBEANS = """
- name: "Catalina:type=Manager,host=localhost,context=/shop"
  attributes:
  - {name: activeSessions, type: int, value: 3, description: Sessions now}
  - {name: stateName, type: string, value: STARTED}
  - {name: broken, type: long, fails: NullPointerException}
- name: 'Catalina:type=ThreadPool,name="http-nio-8080"'
  attributes: {maxThreads: 200}
- name: "java.lang:type=Memory"
  attributes: {HeapMemoryUsage: {used: 10, max: 100}}
"""


class Plain(StringIO):
    """A stream that is no terminal."""


def mbeans_of(text: str):
    """Return MBeans that are written as in a test file; what is wrong in them fails."""
    problems = Problems("mbeans.yml")
    node = read_document(text, problems)
    found = read_mbeans(node) if node else []
    assert not problems.all(), "\n".join(map(str, problems.all()))
    return found


def ruleset(rules: str) -> Ruleset:
    return Ruleset(config_of(rules), FakeMatcher)


class Shop:
    """What *rules* make of *mbeans*, and what the commands say about it."""

    def __init__(self, rules: str = "", mbeans: str = MBEANS) -> None:
        self.reading = JvmReading(mbeans_of(mbeans))
        self.rules = ruleset(f"{rules}\nexcludeJvmMetrics: true\n")
        self.redactor = Redactor(self.reading.mbeans)
        self.lines = survey(self.reading, self.rules).lines
        count = FakeSyntax().group_count
        self.explainer = Explainer(self.lines, self.rules, FakeMatcher, count)

    def line(self, piece: str):
        """Return the one line with *piece* in it."""
        (found,) = [line for line in self.lines if piece in line.full]
        return found

    def told(self, what: str) -> str:
        """Return what `explain` prints."""
        teller = Teller(self.redactor, Paint(Plain(), "never"))
        return "".join(f"{one}\n" for one in teller.text(self.explainer.explain(what)))


def dedent(text: str) -> str:
    """Return an expected text as it is printed: without indentation and its first line's end."""
    return textwrap.dedent(text).lstrip("\n").rstrip(" ")

"""
Unit tests for rules: MBeans, rule files, and the page that is expected.

    rule_files: [rules.yml]            # from the test file's folder; packs by name
    tests:
    - name: sessions by context
      mbeans: [...]                    # see written.py; or recording: shop.rec
      metrics: [tomcat_sessions]       # only these; without it all that rules make
      exposition: |
        # TYPE tomcat_sessions gauge   # types count where they are written
        tomcat_sessions{context="/shop"} 3
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from ..config.document import Problems
from ..config.fields import known_fields
from ..config.load import read_text
from ..config.parse import read_document
from ..errors import ConfigError, RecordingError
from ..jmx.moment import JvmReading
from ..jmx.recording import read_recording
from .pages import page_of, read_page
from .survey import survey
from .written import read_mbeans

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..config.document import Node
    from ..mapping import Ruleset

    LoadRules = Callable[[Sequence[str], Path], Ruleset]
    """From rule files or packs, and the folder that they are looked for in; raises ConfigError."""

FILE_KEYS = ("rule_files", "tests")
TEST_KEYS = ("name", "mbeans", "recording", "metrics", "exposition")


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test."""

    name: str
    line: int
    reading: JvmReading
    metrics: tuple[str, ...]
    """Names or patterns with "*"; () for all that rules make."""
    expected: str


@dataclass(frozen=True, slots=True)
class TestFile:
    """The tests of a file."""

    path: Path
    rule_files: tuple[str, ...]
    tests: tuple[RuleTest, ...]

    __test__ = False  # it is no test of this program


def read_tests(path: str) -> TestFile:
    """Return the tests in a file; raises ConfigError with all that is wrong in it."""
    problems = Problems(path)
    root = read_document(read_text(path), problems)
    rule_files: tuple[str, ...] = ()
    tests: list[RuleTest] = []
    if root is not None:
        fields = known_fields(root, FILE_KEYS, strict=True)
        if "rule_files" in fields:
            rule_files = fields["rule_files"].texts()
        if not rule_files:
            root.error("'rule_files' names none", "rule_files: [rules.yml]")
        folder = Path(path).parent
        items = fields["tests"].items() if "tests" in fields else ()
        tests = [made for item in items if (made := _test(item, folder))]
        if not items:
            root.error(
                "has no tests", "tests: [{name: ..., mbeans: ..., exposition: ...}]"
            )
    if problems.failed():
        raise ConfigError(problems.all())
    return TestFile(Path(path), rule_files, tuple(tests))


def _test(node: Node, folder: Path) -> RuleTest | None:
    fields = known_fields(node, TEST_KEYS, strict=True)
    name = (fields["name"].coerced() or "") if "name" in fields else ""
    reading = _reading(node, fields, folder)
    expected = fields["exposition"].text() if "exposition" in fields else None
    if expected is None:
        node.error(
            "'exposition' is missing", "write what is expected, or '' for nothing"
        )
    else:
        try:
            read_page(expected)
        except ValueError as exc:
            fields["exposition"].error(f"is no page of metrics: {exc}")
    metrics = fields["metrics"].texts() if "metrics" in fields else ()
    if reading is None or expected is None:
        return None
    return RuleTest(
        name or f"line {node.place.line}", node.place.line, reading, metrics, expected
    )


def _reading(node: Node, fields: dict[str, Node], folder: Path) -> JvmReading | None:
    if ("mbeans" in fields) == ("recording" in fields):
        node.error("needs mbeans or a recording, and not both")
        return None
    if "mbeans" in fields:
        return JvmReading(read_mbeans(fields["mbeans"]))
    file = fields["recording"].text()
    try:
        return read_recording(str(folder / file))[-1] if file else None
    except RecordingError as exc:
        fields["recording"].error(str(exc))
        return None


def run_test(test: RuleTest, rules: Ruleset) -> list[str]:
    """Return the lines of a diff between what *test* expects and what *rules* make; [] if it passes."""
    page = page_of(survey(test.reading, rules), with_jvm=bool(test.metrics))
    types = typed_families(test.expected)
    got, want = lines_of(page, types), lines_of(test.expected, types)
    if test.metrics:
        got = [line for line in got if _wanted(line, test.metrics)]
    diff = difflib.unified_diff(
        want, got, "expected", "made of the MBeans", lineterm="", n=1
    )
    return [line for line in diff if not line.startswith("@@")]


def typed_families(text: str) -> set[str]:
    """Return the families whose type a page tells."""
    lines = [line.split() for line in text.splitlines()]
    return {line[2] for line in lines if line[:2] == ["#", "TYPE"] and len(line) > 2}


def lines_of(text: str, typed: set[str]) -> list[str]:
    """Return a page's samples and the types of *typed* families, sorted, numbers as Python writes them."""
    samples = [f"{series} {one.value!r}" for series, one in read_page(text).items()]
    types = [
        " ".join(line.split())
        for line in text.splitlines()
        if line.startswith("# TYPE ") and line.split()[2] in typed
    ]
    return [*sorted(types), *sorted(samples)]


def _wanted(line: str, metrics: Sequence[str]) -> bool:
    name = (
        line.split()[2] if line.startswith("#") else line.partition("{")[0].split()[0]
    )
    return any(fnmatchcase(name, pattern) for pattern in metrics)

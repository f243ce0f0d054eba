"""docs/troubleshooting.md has what messages say is there, and nothing that no message leads to."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from jmx_bridge import errors, manual

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "jmx_bridge"
LOGS = {"warning", "error", "once", "failed", "see", "_named"}
"""Functions that are given an event, or another heading."""
GIVES_SEE = {"target.state"}
"""Events that name a reason's place instead of their own."""
EVENT = re.compile(r"[a-z]+\.[a-z_]+")


def called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def named_in_code() -> set[str]:
    """All headings that the package's code names, as the page writes them."""
    found = (
        {errors.BridgeError.heading}
        if hasattr(errors.BridgeError, "heading")
        else set()
    )
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or called(node) not in LOGS:
                continue
            texts = {
                one.value
                for one in node.args
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
            direct = called(node) == "see"
            found |= {text for text in texts if direct or EVENT.fullmatch(text)}
    return found - GIVES_SEE


def of_errors(kind: type[errors.BridgeError]) -> set[str]:
    """The headings of a class of errors and of all below it."""
    below = kind.__subclasses__()
    own = {kind.heading} if hasattr(kind, "heading") else set()
    return own.union(*map(of_errors, below))


def wanted() -> set[str]:
    # Those that stand apart from the call: a default, a name, part of a tuple.
    others = {"attribute.failed", "scrape.failed", "partial", "system"}
    return named_in_code() | of_errors(errors.BridgeError) | others


def headings() -> list[str]:
    page = (ROOT / manual.PAGE).read_text("utf-8")
    return re.findall(r"^### (.+)$", page, re.MULTILINE)


def test_the_page_has_each_heading_once_that_code_names():
    assert sorted(wanted() - set(headings())) == []
    assert len(headings()) == len(set(headings()))


def test_the_page_has_no_heading_that_no_code_names():
    assert sorted(set(headings()) - wanted()) == []


def test_what_is_found_in_code_is_what_it_is_meant_to_be():
    assert {"config.refused", "web.failed", "jvm.thread_states_refused"} < wanted()
    assert {"usage", "rule-file", "login", "deadline", "target"} < wanted()


def test_an_anchor_is_the_headings():
    for heading in headings():
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        assert manual.see(heading) == f"docs/troubleshooting.md#{anchor}"


def test_the_pages_are_where_the_program_says():
    assert (manual.folder() / "troubleshooting.md").is_file()
    assert manual.folder().name == "docs"

"""What documents and settings of this repository say of it is so."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

from jmx_bridge import errors

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "jmx_bridge"
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "java").glob("*.md")]
)
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if not path.name.startswith("__main")
)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
METRIC = re.compile(r"\bjmx_(?!bridge\b|exporter\b)[a-z0-9_]+")
SUFFIX = re.compile(r"_(?:total|info)$")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


pages = pytest.mark.parametrize("page", PAGES, ids=named)


@cache
def parsed(module: Path) -> ast.Module:
    return ast.parse(module.read_text("utf-8"))


@cache
def literals() -> frozenset[str]:
    """All strings that stand in the package's code."""
    return frozenset(
        node.value
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@cache
def all_tests() -> frozenset[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    code = "\n".join(path.read_text("utf-8") for path in files)
    return frozenset(re.findall(r"^def (test_\w+)\(", code, re.MULTILINE))


@cache
def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", page.read_text("utf-8"))


# -- names -----------------------------------------------------------------------------------------


@pages
def test_metrics_that_a_page_names_exist(page):
    found = set(METRIC.findall(page.read_text("utf-8")))

    assert [one for one in sorted(found) if SUFFIX.sub("", one) not in literals()] == []


@pages
def test_tests_that_a_page_names_exist(page):
    found = set(re.findall(r"`(test_\w+)`", prose(page)))

    assert found - all_tests() == set()


def told(metric: str) -> set[str]:
    """What docs/reliability.md says that a metric's label may be."""
    text = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    (row,) = re.findall(rf"^\| `{metric}\{{.*?\}}` \|(.*)\|$", text, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", row))


def test_the_page_tells_every_reason_of_a_failed_connection():
    family = errors.TargetError.__subclasses__()

    assert told("jmx_bridge_connect_failures_total") == {one.reason for one in family}


@pytest.mark.parametrize(
    "metric",
    ["jmx_bridge_mbeans", "jmx_bridge_mbean_unread", "jmx_bridge_samples_dropped"],
)
def test_reasons_and_states_that_the_page_names_exist(metric):
    assert told(metric)
    assert told(metric) - literals() == set()


# -- form ------------------------------------------------------------------------------------------


@pages
def test_no_table_is_broken(page):
    """Rows stand below a head and a rule, and have as many cells as these."""
    lines = prose(page).splitlines()
    problems = []
    width = 0
    for at, line in enumerate(lines, 1):
        if not line.startswith("|"):
            width = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", CODE.sub(escaped, line)))
        if not width:
            rule = lines[at] if at < len(lines) else ""
            if not re.fullmatch(r"\|(\s*:?-+:?\s*\|)+", rule):
                problems.append(f"{at}: no head: {line[:60]}")
            width = cells
        elif cells != width:
            problems.append(f"{at}: {cells - 1} cells, not {width - 1}: {line[:60]}")

    assert problems == []


def escaped(code: re.Match[str]) -> str:
    """Code whose pipes are not taken for borders; written as \\|, GitHub asks for that."""
    return code[0].replace("\\|", "")


# -- modules ---------------------------------------------------------------------------------------


def dotted(path: Path) -> str:
    """A module's name below the package: `web.app`, `web` for its __init__."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def first_line(path: Path) -> str:
    docstring = ast.get_docstring(parsed(path)) or ""
    return docstring.partition("\n")[0]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_says_in_its_first_line_what_it_is_for(path):
    assert first_line(path)


def test_the_table_of_modules_has_their_first_lines():
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| `[\w.]+` \| .* \|$", page, re.MULTILINE)
    expected = {
        f"| `{dotted(path)}` | {first_line(path)} |"
        for path in MODULES
        if path != PACKAGE / "__init__.py"
    }

    assert sorted(expected - set(rows)) == [], "not in the table"
    assert sorted(set(rows) - expected) == [], "no module's"


# -- habits ----------------------------------------------------------------------------------------


def test_the_commit_hooks_are_what_make_check_does():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe
    commands = [line.strip() for line in recipe[1].splitlines()]
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))

    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    assert entries == [line.replace("$(BIN)", ".venv/bin") for line in commands]


def test_the_image_is_built_from_all_that_the_wheel_has():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"][
        "build"
    ]["targets"]["wheel"]
    wanted = {*wheel["packages"], *wheel["force-include"]}
    ignored = (ROOT / ".dockerignore").read_text().split()
    dockerfile = (ROOT / "Dockerfile").read_text()
    copied = {
        word
        for line in re.findall(r"(?m)^COPY (?!--)(.+)$", dockerfile)
        for word in line.split()[:-1]
    }

    assert wanted <= copied
    assert {f"!{one}" for one in wanted} <= {*ignored}

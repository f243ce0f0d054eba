"""What flags, variables and keys there are, the documentation tells, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jmx_bridge.config import schema
from jmx_bridge.model import LEFT_OUT
from jmx_bridge.settings import parse_settings
from jmx_bridge.settings.options import OPTIONS, OTHER_VARIABLES

CONFIGURATION = Path(__file__).parents[2] / "docs" / "configuration.md"
PAGES = [
    CONFIGURATION.with_name(f"{name}.md")
    for name in ("configuration", "workbench", "inject")
]


def option_tables():
    """Return the pages whose tables list options."""
    return "".join(page.read_text("utf-8") for page in PAGES)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda o: o.variable or o.flag)
def test_every_option_is_documented_with_its_default(option):
    named = f"`{option.variable}`" if option.variable else f"`{option.flag}"
    row = next(
        line
        for line in option_tables().splitlines()
        if line.startswith("|") and named in line
    )

    assert f"`{option.flag}" in row if option.flag else True
    assert f"`{option.default}`" in row if option.default else True


def test_no_option_is_documented_that_does_not_exist():
    flags = set(re.findall(r"`(--[a-z.-]+)", option_tables()))
    variables = set(re.findall(r"JMX_BRIDGE_\w+", option_tables()))
    switches = {f"--no-{option.flag[2:]}" for option in OPTIONS if not option.metavar}

    known = {option.flag for option in OPTIONS} | {"--help", "--version"}
    others = {variable.name for variable in OTHER_VARIABLES}
    assert flags - known - switches == set()
    assert variables - {option.variable for option in OPTIONS} - others == set()


@pytest.mark.parametrize(
    "variable", OTHER_VARIABLES, ids=lambda variable: variable.name
)
def test_a_variable_that_is_no_option_is_documented_and_known(variable):
    assert f"`{variable.name}`" in CONFIGURATION.read_text("utf-8")
    assert parse_settings([], {variable.name: "x"}).warnings == ()


def test_no_blank_line_breaks_a_table_of_the_documentation():
    tables = re.split(r"\n\n", CONFIGURATION.read_text("utf-8"))

    for table in tables:
        if table.startswith("|"):
            assert re.match(r"\|.*\|\n\|(?:---\|)+\n", table), table


@pytest.mark.parametrize(
    "key",
    dict.fromkeys(
        schema.TOP_KEYS
        + schema.RULE_KEYS
        + schema.SSL_KEYS
        + schema.STORE_KEYS
        + schema.CUSTOMIZER_KEYS
        + schema.FILTER_KEYS
        + schema.EXTRA_KEYS
    ),
)
def test_every_key_of_a_rule_file_is_documented(key):
    rows = [
        line
        for line in CONFIGURATION.read_text("utf-8").splitlines()
        if line.startswith("|")
    ]

    assert any(re.search(rf"`(?:\w+\.)*{key}[.`]", row) for row in rows)


@pytest.mark.parametrize(
    "page", ["troubleshooting.md", "runbooks/JmxSamplesDropped.md"]
)
def test_each_reason_why_a_sample_is_left_out_is_explained(page):
    text = (CONFIGURATION.parent / page).read_text("utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]

    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named >= {*LEFT_OUT, "limit"}

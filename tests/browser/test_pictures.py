"""Pictures of the page for docs and README; JMX_BRIDGE_PICTURES names the folder they go to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from browser.shop import RULES
from browser.test_rules import told, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        "JMX_BRIDGE_PICTURES" not in os.environ, reason="pictures are not asked for"
    ),
]
SIZE = {"width": 1280, "height": 760}


def take(page, name):
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)
    folder = Path(os.environ["JMX_BRIDGE_PICTURES"])
    page.screenshot(path=folder / f"workbench-{name}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rules_that_change_what_is_served(served, visit, scheme):
    page = visit(served("shop"), viewport=SIZE, color_scheme=scheme)
    page.get_by_role("treeitem", name="Catalina").click()
    page.get_by_role("treeitem", name="type=Manager").click()
    page.get_by_role("treeitem", name="context=/shop").click()
    page.get_by_role("treeitem", name="activeSessions").wait_for()
    write(page, RULES.replace("name: app_sessions", "name: app_sessions_now"))
    told(page, "2 gained, 2 lost")
    section = page.locator("summary", has_text="Rules")
    section.click()
    take(page, f"edit-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_a_rule_stops(served, visit, scheme):
    page = visit(served("shop"), viewport=SIZE, color_scheme=scheme)
    page.get_by_label("Search lines and series").fill("expired")
    page.get_by_role("option", name="expiredSessions: 12").click()
    page.get_by_text("This would match").wait_for()
    take(page, f"explain-{scheme}")


def test_a_narrow_window(served, visit):
    page = visit(served("shop"), viewport={"width": 400, "height": 860})
    page.get_by_role("treeitem", name="Catalina").click()
    take(page, "narrow")

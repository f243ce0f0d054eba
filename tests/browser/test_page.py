"""The page as a whole: keyboard, colours, widths, hostile texts, and servers that go."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest

from browser.serving import recorded, serve
from browser.shop import MARKUP, MBEANS, RULES
from browser.test_rules import told, write

pytestmark = pytest.mark.browser


def focused(page):
    return page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
    )


def test_all_of_it_is_reached_by_the_keyboard_alone(shop):
    page = shop
    page.locator("body").press("Tab")
    reached = [focused(page)]
    for _ in range(7):
        page.keyboard.press("Tab")
        reached.append(focused(page))

    assert reached == [
        "To the rules",
        "Which values",
        "Search lines and series",
        "MBeans",
        "Copy",
        "Download",
        "Undo all",
        "Rules, in YAML",
    ]
    page.keyboard.press("Tab")
    assert focused(page) == "Rules, in YAML"  # Tab indents
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert focused(page) == "Changes"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "Explain"


def test_what_has_the_focus_is_seen(shop):
    page = shop
    page.get_by_label("Search lines and series").focus()
    page.keyboard.press("Tab")

    assert (
        page.get_by_role("tree").evaluate("node => getComputedStyle(node).outlineStyle")
        == "solid"
    )
    assert (
        page.locator(".row.active").evaluate("node => getComputedStyle(node).boxShadow")
        != "none"
    )


def test_results_are_told_to_screen_readers(shop):
    assert (
        shop.get_by_role("status").filter(has_text="2 samples: the same series").count()
        == 1
    )


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_colours_follow_the_system(served, visit, scheme, dark):
    page = visit(served("shop"), color_scheme=scheme)
    colours = page.evaluate(
        "['body', '.pane', '.cm-editor', '.cm-gutters'].map(one =>"
        " getComputedStyle(document.querySelector(one)).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number))"
    )

    assert all((max(colour) < 80) == dark for colour in colours), colours


@pytest.mark.parametrize("width", [360, 800, 1440])
def test_no_width_needs_scrolling_sideways(served, visit, width):
    page = visit(served("shop"), viewport={"width": width, "height": 800})

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_values_and_rules_are_text(served, visit):
    page = visit(served("hostile"))
    page.get_by_role("treeitem", name="type=").click()
    page.get_by_role("treeitem", name="name=").click()
    page.get_by_role("treeitem", name="count: 3").click()
    page.get_by_role("tabpanel", name="Explain").get_by_text(
        "line break", exact=False
    ).wait_for()
    assert MARKUP in page.get_by_role("tabpanel", name="Explain").inner_text()
    page.get_by_role("button", name="Make a rule of this value").click()
    page.get_by_label("Search lines and series").fill("javascript")
    page.get_by_role("option", name="javascript:").click()
    page.get_by_role("tab", name="Page").click()
    page.get_by_role("tab", name="Changes").click()
    for marker in page.locator(".cm-lint-marker").all():
        marker.hover()
    told(page, "sample")

    assert page.locator("img, script:not([src]), iframe, [onerror]").count() == 0
    assert page.evaluate("window.hacked") is None


def test_no_other_site_may_ask(served, visit):
    shop = served("shop")
    visit(shop)
    (cookie,) = shop.cookies["cookies"]
    ours = urlsplit(shop.base).netloc
    good = {
        "Host": ours,
        "Origin": shop.base,
        "Cookie": f"{cookie['name']}={cookie['value']}",
        "Content-Type": "application/json",
    }

    def ask(**changed):
        connection = http.client.HTTPConnection(ours, timeout=30)
        body = json.dumps({"reading": "none", "what": "x", "rules": None})
        connection.request("POST", "/workbench/api/explain", body, {**good, **changed})
        try:
            return connection.getresponse().status
        finally:
            connection.close()

    assert ask() == 410
    assert ask(Host="evil.example") == 421
    assert ask(Origin="http://evil.example") == 403
    assert ask(Cookie="") == 403


def test_a_server_that_is_gone_is_told_and_the_text_stays(tmp_path, visit):
    served = serve(
        tmp_path, RULES, f"--recording={recorded(MBEANS, tmp_path / 'shop.rec')}"
    )
    page = visit(served, expected=("ERR_CONNECTION_REFUSED",))
    served.stop()
    write(page, "rules: []\n")

    page.get_by_role("alert").get_by_text("The server does not answer.").wait_for()
    assert "rules: []" in page.get_by_label("Rules, in YAML").inner_text()


def test_a_text_that_is_too_large_is_not_sent(shop):
    page = shop
    write(page, "#" * 270_000)

    told(page, "is larger than 262,144 bytes")
    write(page, RULES)
    told(page, "the same series")

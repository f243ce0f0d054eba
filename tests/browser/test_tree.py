"""The tree of MBeans, and the search in it, by keyboard and by mouse."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def active(page):
    """The row of the tree that the keyboard is at."""
    return page.get_by_role("tree").evaluate(
        "tree => document.getElementById(tree.getAttribute('aria-activedescendant'))?.getAttribute('aria-label')"
    )


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_arrows_open_a_domain_a_type_and_an_mbean(shop):
    page = shop
    page.get_by_role("tree").focus()

    assert active(page).startswith("Catalina, 8 values")
    press(page, "ArrowRight", "ArrowDown")
    assert active(page).startswith("type=Manager")
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    page.get_by_role("treeitem", name="activeSessions: 0").wait_for()
    press(page, "ArrowRight")
    assert active(page) == "activeSessions: 0, served"
    press(page, "ArrowLeft")
    assert active(page).startswith("host=localhost, context=/docs")
    press(page, "ArrowLeft")
    assert page.get_by_role("treeitem", name="activeSessions: 0").count() == 0


def test_each_row_says_where_it_stands(shop):
    page = shop
    row = page.get_by_role("treeitem", name="Catalina")
    row.click()
    child = page.get_by_role("treeitem", name="type=ThreadPool")

    assert row.get_attribute("aria-expanded") == "true"
    assert [
        child.get_attribute(f"aria-{name}") for name in ("level", "setsize", "posinset")
    ] == ["2", "2", "2"]


def test_letters_home_and_end_go_to_rows(shop):
    page = shop
    page.get_by_role("tree").focus()

    press(page, "s")
    assert active(page).startswith("shop")
    press(page, "Home")
    assert active(page).startswith("Catalina")
    press(page, "End")
    assert active(page).startswith("shop")
    page.keyboard.type("java")
    assert active(page).startswith("java.lang")


def test_enter_on_a_value_explains_it(shop):
    page = shop
    page.get_by_role("tree").focus()
    press(page, "End", *["ArrowRight"] * 5)
    page.get_by_role("treeitem", name="Open: 7").wait_for()
    press(page, "ArrowDown", "Enter")

    panel = page.get_by_role("tabpanel", name="Explain")
    panel.get_by_text("unmatched").first.wait_for()
    assert "shop<type=Orders, currency=EUR><>Open: 7" in panel.inner_text()


def test_a_value_in_a_composite_has_its_path(shop):
    page = shop
    page.get_by_role("treeitem", name="java.lang").click()
    page.get_by_role("treeitem", name="type=Memory").click()

    page.get_by_role("treeitem", name="HeapMemoryUsage.used: 10").wait_for()


def test_pieces_of_lines_and_of_series_are_found(shop):
    page = shop
    search = page.get_by_label("Search lines and series")

    search.fill("EXPIRED")
    page.get_by_text("2 values found").wait_for()
    search.fill("app_sessions")
    page.get_by_role("option", name="activeSessions: 3").wait_for()
    search.fill("no such thing")
    page.get_by_text("Nothing found.").wait_for()
    search.press("Escape")
    page.get_by_role("treeitem", name="Catalina").wait_for()


def test_values_of_one_fate_are_listed_without_a_word(shop):
    page = shop
    page.get_by_label("Which values").select_option("served")
    page.get_by_text("2 values found").wait_for()
    page.get_by_label("Search lines and series").press("ArrowDown")
    press(page, "ArrowDown", "Enter")

    page.get_by_role("heading", name="app_sessions").wait_for()
    page.get_by_role("button", name="Show in the tree").click()
    page.get_by_role("treeitem", name="context=/shop").wait_for()


def test_of_100_000_values_only_those_that_are_seen_are_drawn(served, visit):
    page = visit(served("many"))
    page.get_by_label("Which values").select_option("unmatched")
    page.get_by_text("100,000 values found").wait_for()
    found = page.get_by_role("listbox")
    found.focus()
    press(page, "End")
    page.get_by_role(
        "option", name="a24: 24, unmatched, many:type=Table,keyspace=k9,scope=t999"
    ).or_(page.locator("[aria-posinset='100000']", has_text="many:")).first.wait_for()

    assert page.get_by_role("option").count() < 80
    page.get_by_label("Which values").select_option("all")
    page.get_by_role("tree").focus()
    press(page, "ArrowRight", "ArrowRight", "*")
    assert page.get_by_role("treeitem").count() < 120

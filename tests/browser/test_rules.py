"""The editor, what its rules make, and explanations."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser.shop import RULES

pytestmark = pytest.mark.browser
PASTE = """text => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);
}"""


def write(page, text):
    """Paste *text* in the place of all that is in the editor."""
    page.get_by_label("Rules, in YAML").click()
    page.keyboard.press("Control+a")
    page.evaluate(PASTE, text)


def told(page, text):
    page.locator(".changes .told").get_by_text(text).wait_for()


def section(page, name):
    return page.locator("details", has=page.locator("summary", has_text=name))


def text_of(page):
    return page.get_by_label("Rules, in YAML").inner_text()


def test_series_gained_and_lost_stand_beside_the_text(shop):
    page = shop
    told(page, "the same series as the rules in force")
    write(page, RULES.replace("name: app_sessions", "name: app_sessions_now"))

    told(page, "2 gained, 2 lost, 0 changed")
    gained, lost = section(page, "Gained"), section(page, "Lost")
    gained.get_by_role(
        "button", name='app_sessions_now{context="/shop",host="localhost"}'
    ).wait_for()
    lost.get_by_role(
        "button", name='app_sessions{context="/shop",host="localhost"}'
    ).wait_for()
    page.get_by_role("button", name="Undo all").click()
    told(page, "the same series as the rules in force")


def test_a_changed_series_shows_what_it_was(shop):
    page = shop
    write(page, RULES.replace("type: GAUGE", "type: GAUGE\n    valueFactor: 2", 1))

    told(page, "0 gained, 0 lost, 1 changed")
    assert "3.0 → 6.0" in section(page, "Changed").inner_text()


def test_an_error_keeps_the_last_answer(shop):
    page = shop
    write(page, RULES.replace("name: app_sessions", "name: app_sessions_now"))
    told(page, "2 gained")
    write(page, RULES.replace("activeSessions:'", "activeSessions(:'"))

    told(page, "1 error")
    assert page.locator(".findings").get_by_text("error").count() == 1
    assert section(page, "Gained").get_by_role("button").count() > 0
    page.locator(".cm-lint-marker-error").wait_for()


def test_a_lint_stands_in_the_gutter_with_its_hint(shop):
    page = shop
    page.locator(".cm-lint-marker-warning").first.hover()

    tooltip = page.locator(".cm-tooltip-lint")
    tooltip.wait_for()
    assert "no-blank-after-comma" in tooltip.inner_text()
    assert "hint: " in tooltip.inner_text()


def test_a_finding_leads_to_its_line(shop):
    page = shop
    page.locator(".findings").get_by_role("button", name="line 10").first.click()
    page.keyboard.type("HERE")

    assert "HERE" in text_of(page).splitlines()[9]


def test_each_rule_has_its_number_of_samples_beside_it(shop):
    numbers = shop.locator(".cm-samples .cm-gutterElement")

    assert [text for text in numbers.all_inner_texts() if text.strip()][-2:] == [
        "2",
        "0",
    ]


def test_what_a_rule_lacks_is_marked_and_put_into_it(shop):
    page = shop
    page.get_by_label("Search lines and series").fill("expired")
    page.get_by_role("option", name="expiredSessions: 12").click()
    stops = page.locator("article.tried").filter(has_text="line 10 stops here")
    stops.wait_for()
    pattern, line = stops.locator(".pointed code").all()

    assert pattern.locator(".fits").inner_text() == "Catalina<type=Manager,"
    assert pattern.locator("mark").inner_text() == "h"
    assert line.locator(".fits").inner_text() == "Catalina<type=Manager,"
    stops.get_by_role("button", name="Put it into the rule").click()
    page.get_by_role("tab", name="Changes").click()
    told(page, "2 gained, 0 lost")
    section(page, "Gained").get_by_role(
        "button", name='app_expired_sessions_total{context="/shop"}'
    ).click()
    page.get_by_role("row", name="$2 /shop").wait_for()


def test_a_rule_is_made_of_a_value(shop):
    page = shop
    page.get_by_label("Search lines and series").fill("Paid")
    page.get_by_role("option", name="Paid: 31").click()
    page.get_by_role("button", name="Make a rule of this value").click()

    told(page, "1 gained, 0 lost")
    section(page, "Gained").get_by_role(
        "button", name='shop_orders_paid{currency="EUR"}'
    ).wait_for()


def test_a_metric_that_nobody_serves_is_explained(shop):
    page = shop
    page.get_by_role("tab", name="Explain").click()
    page.get_by_label("What to explain").fill("app_expired_sessions_total")
    page.keyboard.press("Enter")

    page.get_by_text("These rules could make one of that name:").wait_for()
    panel = page.get_by_role("tabpanel", name="Explain")
    panel.get_by_text("a blank behind each comma").first.wait_for()


def test_keys_and_types_are_completed(shop):
    page = shop
    write(page, "rules:\n- pattern: a\n  name: b\n  ")
    page.keyboard.type("ty")
    page.get_by_role("option", name="type").wait_for()
    page.wait_for_timeout(
        100
    )  # what is completed at once would be a slip of the finger
    page.keyboard.press("Enter")
    page.keyboard.type("CO")
    page.get_by_role("option", name="COUNTER").wait_for()
    page.wait_for_timeout(100)
    page.keyboard.press("Enter")

    assert "  type: COUNTER" in text_of(page)
    write(page, "")
    page.keyboard.type("lowercaseOutputN")
    page.get_by_role("option", name="lowercaseOutputName").wait_for()


def test_the_text_is_downloaded_and_nothing_is_written(served, shop):
    page = shop
    write(page, "rules: []\n")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()

    assert Path(download.value.path()).read_text() == "rules: []\n"
    assert download.value.suggested_filename.endswith(".yml")


def test_the_page_of_metrics_is_shown(shop):
    shop.get_by_role("tab", name="Page").click()

    assert (
        '# TYPE app_sessions gauge\napp_sessions{context="/docs"'
        in shop.get_by_label("The page of metrics").inner_text()
    )

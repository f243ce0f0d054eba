"""The status page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from fake_source import NOON, STATUS

from jmx_bridge.manual import see
from jmx_bridge.observe import LastScrape, RecentScrape, RuleTold, Status
from jmx_bridge.web.page import REASONS, REFUSED, WORDS, status_page

VOID = {"meta", "link"}
LATER = NOON + timedelta(seconds=12)
EVIL = '<script>"&$x'
LAST = LastScrape(NOON, 0.1234, 12345, 678, 2, (("a:b=c", "late"), ("d:e=<f>", "new")))


class Reader(HTMLParser):
    """Collects text by element, and checks that all that opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.links: dict[str, str] = {}
        self.classes: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        found = dict(attrs)
        self.classes.append(found.get("class", ""))
        if tag == "a":
            self.links[found["href"]] = ""

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.texts.setdefault(self.open[-1], []).append(data.strip())


def read(status: Status, path: str = "/metrics") -> Reader:
    reader = Reader()
    reader.feed(status_page(status, path, LATER))
    reader.close()
    assert reader.open == []
    return reader


def rows(reader: Reader) -> dict[str, str]:
    return dict(zip(reader.texts["dt"], reader.texts["dd"], strict=True))


def test_it_tells_the_target_the_last_scrape_and_the_rules():
    page = read(replace(STATUS, last_scrape=LAST, included=("tomcat",), rules=1234))

    assert page.texts["title"] == ["JMX Bridge: up"]
    assert page.texts["h2"] == ["Target", "Last scrape", "Rules", "Links"]
    assert rows(page) == {
        "Address": STATUS.target,
        "Since": "2026-01-02 12:00:00 UTC, 12 s ago",
        "When": "2026-01-02 12:00:00 UTC, 12 s ago",
        "Took": "123 ms",
        "Samples": "12,345",
        "MBeans read": "678",
        "MBeans failed": "2",
        "File": "none",
        "Packs": "tomcat",
        "Rules": "1,234",
        "Read": "2026-01-02 12:00:00 UTC, 12 s ago",
    }
    assert set(page.links) == {"/metrics", "/-/healthy", "/-/ready"}


@pytest.mark.parametrize("state", [*WORDS, "unheard of"])
def test_the_state_is_told_in_words_and_by_a_colour(state):
    page = read(replace(STATUS, state=state, detail="because", see="docs/t.md#why"))

    assert page.texts["div"] == [WORDS.get(state, state)]
    assert state in page.classes
    assert rows(page)["Reason"] == "because"
    assert rows(page)["See"] == "docs/t.md#why"


def test_mbeans_that_were_not_read_are_named_with_the_reason_in_words():
    page = read(replace(STATUS, last_scrape=LAST))

    assert page.texts["code"] == ["a:b=c", "d:e=<f>"]
    assert page.texts["li"] == [REASONS["late"], "new"]


def test_before_the_first_scrape_it_says_so():
    assert "None yet." in read(STATUS).texts["p"]


def test_without_rules_it_says_what_is_served():
    assert rows(read(STATUS))["File"].startswith("none: everything is served")


def test_a_refused_file_and_warnings_are_shown():
    page = read(
        replace(STATUS, rule_file="r.yml", problem="r.yml:1:2: bad", warnings=("odd",))
    )

    assert page.texts["h2"][0] == REFUSED
    assert "refused" in page.classes
    assert page.texts["title"] == ["JMX Bridge: up, rules refused"]
    assert page.texts["pre"] == ["r.yml:1:2: bad", "odd"]
    assert rows(page)["File"] == "r.yml"
    sees = [text for text in page.texts["p"] if text.startswith("See ")]
    assert sees == [f"See {see('config.refused')}", f"See {see('config.warning')}"]


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (-3, "0 s"),
        (0.9, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (5400, "1 h"),
        (86_399, "23 h"),
        (3 * 86_400, "3 d"),
    ],
)
def test_beside_a_time_stands_how_long_ago_it_was(seconds, age):
    text = status_page(STATUS, "/metrics", NOON + timedelta(seconds=seconds))

    assert f"2026-01-02 12:00:00 UTC, {age} ago" in text


def test_nothing_that_a_target_or_a_user_says_becomes_html():
    last = replace(LAST, unread=((EVIL, EVIL),))
    page = read(
        Status(
            EVIL, EVIL, EVIL, EVIL, EVIL, NOON, last, EVIL, (EVIL,), 0, NOON, (EVIL,), EVIL, EVIL
        ),
        f"/{EVIL}",
    )  # fmt: skip

    assert "script" not in page.texts
    assert rows(page)["Address"] == EVIL
    assert f"/{EVIL}" in page.links


def test_it_needs_nothing_but_itself():
    text = status_page(STATUS, "/metrics", LATER)
    apart = text.replace("xmlns=%27http://www.w3.org/2000/svg%27", "")

    assert "prefers-color-scheme" in text
    assert '<link rel="icon" href="data:image/svg+xml,' in text
    assert not any(word in apart for word in ("http:", "https:", "src=", "@import"))


def test_what_is_missing_is_named():
    last = replace(
        LAST,
        dropped=("app_x of t<type=A><>Y by a.yml:3: duplicate",),
        failed=("t:type=A Deep, Wide: absent",),
        idle_files=(("a<b.yml", 3), ("b.yml", 1)),
    )

    page = read(replace(STATUS, last_scrape=last))

    assert page.texts["code"][-2:] == [*last.dropped, *last.failed]
    assert page.texts["pre"] == [
        "a<b.yml: none of its 3 rules matches a value of this JVM",
        "b.yml: its rule matches no value of this JVM",
    ]


def rule(place: str, name: str, samples: int, seconds: float | None = None) -> RuleTold:
    return RuleTold(place, name, samples, samples > 0, seconds)


class Tallied:
    """Counted rules and MBeans."""

    def __init__(self, rules=(), mbeans=()):
        self.rules, self.mbeans = tuple(rules), tuple(mbeans)


def scrapes(*states: str) -> tuple[RecentScrape, ...]:
    return tuple(
        RecentScrape(NOON, state, 0.1 * n, 0.35, 10 * n, {"fetch": 0.06 * n})
        for n, state in enumerate(states, 1)
    )


def test_the_last_scrapes_are_drawn_with_what_was_not_whole():
    page = read(replace(STATUS, recent=scrapes("up", "partial", "down", "up")))

    words = "4 scrapes, the slowest 400 ms of the 0.3 s that it had"
    told = f"{words}; 1 partial; 1 failed; 10 to 40 samples"
    assert page.texts["figcaption"] == [told]
    assert page.classes.count("fetch") == 4 + 1  # and one in the legend
    assert page.classes.count("rest") == 4 + 1
    assert page.classes.count("samples") == 4 + 1
    assert page.classes.count("partial") == 1 + 1
    assert page.classes.count("down") == 1 + 1
    assert "timeout" in page.classes
    assert len([text for text in page.texts["title"] if "UTC" in text]) == 4


def test_no_more_scrapes_are_drawn_than_fit():
    page = read(replace(STATUS, recent=scrapes(*["up"] * 99)))

    assert page.texts["figcaption"][0].startswith("60 scrapes")


def test_rules_are_told_with_what_they_make_and_those_that_match_nothing_are_marked():
    rules = [
        rule("a.yml:3", "app_x", 1234),
        rule("a.yml:9", EVIL, 0),
    ]
    last = replace(LAST, tally=Tallied(rules, [("d:type=<A>", 99)]))
    page = read(replace(STATUS, last_scrape=last))

    assert page.texts["summary"] == [
        "MBeans with most samples",
        "2 rules by samples; 1 match nothing",
    ]
    assert page.texts["td"] == ["99", "a.yml:3", "1,234", "a.yml:9", "matches nothing"]
    assert page.texts["code"][-3:] == ["d:type=<A>", "app_x", EVIL]
    assert page.classes.count("idle") == 1


def test_how_long_patterns_are_tried_is_told_where_it_is_measured():
    rules = [rule("a.yml:3", "app_x", 1, 0.0123)]
    page = read(replace(STATUS, last_scrape=replace(LAST, tally=Tallied(rules))))

    assert page.texts["td"][-1] == "12.3 ms"


def test_of_many_rules_those_that_match_nothing_are_shown_too():
    rules = [rule(f"a.yml:{n}", "x", 1) for n in range(300)]
    rules += [rule("a.yml:999", "x", 0)]
    page = read(replace(STATUS, last_scrape=replace(LAST, tally=Tallied(rules))))

    assert "a.yml:999" in page.texts["td"]
    assert "and 101 more" in page.texts["p"]


def test_it_links_to_the_workbench_where_that_is_served():
    assert '<a href="/workbench">' in status_page(STATUS, "/m", LATER, workbench=True)
    assert "/workbench" not in status_page(STATUS, "/m", LATER)

"""The status page: one self-contained HTML page for a person."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from ..manual import see
from ..model import LEFT_OUT
from ..observe import idle_text
from .chart import chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..observe import LastScrape, RuleTold, Status
    from ..observe.status import Tallied

WORDS = {
    "connecting": "Not scraped yet",
    "up": "Connected, and read in time",
    "partial": "Connected, but something is missing",
    "down": "Not reachable",
}
"""What the page says of each Status.state."""
REASONS = {
    "late": "did not answer in time",
    "resting": "held up earlier scrapes, and is asked less often for a while",
    "broken": "answered with an error, or with more than is taken",
    "unreadable": "answered what can't be carried",
    "lost": "lost its connection",
}
"""What it says of each reason why an MBean was not read."""
REFUSED = "The newest rule file was refused; the rules from before stay in use."
MOST_RULES = 200
"""So many have a row."""
WORKBENCH = '<a href="/workbench">Workbench</a>'
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
"""Seconds of each unit in which an age is told."""


def status_page(
    status: Status,
    telemetry_path: str,
    now: datetime | None = None,
    *,
    workbench: bool = False,
) -> str:
    """
    Return the page as HTML, complete in itself; *telemetry_path* is where metrics are.

    Ages are told as they are *now*; None: by the clock. With *workbench* it links to that.
    """
    now = now or datetime.now(UTC)
    template, style = _files()
    return template.substitute(
        style=style,
        title=escape(f"{status.state}{', rules refused' * bool(status.problem)}"),
        state=escape(status.state),
        banner=_banner(status.problem),
        version=escape(status.version),
        java=escape(status.java),
        words=escape(WORDS.get(status.state, status.state)),
        metrics=escape(telemetry_path),
        target=_target(status, now),
        scrape=f"{chart(status.recent)}{_scrape(status.last_scrape, now)}",
        rules=_rules(status, now),
        workbench=WORKBENCH if workbench else "",
    )


@cache
def _files() -> tuple[Template, str]:
    """Return page.html, whose $names status_page fills with HTML, and page.css."""
    here = Path(__file__)
    html, style = here.with_suffix(".html"), here.with_suffix(".css")
    return Template(html.read_text("utf-8")), style.read_text("utf-8")


def _banner(problem: str) -> str:
    """Return what nobody should miss: why the newest rule file is not in use; "" if it is."""
    if not problem:
        return ""
    return (
        f'<section class="refused" role="alert"><h2>{REFUSED}</h2>'
        f"<pre>{escape(problem)}</pre><p>See {see('config.refused')}</p></section>"
    )


def _target(status: Status, now: datetime) -> str:
    rows = {"Address": status.target, "Since": _time(status.since, now)}
    if status.detail:
        rows["Reason"] = status.detail
    if status.see:
        rows["See"] = status.see
    return _list(rows)


def _scrape(last: LastScrape | None, now: datetime) -> str:
    if last is None:
        return "<p>None yet.</p>"
    rows = {
        "When": _time(last.at, now),
        "Took": f"{last.seconds * 1000:,.0f} ms",
        "Samples": f"{last.samples:,}",
        "MBeans read": f"{last.mbeans:,}",
        "MBeans failed": f"{last.failures:,}",
    }
    unread = "".join(
        f"<li><code>{escape(name)}</code> {escape(REASONS.get(why, why))}</li>"
        for name, why in last.unread
    )
    notes = _named("Not read", unread, "partial")
    dropped = "".join(
        f"<li><code>{escape(rule)}</code>: {escape(LEFT_OUT.get(why, why))}: {count:,}</li>"
        for rule, why, count in last.culprits
    )
    notes += _named("Samples left out", dropped, "sample.dropped")
    notes += _some("Some of the samples that are left out:", last.dropped)
    notes += _some("Attributes without a value:", last.failed)
    return f"{_list(rows)}{notes}{_largest(last.tally)}"


def _largest(tally: Tallied | None) -> str:
    """Return the MBeans that have most samples, folded."""
    if tally is None or not tally.mbeans:
        return ""
    rows = "".join(
        f'<tr><td><code>{escape(name)}</code></td><td class="n">{count:,}</td></tr>'
        for name, count in tally.mbeans
    )
    head = '<tr><th>MBean</th><th class="n">Samples</th></tr>'
    return f"<details><summary>MBeans with most samples</summary>{_table(head, rows)}</details>"


def _table(head: str, rows: str) -> str:
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _named(what: str, items: str, heading: str) -> str:
    """Return a list of culprits, and where docs tell more; "" if there are none."""
    return f"<p>{what} (see {see(heading)}):</p><ul>{items}</ul>" if items else ""


def _some(title: str, entries: Sequence[str]) -> str:
    items = "".join(f"<li><code>{escape(one)}</code></li>" for one in entries)
    return f"<p>{title}</p><ul>{items}</ul>" if items else ""


def _rules(status: Status, now: datetime) -> str:
    none = "none" if status.included else "none: everything is served by default names"
    rows = {
        "File": status.rule_file or none,
        "Packs": ", ".join(status.included) or "none",
        "Rules": f"{status.rules:,}",
        "Read": _time(status.loaded_at, now),
    }
    idle = status.last_scrape.idle_files if status.last_scrape else ()
    notes = [*status.warnings, *(idle_text(file, rules) for file, rules in idle)]
    texts = "".join(f"<pre>{escape(note)}</pre>" for note in notes)
    if status.warnings:
        texts += f"<p>See {see('config.warning')}</p>"
    tally = status.last_scrape.tally if status.last_scrape else None
    return f"{_list(rows)}{texts}{_rule_table(tally.rules if tally else ())}"


def _rule_table(rules: Sequence[RuleTold]) -> str:
    """Return the rules with what they make and cost, those first that make most."""
    if not any(rule.where for rule in rules):
        return ""
    idle = sum(not rule.claims for rule in rules)
    measured = any(rule.seconds is not None for rule in rules)
    head = '<tr><th>Rule</th><th>Metric</th><th class="n">Samples</th>'
    head += '<th class="n">Tried for</th></tr>' if measured else "</tr>"
    rows = "".join(_rule_row(rule, measured=measured) for rule in _some_rules(rules))
    more = len(rules) - min(len(rules), MOST_RULES)
    summary = f"{len(rules):,} rules by samples; {idle:,} match nothing"
    note = f"<p>and {more:,} more</p>" if more else ""
    if not measured:
        note += "<p>--rule-metrics tells how long each pattern is tried.</p>"
    return f"<details><summary>{summary}</summary>{_table(head, rows)}{note}</details>"


def _some_rules(rules: Sequence[RuleTold]) -> Sequence[RuleTold]:
    """Return the rules that make most, and of those that match nothing as many as fit."""
    if len(rules) <= MOST_RULES:
        return rules
    half = MOST_RULES // 2
    return [*rules[:half], *[one for one in rules[half:] if not one.claims]][
        :MOST_RULES
    ]


def _rule_row(rule: RuleTold, *, measured: bool) -> str:
    number = f"{rule.samples:,}" if rule.claims else "matches nothing"
    cost = ""
    if measured:
        cost = "" if rule.seconds is None else f"{rule.seconds * 1000:,.1f} ms"
        cost = f'<td class="n">{cost}</td>'
    idle = "" if rule.claims else ' class="idle"'
    return (
        f"<tr{idle}><td>{escape(rule.where)}</td><td><code>{escape(rule.name)}</code></td>"
        f'<td class="n">{number}</td>{cost}</tr>'
    )


def _list(rows: dict[str, str]) -> str:
    inside = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in rows.items()
    )
    return f"<dl>{inside}</dl>"


def _time(moment: datetime, now: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC, {_age((now - moment).total_seconds())} ago"


def _age(seconds: float) -> str:
    """Return a time in its largest unit: 5400 seconds are "1 h"."""
    whole = max(0, int(seconds))
    size, unit = next((one for one in UNITS if whole >= one[0]), UNITS[-1])
    return f"{whole // size} {unit}"

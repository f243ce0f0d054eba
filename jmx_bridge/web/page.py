"""The status page: one self-contained HTML page for a person."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from ..observe import idle_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..observe import LastScrape, Status

WORDS = {
    "connecting": "Not scraped yet",
    "up": "Connected, and all of it answered",
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
DROPPED = {
    "bad_template": "refers to a group that its pattern doesn't have",
    "duplicate_label": "has two labels of the same name",
    "pattern_steps": "took too many steps to match",
    "pattern_stack": "recursed too deeply to match",
    "pattern_rests": "took too many steps, and is not tried any more until the rules change",
}
"""What it says of each reason why a rule's samples were left out."""


def status_page(status: Status, telemetry_path: str) -> str:
    """Return the page as HTML, complete in itself; *telemetry_path* is where metrics are."""
    template, style = _files()
    return template.substitute(
        style=style,
        state=escape(status.state),
        version=escape(status.version),
        java=escape(status.java),
        words=escape(WORDS.get(status.state, status.state)),
        metrics=escape(telemetry_path),
        target=_target(status),
        scrape=_scrape(status.last_scrape),
        rules=_rules(status),
    )


@cache
def _files() -> tuple[Template, str]:
    """Return page.html, whose $names status_page fills with HTML, and page.css."""
    here = Path(__file__)
    html, style = here.with_suffix(".html"), here.with_suffix(".css")
    return Template(html.read_text("utf-8")), style.read_text("utf-8")


def _target(status: Status) -> str:
    rows = {"Address": status.target, "Since": _time(status.since)}
    if status.detail:
        rows["Reason"] = status.detail
    return _list(rows)


def _scrape(last: LastScrape | None) -> str:
    if last is None:
        return "<p>None yet.</p>"
    rows = {
        "When": _time(last.at),
        "Took": f"{last.seconds * 1000:,.0f} ms",
        "Samples": f"{last.samples:,}",
        "MBeans read": f"{last.mbeans:,}",
        "MBeans failed": f"{last.failures:,}",
    }
    unread = "".join(
        f"<li><code>{escape(name)}</code> {escape(REASONS.get(why, why))}</li>"
        for name, why in last.unread
    )
    notes = f"<p>Not read:</p><ul>{unread}</ul>" if unread else ""
    dropped = "".join(
        f"<li><code>{escape(rule)}</code> {escape(DROPPED.get(why, why))}: {count:,}</li>"
        for rule, why, count in last.culprits
    )
    notes += f"<p>Samples left out:</p><ul>{dropped}</ul>" if dropped else ""
    notes += _named("Some of the samples that are left out:", last.dropped)
    notes += _named("Attributes without a value:", last.failed)
    return f"{_list(rows)}{notes}"


def _named(title: str, entries: Sequence[str]) -> str:
    items = "".join(f"<li><code>{escape(one)}</code></li>" for one in entries)
    return f"<p>{title}</p><ul>{items}</ul>" if items else ""


def _rules(status: Status) -> str:
    none = "none" if status.included else "none: everything is served by default names"
    rows = {
        "File": status.rule_file or none,
        "Packs": ", ".join(status.included) or "none",
        "Rules": f"{status.rules:,}",
        "Read": _time(status.loaded_at),
    }
    notes = list(status.warnings)
    if status.problem:
        refused = "The newest file was refused, so these rules stay in use:"
        notes.insert(0, f"{refused}\n{status.problem}")
    idle = status.last_scrape.idle_files if status.last_scrape else ()
    notes += [idle_text(file, rules) for file, rules in idle]
    texts = "".join(f"<pre>{escape(note)}</pre>" for note in notes)
    return f"{_list(rows)}{texts}"


def _list(rows: dict[str, str]) -> str:
    inside = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in rows.items()
    )
    return f"<dl>{inside}</dl>"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")

"""The status page: one self-contained HTML page for a person."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from ..observe import LastScrape, Status

WORDS = {
    "connecting": "Not asked yet: the first scrape connects",
    "up": "Connected, and all of it answered",
    "partial": "Connected, but something is missing",
    "down": "Not reachable",
}
REASONS = {
    "late": "did not answer in time",
    "resting": "held up earlier scrapes, and is asked less often for a while",
    "broken": "answered with an error, or with more than is taken",
    "unreadable": "answered what can't be carried",
    "lost": "lost its connection",
}
STYLE = """
:root { color-scheme: light dark; --line: #d8dde3; --soft: #5b6673; --card: #fff; --page: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --line: #333c46; --soft: #9aa7b4; --card: #1b2128; --page: #12161b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); font: 16px/1.5 system-ui, sans-serif; }
header { background: #e6522c; color: #fff; padding: 1rem 1.25rem; }
header h1 { margin: 0; font-size: 1.35rem; }
header p { margin: .1rem 0 0; opacity: .9; font-size: .9rem; }
main { max-width: 46rem; margin: 1.25rem auto; padding: 0 1rem; display: grid; gap: 1rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem; }
h2 { margin: 0 0 .6rem; font-size: 1rem; }
dl { margin: 0; display: grid; grid-template-columns: minmax(6.5rem, 9rem) 1fr; gap: .3rem .8rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.state { display: flex; align-items: center; gap: .6rem; font-size: 1.15rem; font-weight: 600; margin-bottom: .7rem; }
.dot { width: .8rem; height: .8rem; border-radius: 50%; background: #8a94a0; flex: none; }
.up .dot { background: #2da44e; } .partial .dot { background: #d4a72c; } .down .dot { background: #cf222e; }
ul { margin: 0; padding-left: 1.2rem; font-size: .9rem; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .6rem 0 0; font-size: .85rem; }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; }
a { color: #0969da; } @media (prefers-color-scheme: dark) { a { color: #6cb6ff; } }
"""


def status_page(status: Status, telemetry_path: str) -> str:
    """Return the page as HTML."""
    parts = [
        _target(status),
        _scrape(status.last_scrape),
        _rules(status),
        _links(telemetry_path),
    ]
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>JMX Bridge: {escape(status.state)}</title><style>{STYLE}</style></head>"
        "<body><header><h1>JMX Bridge</h1>"
        f"<p>version {escape(status.version)}, Java {escape(status.java)}</p></header>"
        f"<main>{''.join(parts)}</main></body></html>\n"
    )


def _target(status: Status) -> str:
    words = WORDS.get(status.state, status.state)
    rows = {"Address": status.target, "Since": _time(status.since)}
    if status.detail:
        rows["Reason"] = status.detail
    return (
        f'<section class="{escape(status.state)}"><h2>Target</h2>'
        f'<div class="state"><span class="dot"></span>{escape(words)}</div>'
        f"{_list(rows)}</section>"
    )


def _scrape(last: LastScrape | None) -> str:
    if last is None:
        return "<section><h2>Last scrape</h2><p>None yet.</p></section>"
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
    return f"<section><h2>Last scrape</h2>{_list(rows)}{notes}</section>"


def _rules(status: Status) -> str:
    none = "none" if status.included else "none: everything is served by default names"
    rows = {
        "File": status.rule_file or none,
        "Packs": ", ".join(status.included) or "none",
        "Rules": f"{status.rules:,}",
        "Read": _time(status.loaded_at),
    }
    notes = "".join(
        f"<pre>{escape(text)}</pre>"
        for text in (
            f"The newest file was refused, so these rules stay in use:\n{status.problem}"
            if status.problem
            else "",
            *status.warnings,
        )
        if text
    )
    return f"<section><h2>Rules</h2>{_list(rows)}{notes}</section>"


def _links(telemetry_path: str) -> str:
    links = {
        telemetry_path: "Metrics",
        "/-/healthy": "Health of this process",
        "/-/ready": "Readiness",
    }
    anchors = "".join(
        f'<a href="{escape(path, quote=True)}">{escape(text)}</a>'
        for path, text in links.items()
    )
    return f"<section><h2>Links</h2><nav>{anchors}</nav></section>"


def _list(rows: dict[str, str]) -> str:
    inside = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in rows.items()
    )
    return f"<dl>{inside}</dl>"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")

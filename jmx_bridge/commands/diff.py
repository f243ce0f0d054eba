"""`jmx-bridge diff`: what two rule files make of one JVM, or our page against another exporter's."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

from ..errors import PageError, UsageError
from ..jmx import JavaPatterns
from ..mapping import Ruleset
from ..workbench.pages import differences, page_of, read_page, told
from ..workbench.paint import Paint
from ..workbench.survey import survey
from .reading import read_around, read_target, redactor_of
from .start import rule_loader

if TYPE_CHECKING:
    from ..settings import Settings
    from ..workbench.pages import Difference
    from ..workbench.secrets import Redactor

COLOURS = {"-": "red", "+": "green", "~": "yellow"}
MOST_BYTES = 1 << 28
"""Of another exporter's page."""
VERSION = 1


def diff(settings: Settings) -> int:
    """Print the series that differ; return the exit status: 1 if some do."""
    files, url = settings.workbench.what, settings.workbench.url
    if url and len(files) <= 1:
        found, redactor = _with_url(settings, url)
    elif not url and len(files) == 2:
        found, redactor = _of_files(settings)
    else:
        raise UsageError(
            "diff: takes two rule files, or --url and at most one"
            "\n  hint: jmx-bridge diff --recording=shop.rec old.yml new.yml"
        )
    _print(found, settings, redactor)
    return 1 if found else 0


def _of_files(settings: Settings) -> tuple[list[Difference], Redactor]:
    """Compare what two files make of one reading."""
    first, second = settings.workbench.what
    reading, before = read_target(with_rules(settings, first))
    load = rule_loader(with_rules(settings, second).rules)
    assert load  # noqa: S101 -- it names a file
    after = Ruleset(load(), JavaPatterns)
    was, now = (read_page(page_of(survey(reading, one))) for one in (before, after))
    redactor = redactor_of(settings, [reading], before.config, after.config)
    return differences(was, now), redactor


def _with_url(settings: Settings, url: str) -> tuple[list[Difference], Redactor]:
    """Compare another exporter's page with ours, made before and after it was fetched."""
    if settings.workbench.what:
        settings = with_rules(settings, settings.workbench.what[0])
    fetched: list[str] = []
    readings, rules = read_around(settings, lambda: fetched.append(fetch(url)))
    try:
        theirs = read_page(fetched[0])
    except ValueError as exc:
        raise PageError(f"{url}: is no page of metrics: {exc}") from exc
    first, last = (read_page(page_of(survey(one, rules))) for one in readings)
    moved = {one.series for one in differences(first, last)}
    if settings.target.recording:
        # What was recorded long ago says nothing about values now.
        moved |= last.keys()
    redactor = redactor_of(settings, readings, rules.config)
    return differences(theirs, last, moved), redactor


def with_rules(settings: Settings, file: str) -> Settings:
    """Return *settings* with another rule file."""
    return replace(settings, rules=replace(settings.rules, file=file))


def fetch(url: str) -> str:
    """Return the page at *url* in text format 0.0.4; raises PageError."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"--url: must begin with http:// (found {url!r})")
    accept = {"Accept": "text/plain;version=0.0.4"}
    request = Request(url, headers=accept)  # noqa: S310 -- checked above
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=60) as answer:
            page = answer.read(MOST_BYTES + 1)
    except (OSError, ValueError) as exc:
        reason = exc.reason if isinstance(exc, URLError) else exc
        raise PageError(f"{url}: can't be fetched: {reason}") from exc
    if len(page) > MOST_BYTES:
        raise PageError(f"{url}: is larger than {MOST_BYTES >> 20} MiB")
    return str(page, "utf-8", "replace")


def _print(found: list[Difference], settings: Settings, redactor: Redactor) -> None:
    if settings.workbench.format == "json":
        document = {
            "version": VERSION,
            "differences": [_as_dict(one, redactor) for one in found],
        }
        json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
        return
    paint = Paint(sys.stdout, settings.workbench.color)
    for one, text in zip(found, told(found), strict=True):
        sys.stdout.write(f"{paint(redactor.text(text), COLOURS[one.sign])}\n")
    signs = Counter(one.sign for one in found)
    sys.stderr.write(
        f"{signs['-']:,} series lost, {signs['+']:,} gained, {signs['~']:,} changed\n"
    )


def _as_dict(one: Difference, redactor: Redactor) -> dict[str, Any]:
    return {
        "series": redactor.text(one.series),
        "change": {"-": "lost", "+": "gained", "~": "changed"}[one.sign],
        "was": one.was and {"type": one.was.type, "value": repr(one.was.value)},
        "now": one.now and {"type": one.now.type, "value": repr(one.now.value)},
    }

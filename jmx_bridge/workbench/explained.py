"""Explanations as text for a person, or as JSON for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .derive import ARROW
from .listing import COLOURS, as_dict, shown, told_of, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .derive import Step
    from .explain import Derived, Explanation, LineTold, Tried
    from .lines import Line
    from .paint import Paint
    from .secrets import Redactor

VERSION = 1
"""Of the JSON; it goes up when a field changes its meaning or goes."""
# Rules that come nearest to a line are shown; the others are counted.
MOST_RULES = 3
LEFT = 40
"""How much of a text stands left of the place that a caret points at."""


class Teller:
    """Writes explanations in words."""

    def __init__(self, redactor: Redactor, paint: Paint) -> None:
        self._redactor = redactor
        self._paint = paint

    def text(self, found: Explanation) -> Iterator[str]:
        """Yield the lines that explain *found*."""
        for one in found.derived:
            yield from self._derived(one)
        for told in found.lines:
            yield from self._line(told)
        if found.near:
            yield (
                f"No metric is called {self._safe(found.what)}. "
                "These rules could make one of that name:"
            )
            for tried in found.near:
                yield from self._tried(tried)
        if found.more:
            yield f"and {found.more:,} more: ask for one of them"

    def _safe(self, text: str, *colours: str) -> str:
        return self._paint(self._redactor.text(text), *colours)

    def _derived(self, one: Derived) -> Iterator[str]:
        value = f"{one.sample.value!r}"
        series = written(shown(one.sample, one.line, self._redactor))
        yield f"{self._safe(series, 'bold')} {value} ({one.sample.type})"
        yield self._entry("line", one.line.subject + self._value(one.line))
        rule = one.sample.rule or "built in: the JVM's own metrics need no rule"
        yield self._entry("rule", rule)
        if one.pattern:
            yield self._entry("pattern", one.pattern)
        for step in one.steps:
            yield self._entry(*step_without_secrets(step, one.line, self._redactor))

    def _value(self, line: Any) -> str:
        text = self._redactor.line(line)
        return "" if text is None else f": {text}"

    def _entry(self, what: str, text: str) -> str:
        return f"    {self._safe(what):9} {self._safe(text)}"

    def _line(self, told: LineTold) -> Iterator[str]:
        line = told.line
        yield self._safe(line.subject + self._value(line), "bold")
        yield from self._fate(line)
        matching = [one for one in told.tried if one.matches]
        for index, one in enumerate(matching):
            first = "matches, and is the first" if index == 0 else "matches, too late"
            yield f"  {self._safe(one.rule)} {first}"
            yield self._entry("pattern", one.pattern or "(none: it takes all)")
        if matching:
            return
        near = sorted(told.tried, key=_nearness)
        for one in near[:MOST_RULES]:
            yield from self._tried(one)
        if len(near) > MOST_RULES:
            others = len(near) - MOST_RULES
            yield f"  {others:,} other rules stop earlier"

    def _fate(self, line: Line) -> Iterator[str]:
        colours = COLOURS.get(line.fate, "").split()
        for text in told_of(line, self._redactor):
            yield f"    {self._paint(text, *colours)}"

    def _tried(self, one: Tried) -> Iterator[str]:
        if one.matches or one.miss is None:
            line = line_seen(one, self._redactor)
            yield f"  {self._safe(one.rule)} matches {self._paint(line)}"
            yield from self._fate(one.of)
            return
        yield f"  {self._safe(one.rule)} stops here:"
        pattern, line = self._redactor.text(one.pattern), line_seen(one, self._redactor)
        yield from self._pointed("pattern", one.pattern, pattern, one.miss.pattern_at)
        yield from self._pointed("line", one.line, line, one.miss.text_at)
        if one.of.text is None:
            yield from self._fate(one.of)
        if not one.miss.sure:
            yield self._entry(
                "", "or behind it: look-arounds and back references can't be split"
            )
        if one.remedy:
            yield self._entry("try", one.remedy.pattern)
            yield self._entry("", f"({one.remedy.what})")

    def _pointed(self, what: str, text: str, shown: str, at: int) -> Iterator[str]:
        """Yield a text with a caret below the place *at*, cut so that both are seen."""
        begin = max(0, at - LEFT)
        if shown != text:
            # Places don't hold in a text that hides something.
            yield self._entry(what, shown)
            return
        left = self._paint(("…" if begin else "") + text[begin:at])
        right = self._paint(text[at : begin + self._paint.width - 16])
        yield f"    {what:9} {left}{right}"
        yield f"    {'':9} {' ' * len(left)}{self._paint('^', 'red')}"


def line_seen(tried: Tried, redactor: Redactor) -> str:
    """Return a line as a rule sees it, without secrets."""
    text, value = tried.of.text or "", redactor.line(tried.of) or ""
    if text == value or not tried.line.endswith(text):
        return redactor.text(tried.line)
    return redactor.text(tried.line.removesuffix(text)) + value


def step_without_secrets(step: Step, line: Line, redactor: Redactor) -> tuple[str, str]:
    """Return what a step is called, and its text without secrets."""
    label = step.what.removeprefix("label ")
    if label != step.what:
        *before, last = step.text.rsplit(ARROW, 1)
        return step.what, ARROW.join([*before, redactor.label(line, label, last)])
    return step.what, redactor.made_of(line, step.text)


def _nearness(tried: Tried) -> tuple[bool, float]:
    far = tried.miss.pattern_at / max(1, len(tried.pattern)) if tried.miss else 0.0
    return tried.remedy is None, -far


def explanation_as_dict(found: Explanation, redactor: Redactor) -> dict[str, Any]:
    """Return an explanation as JSON has it: docs/workbench.md describes it."""
    return {
        "version": VERSION,
        "what": found.what,
        "series": [_derived_as_dict(one, redactor) for one in found.derived],
        "lines": [
            {
                **as_dict(told.line, redactor),
                "rules": _tried_as_dicts(told.tried, redactor),
            }
            for told in found.lines
        ],
        "near": _tried_as_dicts(found.near, redactor),
        "more": found.more,
    }


def _derived_as_dict(one: Derived, redactor: Redactor) -> dict[str, Any]:
    return {
        **as_dict(one.line, redactor),
        "sample": redactor.text(written(shown(one.sample, one.line, redactor))),
        "pattern": redactor.text(one.pattern) or None,
        "steps": [
            dict(
                zip(
                    ("what", "text"),
                    step_without_secrets(step, one.line, redactor),
                    strict=True,
                )
            )
            for step in one.steps
        ],
    }


def _tried_as_dicts(tried: Sequence[Tried], redactor: Redactor) -> list[dict[str, Any]]:
    return [
        {
            "rule": one.rule,
            "pattern": redactor.text(one.pattern) or None,
            "line": line_seen(one, redactor),
            "fate": str(one.of.fate),
            "why": redactor.text(one.of.why) or None,
            "matches": one.matches,
            "pattern_at": one.miss.pattern_at if one.miss else None,
            "line_at": one.miss.text_at if one.miss else None,
            "sure": one.miss.sure if one.miss else None,
            "try": redactor.text(one.remedy.pattern) if one.remedy else None,
            "because": one.remedy.what if one.remedy else None,
        }
        for one in tried
    ]

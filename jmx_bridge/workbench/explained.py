"""Explanations as text for a person, or as JSON for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .listing import COLOURS, as_dict, told_of, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .explain import Derived, Explanation, LineTold, Tried
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
        yield f"{self._safe(written(one.sample), 'bold')} {value} ({one.sample.type})"
        yield self._entry("line", one.line.subject + self._value(one.line))
        rule = one.sample.rule or "built in: the JVM's own metrics need no rule"
        yield self._entry("rule", rule)
        if one.pattern:
            yield self._entry("pattern", one.pattern)
        for step in one.steps:
            yield self._entry(step.what, step.text)

    def _value(self, line: Any) -> str:
        text = self._redactor.line(line)
        return "" if text is None else f": {text}"

    def _entry(self, what: str, text: str) -> str:
        return f"    {self._safe(what):9} {self._safe(text)}"

    def _line(self, told: LineTold) -> Iterator[str]:
        line = told.line
        yield self._safe(line.subject + self._value(line), "bold")
        colours = COLOURS.get(line.fate, "").split()
        for text in told_of(line, self._redactor):
            yield f"    {self._paint(text, *colours)}"
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

    def _tried(self, one: Tried) -> Iterator[str]:
        if one.matches or one.miss is None:
            yield f"  {self._safe(one.rule)} matches {self._safe(one.line)}"
            return
        yield f"  {self._safe(one.rule)} stops here:"
        yield from self._pointed("pattern", one.pattern, one.miss.pattern_at)
        yield from self._pointed("line", one.line, one.miss.text_at)
        if not one.miss.sure:
            yield self._entry(
                "", "or behind it: look-arounds and back references can't be split"
            )
        if one.remedy:
            yield self._entry("try", one.remedy.pattern)
            yield self._entry("", f"({one.remedy.what})")

    def _pointed(self, what: str, text: str, at: int) -> Iterator[str]:
        """Yield a text with a caret below the place *at*, cut so that both are seen."""
        begin = max(0, at - LEFT)
        shown = self._redactor.text(text)
        if shown != text:
            # Places don't hold in a text that hides something.
            yield self._entry(what, shown)
            return
        left = self._paint(("…" if begin else "") + text[begin:at])
        right = self._paint(text[at : begin + self._paint.width - 16])
        yield f"    {what:9} {left}{right}"
        yield f"    {'':9} {' ' * len(left)}{self._paint('^', 'red')}"


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
        "sample": redactor.text(written(one.sample)),
        "pattern": one.pattern or None,
        "steps": [
            {"what": step.what, "text": redactor.text(step.text)} for step in one.steps
        ],
    }


def _tried_as_dicts(tried: Sequence[Tried], redactor: Redactor) -> list[dict[str, Any]]:
    return [
        {
            "rule": one.rule,
            "pattern": one.pattern or None,
            "line": redactor.text(one.line),
            "matches": one.matches,
            "pattern_at": one.miss.pattern_at if one.miss else None,
            "line_at": one.miss.text_at if one.miss else None,
            "sure": one.miss.sure if one.miss else None,
            "try": one.remedy.pattern if one.remedy else None,
            "because": one.remedy.what if one.remedy else None,
        }
        for one in tried
    ]

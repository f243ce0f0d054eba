"""A starter rule file as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from ..paint import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .kinds import Kind
    from .rules import StarterRule

WIDTH = 160
"""Of comments; patterns may be longer."""
NAMED = 8
"""So many attributes are named in a comment."""


def file_text(
    head: Sequence[str],
    includes: Sequence[str],
    sections: Sequence[tuple[Kind, Sequence[StarterRule]]],
    hide: Callable[[str], str],
) -> str:
    """
    Return the rule file.

    *head* are lines of its first comment, *hide* takes secrets out of a text.
    """
    lines = [*(f"# {line}".rstrip() for line in head), "lowercaseOutputName: true"]
    lines.append("includeObjectNames:")
    lines += [f"  - {scalar(pattern)}" for pattern in includes]
    lines.append("rules:")
    for kind, rules in sections:
        lines += ["", *(f"  {comment(hide(one))}" for one in _about(kind))]
        for rule in rules:
            lines += [f"  {line}" for line in _rule(rule, hide)]
    return "\n".join(lines) + "\n"


def _about(kind: Kind) -> Iterator[str]:
    name = f"{kind.type_key}={kind.type}" if kind.type_key else "no type"
    keys = ", ".join(key for key in min(kind.orders) if key != kind.type_key)
    yield f"-- {kind.domain}: {name}" + (f", by {keys}" if keys else "")
    if kind.texts:
        yield f"texts, left out: {_some(sorted(kind.texts))}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _rule(rule: StarterRule, hide: Callable[[str], str]) -> Iterator[str]:
    yield comment(hide(rule.sample))
    if rule.undecided:
        names = hide(_some(rule.undecided))
        yield comment(f"gauges, since nothing says that they count: {names}")
    yield f"- pattern: {scalar(rule.pattern)}"
    yield f"  name: {scalar(rule.name)}"
    yield f"  type: {'COUNTER' if rule.counter else 'GAUGE'}"
    if rule.factor != 1.0:
        yield f"  valueFactor: {rule.factor:.12g}"
    if rule.snake:
        yield "  attrNameSnakeCase: true"
    if rule.labels:
        yield "  labels:"
        for name, value in rule.labels:
            yield f"    {key(name)}: {scalar(value)}"


def comment(text: str) -> str:
    """Return a comment in one line."""
    line = printable(text)
    return f"# {line if len(line) <= WIDTH else line[: WIDTH - 1] + '…'}"


def key(name: str) -> str:
    """Return a label's name as a key: in quotes where YAML would read something else, as `null`."""
    return name if isinstance(yaml.safe_load(name), str) else scalar(name)


def scalar(text: str) -> str:
    """Return *text* as YAML has it: in single quotes, or with escapes where it needs them."""
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return f'"{"".join(map(_written, text))}"'


def _written(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isprintable():
        return char
    return f"\\U{ord(char):08x}"

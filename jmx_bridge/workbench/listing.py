"""Values as text for a person, as JSON for a program, or counted in a tree."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ..jmx.scopes import matches
from ..mapping import parse_name
from .lines import Fate
from .pages import series_of
from .paint import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from ..model import Attribute
    from ..settings import WorkbenchSettings
    from .lines import Line, Served
    from .paint import Paint
    from .secrets import Redactor

VERSION = 1
"""Of the JSON; it goes up when a field changes its meaning or goes."""
DROPPED = frozenset({Fate.DROPPED, Fate.EMPTIED})
COLOURS = {
    Fate.SERVED: "green",
    Fate.DROPPED: "red",
    Fate.EMPTIED: "yellow",
    Fate.UNMATCHED: "yellow",
    Fate.UNREADABLE: "red",
}
WITHOUT_VALUE = "(no value)"


def chosen(lines: Iterable[Line], wanted: WorkbenchSettings) -> list[Line]:
    """Return the lines that *wanted* asks for, by what they say and by what became of them."""
    fates = set[Fate]()
    fates |= {Fate.SERVED} if wanted.served else set()
    fates |= DROPPED if wanted.dropped else set()
    fates |= {Fate.UNMATCHED, Fate.TEXT} if wanted.unmatched else set()
    return [
        line
        for line in lines
        if (not fates or line.fate in fates)
        and (not wanted.what or any(is_meant(line, what) for what in wanted.what))
    ]


def is_meant(line: Line, what: str) -> bool:
    """Whether *what* means a line: an ObjectName pattern, or a piece of the line or a metric's name."""
    if is_object_name(what):
        return matches(f"{what}*" if what.endswith(":") else what, line.mbean)
    piece = what.lower()
    return piece in line.full.lower() or any(
        piece in one.name.lower() for one in line.samples
    )


def is_object_name(what: str) -> bool:
    """Whether a word looks like an ObjectName or a pattern of one, not like a line."""
    domain, colon, rest = what.partition(":")
    return bool(colon) and "<" not in domain and ("=" in rest or rest in {"", "*"})


# -- text ------------------------------------------------------------------------------------------


def print_lines(
    lines: Iterable[Line], redactor: Redactor, paint: Paint, output: TextIO
) -> None:
    """Write each line, and below it what it is and what becomes of it."""
    # Many lines say the same of themselves.
    about = cache(partial(_about, redactor, paint))
    told = cache(partial(_told, paint))
    for line in lines:
        subject = redactor.text(line.subject)
        value = redactor.line(line) or (WITHOUT_VALUE if line.text is None else "")
        room = max(20, paint.width - len(subject) - 2)
        output.write(f"{paint(subject, 'bold')}: {paint.cut(value, room)}\n")
        inside = line.leaf.description if line.leaf and line.leaf.path else None
        output.write(about(line.attribute, inside))
        tell = told if not line.samples else partial(_told, paint)
        output.writelines(tell(line.fate, one) for one in told_of(line, redactor))


def _about(
    redactor: Redactor, paint: Paint, attribute: Attribute, inside: str | None
) -> str:
    """
    Return an attribute's type and description as text of its own; "" if there are none.

    *inside* describes a composite's item. A description that is the attribute's name is none.
    """
    kind, text = attribute.type, inside or attribute.description or ""
    both = f"{kind}, {text}" if text and text != attribute.name else kind
    about = paint.cut(redactor.text(both), paint.width - 4)
    return f"    {paint(about, 'dim')}\n" if about else ""


def _told(paint: Paint, fate: Fate, told: str) -> str:
    return f"    {paint(told, *COLOURS.get(fate, '').split())}\n"


def told_of(line: Line, redactor: Redactor) -> list[str]:
    """Return in words what becomes of a line: one text for each of its samples, or why not."""
    by = f" by {line.rule}" if line.rule else ""
    if not line.samples:
        why = f": {redactor.text(line.why)}" if line.why else ""
        return [f"{line.fate}{by}{why}"]
    return [
        f"{redactor.text(written(shown(one, line, redactor)))} ({one.type}) "
        + (f"by {one.rule}" if one.rule else "built in")
        for one in line.samples
    ]


def shown(sample: Served, line: Line, redactor: Redactor) -> Served:
    """Return a line's sample with labels that have no secrets."""
    labels = [(name, redactor.label(line, name, text)) for name, text in sample.labels]
    return sample._replace(labels=tuple(labels))


def written(sample: Served) -> str:
    """Return a sample's name and labels as a page has them."""
    return series_of(sample.name, dict(sample.labels))


# -- tree ------------------------------------------------------------------------------------------


def print_tree(lines: Iterable[Line], redactor: Redactor, output: TextIO) -> None:
    """Write domains, the types in them, and how many MBeans and values each has."""
    values: Counter[tuple[str, str]] = Counter()
    served: Counter[tuple[str, str]] = Counter()
    mbeans: dict[tuple[str, str], set[str]] = {}
    for line in lines:
        name = parse_name(line.mbean)
        key = (name.domain, name.property("type") or name.property("j2eeType") or "")
        values[key] += 1
        served[key] += line.fate is Fate.SERVED
        mbeans.setdefault(key, set()).add(line.mbean)
    before = None
    for key in sorted(mbeans):
        domain, kind = key
        if domain != before:
            before = domain
            output.write(f"{printable(redactor.text(domain))}\n")
        what = f"type={kind}" if kind else "(no type)"
        output.write(
            f"  {printable(redactor.text(what)):40} {len(mbeans[key]):7,} MBeans "
            f"{values[key]:9,} values {served[key]:9,} served\n"
        )


# -- JSON ------------------------------------------------------------------------------------------


def to_json(lines: Sequence[Line], redactor: Redactor, output: TextIO) -> None:
    """Write one JSON document, a line of the JVM on each line: docs/workbench.md describes it."""
    output.write(f'{{"version": {VERSION}, "lines": [')
    for index, line in enumerate(lines):
        text = json.dumps(as_dict(line, redactor), ensure_ascii=False)
        output.write(f"{',' * (index > 0)}\n{text}")
    output.write("\n]}\n")


def as_dict(line: Line, redactor: Redactor) -> dict[str, Any]:
    """Return a line as JSON has it; what it lacks is null."""
    return {
        "mbean": redactor.text(line.mbean),
        "attribute": line.attribute.name,
        "path": list(line.leaf.path) if line.leaf else [],
        "type": line.attribute.type,
        "description": redactor.text(line.attribute.description or "") or None,
        "line": redactor.text(line.subject),
        "value": redactor.line(line),
        "fate": str(line.fate),
        "why": redactor.text(line.why) or None,
        "rule": line.rule or None,
        "samples": [
            {
                "name": one.name,
                "labels": dict(shown(one, line, redactor).labels),
                "type": str(one.type),
                "value": repr(one.value),
                "rule": one.rule or None,
            }
            for one in line.samples
        ],
    }

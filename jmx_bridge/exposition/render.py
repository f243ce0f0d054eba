"""
A snapshot as bytes of a text format.

Strategy: what a family's lines say before their numbers is made once and kept with the
family's layout. A scrape spells the numbers and joins.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from math import inf, isfinite, isnan
from typing import TYPE_CHECKING

from ..limits import fitting
from ..model import Family, FamilyLayout, Layout, MetricType, Sample
from .formats import Escaping, Format, label_names, label_value, unbroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..model import Labels, Late, Snapshot

TYPE_NAMES = {MetricType.UNKNOWN: "untyped", MetricType.INFO: "gauge"}
"""What the text format calls types that have another name in OpenMetrics."""
CUT = "jmx_bridge_page_samples_cut"
CUT_HELP = "Samples that are missing since the page would be larger than --limit.bytes."
SHORTEST_NUMBER = 3
SUFFIXES = {MetricType.COUNTER: "_total", MetricType.INFO: "_info"}


def render(
    snapshot: Snapshot, fmt: Format, names: frozenset[str] = frozenset()
) -> bytes:
    """Return *snapshot* in format *fmt*; if *names*, only the samples that they name."""
    text = _filtered(snapshot, fmt, names) if names else _whole(snapshot, fmt)
    if fmt.openmetrics:
        text += "# EOF\n"
    return text.encode("utf-8", "replace")


def cut(snapshot: Snapshot, fmt: Format, excess: int) -> Snapshot:
    """Return a snapshot without its largest families, that is smaller by *excess* bytes."""
    families = snapshot.layout.families
    sizes = [
        sum(map(len, pieces)) + SHORTEST_NUMBER * len(pieces)
        for pieces in (_pieces(family, fmt) for family in families)
    ]
    kept = fitting(sizes, max(0, sum(sizes) - excess))
    values: list[float] = []
    at = 0
    for index, family in enumerate(families):
        if index in kept:
            values += snapshot.values[at : at + len(family.series)]
        at += len(family.series)
    told = Family(CUT, MetricType.GAUGE, CUT_HELP, (Sample((), at - len(values)),))
    return replace(
        snapshot,
        layout=Layout([families[index] for index in sorted(kept)]),
        values=values,
        families=[*snapshot.families, told],
    )


def _whole(snapshot: Snapshot, fmt: Format) -> str:
    """Return the text: planned families, and the others where their names belong."""
    families = snapshot.layout.families
    numbers = _numbers(snapshot.values)
    others: list[Family | Late] = [*snapshot.families]
    if snapshot.late:
        others.append(snapshot.late)
    others.sort(key=lambda other: other.name)
    parts: list[str] = []
    places: list[tuple[int, Family | Late]] = []
    at = done = 0
    for other in (*others, None):
        while at < len(families) and (other is None or families[at].name < other.name):
            # 80,000 samples: joining takes 5 ms and keeps 9 MB, filling in a template took
            # 9 ms and kept 5 MB; spelling the numbers takes 15 to 35 ms.
            pieces = _pieces(families[at], fmt)
            theirs = numbers[done : done + len(pieces)]
            parts += chain.from_iterable(zip(pieces, theirs, strict=True))
            done += len(pieces)
            at += 1
        if other is not None:
            places.append((len(parts), other))
            parts.append("")
    for place, other in places:
        parts[place] = _cold(other if isinstance(other, Family) else other.make(), fmt)
    if not parts:
        return ""
    parts[0] = parts[0].removeprefix("\n")
    return "".join((*parts, "\n"))


def _numbers(values: Sequence[float]) -> list[str]:
    """Spell numbers; Python's repr is right for all that are finite."""
    if all(map(isfinite, values)):
        return list(map(repr, values))
    return list(map(number, values))


def number(value: float) -> str:
    """Spell a number."""
    if isnan(value):
        return "NaN"
    if value in {inf, -inf}:
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)


def _pieces(family: FamilyLayout, fmt: Format) -> list[str]:
    """Return what stands before each number of a family, with the line break before it."""
    pieces = family.rendered.get(fmt)
    if not isinstance(pieces, list):
        first, *rest = _lines(family, fmt.escaping)
        pieces = [f"\n{_header(family, fmt)}{first}", *rest]
        family.rendered[fmt] = pieces
    return pieces


def _lines(family: FamilyLayout, escaping: Escaping) -> list[str]:
    """
    Return the lines up to their numbers.

    Formats share them: kept for each, 80,000 lines would take 10 MB a format.
    """
    shapes = {_shape(labels) for labels in family.series}
    written = {shape: label_names(shape, escaping) for shape in shapes}
    escaped = any(shape != names for shape, names in written.items())
    key = escaping if escaped else None
    lines = family.rendered.get(key)
    if not isinstance(lines, list):
        name = family.name + SUFFIXES.get(family.type, "")
        lines = [
            f"\n{name}{_braces(written[_shape(labels)], labels)} "
            for labels in family.series
        ]
        family.rendered[key] = lines
    return lines


def _cold(family: Family, fmt: Format) -> str:
    lines = _sample_lines(family, family.samples, fmt)
    return f"\n{_header(family, fmt)}{''.join(lines)}"


def _sample_lines(
    family: Family | FamilyLayout, samples: Iterable[Sample], fmt: Format
) -> Iterator[str]:
    suffix = SUFFIXES.get(family.type, "")
    for sample in samples:
        names = label_names(_shape(sample.labels), fmt.escaping)
        labels = _braces(names, sample.labels)
        yield f"\n{family.name}{sample.suffix}{suffix}{labels} {number(sample.value)}"


def _header(family: Family | FamilyLayout, fmt: Format) -> str:
    """Return the lines that stand before a family's samples, without a break at the end."""
    if fmt.openmetrics:
        name, kind = family.name, str(family.type)
        words = label_value(family.help)
    else:
        name = family.name + SUFFIXES.get(family.type, "")
        kind = TYPE_NAMES.get(family.type, family.type)
        words = unbroken(family.help)
    type_line = f"# TYPE {name} {kind}"
    if not words:
        return type_line
    help_line = f"# HELP {name} {words}"
    both = (type_line, help_line) if fmt.openmetrics else (help_line, type_line)
    return "\n".join(both)


def _shape(labels: Labels) -> tuple[str, ...]:
    return tuple([name for name, _ in labels])


def _braces(names: tuple[str, ...], labels: Labels) -> str:
    """Return labels as they are written; *names* are theirs, as they are written."""
    if not labels:
        return ""
    inside = [
        f'{name}="{label_value(value)}"'
        for name, (_, value) in zip(names, labels, strict=True)
    ]
    return f"{{{','.join(inside)}}}"


def _filtered(snapshot: Snapshot, fmt: Format, names: frozenset[str]) -> str:
    """Return the text of the samples that *names* ask for; nothing of it is kept."""
    asked: list[tuple[Family | FamilyLayout, list[Sample]]] = []
    at = 0
    for layout in snapshot.layout.families:
        values = snapshot.values[at : at + len(layout.series)]
        at += len(layout.series)
        if _asked_for(layout, "", names):
            pairs = zip(layout.series, values, strict=True)
            asked.append((layout, [Sample(labels, value) for labels, value in pairs]))
    late = (snapshot.late.make(),) if snapshot.late else ()
    for family in (*snapshot.families, *late):
        samples = [s for s in family.samples if _asked_for(family, s.suffix, names)]
        if samples:
            asked.append((family, samples))
    asked.sort(key=lambda pair: pair[0].name)
    return "".join(
        f"{_header(owner, fmt)}{''.join(_sample_lines(owner, found, fmt))}\n"
        for owner, found in asked
    )


def _asked_for(
    family: Family | FamilyLayout, suffix: str, names: frozenset[str]
) -> bool:
    whole = family.name + suffix + SUFFIXES.get(family.type, "")
    return whole in names or family.name in names

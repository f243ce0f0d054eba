"""Pages of metrics, compared: which series are lost, gained, or have another type or value."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from ..exposition import negotiate, render
from ..exposition.formats import label_value
from ..model import Snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from .survey import Survey

OWN = re.compile(r"jmx_(bridge_|config_|exporter_|scrape_|http_|up$)")
"""What exporters tell of themselves."""
NEARLY = 1e-12
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?\s*')
ESCAPE = re.compile(r"\\(.)")


class Sample(NamedTuple):
    """A series on a page."""

    type: str
    """As text format 0.0.4 has it: counter, gauge, summary, histogram or untyped."""
    value: float


Page = dict[str, Sample]
"""By series: name{label="value"}, labels sorted by name."""


class Difference(NamedTuple):
    """A series that is not the same on two pages."""

    series: str
    was: Sample | None
    """None: gained."""
    now: Sample | None
    """None: lost."""

    @property
    def sign(self) -> str:
        """Return "-" for lost, "+" for gained, "~" for changed."""
        if self.was is None:
            return "+"
        return "-" if self.now is None else "~"


def page_of(survey: Survey, *, with_jvm: bool = True) -> str:
    """Return the page of a survey in text format 0.0.4, without the bridge's own metrics."""
    jvm = survey.jvm if with_jvm else ()
    snapshot = Snapshot(survey.layout, survey.values, jvm)
    return render(snapshot, negotiate(None)).decode("utf-8")


def read_page(text: str) -> Page:
    """
    Return the series of a page in text format 0.0.4, without what exporters tell of themselves.

    Names are kept as they stand. Raises ValueError with the number of a line that is none.
    """
    page: Page = {}
    types: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if words[:2] == ["#", "TYPE"] and len(words) == 4:
            types[words[2]] = words[3]
        if not words or line.lstrip().startswith("#"):
            continue
        try:
            name, labels, value = _sample(line.strip())
        except ValueError as exc:
            raise ValueError(f"line {number}: {exc}") from None
        if not OWN.match(name):
            page[series_of(name, labels)] = Sample(type_of(name, types), value)
    return page


def _sample(line: str) -> tuple[str, dict[str, str], float]:
    found = NAME.match(line)
    if not found:
        raise ValueError("begins with no name")
    labels: dict[str, str] = {}
    at = found.end()
    if line.startswith("{", at):
        at += 1
        while not line.startswith("}", at):
            label = LABEL.match(line, at)
            if not label:
                raise ValueError(f"has no label at column {at + 1}")
            labels[label[1]] = ESCAPE.sub(_unescaped, label[2])
            at = label.end()
        at += 1
    numbers = line[at:].split()
    if len(numbers) not in {1, 2}:
        raise ValueError("has no value")
    return found[0], labels, float(numbers[0])


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]


def type_of(name: str, types: Mapping[str, str]) -> str:
    """Return the type of a sample: its own name's, or that of the family whose part it is."""
    if name in types:
        return types[name]
    for suffix in ("_count", "_sum", "_bucket"):
        kind = types.get(name.removesuffix(suffix))
        if name.endswith(suffix) and kind in {"summary", "histogram"}:
            return kind
    return "untyped"


def series_of(name: str, labels: Mapping[str, str]) -> str:
    """Return how a series is called here."""
    inside = ",".join(f'{key}="{label_value(labels[key])}"' for key in sorted(labels))
    return f"{name}{{{inside}}}" if inside else name


def differences(
    was: Page, now: Page, unsteady: Collection[str] = ()
) -> list[Difference]:
    """Return the series that differ, sorted; of *unsteady* ones values don't count."""
    found = []
    for series in sorted(was.keys() | now.keys()):
        before, after = was.get(series), now.get(series)
        alike = (
            before is not None
            and after is not None
            and before.type == after.type
            and (series in unsteady or same(before.value, after.value))
        )
        if not alike:
            found.append(Difference(series, before, after))
    return found


def same(one: float, other: float) -> bool:
    """Whether two values are the same number, however it is written."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=NEARLY)


def told(found: Sequence[Difference]) -> Iterable[str]:
    """Yield a line for each difference."""
    for one in found:
        if one.was is None or one.now is None:
            sample = one.was or one.now
            assert sample  # noqa: S101 -- for the type checker
            yield f"{one.sign} {one.series} {sample.value!r} ({sample.type})"
        elif one.was.type != one.now.type:
            yield f"~ {one.series} ({one.was.type} → {one.now.type})"
        else:
            yield f"~ {one.series} {one.was.value!r} → {one.now.value!r}"

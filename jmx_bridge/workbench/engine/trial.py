"""What rules on trial make of a reading, beside what the rules in force make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ...exposition import negotiate, render
from ...exposition.page import sample_name
from ...mapping import Drop
from ...model import Attribute, FamilyLayout, Layout, LeafKind, Snapshot
from ..lines import Fate, Line, Served
from ..listing import shown, written
from ..pages import same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...collect.series import Series
    from ...config import Config
    from ...model import Labels
    from ..fates import Judged
    from ..secrets import Redactor
    from ..survey import Surveyor

MOST_SHOWN = 200
"""Series of a kind, and lines, that are named; the others are counted."""
MOST_PAGE = 64 << 10
"""Characters of the page."""
MOST_ON_PAGE = 2000
"""Series that are laid out for it; each takes 20 characters at least."""

Key = tuple[str, "Labels"]


class Entry(NamedTuple):
    """A sample of a page."""

    type: str
    value: float
    series: Series | None
    """None: of a jvm_* family, which need no rule."""


class Outcome:
    """A survey as a page of series that can be compared and shown."""

    def __init__(self, surveyor: Surveyor, redactor: Redactor) -> None:
        self._surveyor = surveyor
        self._redactor = redactor
        self.entries: dict[Key, Entry] = dict(self._all())

    def _all(self) -> Iterator[tuple[Key, Entry]]:
        page, at = self._surveyor.page, 0
        for family in page.layout.families:
            name, kind = sample_name(family), str(family.type)
            for labels in family.series:
                yield (name, labels), Entry(kind, page.values[at], page.order[at])
                at += 1
        for built_in in page.jvm:
            for sample in built_in.samples:
                name = f"{built_in.name}{sample.suffix}{built_in.type.suffix}"
                key = (name, sample.labels)
                yield key, Entry(str(built_in.type), sample.value, None)

    def told(self, key: Key, *, was: Entry | None = None) -> dict[str, Any]:
        """Return a series as JSON has it, without secrets."""
        entry = self.entries[key]
        served = Served(*key, entry.type, entry.value, "")  # type: ignore[arg-type]  # a type's name
        if entry.series is not None:
            served = shown(served, self._behind(entry.series), self._redactor)
        told: dict[str, Any] = {
            "series": self._redactor.text(written(served)),
            "value": repr(entry.value),
            "type": entry.type,
            "line": self._rule(entry.series),
        }
        if was is not None:
            told["was"] = {"type": was.type, "value": repr(was.value)}
        return told

    def _rule(self, series: Series | None) -> str | None:
        rules = self._surveyor.rules
        return rules.where(series.rule) if series is not None else None

    def _behind(self, series: Series) -> Line:
        """Return as much of the line that a series comes from as tells whether it smells."""
        one = self._surveyor.judged[series.bean.id]
        if series.added is not None or series.leaf < 0:
            attribute, leaf, text = Attribute("", "", None), None, None
        else:
            value = one.values[series.leaf]
            leaf, text = value.leaf, value.text
            attribute = one.asked[leaf.attribute]
        return Line(series.bean.name, attribute, leaf, "", text, Fate.SERVED)

    def samples_of(self, config: Config, file: str) -> list[dict[str, Any]]:
        """Return the rules of *file*, each with how many samples it makes."""
        counts = [0] * len(config.rules)
        for series in self._surveyor.page.order:
            counts[series.rule] += 1
        return [
            {
                "line": rule.where,
                "name": rule.name or rule.pattern or "",
                "samples": counts[index],
            }
            for index, rule in enumerate(config.rules)
            if rule.file == file
        ]

    # -- the page --------------------------------------------------------------------------------

    def page(self) -> dict[str, Any]:
        """Return the length of the page in characters, and how it begins."""
        page = self._surveyor.page
        whole = Snapshot(page.layout, page.values, page.jvm)
        total = len(render(whole, negotiate(None)))
        families, values = self._beginning()
        some = Snapshot(Layout(families), values, page.jvm)
        text = self._redactor.text(render(some, negotiate(None)).decode())
        if len(text) > MOST_PAGE:
            text = text[: text.rfind("\n", 0, MOST_PAGE) + 1]
        return {"total": total, "text": text}

    def _beginning(self) -> tuple[list[FamilyLayout], list[float]]:
        """Return the first families and their values, with labels that have no secrets."""
        page, at = self._surveyor.page, 0
        families: list[FamilyLayout] = []
        for family in page.layout.families:
            if at >= MOST_ON_PAGE:
                break
            some = family.series[: MOST_ON_PAGE - at]
            labels = [
                self._labels(one, page.order[at + i]) for i, one in enumerate(some)
            ]
            families.append(FamilyLayout(family.name, family.type, family.help, labels))
            at += len(some)
        return families, list(page.values[:at])

    def _labels(self, labels: Labels, series: Series) -> Labels:
        behind, redactor = self._behind(series), self._redactor
        return tuple([(n, redactor.label(behind, n, text)) for n, text in labels])


def compared(was: Outcome, now: Outcome) -> dict[str, Any]:
    """Return which series are gained, lost and changed."""
    before, after = was.entries, now.entries
    gained = [key for key in after if key not in before]
    lost = [key for key in before if key not in after]
    changed = [
        key
        for key, entry in after.items()
        if (other := before.get(key)) is not None
        and (entry.type != other.type or not same(entry.value, other.value))
    ]
    return {
        "gained": _some(gained, [now.told(key) for key in gained[:MOST_SHOWN]]),
        "lost": _some(lost, [was.told(key) for key in lost[:MOST_SHOWN]]),
        "changed": _some(
            changed, [now.told(key, was=before[key]) for key in changed[:MOST_SHOWN]]
        ),
    }


def _some(all_of_them: Sequence[object], shown: Sequence[Any]) -> dict[str, Any]:
    return {"total": len(all_of_them), "shown": list(shown)}


# -- what stays unmatched ----------------------------------------------------------------------


def unmatched(surveyor: Surveyor, redactor: Redactor) -> dict[str, Any]:
    """Return how many values no rule claims, and some of them, as `list --unmatched` has them."""
    total, texts = 0, list[str]()
    for one in surveyor.judged:
        number = _quickly(one)
        if number == 0:
            continue
        if number is not None and len(texts) >= MOST_SHOWN:
            total += number
            continue
        lines = [
            line
            for line in surveyor.lines_of(one)
            if line.fate in {Fate.UNMATCHED, Fate.TEXT}
        ]
        total += len(lines)
        for line in lines[: MOST_SHOWN - len(texts)]:
            value = redactor.line(line)
            subject = redactor.text(line.subject)
            texts.append(subject if value is None else f"{subject}: {value}")
    return {"total": total, "shown": texts}


def _quickly(one: Judged) -> int | None:
    """Return how many values of an MBean no rule claims; None where only its lines tell."""
    if one.bean.for_platform or one.added or one.draft.labels_from:
        return None
    if one.filtered or len(one.admitted) != len(one.asked):
        return None if not one.filtered else 0
    if not one.matched:
        return len(one.plain)
    series = {series.leaf for series in one.draft.series}
    return sum(_unclaimed(one, place, series) for place in one.plain)


def _unclaimed(one: Judged, place: int, series: set[int]) -> bool:
    if place in series:
        return False
    match = one.matched.get(place)
    verdict = match.verdict if match else None
    if not isinstance(verdict, Drop):
        return True
    is_text = one.values[place].leaf.kind is LeafKind.STRING
    return is_text and not verdict.reason

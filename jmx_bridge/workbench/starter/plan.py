"""What each metric of a kind is called, and what of that a rule takes from the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ...mapping import snake_case
from ...mapping.naming import base_name, safe_name
from .counters import STATISTICS, Type, type_of, type_of_statistic
from .kinds import GENERIC, siblings
from .patterns import value_pattern
from .units import NONE, Unit, duration, unit_of
from .words import WORD, clean, joined, remarks, vocabulary, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kinds import Kind, Slot, Spot

DROPPED = frozenset({"org", "com", "net", "io", "edu", "apache", "eclipse"})
"""Words at the beginning of a domain that name nobody."""
OURS = frozenset({"jvm", "process", "jmx", "up", "scrape", "go", "python"})
"""Beginnings of metrics that others have."""
SUBJECT, ATTRIBUTE = "\0S", "\0A"
"""Stand in a template for what the pattern captures of `name`, and of the attribute."""
PLURALS = frozenset("bcdfgjklmnpqrtvwe")
"""Letters behind which an "s" makes a plural."""
NO_NOUNS = vocabulary("active accept live idle alive used available pending read")
"""Words before "count" that have no plural."""


class Template(NamedTuple):
    """What metrics of alike attributes have in common."""

    path: tuple[str, ...]
    text: str
    """The name, with SUBJECT and ATTRIBUTE in it."""
    subject_cut: str
    """What follows in `name` behind what is captured: "PerSec"."""
    attribute_cut: str
    """What follows in the attribute in snake case: "_count"."""
    counter: bool
    factor: float


@dataclass(frozen=True, slots=True)
class Planned:
    """A metric and how a rule makes it."""

    slot: Slot
    name: str
    """The sample's."""
    template: Template
    literal: bool
    """The name is written out, since the template would not make it."""

    @property
    def spot(self) -> Spot:
        """Which values it has."""
        return self.slot.spot


class Plan:
    """Gives every metric of all kinds a name of its own."""

    def __init__(self, taken: set[str]) -> None:
        """*taken* are the families that are there already."""
        self._taken = {*taken}
        self._types = set[tuple[str, str]]()

    def of(self, kind: Kind) -> list[Planned]:
        """
        Return the metrics of a kind, each with a name that no other has.

        The first kind of a type is called by the type alone.
        """
        crowded, which = _crowded(kind), (kind.domain, kind.type)
        ways = list(prefixes(kind))
        for prefix in ways[which in self._types :]:
            drafts = [_draft(kind, slot, prefix) for slot in kind.slots.values()]
            names = {base_name(_filled(kind, *draft)) for draft in drafts}
            if self._taken.isdisjoint(names):
                break
        self._types.add(which)
        own = set[str]()
        planned = [
            self._planned(kind, slot, template, own, crowded)
            for slot, template in drafts
        ]
        self._taken |= own
        return planned

    def _planned(
        self,
        kind: Kind,
        slot: Slot,
        template: Template,
        own: set[str],
        crowded: set[tuple[str, tuple[str, ...], str]],
    ) -> Planned:
        expected = _filled(kind, slot, template)
        spot = slot.spot
        good = not remarks(expected) and (
            expected.endswith("_total") if template.counter else True
        )
        family = base_name(expected)
        alone = (spot.subject, spot.path, snake_case(spot.attribute)) not in crowded
        if good and alone and family not in own | self._taken:
            own.add(family)
            return Planned(slot, expected, template, literal=False)
        name = clean(expected, counter=template.counter)
        stem, number = name.removesuffix("_total"), 2
        while base_name(name) in own | self._taken:
            total = "_total" if template.counter else ""
            name, number = (
                clean(f"{stem}_{number}{total}", counter=template.counter),
                number + 1,
            )
        own.add(base_name(name))
        return Planned(slot, name, template, literal=True)


def prefixes(kind: Kind) -> Iterator[str]:
    """Yield what the names of a kind's metrics may begin with, the shortest first."""
    domain = words(kind.domain)
    short = list(domain)
    while len(short) > 1 and short[0] in DROPPED:
        short.pop(0)
    if len(short) > 1 and short[-1] == "metrics":
        short.pop()
    mine = ["mbean", *short] if short[:1] and short[0] in OURS else short
    kinds = words(kind.type)
    telling = [
        [word for word in words(key) if word != "name"] for key in _telling(kind)
    ]
    ways = (
        joined(mine, kinds),
        joined(mine, kinds, *telling[-1:]),
        joined(mine, kinds, *telling),
        joined(domain, kinds, *telling),
        joined(domain, kinds, ["by"], *(words(key) for key in kind.label_keys)),
    )
    for way in ways:
        yield clean("_".join(way) or "mbean", counter=False)


def _telling(kind: Kind) -> list[str]:
    """Return the properties that tell a kind from others of its type."""
    order = min(kind.orders)
    return [key for key in order if key in kind.label_keys and key != "name"]


def _crowded(kind: Kind) -> set[tuple[str, tuple[str, ...], str]]:
    """Return the spots, with attributes in snake case, that several attributes share."""
    seen = set[tuple[str, tuple[str, ...], str]]()
    twice = set[tuple[str, tuple[str, ...], str]]()
    for spot in kind.slots:
        key = (spot.subject, spot.path, snake_case(spot.attribute))
        (twice if key in seen else seen).add(key)
    return twice


def _draft(kind: Kind, slot: Slot, prefix: str) -> tuple[Slot, Template]:
    path = "_".join(word for part in slot.spot.path for word in words(part))
    head = f"{prefix}_{path}" if path else prefix
    if kind.subject_key:
        return slot, _with_subject(kind, slot, head)
    snake = snake_case(slot.spot.attribute)
    told = slot.told
    kind_of = type_of([*words(slot.spot.attribute), *snake.split("_")], told)
    unit = NONE if told.boolean else _unit(snake, slot)
    cut, ending = unit.cut, unit.ending
    if not unit.ending or unit.factor == 1.0:
        cut, ending = _counted(snake, unit)
    text = f"{head}_{ATTRIBUTE}{ending}"
    return slot, _template(slot, text, ("", cut), kind_of, unit.factor)


def _counted(snake: str, unit: Unit) -> tuple[str, str]:
    """Return what is cut off a name's end, and what it gets, where "count" or "total" stands there."""
    if unit.cut:
        return unit.cut, unit.ending
    for last in ("count", "counter", "total"):
        stem = re.sub(rf"[^a-z0-9]{last}$", "", snake)
        if stem == snake:
            continue
        plural = last != "total" and stem[-1:] in PLURALS
        final = re.split("[^a-z0-9]", stem)[-1]
        plural &= final not in NO_NOUNS and not final.endswith("ed")
        return snake[len(stem) :], ("s" if plural else "") + unit.ending
    return "", unit.ending


def _with_subject(kind: Kind, slot: Slot, head: str) -> Template:
    spot = slot.spot
    bare = value_pattern(kind.values["name"]).bare(spot.subject)
    snake, told = snake_case(spot.attribute), slot.told
    subject = words(bare)
    others = siblings(kind.slots.values(), spot)
    kind_of = type_of_statistic(snake, others, subject, told)
    unit, cut = NONE, ""
    if snake in STATISTICS and not told.boolean:
        unit = unit_of("_".join(["x", *subject]), "", told.numbers, is_date=False)
        cut = _ending_of(bare, unit.cut)
        unit = unit if cut or not unit.cut else NONE
        unit = unit if unit.ending else duration(slot.duration)
    elif snake != "count" or (GENERIC - {"count", "value"}) & others:
        cut = _ending_of(bare, "_ms")
    cut = cut or _ending_of(bare, "_per_sec")
    word = "" if snake in {"count", "value", "number"} else f"_{ATTRIBUTE}"
    text = f"{head}_{SUBJECT}{word}{unit.ending}"
    return _template(slot, text, (cut, ""), kind_of, unit.factor)


def _ending_of(text: str, cut: str) -> str:
    """Return the end of *text* whose words are those of *cut*; "" if it ends otherwise."""
    wanted = cut.strip("_").split("_") if cut else []
    found = list(WORD.finditer(text))
    if not wanted or len(found) <= len(wanted):
        return ""
    last = found[-len(wanted) :]
    if [one[0].lower() for one in last] != wanted or last[-1].end() != len(text):
        return ""
    start = found[-len(wanted) - 1].end()
    return text[start:]


def _template(
    slot: Slot, text: str, cuts: tuple[str, str], kind_of: Type, factor: float
) -> Template:
    counter = kind_of is Type.COUNTER
    slot.undecided = kind_of is Type.UNDECIDED
    text += "_total" if counter else ""
    return Template(slot.spot.path, text, *cuts, counter, factor)


def _unit(snake: str, slot: Slot) -> Unit:
    told = slot.told
    return unit_of(snake, slot.description, told.numbers, is_date=told.date)


def captured(kind: Kind, slot: Slot, template: Template) -> tuple[str, str]:
    """Return what a rule of this template captures of `name`, and of the attribute."""
    subject = ""
    if kind.subject_key:
        subject = value_pattern(kind.values[kind.subject_key]).bare(slot.spot.subject)
        subject = subject[: len(subject) - len(template.subject_cut)]
    snake = snake_case(slot.spot.attribute)
    return subject, snake[: len(snake) - len(template.attribute_cut)]


def _filled(kind: Kind, slot: Slot, template: Template) -> str:
    """Return the name that a rule makes of a template, as the bridge makes it."""
    subject, attribute = captured(kind, slot, template)
    text = template.text.replace(SUBJECT, subject).replace(ATTRIBUTE, attribute)
    return safe_name(text).lower()

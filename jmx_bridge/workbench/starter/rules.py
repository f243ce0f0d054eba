"""Rules for the metrics of a kind: one for those that are alike."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ...mapping import snake_case
from .patterns import literal, one_of, value_pattern
from .plan import ATTRIBUTE, SUBJECT, captured
from .words import label_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .kinds import Kind
    from .plan import Planned, Template

MANY = 4
"""So many subjects of one form are matched by their form, fewer by their names."""


@dataclass(frozen=True, slots=True)
class StarterRule:
    """A rule as it is written."""

    pattern: str
    name: str
    counter: bool
    factor: float
    snake: bool
    labels: tuple[tuple[str, str], ...]
    sample: str
    """A line that it matches."""
    undecided: tuple[str, ...]
    """What of it is a gauge since nothing says whether it counts."""


class Batch(NamedTuple):
    """Metrics that one rule makes."""

    template: Template
    members: tuple[Planned, ...]
    any_subject: bool = False
    """It takes every subject that earlier rules left."""


def rules_of(
    kind: Kind, planned: Sequence[Planned], is_secret: Callable[[str], bool]
) -> list[StarterRule]:
    """
    Return the rules of a kind, in the order in which they have to stand.

    Texts of a name that are secrets are not written out.
    """
    writer = _Writer(kind, is_secret)
    return [
        rule
        for batch in batches(kind, planned)
        for order in sorted(kind.orders)
        for rule in writer.rules(batch, order)
    ]


def batches(kind: Kind, planned: Sequence[Planned]) -> list[Batch]:
    """Return what belongs together: those first whose names are written out, those last that take the rest."""
    alone = [Batch(one.template, (one,)) for one in planned if one.literal]
    alone.sort(key=lambda one: -len(one.members[0].spot.attribute))
    alike: dict[Template, list[Planned]] = defaultdict(list)
    for one in planned:
        if not one.literal:
            alike[one.template].append(one)
    if not kind.subject_key:
        return [*alone, *(Batch(key, tuple(some)) for key, some in alike.items())]
    return [*alone, *_by_subjects(alike)]


def _by_subjects(alike: dict[Template, list[Planned]]) -> Iterator[Batch]:
    """
    Yield batches in which each subject has each attribute.

    Of one attribute the form that most subjects have takes all that is left.
    """
    by_attribute: dict[tuple[str, ...], list[tuple[Template, list[Planned]]]]
    by_attribute = defaultdict(list)
    for template, some in alike.items():
        split: dict[str, list[Planned]] = defaultdict(list)
        for one in some:
            split[one.spot.attribute].append(one)
        for attribute, ones in split.items():
            by_attribute[*one.spot.path, attribute].append((template, ones))
    named: dict[tuple[Template, frozenset[str]], list[Planned]] = defaultdict(list)
    rest: dict[Template, list[Planned]] = defaultdict(list)
    for forms in by_attribute.values():
        most = max(forms, key=lambda form: len(form[1]))
        for template, ones in forms:
            if ones is most[1] and len(ones) >= MANY:
                rest[template] += ones
            else:
                subjects = frozenset(one.spot.subject for one in ones)
                named[template, subjects] += ones
    for (template, _), ones in named.items():
        yield Batch(template, tuple(ones))
    for template, ones in rest.items():
        yield Batch(template, tuple(ones), any_subject=True)


class _Writer:
    """Writes the rules of one kind."""

    def __init__(self, kind: Kind, is_secret: Callable[[str], bool]) -> None:
        self._kind = kind
        self._is_secret = is_secret
        self._labels = label_names(kind.label_keys)
        self._values = {key: value_pattern(texts) for key, texts in kind.values.items()}
        # An attribute may end like another one's value.
        self._end = ": [^ ]*$" if any(":" in a for a in kind.attributes) else ":"

    def rules(self, batch: Batch, order: tuple[str, ...]) -> Iterator[StarterRule]:
        """Yield the rule of a batch for MBeans with this order of properties, if there are any."""
        members = [one for one in batch.members if order in one.slot.orders]
        if not members:
            return
        attributes = {one.spot.attribute for one in members}
        snake = len(attributes) > 1 and any(
            snake_case(attribute) != attribute for attribute in attributes
        )
        groups: list[str] = []
        parts = [
            f"{literal(key)}={self._value(key, batch, members, groups)}"
            for key in order
        ]
        attribute = self._attribute(batch, members, groups)
        first = members[0]
        path = ", ".join(map(literal, first.spot.path))
        yield StarterRule(
            pattern=f"^{literal(self._kind.domain)}<{', '.join(parts)}><{path}>"
            f"{attribute}{self._end}",
            name=self._name(batch, members, groups),
            counter=batch.template.counter,
            factor=batch.template.factor,
            snake=snake,
            labels=tuple(
                (self._labels[key], f"${groups.index(key) + 1}")
                for key in order
                if key in self._labels
            ),
            sample=first.slot.sample,
            undecided=tuple(sorted(map(_told, filter(_undecided, members)))),
        )

    def _value(
        self, key: str, batch: Batch, members: Sequence[Planned], groups: list[str]
    ) -> str:
        kind, value = self._kind, self._values[key]
        if key == kind.subject_key:
            return self._subject(batch, members, groups)
        if key in self._labels:
            groups.append(key)
            return value.captured()
        text = next(iter(kind.values[key]))
        written = len(kind.values[key]) == 1 and not self._is_secret(text)
        return literal(text) if written else value.passed()

    def _subject(
        self, batch: Batch, members: Sequence[Planned], groups: list[str]
    ) -> str:
        value = self._values["name"]
        cut = literal(batch.template.subject_cut)
        if members[0].literal:
            return literal(members[0].spot.subject)
        if batch.any_subject:
            groups.append(SUBJECT)
            return f"{value.before}({value.inside}){cut}{value.after}"
        stems = {captured(self._kind, one.slot, one.template)[0] for one in members}
        if len(stems) == 1:
            return f"{value.before}{one_of(stems)}{cut}{value.after}"
        groups.append(SUBJECT)
        return f"{value.before}({one_of(stems)}){cut}{value.after}"

    def _attribute(
        self, batch: Batch, members: Sequence[Planned], groups: list[str]
    ) -> str:
        attributes = {one.spot.attribute for one in members}
        if len(attributes) == 1:
            return literal(attributes.pop())
        cut = literal(batch.template.attribute_cut)
        stems = {captured(self._kind, one.slot, one.template)[1] for one in members}
        if ATTRIBUTE not in batch.template.text:
            return f"(?:{one_of(stems)}){cut}"
        groups.append(ATTRIBUTE)
        return f"({one_of(stems)}){cut}"

    def _name(self, batch: Batch, members: Sequence[Planned], groups: list[str]) -> str:
        first = members[0]
        if first.literal or not {SUBJECT, ATTRIBUTE} & {*groups}:
            return first.name
        name = batch.template.text
        subject, attribute = captured(self._kind, first.slot, first.template)
        for mark, text in ((SUBJECT, subject), (ATTRIBUTE, attribute)):
            if mark in groups:
                name = name.replace(mark, f"${groups.index(mark) + 1}")
            else:
                name = name.replace(mark, _legal(text))
        return name


def _undecided(one: Planned) -> bool:
    return one.slot.undecided


def _told(one: Planned) -> str:
    return f"{one.spot.subject} {one.spot.attribute}".strip()


def _legal(text: str) -> str:
    """Return a piece of a name as the whole name would have it."""
    return re.sub("[^a-z0-9]+", "_", text.lower())

"""
Which values of an MBean's answer rules may claim, and which rules those are.

Most values of most MBeans are claimed by no rule; for them no regular expression is run.
What depends on an answer's structure alone is worked out once for each shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..config.numbers import java_date, java_text
from ..jmx.abc import TOO_MUCH
from ..mapping import parse_name, snake_case
from ..mapping.rule import TERMINATORS
from ..mapping.subject import tail
from ..model import Leaf, LeafKind
from .answers import ValueToMatch
from .series import Dropped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..config import CustomizerConfig, ExtraMetric
    from ..mapping import BeanName, Ruleset
    from ..model import Shape
    from .answers import BeanAnswer, Draft
    from .beans import MBean

# By name in this module: an enum's attributes are slow to look up.
NUMBER = LeafKind.NUMBER
BOOLEAN = LeafKind.BOOLEAN
STRING = LeafKind.STRING
NULL = LeafKind.NULL
ARRAY = LeafKind.ARRAY
UNSUPPORTED = LeafKind.UNSUPPORTED
TABLE = LeafKind.TABLE
PLAIN = frozenset({NUMBER, BOOLEAN})
VALUES = PLAIN | {STRING}
"""The kinds of leaves that are values."""
DATE = "java.util.Date"
PRIMITIVES = ("boolean", "byte", "short", "int", "long", "float", "double")
BOXES = ("Boolean", "Byte", "Short", "Integer", "Long", "Float", "Double", "String")
SIMPLE_TYPES = frozenset(
    {
        *PRIMITIVES,
        *(f"java.lang.{name}" for name in BOXES),
        DATE,
        "java.math.BigInteger",
        "java.math.BigDecimal",
    }
)
"""Declared types of attributes that can only ever be one value."""


class Tail(NamedTuple):
    """What a leaf adds to a subject, and which required texts that contains."""

    text: str
    bits: int
    snake: str
    snake_bits: int
    plain: bool
    """Free of line terminators."""


class ValueFinder:
    """Finds the values of answers that a ruleset may claim."""

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        # shape -> what each of its leaves adds to a subject
        self._tails: dict[int, list[Tail]] = {}
        # shape -> whether each leaf is claimed by its name alone
        self._simple: dict[int, bool] = {}
        # (simple shape, bits of the MBean's name) -> its leaves that rules may claim, with the rules
        self._claims: dict[tuple[int, int], list[tuple[int, tuple[int, ...]]]] = {}

    def values(self, answer: BeanAnswer, draft: Draft) -> Iterator[ValueToMatch]:
        """
        Yield the values of *answer* that rules may claim.

        Notes in *draft* what is kept for other reasons: labels, and what may get rows.
        """
        name = parse_name(answer.bean.name)
        customizer = self._customizer(name)
        extra: tuple[tuple[str, str], ...] = ()
        if customizer:
            extra = _labels_of(answer, customizer, draft)
            if answer.only is None:
                for metric in customizer.extra_metrics:
                    yield self._constant(answer.bean, name, extra, metric)
        tails = self._tails_of(answer.number, answer.shape)
        bits, plain = self._seen(name)
        if plain and not customizer and self._is_simple(answer, tails):
            for leaf in answer.shape:
                if leaf.kind is STRING:
                    self._keep_text(leaf, answer, name, draft)
            for index, found in self._claimed(answer, tails, bits):
                leaf, text = answer.shape[index], answer.texts.get(index, "")
                yield ValueToMatch(
                    answer.bean, name, index, leaf, leaf.kind, text, found, extra
                )
        else:
            yield from self._one_by_one(answer, draft, name, extra)

    def _one_by_one(
        self,
        answer: BeanAnswer,
        draft: Draft,
        name: BeanName,
        extra: tuple[tuple[str, str], ...],
    ) -> Iterator[ValueToMatch]:
        tails = self._tails_of(answer.number, answer.shape)
        here, row = name, ()
        seen = self._seen(name)
        for index, leaf in enumerate(answer.shape):
            if answer.only is not None and index not in answer.only:
                continue
            if leaf.row != row:
                row = leaf.row  # type: ignore[assignment]  # the empty row is a row
                here = name.with_row(leaf.row) if leaf.row else name
                seen = self._seen(here)
            kind = self._kind(leaf, answer, name, draft)
            if kind is None or (
                kind is STRING and not self._may_value(tails[index], seen[0])
            ):
                continue
            text = answer.texts.get(index, "")
            found = self._candidates(here, tails[index], seen, kind, text)
            if found or kind is STRING:
                yield ValueToMatch(
                    answer.bean, here, index, leaf, kind, text, found, extra
                )

    def _is_simple(self, answer: BeanAnswer, tails: Sequence[Tail]) -> bool:
        """Whether all leaves are values, none is chosen, and each is claimed by its name alone."""
        if answer.only is not None or answer.hidden:
            return False
        number = answer.number
        simple = self._simple.get(number)
        if simple is None:
            simple = self._simple[number] = all(
                not leaf.row
                and tail.plain
                and (
                    leaf.kind in PLAIN
                    or (leaf.kind is STRING and not self.rules.any_value)
                )
                for leaf, tail in zip(answer.shape, tails, strict=True)
            )
        return simple

    def _claimed(
        self, answer: BeanAnswer, tails: Sequence[Tail], bits: int
    ) -> Sequence[tuple[int, tuple[int, ...]]]:
        """Return the leaves of a simple shape that rules may claim, with those rules."""
        key = (answer.number, bits)
        claimed = self._claims.get(key)
        if claimed is None:
            claimed = self._claims[key] = [
                (index, found)
                for index, (leaf, tail) in enumerate(
                    zip(answer.shape, tails, strict=True)
                )
                if leaf.kind is not STRING
                and (
                    found := self.rules.candidates(
                        bits | tail.bits, bits | tail.snake_bits
                    )
                )
            ]
        return claimed

    def _seen(self, name: BeanName) -> tuple[int, bool]:
        return self.rules.bits(name.text), TERMINATORS.isdisjoint(name.text)

    def _kind(
        self, leaf: Leaf, answer: BeanAnswer, name: BeanName, draft: Draft
    ) -> LeafKind | None:
        """
        Return the kind by which a leaf is judged, or None where rules don't see it.

        NULL stands for "no value now, perhaps a number later": a null, an attribute that
        failed, a table whose rows may come and go. Such is asked for again if a number there
        would be claimed.
        """
        attribute = answer.asked[leaf.attribute]
        if attribute.name in answer.hidden:
            return None
        if leaf.kind is STRING:
            self._keep_text(leaf, answer, name, draft)
        if leaf.kind in VALUES:
            return leaf.kind
        excludes = self.rules.config.auto_exclude_object_name_attributes
        if leaf.kind is ARRAY or (leaf.kind is UNSUPPORTED and excludes):
            return None
        simple = attribute.type in SIMPLE_TYPES
        if leaf.kind is not TABLE and (leaf.path or leaf.row or simple):
            return NULL
        if self.rules.may_claim_inside(name.text):
            draft.kept.add(leaf.attribute)
        return None

    def _keep_text(
        self, leaf: Leaf, answer: BeanAnswer, name: BeanName, draft: Draft
    ) -> None:
        """Ask again for a text that may be a number the next time, as its declared type allows."""
        simple = answer.asked[leaf.attribute].type in SIMPLE_TYPES
        if leaf.path or leaf.row or simple:
            return
        if self.rules.may_claim_inside(name.text):
            draft.kept.add(leaf.attribute)

    def _tails_of(self, number: int, shape: Shape) -> list[Tail]:
        tails = self._tails.get(number)
        if tails is None:
            tails = self._tails[number] = [self._tail(leaf) for leaf in shape]
        return tails

    def _tail(self, leaf: Leaf) -> Tail:
        text = tail(leaf.path, leaf.name)
        bits = self.rules.tail_bits(text)
        plain = TERMINATORS.isdisjoint(text)
        if not self.rules.any_snake:
            return Tail(text, bits, text, bits, plain)
        snake = tail(leaf.path, snake_case(leaf.name))
        return Tail(text, bits, snake, self.rules.tail_bits(snake), plain)

    def _may_value(self, tail: Tail, bits: int) -> bool:
        return self.rules.any_value and self.rules.may_value_string(
            bits | tail.bits, bits | tail.snake_bits
        )

    def _candidates(
        self,
        name: BeanName,
        tail: Tail,
        seen: tuple[int, bool],
        kind: LeafKind,
        text: str,
    ) -> tuple[int, ...]:
        """Return the rules that may claim a value of an MBean whose name is *seen* so."""
        bits, plain = seen
        lines = not (plain and tail.plain)
        if kind is not STRING:
            snake_bits = bits | tail.snake_bits
            return self.rules.candidates(bits | tail.bits, snake_bits, lines=lines)
        return self.rules.text_candidates(
            self.rules.bits(f"{name.text}{tail.text}{text}"),
            self.rules.bits(f"{name.text}{tail.snake}{text}"),
            lines=lines,
            text_lines=not TERMINATORS.isdisjoint(text),
        )

    # -- metric customizers -------------------------------------------------------------------

    def _customizer(self, name: BeanName) -> CustomizerConfig | None:
        for customizer in self.rules.config.metric_customizers:
            if customizer.domain == name.domain and set(customizer.properties) <= set(
                name.properties
            ):
                return customizer
        return None

    def _constant(
        self,
        bean: MBean,
        name: BeanName,
        extra: tuple[tuple[str, str], ...],
        metric: ExtraMetric,
    ) -> ValueToMatch:
        kinds = {bool: BOOLEAN, str: STRING}
        kind = kinds.get(type(metric.value), NUMBER)
        text = java_text(metric.value)
        leaf = Leaf(0, kind, (), metric.name, metric.description, ())
        bits, snake_bits = (
            self.rules.bits(f"{name.text}{tail((), spelled)}{text}")
            for spelled in (metric.name, snake_case(metric.name))
        )
        choose = self.rules.text_candidates if kind is STRING else self.rules.candidates
        lines = not TERMINATORS.isdisjoint(f"{name.text}{metric.name}{text}")
        found = choose(bits, snake_bits, lines=lines)
        return ValueToMatch(
            bean, name, -1, leaf, kind, text, found, extra, added=metric
        )


def _labels_of(
    answer: BeanAnswer, customizer: CustomizerConfig, draft: Draft
) -> tuple[tuple[str, str], ...]:
    """Return the labels that a customizer makes of attributes, which are watched for it."""
    labels = []
    for index, leaf in enumerate(answer.shape):
        attribute = answer.asked[leaf.attribute]
        name = attribute.name
        if leaf.path or leaf.row or name not in customizer.attributes_as_labels:
            continue
        draft.kept.add(leaf.attribute)
        if leaf.kind in VALUES:
            text = answer.texts.get(index, "")
            draft.labels_from.add(index)
            draft.watched[index] = text
            if text == TOO_MUCH:
                draft.dropped.append(Dropped("text_limit", name, answer.bean.name))
                text = ""
            elif attribute.type == DATE:
                text = java_date(float(text))
            labels.append((name, text))
    return tuple(labels)

"""
What each MBean becomes: decided when it appears or changes, executed at every scrape.

An MBean's values are judged once; what they became is kept as series that know where in
the table of numbers their value lies. Only a value whose text a rule can see is judged
again, when the text changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from .mapping import BeanName, Claim, Drop, parse_name, snake_case
from .mapping.rule import CACHED, TERMINATORS, Place
from .mapping.subject import tail
from .model import Leaf, LeafKind
from .series import Bean, Dropped, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .config import CustomizerConfig, ExtraMetric
    from .mapping import Ruleset, Verdict
    from .model import Attribute, Description, Shape

# By name in this module: the enum's attributes are slow to look up.
NUMBER, BOOLEAN, STRING = LeafKind.NUMBER, LeafKind.BOOLEAN, LeafKind.STRING
VALUES = (NUMBER, BOOLEAN, STRING)
"""The kinds of leaves that are values."""
# Large, useless and full of secrets: never asked for, as in jmx_exporter.
SKIPPED = {
    "java.lang:type=Runtime": frozenset(
        {"systemproperties", "classpath", "bootclasspath", "librarypath"}
    )
}
SKIPPED_BEANS = frozenset({"jdk.management.jfr:type=FlightRecorder"})
PRIMITIVES = ("boolean", "byte", "short", "int", "long", "float", "double")
BOXES = ("Boolean", "Byte", "Short", "Integer", "Long", "Float", "Double", "String")
SIMPLE_TYPES = frozenset(
    {
        *PRIMITIVES,
        *(f"java.lang.{name}" for name in BOXES),
        "java.util.Date",
        "java.math.BigInteger",
        "java.math.BigDecimal",
    }
)
"""Declared types of attributes that can only ever be one value."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What is known of one MBean's answer."""

    bean: Bean
    shape: Shape
    asked: Sequence[Attribute]
    """The attributes that were asked for."""
    texts: Mapping[int, str]
    """Values' texts by leaf, as far as they were asked for."""
    only: frozenset[int] | None = None
    """The leaves to look at; None: all."""


@dataclass(slots=True)
class Decision:
    """What one MBean's values became."""

    series: list[Series] = field(default_factory=list)
    watched: dict[int, str] = field(default_factory=dict)
    labels_from: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    """The attributes that are worth reading again, by index in the request."""
    dropped: list[Dropped] = field(default_factory=list)
    cached: int = 0

    def renumber(self, leaves: Mapping[int, int]) -> None:
        """Follow the leaves to where they are in a narrower request's answer."""
        for series in self.series:
            series.leaf = leaves.get(series.leaf, -1)
        self.watched = {leaves[leaf]: text for leaf, text in self.watched.items()}
        self.labels_from = {leaves[leaf] for leaf in self.labels_from}


class Tail(NamedTuple):
    """What a leaf adds to a subject, and which required texts that contains."""

    text: str
    bits: int
    snake: str
    snake_bits: int
    plain: bool
    """Free of line terminators."""


@dataclass(slots=True)
class Question:
    """A value to be judged."""

    bean: Bean
    name: BeanName
    leaf: int
    item: Leaf
    kind: LeafKind
    """As the leaf's, or NULL for whatever is no value now and may be a number later."""
    text: str
    candidates: tuple[int, ...]
    extra: tuple[tuple[str, str], ...]
    verdict: Verdict | None = None
    rule: int = -1
    sees: bool = False
    """The verdict may be another when the text is."""


class Judge:
    """Binds a ruleset to MBeans; knows nothing of sessions."""

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        self._tails: dict[int, list[Tail]] = {}
        self._simple: dict[int, bool] = {}
        self._claims: dict[tuple[int, int], list[tuple[int, tuple[int, ...]]]] = {}
        config = rules.config
        self._excluded = _by_key(config.exclude_object_name_attributes)
        self._included = _by_key(config.include_object_name_attributes)
        self._any_cache = any(rule.config.cache for rule in rules.rules)

    def admitted(self, bean: Bean, description: Description) -> list[Attribute]:
        """Return the attributes of a new MBean that the rules may see."""
        if bean.name in SKIPPED_BEANS:
            return []
        skipped = SKIPPED.get(bean.name, frozenset())
        if not (self._excluded or self._included or skipped):
            return list(description)
        key = parse_name(bean.name).key
        excluded = self._excluded.get(key, frozenset())
        included = self._included.get(key, frozenset()) if self._included else None
        return [
            attribute
            for attribute in description
            if attribute.name not in excluded
            and attribute.name.lower() not in skipped
            and (included is None or attribute.name in included)
        ]

    def decide(self, answers: Sequence[Answered]) -> dict[int, Decision]:
        """Judge the values of some MBeans; return what became of each, by its identifier."""
        decisions = {answered.bean.id: Decision() for answered in answers}
        questions = [
            question
            for answered in answers
            for question in self._questions(answered, decisions[answered.bean.id])
        ]
        self._match(questions)
        for question in questions:
            self._settle(question, decisions[question.bean.id])
        return decisions

    # -- what there is to judge ----------------------------------------------------------------

    def _questions(self, answered: Answered, decision: Decision) -> Iterator[Question]:
        name = parse_name(answered.bean.name)
        customizer = self._customizer(name)
        extra: tuple[tuple[str, str], ...] = ()
        if customizer:
            extra = _labels_of(answered, customizer, decision)
            if answered.only is None:
                for metric in customizer.extra_metrics:
                    yield self._constant(answered.bean, name, extra, metric)
        tails = self._tails_of(answered.bean.shape, answered.shape)
        bits, plain = self._seen(name)
        if plain and not customizer and self._is_simple(answered, tails):
            for index, found in self._claimed(answered, tails, bits):
                leaf, text = answered.shape[index], answered.texts.get(index, "")
                yield Question(
                    answered.bean, name, index, leaf, leaf.kind, text, found, extra
                )
        else:
            yield from self._one_by_one(answered, decision, name, extra)

    def _one_by_one(
        self,
        answered: Answered,
        decision: Decision,
        name: BeanName,
        extra: tuple[tuple[str, str], ...],
    ) -> Iterator[Question]:
        tails = self._tails_of(answered.bean.shape, answered.shape)
        here, row = name, ()
        bits, plain = self._seen(name)
        for index, leaf in enumerate(answered.shape):
            if answered.only is not None and index not in answered.only:
                continue
            if leaf.row != row:
                row = leaf.row  # type: ignore[assignment]  # the empty row is a row
                here = name.with_row(leaf.row) if leaf.row else name
                bits, plain = self._seen(here)
            kind = self._kind(leaf, answered, name, decision)
            if kind is None or (
                kind is STRING and not self._may_value(tails[index], bits)
            ):
                continue
            text = answered.texts.get(index, "")
            found = self._candidates(here, tails[index], bits, kind, text)
            if not (plain and tails[index].plain):
                found = self._without_terminators(found)
            if found or kind is STRING:
                yield Question(
                    answered.bean, here, index, leaf, kind, text, found, extra
                )

    def _is_simple(self, answered: Answered, tails: Sequence[Tail]) -> bool:
        """Whether all leaves are values, none is chosen, and each is claimed by its name alone."""
        if answered.only is not None or answered.bean.hidden:
            return False
        number = answered.bean.shape
        simple = self._simple.get(number)
        if simple is None:
            simple = self._simple[number] = all(
                not leaf.row
                and tail.plain
                and (
                    leaf.kind in (NUMBER, BOOLEAN)
                    or (leaf.kind is STRING and not self.rules.any_value)
                )
                for leaf, tail in zip(answered.shape, tails, strict=True)
            )
        return simple

    def _claimed(
        self, answered: Answered, tails: Sequence[Tail], bits: int
    ) -> Sequence[tuple[int, tuple[int, ...]]]:
        """Return the leaves of a simple shape that rules may claim, with those rules."""
        key = (answered.bean.shape, bits)
        claimed = self._claims.get(key)
        if claimed is None:
            claimed = self._claims[key] = [
                (index, found)
                for index, (leaf, tail) in enumerate(
                    zip(answered.shape, tails, strict=True)
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
        self, leaf: Leaf, answered: Answered, name: BeanName, decision: Decision
    ) -> LeafKind | None:
        """
        Return how a leaf is judged, NULL for what is no value now; None for not at all.

        A null or an attribute that failed may be a number the next time; it is worth asking
        again if a number there would be claimed. So is a table, whose rows may come and go.
        """
        attribute = answered.asked[leaf.attribute]
        if attribute.name in answered.bean.hidden:
            return None
        if leaf.kind in VALUES:
            return leaf.kind
        excludes = self.rules.config.auto_exclude_object_name_attributes
        if leaf.kind is LeafKind.ARRAY or (
            leaf.kind is LeafKind.UNSUPPORTED and excludes
        ):
            return None
        simple = attribute.type in SIMPLE_TYPES
        if leaf.kind is not LeafKind.TABLE and (leaf.path or leaf.row or simple):
            return LeafKind.NULL
        if self.rules.may_claim_inside(name.text):
            decision.kept.add(leaf.attribute)
        return None

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
        self, name: BeanName, tail: Tail, bits: int, kind: LeafKind, text: str
    ) -> tuple[int, ...]:
        if kind is not STRING:
            return self.rules.candidates(bits | tail.bits, bits | tail.snake_bits)
        plain = self.rules.bits(f"{name.text}{tail.text}{text}")
        snake = self.rules.bits(f"{name.text}{tail.snake}{text}")
        return self.rules.text_candidates(plain, snake)

    def _without_terminators(self, candidates: tuple[int, ...]) -> tuple[int, ...]:
        """Leave out the claim-all rules that a line terminator defeats."""
        return tuple(
            index
            for index in candidates
            if not self.rules.rules[index].always or self.rules.rules[index].pattern < 0
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
        bean: Bean,
        name: BeanName,
        extra: tuple[tuple[str, str], ...],
        metric: ExtraMetric,
    ) -> Question:
        kind = {bool: BOOLEAN, str: STRING}.get(type(metric.value), NUMBER)
        text = str(metric.value).lower() if kind is BOOLEAN else str(metric.value)
        leaf = Leaf(0, kind, (), metric.name, metric.description, ())
        bits = self.rules.bits(f"{name.text}{tail((), metric.name)}{text}")
        choose = self.rules.text_candidates if kind is STRING else self.rules.candidates
        return Question(bean, name, -1, leaf, kind, text, choose(bits, bits), extra)

    # -- matching ---------------------------------------------------------------------------

    def _match(self, questions: Sequence[Question]) -> None:
        """Find each question's first rule; Java is asked once for all that need it."""
        subjects: list[str] = []
        asked: list[Question] = []
        candidates: list[list[tuple[int, int]]] = []
        for question in questions:
            if not question.candidates:
                continue
            first = question.candidates[0]
            if self.rules.rules[first].always:
                self._judge(question, first, (), 0)
            else:
                asked.append(question)
                candidates.append(self._subjects(question, subjects))
        answers = self.rules.matcher.match(subjects, candidates)
        for question, answer in zip(asked, answers, strict=True):
            tried = [i for i in question.candidates if self.rules.rules[i].pattern >= 0]
            last = question.candidates[-1]
            if answer.candidate >= 0:
                chosen = tried[answer.candidate]
                self._judge(question, chosen, answer.expansions, answer.bad)
            elif self.rules.rules[last].pattern < 0:
                self._judge(question, last, (), 0)
            seen = question.candidates
            if question.rule >= 0:
                seen = seen[: seen.index(question.rule) + 1]
            question.sees = any(self.rules.rules[i].sees_value for i in seen)

    def _subjects(
        self, question: Question, subjects: list[str]
    ) -> list[tuple[int, int]]:
        """Add the subjects that a question's rules see, and pair each rule with its own."""
        variants: dict[tuple[bool, bool], int] = {}
        pairs = []
        for index in question.candidates:
            rule = self.rules.rules[index]
            if rule.pattern < 0:
                continue
            variant = (rule.config.attr_name_snake_case, rule.config.cache)
            if variant not in variants:
                variants[variant] = len(subjects)
                subjects.append(_subject(question, *variant))
            pairs.append((variants[variant], rule.pattern))
        return pairs

    def _judge(
        self, question: Question, index: int, expansions: Sequence[str], bad: int
    ) -> None:
        name = question.item.name
        if self.rules.rules[index].config.attr_name_snake_case:
            name = snake_case(name)
        place = Place(question.name, question.item.path, name, question.extra)
        question.rule = index
        question.verdict = self.rules.judge(index, place, expansions, bad)

    # -- what follows from a verdict ---------------------------------------------------------------

    def _settle(self, question: Question, decision: Decision) -> None:
        verdict, attribute = question.verdict, question.item.attribute
        if self._any_cache and (
            question.rule < 0 or self.rules.rules[question.rule].config.cache
        ):
            decision.cached += 1
        if question.kind is LeafKind.NULL:
            if question.sees or isinstance(verdict, Claim):
                decision.kept.add(attribute)
            return
        if question.leaf >= 0 and (question.sees or question.kind is STRING):
            decision.kept.add(attribute)
            decision.watched[question.leaf] = question.text
        if isinstance(verdict, Drop) and verdict.reason:
            where = _subject(question, snake=False, cache=False).rpartition(":")[0]
            decision.dropped.append(Dropped(verdict.reason, verdict.detail, where))
        if not isinstance(verdict, Claim):
            return
        if question.kind is STRING and verdict.value is None:
            return
        if question.leaf >= 0:
            decision.kept.add(attribute)
        decision.series.append(self._series(question, verdict))

    def _series(self, question: Question, claim: Claim) -> Series:
        factor = 1.0 if question.kind is BOOLEAN else claim.factor
        constant = claim.value
        if question.leaf < 0 and constant is None:
            flag = 1.0 if question.text == "true" else 0.0
            constant = (
                flag if question.kind is BOOLEAN else float(question.text) * factor
            )
        return Series(
            family=claim.family,
            type=claim.type,
            labels=claim.labels,
            bean=question.bean,
            leaf=question.leaf,
            factor=factor,
            constant=constant,
            help=claim.help,
            snake=self.rules.rules[question.rule].config.attr_name_snake_case,
            text=question.text if question.kind is STRING else "",
        )


def _labels_of(
    answered: Answered, customizer: CustomizerConfig, decision: Decision
) -> tuple[tuple[str, str], ...]:
    """Return the labels that a customizer makes of attributes, which are watched for it."""
    labels = []
    for index, leaf in enumerate(answered.shape):
        name = answered.asked[leaf.attribute].name
        if leaf.path or leaf.row or name not in customizer.attributes_as_labels:
            continue
        decision.kept.add(leaf.attribute)
        if leaf.kind in VALUES:
            text = answered.texts.get(index, "")
            decision.labels_from.add(index)
            decision.watched[index] = text
            labels.append((name, text))
    return tuple(labels)


def _subject(question: Question, snake: bool, cache: bool) -> str:  # noqa: FBT001
    leaf = question.item
    name = snake_case(leaf.name) if snake else leaf.name
    # A number's text matters to no rule that gets here without it: any number will do.
    text = (
        CACHED if cache else question.text or ("" if question.kind is STRING else "0")
    )
    return f"{question.name.text}{tail(leaf.path, name)}{text}"


def _by_key(
    filters: Sequence[tuple[str, Sequence[str]]],
) -> dict[tuple[str, frozenset[tuple[str, str]]], frozenset[str]]:
    return {parse_name(name).key: frozenset(names) for name, names in filters}

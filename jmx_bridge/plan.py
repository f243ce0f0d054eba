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
from .model import MetricType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .jmx.abc import Attribute, Description, Leaf, Shape
    from .mapping import Ruleset, Verdict
    from .model import Labels

VALUES = "nbs"
# Large, useless and full of secrets: never asked for, as in jmx_exporter.
SKIPPED = {
    "java.lang:type=Runtime": frozenset(
        {"systemproperties", "classpath", "bootclasspath", "librarypath"}
    )
}
SKIPPED_BEANS = frozenset({"jdk.management.jfr:type=FlightRecorder"})
SIMPLE_TYPES = frozenset(
    "boolean byte short int long float double java.lang.Boolean java.lang.Byte"
    " java.lang.Short java.lang.Integer java.lang.Long java.lang.Float java.lang.Double"
    " java.lang.String java.util.Date java.math.BigInteger java.math.BigDecimal".split()
)


@dataclass(slots=True, eq=False)
class Series:
    """One planned series: what it is called, and where its value comes from."""

    family: str
    type: MetricType
    labels: Labels
    bean: Bean
    leaf: int
    """Index in the bean's shape; -1 for a constant that a customizer adds."""
    slot: int
    """Index in the table of numbers; -1 while it has none."""
    factor: float
    constant: float | None
    help: str | None
    boolean: bool = False
    text: str = ""
    """The value's text, if a rule saw it."""
    alive: bool = True


@dataclass(slots=True, eq=False)
class Bean:
    """A planned MBean."""

    id: int
    name: str
    description: int
    shape: int = -1
    base: int = -1
    unread: bool = False
    series: list[Series] = field(default_factory=list)
    watched: dict[int, str] | None = None
    """The texts that verdicts depend on, by leaf."""
    labels_from: dict[int, str] | None = None
    """Attributes that a customizer makes labels: leaf to label name."""
    cached: int = 0
    """Values whose verdict `cache: true` covers."""


class Tail(NamedTuple):
    """What a leaf adds to a subject, and which required texts that contains."""

    text: str
    bits: int
    snake: str
    snake_bits: int
    plain: bool
    """Free of line terminators."""


class Dropped(NamedTuple):
    """A sample that is not served, and why."""

    reason: str
    detail: str
    where: str


@dataclass(slots=True)
class Question:
    """A value to be judged."""

    bean: Bean
    name: BeanName
    leaf: int
    item: Leaf
    kind: str
    text: str
    candidates: tuple[int, ...]
    extra: tuple[tuple[str, str], ...]
    description: str | None
    verdict: Verdict | None = None
    rule: int = -1
    sees: bool = False


class Decision(NamedTuple):
    """What one MBean's values became."""

    series: list[Series]
    watched: dict[int, str]
    labels_from: dict[int, str]
    kept: set[int]
    """The attributes that are worth reading again, by index in the request."""
    dropped: list[Dropped]
    cached: int


class Judge:
    """Binds a ruleset to MBeans; knows nothing of sessions."""

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        config = rules.config
        self._tails: dict[int, list[Tail]] = {}
        self._excluded = _by_key(config.exclude_object_name_attributes)
        self._included = _by_key(config.include_object_name_attributes)

    # -- what is asked of a new MBean --------------------------------------------------------

    def admitted(self, bean: Bean, description: Description) -> list[Attribute]:
        """Return the attributes that the rules may see."""
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

    # -- what becomes of its values ------------------------------------------------------------

    def decide(
        self,
        beans: Sequence[Bean],
        shapes: Sequence[Shape],
        attributes: Mapping[int, Sequence[Attribute]],
        texts: Mapping[int, Mapping[int, str]],
        only: Mapping[int, frozenset[int] | None] | None = None,
    ) -> dict[int, Decision]:
        """
        Judge the values of *beans*; return what became of them by the beans' identifiers.

        *attributes* are those that were asked for, *texts* what is known of values' texts,
        *only* the leaves to look at (None: all).
        """
        decisions: dict[int, Decision] = {}
        questions: list[Question] = []
        for bean in beans:
            asked = attributes[bean.id]
            known = texts.get(bean.id, {})
            decision = Decision([], {}, {}, set(), [], 0)
            decisions[bean.id] = decision
            leaves = only.get(bean.id) if only is not None else None
            shape = shapes[bean.shape]
            questions += self._questions(bean, shape, asked, known, decision, leaves)
        self._match(questions)
        cached: dict[int, int] = {}
        for question in questions:
            bean_id = question.bean.id
            self._settle(question, decisions[bean_id])
            cached[bean_id] = cached.get(bean_id, 0) + self._is_cached(question)
        return {
            bean: decision._replace(cached=cached.get(bean, 0))
            for bean, decision in decisions.items()
        }

    def _is_cached(self, question: Question) -> bool:
        if not any(rule.config.cache for rule in self.rules.rules):
            return False
        rule = question.rule
        return rule < 0 or self.rules.rules[rule].config.cache

    def _questions(
        self,
        bean: Bean,
        shape: Shape,
        asked: Sequence[Attribute],
        texts: Mapping[int, str],
        decision: Decision,
        only: frozenset[int] | None,
    ) -> Iterable[Question]:
        name = parse_name(bean.name)
        extra, extras = self._customized(name, shape, asked, texts, decision)
        if only is None:
            yield from self._extra_metrics(bean, name, extra, extras)
        bits, plain = self.rules.bits(name.text), TERMINATORS.isdisjoint(name.text)
        tails = self._tails_of(bean.shape, shape)
        here: BeanName = name
        row: tuple[tuple[str, str, str], ...] = ()
        for index, leaf in enumerate(shape):
            if only is not None and index not in only:
                continue
            if leaf.row != row:
                row = leaf.row
                here = name.with_row(row) if row else name
                bits, plain = (
                    self.rules.bits(here.text),
                    TERMINATORS.isdisjoint(here.text),
                )
            attribute = asked[leaf.attribute]
            if leaf.kind == "t":
                if self.rules.may_claim_inside(name.text):
                    decision.kept.add(leaf.attribute)
                continue
            kind = self._kind(leaf, attribute, name, decision)
            if not kind:
                continue
            text = texts.get(index, "")
            found = self._candidates(here, tails[index], bits, kind, text)
            if kind == "s" and not found:
                if self._may_become_value(tails[index], bits):
                    decision.kept.add(leaf.attribute)
                    decision.watched[index] = text
                continue
            if not (plain and tails[index].plain):
                found = self._without_terminators(found)
            if found:
                described = (
                    leaf.description
                    if leaf.path or leaf.description is not None
                    else attribute.description
                )
                yield Question(
                    bean, here, index, leaf, kind, text, found, extra, described
                )

    def _kind(
        self, leaf: Leaf, attribute: Attribute, name: BeanName, decision: Decision
    ) -> str:
        """
        Return how a leaf is judged: "n", "b", "s", "?" for what is no value now; "" not at all.

        A null or an attribute that failed may be a number the next time; it is worth asking
        again if a number there would be claimed.
        """
        if leaf.kind in VALUES:
            return leaf.kind
        hidden = leaf.kind in "0!" or (
            leaf.kind == "x"
            and not self.rules.config.auto_exclude_object_name_attributes
        )
        if not hidden:
            return ""
        if leaf.path or leaf.row or attribute.type in SIMPLE_TYPES:
            return "?"
        if self.rules.may_claim_inside(name.text):
            decision.kept.add(leaf.attribute)
        return ""

    def _tails_of(self, number: int, shape: Shape) -> list[Tail]:
        tails = self._tails.get(number)
        if tails is None:
            tails = self._tails[number] = [self._tail(leaf) for leaf in shape]
        return tails

    def _tail(self, leaf: Leaf) -> Tail:
        text = tail(leaf.path, leaf.name)
        bits = self.rules.bits(text)
        plain = TERMINATORS.isdisjoint(text)
        if not self.rules.any_snake:
            return Tail(text, bits, text, bits, plain)
        snake = tail(leaf.path, snake_case(leaf.name))
        return Tail(text, bits, snake, self.rules.bits(snake), plain)

    def _candidates(
        self, name: BeanName, tail: Tail, bits: int, kind: str, text: str
    ) -> tuple[int, ...]:
        if kind != "s":
            return self.rules.candidates(bits | tail.bits, bits | tail.snake_bits)
        if not self.rules.any_value:
            return ()
        if not self._may_become_value(tail, bits):
            return ()
        plain = self.rules.bits(f"{name.text}{tail.text}{text}")
        snake = self.rules.bits(f"{name.text}{tail.snake}{text}")
        return self.rules.text_candidates(plain, snake)

    def _may_become_value(self, tail: Tail, bits: int) -> bool:
        return self.rules.any_value and self.rules.may_value_string(
            bits | tail.bits, bits | tail.snake_bits
        )

    def _without_terminators(self, candidates: tuple[int, ...]) -> tuple[int, ...]:
        """Leave out the claim-all rules that a line terminator defeats; ask Java instead."""
        return tuple(
            index
            for index in candidates
            if not self.rules.rules[index].always or self.rules.rules[index].pattern < 0
        )

    # -- metric customizers -------------------------------------------------------------------

    def _customized(
        self,
        name: BeanName,
        shape: Shape,
        asked: Sequence[Attribute],
        texts: Mapping[int, str],
        decision: Decision,
    ) -> tuple[tuple[tuple[str, str], ...], tuple[object, ...]]:
        customizer = self.customizer(name)
        if customizer is None:
            return (), ()
        labels = []
        for index, leaf in enumerate(shape):
            attribute = asked[leaf.attribute].name
            if (
                leaf.path
                or leaf.row
                or attribute not in customizer.attributes_as_labels
            ):
                continue
            decision.kept.add(leaf.attribute)
            if leaf.kind in VALUES:
                decision.labels_from[index] = attribute
                labels.append((attribute, texts.get(index, "")))
        return tuple(labels), customizer.extra_metrics

    def customizer(self, name: BeanName):  # type: ignore[no-untyped-def]  # noqa: ANN201
        """Return the first customizer for an MBean, or None."""
        for customizer in self.rules.config.metric_customizers:
            if customizer.domain == name.domain and set(customizer.properties) <= set(
                name.properties
            ):
                return customizer
        return None

    def _extra_metrics(
        self,
        bean: Bean,
        name: BeanName,
        extra: tuple[tuple[str, str], ...],
        metrics: tuple[object, ...],
    ) -> Iterable[Question]:
        for metric in metrics:
            yield self._constant(bean, name, extra, metric)

    def _constant(self, bean, name, extra, metric) -> Question:  # type: ignore[no-untyped-def]  # noqa: ANN001
        from .jmx.abc import Leaf  # noqa: PLC0415

        leaf = Leaf(0, "n", (), metric.name, None, ())
        kind = "b" if isinstance(metric.value, bool) else "n"
        if isinstance(metric.value, str):
            kind = "s"
        text = str(metric.value).lower() if kind == "b" else str(metric.value)
        whole = f"{name.text}{tail((), metric.name)}{text}"
        bits = self.rules.bits(whole)
        found = (
            self.rules.text_candidates(bits, bits)
            if kind == "s"
            else self.rules.candidates(bits, bits)
        )
        return Question(
            bean, name, -1, leaf, kind, text, found, extra, metric.description
        )

    # -- matching ---------------------------------------------------------------------------

    def _match(self, questions: Sequence[Question]) -> None:
        """Find each question's first rule; Java is asked once for all that need it."""
        subjects: list[str] = []
        asked: list[Question] = []
        candidates: list[list[tuple[int, int]]] = []
        for question in questions:
            if not question.candidates:
                continue
            first = self.rules.rules[question.candidates[0]]
            if first.always:
                self._judge(question, question.candidates[0], (), 0)
                continue
            asked.append(question)
            candidates.append(self._subjects(question, subjects))
        answers = self.rules.matcher.match(subjects, candidates)
        for question, answer in zip(asked, answers, strict=True):
            tried = [i for i in question.candidates if self.rules.rules[i].pattern >= 0]
            last = question.candidates[-1]
            if answer.candidate >= 0:
                chosen = tried[answer.candidate]
                self._judge(question, chosen, answer.expansions, answer.bad)
            elif self.rules.rules[last].always and self.rules.rules[last].pattern < 0:
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
                subjects.append(self._subject(question, *variant))
            pairs.append((variants[variant], rule.pattern))
        return pairs

    def _subject(self, question: Question, snake: bool, cache: bool) -> str:  # noqa: FBT001
        leaf = question.item
        name = snake_case(leaf.name) if snake else leaf.name
        # A number's text matters to no rule that gets here without it: any number will do.
        text = (
            CACHED if cache else question.text or ("" if question.kind == "s" else "0")
        )
        return f"{question.name.text}{tail(leaf.path, name)}{text}"

    def _judge(
        self, question: Question, index: int, expansions: Sequence[str], bad: int
    ) -> None:
        rule = self.rules.rules[index]
        name = question.item.name
        if rule.config.attr_name_snake_case:
            name = snake_case(name)
        place = Place(question.name, question.item.path, name, question.extra)
        question.rule = index
        question.verdict = self.rules.judge(index, place, expansions, bad)

    def _settle(self, question: Question, decision: Decision) -> None:
        verdict, leaf = question.verdict, question.leaf
        attribute = question.item.attribute
        if question.sees or question.kind == "s":
            decision.watched[leaf] = question.text
        if question.kind == "?":
            if question.sees or isinstance(verdict, Claim):
                decision.kept.add(attribute)
            decision.watched.pop(leaf, None)
            return
        if leaf >= 0 and (question.sees or question.kind == "s"):
            decision.kept.add(attribute)
        if isinstance(verdict, Drop) and verdict.reason:
            where = (
                f"{question.name.text}{tail(question.item.path, question.item.name)}"
            )
            decision.dropped.append(Dropped(verdict.reason, verdict.detail, where))
        if not isinstance(verdict, Claim):
            return
        if question.kind == "s" and verdict.value is None:
            return
        if leaf >= 0:
            decision.kept.add(attribute)
        decision.series.append(self._series(question, verdict))

    def _series(self, question: Question, claim: Claim) -> Series:
        constant = claim.value
        if question.leaf < 0 and constant is None:
            constant = _constant_value(question, claim.factor)
        return Series(
            family=claim.family,
            type=claim.type,
            labels=claim.labels,
            bean=question.bean,
            leaf=question.leaf,
            slot=-1,
            factor=1.0 if question.kind == "b" else claim.factor,
            constant=constant,
            help=claim.help,
            boolean=question.kind == "b",
            text=question.text,
        )


def default_help(series: Series, shape: Shape, asked: Sequence[Attribute]) -> str:
    """Return a family's help text where its rule gives none: description and origin."""
    name = parse_name(series.bean.name)
    if series.leaf < 0:
        return f"{name.domain}:name={name.property('name') or 'null'},type={name.property('type') or 'null'}"
    leaf = shape[series.leaf]
    if leaf.row:
        name = name.with_row(leaf.row)
    properties = dict(name.properties)
    origin = (
        f"{name.domain}:name={properties.get('name', 'null')}"
        f",type={properties.get('type', 'null')},attribute={leaf.name}"
    )
    described = (
        leaf.description if leaf.path or leaf.row else asked[leaf.attribute].description
    )
    if described is None or described == leaf.name:
        return origin
    return f"{described} {origin}"


def origin(series: Series, shape: Shape, *, snake: bool) -> str:
    """Return what tells a series from others of the same name: its subject to the last colon."""
    name = parse_name(series.bean.name)
    if series.leaf < 0:
        return name.text
    leaf = shape[series.leaf]
    if leaf.row:
        name = name.with_row(leaf.row)
    attribute = snake_case(leaf.name) if snake else leaf.name
    subject = f"{name.text}{tail(leaf.path, attribute)}{series.text}"
    return subject.rpartition(":")[0]


def _constant_value(question: Question, factor: float) -> float:
    if question.kind == "b":
        return 1.0 if question.text == "true" else 0.0
    return float(question.text) * factor


def _by_key(
    filters: Sequence[tuple[str, Sequence[str]]],
) -> dict[tuple[str, frozenset[tuple[str, str]]], frozenset[str]]:
    return {parse_name(name).key: frozenset(names) for name, names in filters}

"""
What each MBean becomes: decided when it appears or changes, executed at every scrape.

An MBean's values are judged once; what they became is kept as series that know where in
the table of numbers their value lies. Only a value whose text a rule can see is judged
again, when the text changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exposition.page import CUT
from ..jmx.abc import TOO_MUCH
from ..mapping import Claim, Drop, ValueOrigin, parse_name, snake_case
from ..mapping.rule import CACHED
from ..mapping.subject import tail
from ..mapping.verdict import UNDECIDED
from ..model import LeafKind
from ..observe import OWN_NAMES
from .answers import Draft
from .series import Dropped, Series, described
from .values import ValueFinder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..mapping import Ruleset, Verdict
    from ..model import Attribute, Description
    from .answers import BeanAnswer, ValueToMatch

# By name in this module: an enum's attributes are slow to look up.
BOOLEAN = LeafKind.BOOLEAN
STRING = LeafKind.STRING
NULL = LeafKind.NULL
# Large, useless and full of secrets: never asked for, as in jmx_exporter.
SKIPPED = {
    "java.lang:type=Runtime": frozenset(
        {"systemproperties", "classpath", "bootclasspath", "librarypath"}
    )
}
TAKEN = OWN_NAMES | {CUT}
"""Families that only the bridge itself may serve."""
SKIPPED_BEANS = frozenset({"jdk.management.jfr:type=FlightRecorder"})


class Planner:
    """Binds a ruleset to MBeans; knows nothing of sessions."""

    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        self._finder = ValueFinder(rules)
        config = rules.config
        self._excluded = _by_key(config.exclude_object_name_attributes)
        self._included = _by_key(config.include_object_name_attributes)
        self.claimed: set[int] = set()
        """Rules that claimed a value since this planner began, by index."""
        self._any_cache = any(rule.config.cache for rule in rules.rules)

    def admitted(self, name: str, description: Description) -> list[Attribute]:
        """Return the attributes of the MBean *name* that the rules may see."""
        if name in SKIPPED_BEANS:
            return []
        skipped = SKIPPED.get(name, frozenset())
        if not (self._excluded or self._included or skipped):
            return list(description)
        key = parse_name(name).key
        excluded = self._excluded.get(key, frozenset())
        included = self._included.get(key, frozenset()) if self._included else None
        return [
            attribute
            for attribute in description
            if attribute.name not in excluded
            and attribute.name.lower() not in skipped
            and (included is None or attribute.name in included)
        ]

    def draft(self, answers: Sequence[BeanAnswer]) -> dict[int, Draft]:
        """Judge the values of some MBeans; return what became of each, by its identifier."""
        return self.judged(answers)[0]

    def judged(
        self, answers: Sequence[BeanAnswer]
    ) -> tuple[dict[int, Draft], list[ValueToMatch]]:
        """Return what `draft` does, and every value that a rule might have claimed, judged."""
        drafts = {answer.bean.id: Draft() for answer in answers}
        values = [
            value
            for answer in answers
            for value in self._finder.values(answer, drafts[answer.bean.id])
        ]
        self._match(values)
        for value in values:
            self._decide(value, drafts[value.bean.id])
        return drafts, values

    # -- matching ---------------------------------------------------------------------------

    def _match(self, values: Sequence[ValueToMatch]) -> None:
        """Find each value's first rule; Java is asked once for all that need it."""
        subjects: list[str] = []
        asked: list[ValueToMatch] = []
        candidates: list[list[tuple[int, int]]] = []
        for value in values:
            if value.text == TOO_MUCH:
                value.verdict, value.sees = Drop("text_limit"), True
                continue
            if not value.candidates:
                continue
            first = value.candidates[0]
            if self.rules.rules[first].always:
                self._judge(value, first, (), 0)
            else:
                asked.append(value)
                candidates.append(self._subjects(value, subjects))
        answers = self.rules.matcher.match(subjects, candidates)
        for value, answer in zip(asked, answers, strict=True):
            tried = [i for i in value.candidates if self.rules.rules[i].pattern >= 0]
            last = value.candidates[-1]
            if answer.undecided:
                # It may be this rule's, so another one's name for it would be a guess.
                value.rule = tried[answer.candidate]
                value.verdict = Drop(answer.undecided)
            elif answer.candidate >= 0:
                chosen = tried[answer.candidate]
                self._judge(value, chosen, answer.expansions, answer.bad)
            elif self.rules.rules[last].pattern < 0:
                self._judge(value, last, (), 0)
            seen = value.candidates
            if value.rule >= 0:
                seen = seen[: seen.index(value.rule) + 1]
            value.sees = any(self.rules.rules[i].sees_value for i in seen)

    def _subjects(
        self, value: ValueToMatch, subjects: list[str]
    ) -> list[tuple[int, int]]:
        """Add the subjects that a value's rules see, and pair each rule with its own."""
        variants: dict[tuple[bool, bool], int] = {}
        pairs = []
        for index in value.candidates:
            rule = self.rules.rules[index]
            if rule.pattern < 0:
                continue
            variant = (rule.config.attr_name_snake_case, rule.config.cache)
            if variant not in variants:
                variants[variant] = len(subjects)
                subjects.append(_subject(value, *variant))
            pairs.append((variants[variant], rule.pattern))
        return pairs

    def _judge(
        self, value: ValueToMatch, index: int, expansions: Sequence[str], bad: int
    ) -> None:
        name = value.item.name
        if self.rules.rules[index].config.attr_name_snake_case:
            name = snake_case(name)
        origin = ValueOrigin(value.name, value.item.path, name, value.extra)
        value.rule = index
        value.verdict = self.rules.judge(index, origin, expansions, bad)

    # -- what follows from a verdict ---------------------------------------------------------------

    def _decide(self, value: ValueToMatch, draft: Draft) -> None:
        verdict, attribute = _allowed(value), value.item.attribute
        if value.rule >= 0 and value.kind is not NULL:
            self.claimed.add(value.rule)
        if self._any_cache and (
            value.rule < 0 or self.rules.rules[value.rule].config.cache
        ):
            draft.cached += 1
        if value.kind is NULL:
            undecided = isinstance(verdict, Drop) and verdict.reason in UNDECIDED
            if value.sees or undecided or isinstance(verdict, Claim):
                draft.kept.add(attribute)
            return
        if value.leaf >= 0 and (value.sees or value.kind is STRING):
            draft.kept.add(attribute)
            draft.watched[value.leaf] = value.text
        if isinstance(verdict, Drop) and verdict.reason:
            where = ""
            if verdict.reason not in UNDECIDED:
                # A rule that leaves a match undecided does so for many values: it alone is named,
                # so the log has one line of it.
                where = _subject(value, snake=False, cache=False).rpartition(":")[0]
            rule = self.rules.where(value.rule) if value.rule >= 0 else ""
            draft.dropped.append(
                Dropped(verdict.reason, verdict.family, where, rule, value.leaf)
            )
        if not isinstance(verdict, Claim):
            return
        if value.leaf >= 0:
            draft.kept.add(attribute)
        draft.series.append(self._series(value, verdict))

    def _series(self, value: ValueToMatch, claim: Claim) -> Series:
        factor = 1.0 if value.kind is BOOLEAN else claim.factor
        seen = value.kind is STRING and not self.rules.rules[value.rule].config.cache
        constant = claim.value
        if value.leaf < 0 and constant is None:
            flag = 1.0 if value.text == "true" else 0.0
            constant = flag if value.kind is BOOLEAN else float(value.text) * factor
        text = claim.help
        if value.leaf < 0 and text is None:
            text = described(value.name, value.item.name, value.item.description)
        return Series(
            family=claim.family,
            type=claim.type,
            labels=claim.labels,
            bean=value.bean,
            leaf=value.leaf,
            factor=factor,
            constant=constant,
            help=text,
            rule=value.rule,
            text=value.text if seen else "",
            added=value.added,
        )


def _allowed(value: ValueToMatch) -> Verdict | None:
    """Return a value's verdict, as far as it may be served: a text is no value, some names are ours."""
    verdict = value.verdict
    if value.kind is NULL or not isinstance(verdict, Claim):
        return verdict
    if value.kind is STRING and verdict.value is None:
        return None
    return Drop("conflict", verdict.family) if verdict.family in TAKEN else verdict


def _subject(value: ValueToMatch, snake: bool, cache: bool) -> str:  # noqa: FBT001
    leaf = value.item
    name = snake_case(leaf.name) if snake else leaf.name
    # A number's text is only asked for where a rule sees it. Where none does, a pattern still
    # wants something behind the colon, and any number will do.
    text = CACHED if cache else value.text or ("" if value.kind is STRING else "0")
    return f"{value.name.text}{tail(leaf.path, name)}{text}"


def _by_key(
    filters: Sequence[tuple[str, Sequence[str]]],
) -> dict[tuple[str, frozenset[tuple[str, str]]], frozenset[str]]:
    return {parse_name(name).key: frozenset(names) for name, names in filters}

"""
Rules, ready to run: which ones may claim a value, and what the first one makes of it.

Strategy: every text that some pattern requires (so many times) has a bit. A subject is known
by the bits of the texts it contains; for each set of bits the rules that can match are worked
out once. Most values of most MBeans have none, and no regular expression is ever run for them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .prefilter import VALUE, PatternFacts, read_pattern
from .verdict import DefaultNames, Drop, templates, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..config import Config, RuleConfig
    from .verdict import ValueOrigin, Verdict

    Compile = Callable[[Sequence[tuple[str, Sequence[str]]]], "Matcher"]
    """From patterns, each with its templates, to the matcher that knows them by index."""

CACHED = "<cache>"
"""What a rule with `cache: true` sees instead of the value."""
GROUP = re.compile(r"\\.|\$(?:(\d+)|\{(\w+)\})", re.DOTALL)
TERMINATORS = frozenset("\n\r\x85\u2028\u2029")
"""The characters that a dot doesn't match in Java."""


class PatternMatch(Protocol):
    """A matcher's answer to one question."""

    @property
    def candidate(self) -> int:
        """
        Which of the question's candidates matched first, by index; -1 for none.

        If it is undecided, the first one that could not be tried to its end.
        """

    @property
    def bad(self) -> int:
        """How many of its pattern's templates refer to a group that isn't there."""

    @property
    def expansions(self) -> list[str]:
        """What the pattern's templates became, in their order; [] if none matched."""

    @property
    def undecided(self) -> str:
        """Why it isn't known whether the candidate matches, as `Drop.reason` says it; "" if it is."""


class Matcher(Protocol):
    """
    Patterns and their templates, compiled once.

    A pattern is a Java regular expression that may match anywhere in a subject; of several
    places the right-most counts. Line terminators are not crossed by a dot. A match is
    given up, and its question undecided, when it takes too many steps or too deep a stack;
    a pattern that took too many in one scrape is not tried any more.
    """

    def renew(self) -> None:
        """Begin a scrape: give each pattern that doesn't rest its budget of steps again."""

    def seconds(self) -> Sequence[float] | None:
        """Return how long each pattern was tried, all threads together; None unless measured."""

    def match(
        self, subjects: Sequence[str], questions: Sequence[Sequence[tuple[int, int]]]
    ) -> Sequence[PatternMatch]:
        """
        Return an answer for each question, in order.

        A question is a list of candidates; a candidate is an index into *subjects* and
        one into the patterns.
        """


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, and what is known of its pattern. The defaults are those of one without."""

    config: RuleConfig
    pattern: int = -1
    """The index of its pattern with the matcher; -1 when it has none."""
    always: bool = True
    """It claims every subject without line terminators, and expands nothing."""
    sees_value: bool = False
    """Its verdict on a number may depend on the number's text."""
    needs: int = 0
    """Bits of the texts that must stand left of a number."""
    text_needs: int = 0
    """Bits of the texts that must stand anywhere in a string's subject."""
    name_needs: int = 0
    """Bits of the texts that must stand left of a string."""
    first: str = ""
    """The first required text; "" for none."""

    @property
    def where(self) -> str:
        """Its place in the user's files: "kafka.yml:14"."""
        return self.config.where


class Ruleset:
    """
    All rules of a file and its includes, in the order in which they are tried.

    *compile_patterns* gets each rule's pattern with its templates and returns the matcher
    that knows them by index. Bits are one integer, a bit for each required text.
    """

    def __init__(
        self,
        config: Config,
        compile_patterns: Compile,
    ) -> None:
        self.config = config
        self._bits: dict[tuple[str, int], int] = {}
        self._patterns: list[tuple[str, Sequence[str]]] = []
        self.rules = tuple(self._rule(rule) for rule in config.rules)
        self._once = [(text, bit) for (text, n), bit in self._bits.items() if n == 1]
        self._often = [(text, n, bit) for (text, n), bit in self._bits.items() if n > 1]
        self.matcher = compile_patterns(self._patterns)
        self.any_sees_value = any(rule.sees_value for rule in self.rules)
        self.any_value = any(rule.config.value for rule in self.rules)
        self.any_snake = any(rule.config.attr_name_snake_case for rule in self.rules)
        self._candidates: dict[tuple[int, int, bool], tuple[int, ...]] = {}
        self._names = DefaultNames()

    # -- reading rules ---------------------------------------------------------------

    def _rule(self, config: RuleConfig) -> Rule:
        if config.pattern is None:
            return Rule(config)
        facts = read_pattern(config.pattern)
        texts = templates(config)
        self._patterns.append((config.pattern, texts))
        sees = not config.cache and _sees(facts, texts)
        left = [text for text in map(_left, facts.required) if text]
        return Rule(
            config,
            pattern=len(self._patterns) - 1,
            always=facts.always and not texts,
            sees_value=sees,
            needs=self._mask(left if sees or config.cache else facts.required),
            text_needs=self._mask(() if config.cache else facts.required),
            name_needs=self._mask(_left_of_string(facts.required)),
            first="".join(_left_of_string(facts.required)),
        )

    def _mask(self, texts: Sequence[str]) -> int:
        mask = 0
        for text in set(texts):
            # A text that also stands inside longer ones is needed once for each of them.
            times = sum(longer.count(text) for longer in texts)
            mask |= self._bits.setdefault((text, times), 1 << len(self._bits))
        return mask

    # -- which rules may claim ---------------------------------------------------------

    def bits(self, name: str) -> int:
        """Return the bits of the texts that an MBean's *name* contains often enough."""
        mask = 0
        for required, bit in self._once:
            if required in name:
                mask |= bit
        for required, times, bit in self._often:
            if name.count(required) >= times:
                mask |= bit
        return mask

    def tail_bits(self, tail: str) -> int:
        """
        Return the bits of the texts that the rest of a subject contains at all.

        How often a text stands in name and tail together is not known here, so one time
        in the tail has to do.
        """
        mask = 0
        for (required, _), bit in self._bits.items():
            if required in tail:
                mask |= bit
        return mask

    def candidates(
        self, plain: int, snake: int, *, lines: bool = False
    ) -> tuple[int, ...]:
        """
        Return the rules that may claim a number whose name has these bits, in order.

        *snake* are the bits with the attribute in snake case. The last one may be a rule
        that claims all. *lines*: the subject has line terminators.
        """
        key = (plain, snake, lines)
        found = self._candidates.get(key)
        if found is None:
            found = self._candidates[key] = self._select(
                lambda rule: (
                    rule.needs & ~(snake if rule.config.attr_name_snake_case else plain)
                ),
                lines=lines,
            )
        return found

    def text_candidates(
        self, plain: int, snake: int, *, lines: bool = False, text_lines: bool = False
    ) -> tuple[int, ...]:
        """
        Return the rules that may claim a string whose whole subject has these bits.

        *lines*: it has line terminators left of the string; *text_lines*: in the string.
        """
        return self._select(
            lambda rule: (
                rule.text_needs
                & ~(snake if rule.config.attr_name_snake_case else plain)
            ),
            lines=lines,
            text_lines=text_lines,
        )

    def _select(
        self,
        missing: Callable[[Rule], int],
        *,
        lines: bool,
        text_lines: bool = False,
    ) -> tuple[int, ...]:
        chosen = []
        for index, rule in enumerate(self.rules):
            # A pattern that matches all matches nothing that has lines.
            seen = lines or (text_lines and not rule.config.cache)
            defeated = seen and rule.always and rule.pattern >= 0
            if not (defeated or missing(rule)):
                chosen.append(index)
                if rule.always:
                    break
        return tuple(chosen)

    def may_value_string(self, plain: int, snake: int) -> bool:
        """
        Whether some rule could ever give a string with this name a value.

        It looks at the name only: a rule that first has to find its own beginning inside
        the string's text is not waited for.
        """
        return any(
            rule.config.value
            and not rule.name_needs
            & ~(snake if rule.config.attr_name_snake_case else plain)
            for rule in self.rules
        )

    def may_claim_inside(self, bean_text: str) -> bool:
        """Whether some rule could claim a value of this MBean whose path isn't known yet."""
        name = bean_text[:-1]
        return any(_may_stand(rule.first, name) for rule in self.rules)

    # -- what a rule makes of a value ------------------------------------------------------

    def judge(
        self, index: int, origin: ValueOrigin, expansions: Sequence[str], bad: int
    ) -> Verdict:
        """
        Return what rule *index*, which matched, makes of the value at *origin*.

        *expansions* are what the matcher made of the rule's templates; *bad* is how many
        of them it could not expand.
        """
        config = self.rules[index].config
        if bad:
            return Drop("bad_template")
        return verdict(config, index, origin, expansions, self._names)

    def where(self, index: int) -> str:
        """Return the place of rule *index* in the user's files: "kafka.yml:14"."""
        return self.rules[index].where

    def seconds(self) -> dict[str, float] | None:
        """Return how long the patterns of rules were tried, by place; None unless measured."""
        seconds = self.matcher.seconds()
        if seconds is None:
            return None
        found: defaultdict[str, float] = defaultdict(float)
        for rule in self.rules:
            if rule.pattern >= 0:
                found[rule.where] += seconds[rule.pattern]
        return dict(found)


def _sees(facts: PatternFacts, templates: Sequence[str]) -> bool:
    if facts.sees_value:
        return True
    for template in templates:
        for match in GROUP.finditer(template):
            if match[1] is None and match[2] is None:
                continue
            group = facts.names.get(match[2], -1) if match[2] else int(match[1])
            # "$12" is group 1 and a "2" where there are fewer groups: look at both.
            numbers = {group} | {
                int(match[1][:i]) for i in range(1, len(match[1] or ""))
            }
            if (
                0 in numbers
                or facts.seeing_groups is None
                or numbers & facts.seeing_groups
            ):
                return True
    return False


def _left(text: str) -> str:
    """Return the part of a required text that can't stand in a number's text, or ""."""
    head, sign, _ = text.partition(": ")
    if sign:
        return head + sign
    return "" if all(char in VALUE for char in text.lstrip(": ")) else text


def _left_of_string(texts: Sequence[str]) -> list[str]:
    """Return the first required text's part that stands left of a string's value."""
    if not texts:
        return []
    head, sign, _ = texts[0].partition(": ")
    return [head + sign]


def _may_stand(text: str, name: str) -> bool:
    """
    Whether *text* may stand in a subject that begins with *name* and goes on somehow.

    Further properties, a path and an attribute may follow. None of them has a "<" behind
    another character, so a text that has one must at least begin inside the name.
    """
    if text in name or "<" not in text[1:]:
        return True
    return any(name.endswith(text[:end]) for end in range(1, len(text)))

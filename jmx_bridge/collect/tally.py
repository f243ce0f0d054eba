"""Which rules and MBeans the samples of a scrape come from; counted only when somebody looks."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from ..observe import RuleTold

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ..mapping import Ruleset
    from .series import Series

MOST_MBEANS = 10


class Tally:
    """The series of one scrape, which hold still, and the rules that made them."""

    def __init__(
        self, order: Sequence[Series], rules: Ruleset, claimed: Collection[int]
    ) -> None:
        """*claimed* are the rules that claimed a value so far, by index."""
        self._order = order
        self._rules = rules
        self._claimed = claimed

    @cached_property
    def rules(self) -> tuple[RuleTold, ...]:
        """Each rule with its samples, those first that make most."""
        counts = Counter([series.rule for series in self._order])
        seconds: Mapping[str, float] = self._rules.seconds() or {}
        told = [
            RuleTold(
                rule.where,
                rule.config.name or rule.config.pattern or "every value",
                counts[index],
                index in self._claimed,
                seconds.get(rule.where),
            )
            for index, rule in enumerate(self._rules.rules)
        ]
        return tuple(sorted(told, key=lambda one: -one.samples))

    @cached_property
    def mbeans(self) -> tuple[tuple[str, int], ...]:
        """The MBeans that have most samples, each with their number."""
        counts = Counter([series.bean.name for series in self._order])
        return tuple(counts.most_common(MOST_MBEANS))

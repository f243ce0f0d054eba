"""Java's own regular expressions and ObjectNames, for whoever reads or applies rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jpype

from ..config.emptiness import emptiness
from ._flat import FlatArrays, java_ints, joined, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence


UNDECIDED = ("pattern_steps", "pattern_stack", "pattern_rests")
"""By jmxbridge.Patterns.Undecided's ordinal; a test compares the two."""


class Match(NamedTuple):
    """
    Which candidate matched (-1: none), how many templates are bad, and the expansions.

    With *undecided* it is the candidate that could not be tried to its end.
    """

    candidate: int
    bad: int
    expansions: list[str]
    undecided: str = ""


NO_MATCH = Match(-1, 0, [])


class JavaPatterns:
    """Patterns with their templates, compiled once."""

    def __init__(
        self, patterns: Sequence[tuple[str, Sequence[str]]], *, measured: bool = False
    ) -> None:
        """*measured*: keep how long each pattern is tried. Raises ValueError for one that Java refuses."""
        self._measured = measured
        self._templates = [len(templates) for _, templates in patterns]
        strings = [
            without_nul(text)
            for pattern, texts in patterns
            for text in (pattern, *texts)
        ]
        steps = [emptiness(pattern).steps for pattern, _ in patterns]
        counts = java_ints(self._templates), java_ints(steps)
        compiled = jpype.JClass("jmxbridge.Patterns").compile
        try:
            self._patterns = compiled(joined(strings), *counts, measured)
        except jpype.JClass("java.util.regex.PatternSyntaxException") as exc:
            raise ValueError(text_of(exc.getDescription())) from exc

    def renew(self) -> None:
        """Begin a scrape: give each pattern that doesn't rest its budget of steps again."""
        self._patterns.renew()

    def seconds(self) -> Sequence[float] | None:
        """Return how long each pattern was tried, all threads together; None unless measured."""
        if not self._measured:
            return None
        return tuple(map(float, self._patterns.seconds()))

    def limit(self, seconds: float) -> None:
        """
        Let trying end so many seconds from now, for matches under way, too; from any thread.

        What is asked then is undecided, as if it took too many steps.
        """
        self._patterns.limit(int(max(0.0, seconds) * 1e9))

    def match(
        self, subjects: Sequence[str], questions: Sequence[Sequence[tuple[int, int]]]
    ) -> list[Match]:
        """
        Return for each question the first of its candidates that matches.

        A candidate is an index into *subjects* and one into the patterns.
        """
        if not questions:
            return []
        clean = map(without_nul, subjects)
        flat: list[int] = []
        for candidates in questions:
            flat.append(len(candidates))
            for candidate in candidates:
                flat.extend(candidate)
        arrays = FlatArrays(
            self._patterns.match(joined(clean), java_ints(flat), len(questions))
        )
        return [self._answer(candidates, arrays) for candidates in questions]

    def _answer(
        self, candidates: Sequence[tuple[int, int]], arrays: FlatArrays
    ) -> Match:
        candidate, bad = arrays.int(), arrays.int()
        if candidate < 0:
            return NO_MATCH
        if bad < 0:
            return Match(candidate, 0, [], UNDECIDED[-1 - bad])
        count = self._templates[candidates[candidate][1]]
        return Match(candidate, bad, arrays.strings(count))


def without_nul(text: str) -> str:
    """Return *text* without the character that divides texts on their way to Java."""
    return text.replace("\0", "\ufffd")


class JavaSyntax:
    """What Java says of patterns and ObjectNames that a user wrote."""

    def pattern_problem(self, pattern: str) -> tuple[str, int] | None:
        """Return what is wrong with a pattern and where (-1: unknown), or None."""
        problem = jpype.JClass("jmxbridge.Patterns").problem(pattern)
        if problem is None:
            return None
        index, message = text_of(problem).split("\0", 1)
        return message, int(index)

    def group_count(self, pattern: str) -> int:
        """Return how many groups a good pattern has."""
        return int(jpype.JClass("jmxbridge.Patterns").groups(pattern))

    def gives_up(self, pattern: str, text: str) -> bool:
        """Whether a good pattern can't be tried to its end on *text*."""
        (answer,) = JavaPatterns([(pattern, [])]).match([text], [[(0, 0)]])
        return bool(answer.undecided)

    def object_name_problem(self, name: str, *, is_pattern: bool) -> str | None:
        """Return what is wrong with an ObjectName, or None."""
        problem = jpype.JClass("jmxbridge.Names").problem(name, is_pattern)
        return None if problem is None else text_of(problem)

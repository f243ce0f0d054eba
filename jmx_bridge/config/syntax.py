"""What reading a rule file needs to know from Java."""

from __future__ import annotations

from typing import Protocol


class Syntax(Protocol):
    """What Java says of the patterns and ObjectNames in a file."""

    def pattern_problem(self, pattern: str) -> tuple[str, int] | None:
        """
        Return Java's message on a bad pattern and where in it, or None for a good one.

        The place counts UTF-16 units from 0; it is -1 where Java doesn't tell.
        """

    def group_count(self, pattern: str) -> int:
        """Return how many groups a pattern has, which has to be a good one."""

    def gives_up(self, pattern: str, text: str) -> bool:
        """Whether matching a good pattern against *text* takes more steps than allowed."""

    def object_name_problem(self, name: str, *, is_pattern: bool) -> str | None:
        """Return what is wrong with an ObjectName, or None; wildcards if *is_pattern*."""

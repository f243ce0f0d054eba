"""What reading a rule file needs to know from Java."""

from __future__ import annotations

from typing import Protocol


class Syntax(Protocol):
    """What Java says of the patterns and ObjectNames in a file."""

    def pattern_problem(self, pattern: str) -> tuple[str, int] | None:
        """Return what is wrong with a pattern and where (-1: unknown), or None."""

    def group_count(self, pattern: str) -> int:
        """Return how many groups a good pattern has."""

    def object_name_problem(self, name: str, *, is_pattern: bool) -> str | None:
        """Return what is wrong with an ObjectName, or None."""

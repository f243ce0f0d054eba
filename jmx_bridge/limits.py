"""What goes when not everything may stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def fitting(sizes: Sequence[int], most: int) -> set[int]:
    """
    Return which of some things may stay, by index, so that their sizes sum to *most* or less.

    The largest go first: nearly always one of them is to blame, and the others are whole.
    """
    left = sum(sizes)
    kept = set(range(len(sizes)))
    for index in sorted(kept, key=lambda i: (-sizes[i], i)):
        if left <= most:
            break
        kept.discard(index)
        left -= sizes[index]
    return kept

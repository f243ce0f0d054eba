"""Text for a person: coloured on a terminal, cut to its width, safe to print."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
}
WIDTH = 100
"""Of what is written where there is no terminal."""
NARROWEST = 60


class Paint:
    """How one stream is written to."""

    def __init__(
        self,
        output: TextIO,
        when: str = "auto",
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """*when* to use colours: auto, always or never."""
        terminal = output.isatty()
        self._colours = when == "always" or (
            when == "auto" and wants_colours(environ, terminal=terminal)
        )
        self.width = WIDTH
        if terminal:
            self.width = max(NARROWEST, shutil.get_terminal_size().columns)

    def __call__(self, text: str, *colours: str) -> str:
        """Return *text*, made safe, in some colours."""
        safe = printable(text)
        if not self._colours or not colours or not safe:
            return safe
        codes = ";".join(CODES[one] for one in colours)
        return f"\x1b[{codes}m{safe}\x1b[0m"

    def cut(self, text: str, width: int) -> str:
        """Return *text* in one line of at most *width* characters, with "…" where it goes on."""
        line = printable(" ".join(text.split()))
        return line if len(line) <= width else line[: max(0, width - 1)] + "…"


def wants_colours(environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to use colours where nobody said so: NO_COLOR, then FORCE_COLOR, then the terminal."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return terminal and environ.get("TERM") != "dumb"


def printable(text: str) -> str:
    """Return *text* with the characters escaped that a terminal would act on or can't encode."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii")
        for one in text
    )

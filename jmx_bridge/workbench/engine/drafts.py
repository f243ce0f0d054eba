"""
Rules that somebody types into the page: read as a rule file is, and trusted with less.

They may include packs only, are told nothing of the environment, and what says how the target
is reached, or who may ask for metrics, is left out before it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from ...config.document import Node, Problems
from ...config.includes import merged
from ...config.load import config_of, parse_config, read_text
from ...config.packs import find, folder
from ...config.parse import read_document
from ...config.reader import ConfigReader
from ...errors import ConfigError, Problem
from ..lints import lint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...config import Config, Syntax

EDITOR = "editor"
"""What the text is called in places and messages."""
LEFT_OUT = (
    *("hostPort", "jmxUrl", "username", "password", "ssl", "httpServer"),
    *("startDelaySeconds", "scrapeTimeoutSeconds"),
)
"""Keys that say nothing of what rules make of values."""
MOST_NODES = 20_000
"""Values of a text, with those of its aliases; a rule has about five."""


class Draft(NamedTuple):
    """A text as rules."""

    config: Config | None
    """None: it can't be used."""
    problems: Sequence[Problem]
    """In the order of their places."""
    too_large: bool = False


@dataclass(slots=True)
class Packs:
    """The packs that were read so far; they never change."""

    syntax: Syntax
    _read: dict[str, Config]

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        self._read = {}

    def parse(self, path: str, named: str) -> Config:
        """Return what is in a file, which is kept if it is a pack; raises ConfigError."""
        found = self._read.get(path)
        if found is None:
            found = parse_config(read_text(path), named, syntax=self.syntax, environ={})
            if path.startswith(f"{folder()}/"):
                self._read[path] = found
        return found


def read_draft(
    text: str, syntax: Syntax, packs: Packs, flagged: Sequence[str] = ()
) -> Draft:
    """
    Return what a text says, with the packs that it includes and those *flagged* by flags.

    Its problems are those that `check` tells, and one for each key that is left out.
    """
    problems = Problems(EDITOR)
    root = read_document(text, problems)
    if root is not None and (size := nodes(root)) > MOST_NODES:
        message = f"has {size:,} values, and {MOST_NODES:,} are read here"
        return Draft(None, [Problem(EDITOR, 0, 0, message)], too_large=True)
    if problems.too_large:
        return Draft(None, problems.all(), too_large=True)
    kept = _without(root) if root is not None else None
    try:
        own = config_of(kept, problems, ConfigReader(syntax, {}, strict=False))
        config, left_out = _with_packs(own, packs, flagged)
    except ConfigError as exc:
        return Draft(None, exc.problems)
    found = [*config.warnings, *left_out]
    found += lint(own, kept, text, syntax) if kept else []
    found.sort(key=lambda one: (one.file != EDITOR, one.line, one.column))
    return Draft(config, found)


def nodes(root: Node) -> int:
    """Return how many values a document has."""
    inside = root.value
    if isinstance(inside, dict):
        return 1 + sum(map(nodes, inside.values()))
    return 1 + sum(map(nodes, inside)) if isinstance(inside, tuple) else 1


def _without(root: Node) -> Node:
    """Return a document without what is left out, of which it gets a warning each."""
    if not isinstance(root.value, dict):
        return root
    for key in LEFT_OUT:
        if key in root.value:
            root.value[key].warn(
                "is left out here", "it says nothing of what rules make of values"
            )
    kept = {key: node for key, node in root.value.items() if key not in LEFT_OUT}
    return replace(root, value=kept)


def _with_packs(
    own: Config, packs: Packs, flagged: Sequence[str]
) -> tuple[Config, list[Problem]]:
    """Return *own* with the packs that it includes, and what of its includes is left out."""
    files = [one for one in own.includes if find(one.name, folder()) is None]
    files += [one for one in own.includes if "/" in one.name or one.name.endswith(ENDS)]
    kept = tuple(one for one in own.includes if one not in files)
    config = merged(replace(own, includes=kept), flagged, packs.parse)
    message = "is left out here: {!r} is no pack, and files can't be included"
    left_out = [
        Problem(
            EDITOR,
            one.line,
            one.column,
            f"include: {message.format(one.name)}",
            "",
            True,  # noqa: FBT003
        )
        for one in dict.fromkeys(files)
    ]
    return config, left_out


ENDS = (".yml", ".yaml")

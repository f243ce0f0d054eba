"""
What a rule file includes: packs, and files from its own folder.

Who writes a rule file is not always who runs this program, and may not learn from it what is in
other files: a file's `include` stays below its folder, or below one that a flag allows, and no
message quotes what it holds. What a flag includes is free, as the rule file itself is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError, Problem
from .document import MOST_PROBLEMS
from .packs import find, folder, known, shown
from .parse import MAX_TEXT
from .schema import Config, Include

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Parse = Callable[[str, str], Config]
    """Path and what messages call it, to what is in it; raises ConfigError."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pack or file to include."""

    include: Include
    place: Path
    """Where its path begins."""
    file: str
    """Where it is asked for, for messages."""
    roots: tuple[Path, ...] | None
    """It has to be below one of these; None: a flag names it, so it may be anywhere."""


def merged(
    config: Config, extra: Sequence[str], parse: Parse, root: str | None = None
) -> Config:
    """
    Return *config* with the rules of what it includes behind its own, in order.

    *extra* is what flags include; files below the folder *root* may be included, too. A file
    or pack that is included twice counts once. Raises ConfigError for what can't be included,
    and whatever is wrong in it.
    """
    allowed = (Path(root),) if root else ()
    own = Path(config.file).parent if config.file else Path()
    wanted = [
        Wanted(one, own, config.file or "", (own, *allowed)) for one in config.includes
    ]
    wanted += [
        Wanted(Include(name, 0, 0), Path(), "--config.include", None) for name in extra
    ]
    found: dict[str, Config] = {}
    # One file has as many paths as one likes: sub/../a.yml, sub/../sub/../a.yml.
    seen: set[str] = set()
    length = _patterns(config)
    problems: list[Problem] = []
    while wanted:
        one = wanted.pop(0)
        path = find(one.include.name, one.place)
        if path is None or not _allowed(path, one.roots):
            problems.append(_problem(one, exists=path is not None))
        elif (real := os.path.realpath(path)) not in seen:
            seen.add(real)
            named, quoted = shown(path), one.roots is None
            other = parse(str(path), named) if quoted else _unquoted(parse, path, named)
            found[str(path)] = other
            length += _patterns(other)
            if length > MAX_TEXT:
                message = "include: the patterns of all files are more than 3 MiB long"
                raise ConfigError((Problem(one.file, 0, 0, message),))
            roots = one.roots or (path.parent, *allowed)
            wanted[:0] = [
                Wanted(further, path.parent, named, roots) for further in other.includes
            ]
        if len(problems) == MOST_PROBLEMS:
            break
    if problems:
        raise ConfigError(tuple(problems))
    return _joined(config, found) if found else config


def _patterns(config: Config) -> int:
    """Return how long a file's patterns are together; Java takes 90 bytes for each character."""
    return sum(len(rule.pattern or "") for rule in config.rules)


def _allowed(path: Path, roots: tuple[Path, ...] | None) -> bool:
    """
    Whether *path* may be read: it is below one of *roots* as written, and as resolved.

    A ConfigMap's files are symlinks to ..data/, which is below the folder. Packs always are.
    """
    if roots is None or path.parent == folder():
        return True
    return any(
        _below(os.path.abspath(path), os.path.abspath(root))  # noqa: PTH100 -- as written
        and _below(os.path.realpath(path), os.path.realpath(root))
        for root in roots
    )


def _below(path: str, root: str) -> bool:
    return path.startswith(root.rstrip("/") + "/")


def _problem(one: Wanted, *, exists: bool) -> Problem:
    name = one.include.name
    if exists:
        message = f"include: {name!r} is not below the folder of the rule file"
        hint = "move it there, or allow its folder by --config.include-root"
    else:
        message, hint = f"include: there is no pack {name!r}", known(name)
    return Problem(one.file, one.include.line, one.include.column, message, hint)


def _unquoted(parse: Parse, path: Path, named: str) -> Config:
    """Parse a file; messages about its text tell where something is wrong, and not what."""
    try:
        config = parse(str(path), named)
    except ConfigError as exc:
        raise ConfigError(tuple(map(_silenced, exc.problems))) from None
    return replace(config, warnings=tuple(map(_silenced, config.warnings)))


def _silenced(problem: Problem) -> Problem:
    """Return *problem* without what it quotes; one without a place quotes nothing."""
    if not problem.line:
        return problem
    what = "is odd" if problem.warning else "can't be used"
    hint = f"jmx-bridge check {problem.file} tells why"
    return replace(problem, message=f"what is written here {what}", hint=hint)


def _joined(own: Config, others: Mapping[str, Config]) -> Config:
    """
    Return *own* with the rules, customizers and warnings of *others* behind its own.

    MBeans are read that any of the files includes. All else is as *own* says.
    """
    everything = list(others.values())
    scopes = [other.include_object_names for other in everything]
    if own.rules or own.include_object_names is not None:
        scopes.insert(0, own.include_object_names)
    names: tuple[str, ...] | None = None
    if None not in scopes:
        names = tuple(dict.fromkeys(name for scope in scopes for name in scope or ()))
    parts = [own, *everything]
    return replace(
        own,
        include_object_names=names,
        rules=tuple(rule for part in parts for rule in part.rules),
        metric_customizers=tuple(
            one for part in parts for one in part.metric_customizers
        ),
        warnings=tuple(warning for part in parts for warning in part.warnings),
        included_files=tuple(others),
        blank=False,
    )

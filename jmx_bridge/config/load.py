"""Reads a rule file and what it includes, and raises all problems of a file together."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError, Problem
from .document import NOWHERE, Place, Problems
from .packs import find, known, shown
from .parse import read_document
from .reader import ConfigReader
from .schema import DEFAULT, Config, Include

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .syntax import Syntax

MAX_BYTES = 3 * 1024 * 1024
"""A larger file is refused, as jmx_exporter does."""


def load_config(
    path: str | None,
    *,
    syntax: Syntax,
    environ: Mapping[str, str],
    strict: bool = False,
    extra: Sequence[str] = (),
) -> Config:
    """
    Return a rule file's configuration with the rules of all that it includes.

    Raises ConfigError with all that is wrong in it. With *strict* an unknown key is an
    error, not a warning. *environ* is where "${NAME}" is looked up. *extra* are further
    packs or files to include, from the working directory; with them *path* may be None.
    """
    if path is None:
        only = replace(DEFAULT, rules=() if extra else DEFAULT.rules)
        return merged(only, extra, syntax=syntax, environ=environ, strict=strict)
    text = _text(path)
    config = parse_config(text, path, syntax=syntax, environ=environ, strict=strict)
    return merged(config, extra, syntax=syntax, environ=environ, strict=strict)


def _text(path: str) -> str:
    """Return what is in a file; raises ConfigError with the reason and the way out."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError as exc:
        hint = "check the path, and in a container that the file is mounted"
        raise _unusable(path, NOWHERE, "no such file", hint) from exc
    except IsADirectoryError as exc:
        hint = "name a file in it; mounting a missing file makes a directory, too"
        raise _unusable(path, NOWHERE, "is a directory", hint) from exc
    except PermissionError as exc:
        hint = f"make it readable for user {os.geteuid()}"
        raise _unusable(path, NOWHERE, "permission denied", hint) from exc
    except (OSError, ValueError) as exc:
        raise _unusable(path, NOWHERE, f"can't be read ({exc})") from exc
    if len(data) > MAX_BYTES:
        message = f"larger than 3 MiB (found {len(data)} bytes)"
        raise _unusable(path, NOWHERE, message, "is this really a rule file?")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _undecodable(path, data, exc) from exc


def parse_config(
    text: str,
    file: str,
    *,
    syntax: Syntax,
    environ: Mapping[str, str],
    strict: bool = False,
) -> Config:
    """
    Read a rule file's text, without what it includes; raises ConfigError.

    *file* is what messages and the rules' places call it.
    """
    problems = Problems(file)
    root = read_document(text, problems)
    reader = ConfigReader(syntax, environ, strict=strict)
    config = _blank(file)
    if root is not None and root.value is not None:
        config = reader.config(root)
    if problems.failed():
        raise ConfigError(problems.all())
    return replace(config, file=file, warnings=problems.all())


def _blank(file: str) -> Config:
    """Return the configuration of a file that is empty."""
    rules = tuple(replace(rule, file=file) for rule in DEFAULT.rules)
    return replace(DEFAULT, rules=rules, blank=True)


def merged(
    config: Config,
    extra: Sequence[str],
    *,
    syntax: Syntax,
    environ: Mapping[str, str],
    strict: bool,
) -> Config:
    """
    Return *config* with the rules of what it includes behind its own, in order.

    A file or pack that is included twice counts once. Raises ConfigError for a pack that
    isn't there, and whatever is wrong in an included file.
    """
    folder = Path(config.file).parent if config.file else Path()
    wanted = [(include, folder) for include in config.includes]
    wanted += [(Include(name, 0, 0), Path()) for name in extra]
    found: dict[str, Config] = {}
    problems: list[Problem] = []
    while wanted:
        include, place = wanted.pop(0)
        path = find(include.name, place)
        if path is None:
            file = config.file or "--config.include"
            message = f"include: there is no pack {include.name!r}"
            problems.append(
                Problem(
                    file, include.line, include.column, message, known(include.name)
                )
            )
        elif str(path) not in found:
            text = _text(str(path))
            other = parse_config(
                text, shown(path), syntax=syntax, environ=environ, strict=strict
            )
            found[str(path)] = other
            wanted[:0] = [(further, path.parent) for further in other.includes]
    if problems:
        raise ConfigError(tuple(problems))
    return _joined(config, found) if found else config


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


def _unusable(file: str, place: Place, message: str, hint: str = "") -> ConfigError:
    return ConfigError((Problem(file, *place, message, hint),))


def _undecodable(file: str, data: bytes, exc: UnicodeDecodeError) -> ConfigError:
    before = data[: exc.start].removeprefix(b"\xef\xbb\xbf")
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    return _unusable(
        file,
        Place(line, column),
        f"not UTF-8 (found byte 0x{data[exc.start]:02x})",
        "save the file in UTF-8",
    )

"""Reads a rule file and what it includes, and raises all problems of a file together."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import ConfigError, Problem
from .document import NOWHERE, Place, Problems
from .files import NotRegular, read_regular
from .includes import merged
from .parse import read_document
from .reader import ConfigReader
from .schema import DEFAULT, Config

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .document import Node
    from .syntax import Syntax

MAX_BYTES = 3 * 1024 * 1024
"""A larger file is refused, as jmx_exporter does."""


def load_config(  # noqa: PLR0913 -- all but one are given by name
    path: str | None,
    *,
    syntax: Syntax,
    environ: Mapping[str, str],
    strict: bool = False,
    extra: Sequence[str] = (),
    include_root: str | None = None,
) -> Config:
    """
    Return a rule file's configuration with the rules of all that it includes.

    Raises ConfigError with all that is wrong in it. With *strict* an unknown key is an
    error, not a warning. *environ* is where "${NAME}" is looked up. *extra* are further
    packs or files to include, from the working directory; with them *path* may be None.
    A file may include what is below its folder, and below *include_root*.
    """

    def parse(file: str, named: str) -> Config:
        text = read_text(file)
        return parse_config(text, named, syntax=syntax, environ=environ, strict=strict)

    only = replace(DEFAULT, rules=() if extra else DEFAULT.rules)
    config = only if path is None else parse(path, path)
    return merged(config, extra, parse, include_root)


def read_text(path: str) -> str:
    """Return what is in a file; raises ConfigError with the reason and the way out."""
    try:
        data = read_regular(path, MAX_BYTES + 1)
    except FileNotFoundError as exc:
        hint = "check the path, and in a container that the file is mounted"
        raise _unusable(path, NOWHERE, "no such file", hint) from exc
    except IsADirectoryError as exc:
        hint = "name a file in it; mounting a missing file makes a directory, too"
        raise _unusable(path, NOWHERE, "is a directory", hint) from exc
    except PermissionError as exc:
        hint = f"make it readable for user {os.geteuid()}"
        raise _unusable(path, NOWHERE, "permission denied", hint) from exc
    except NotRegular as exc:
        hint = "write it to a file, since it is read again when it changes"
        raise _unusable(path, NOWHERE, "is no regular file", hint) from exc
    except (OSError, ValueError) as exc:
        raise _unusable(path, NOWHERE, f"can't be read ({exc})") from exc
    if len(data) > MAX_BYTES:
        hint = "is this really a rule file?"
        raise _unusable(path, NOWHERE, "larger than 3 MiB", hint)
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
    return config_of(root, problems, ConfigReader(syntax, environ, strict=strict))


def config_of(root: Node | None, problems: Problems, reader: ConfigReader) -> Config:
    """
    Return what a document says, without what it includes; raises ConfigError.

    *root* is None if there was none, or one of the *problems* keeps it from being read.
    """
    config = _blank(problems.file)
    if root is not None and root.value is not None:
        config = reader.config(root)
    if problems.failed():
        raise ConfigError(problems.all())
    return replace(config, file=problems.file, warnings=problems.all())


def _blank(file: str) -> Config:
    """Return the configuration of a file that is empty."""
    rules = tuple(replace(rule, file=file) for rule in DEFAULT.rules)
    return replace(DEFAULT, rules=rules, blank=True)


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

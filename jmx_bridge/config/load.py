"""Reads a rule file from disk or text, and raises all its problems together."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigError, Problem
from ..yamldoc import NOWHERE, Place, Problems, read_document
from .reader import Reader
from .schema import DEFAULT, Config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .syntax import Syntax

MAX_BYTES = 3 * 1024 * 1024
"""The largest file that jmx_exporter reads, too."""


def load_config(
    path: str, *, syntax: Syntax, environ: Mapping[str, str], strict: bool = False
) -> Config:
    """
    Read a rule file; raise ConfigError with everything that is wrong in it.

    With *strict* an unknown key is an error, not a warning.
    """
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
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _undecodable(path, data, exc) from exc
    return parse_config(text, path, syntax=syntax, environ=environ, strict=strict)


def parse_config(
    text: str,
    file: str,
    *,
    syntax: Syntax,
    environ: Mapping[str, str],
    strict: bool = False,
) -> Config:
    """Read a rule file's text; *file* is what messages call it."""
    problems = Problems(file)
    root = read_document(text, problems)
    reader = Reader(syntax, environ, strict=strict)
    config = replace(DEFAULT, blank=True)
    if root is not None and root.value is not None:
        config = reader.config(root)
    if problems.failed():
        raise ConfigError(problems.all())
    return replace(config, file=file, warnings=problems.all())


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

"""`jmx-bridge inject`: the sidecar into the manifests of a cluster's workloads, or out of them."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..config.document import NOWHERE, Place
from ..config.files import NotRegular, read_regular
from ..errors import ManifestError, Problem, UsageError
from ..inject.manifests import injected_text
from ..inject.monitor import with_monitors, without_monitors
from ..inject.yamltext import BadYaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..inject.manifests import Result, Told
    from ..settings import Settings

STANDARD_INPUT = "-"
MAX_BYTES = 64 << 20
"""A larger file is refused."""
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Manifests:
    """A file, as it is and as it shall be."""

    path: str
    before: str
    after: str


def inject(settings: Settings) -> int:
    """Change the files that *settings* name; return the exit status."""
    orders = settings.manifests
    if orders.in_place and STANDARD_INPUT in settings.workbench.what:
        raise UsageError("--in-place: standard input can't be written anew")
    files = [changed(path, settings) for path in settings.workbench.what]
    if orders.check:
        return 1 if any(one.before != one.after for one in files) else 0
    if orders.in_place:
        for one in files:
            if one.before != one.after:
                write_anew(one)
        return 0
    sys.stdout.buffer.write(joined([one.after for one in files]).encode("utf-8"))
    return 0


def changed(path: str, settings: Settings) -> Manifests:
    """Return a file with the sidecar in it or out of it, and report; raises ManifestError."""
    orders = settings.manifests
    before = read_manifests(path)
    mark = BOM if before.startswith(BOM) else ""
    bare = without_monitors(before.removeprefix(BOM))
    try:
        wish = None if orders.remove else settings.inject
        result = injected_text(bare, wish, annotated=orders.annotated)
    except BadYaml as exc:
        raise _unusable(path, str(exc), exc.place) from exc
    after = result.text
    if orders.podmonitor and not orders.remove:
        after = with_monitors(after, _namespaces(path, result, orders.namespace))
    report(path, result.told)
    return Manifests(path, before, mark + after)


def _namespaces(path: str, result: Result, otherwise: str) -> list[str]:
    having = [one for one in result.told if one.what in ("injected", "unchanged")]
    if having and result.text.lstrip().startswith("{"):
        message = "--podmonitor: JSON has no place for a second document"
        raise _unusable(path, message)
    return sorted({one.namespace or otherwise for one in having})


def report(path: str, told: Iterable[Told]) -> None:
    """Say on standard error what became of each resource."""
    name = "<stdin>" if path == STANDARD_INPUT else path
    for one in told:
        place = f":{one.place.line}:{one.place.column}" if one.place.line else ""
        why = f" ({one.why})" if one.why else ""
        lines = [f"{name}{place}: {one.resource}: {one.what}{why}"]
        lines += [f"  warning: {warning}" for warning in one.warnings]
        sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))


def printable(text: str) -> str:
    """Return a line that does nothing to a terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


def joined(texts: list[str]) -> str:
    """Return files as one stream of documents; a single one stays as it is."""
    if len(texts) == 1:
        return texts[0]
    parts = []
    for at, text in enumerate(one.removeprefix(BOM) for one in texts):
        if at and not text.startswith("---"):
            parts.append("---\n")
        parts.append(text if text.endswith("\n") else f"{text}\n")
    return "".join(parts)


def read_manifests(path: str) -> str:
    """Return what is in a file; raises ManifestError."""
    try:
        if path == STANDARD_INPUT:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            data = read_regular(path, MAX_BYTES + 1)
    except IsADirectoryError as exc:
        raise _unusable(path, "is a directory", hint="name the files in it") from exc
    except NotRegular as exc:
        hint = 'give a pipe by "-"'
        raise _unusable(path, "is no regular file", hint=hint) from exc
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        raise _unusable(path, f"can't be read ({reason})") from exc
    if len(data) > MAX_BYTES:
        raise _unusable(path, f"larger than {MAX_BYTES >> 20} MiB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        before = data[: exc.start]
        column = exc.start - (before.rfind(b"\n") + 1) + 1
        raise _unusable(
            path, "is not UTF-8", Place(before.count(b"\n") + 1, column)
        ) from exc


def _unusable(
    path: str, message: str, place: Place = NOWHERE, hint: str = ""
) -> ManifestError:
    name = "<stdin>" if path == STANDARD_INPUT else path
    return ManifestError(Problem(name, place.line, place.column, message, hint))


def write_anew(manifests: Manifests) -> None:
    """Put the new text in the file's place in one step, with its rights."""
    path = Path(manifests.path).resolve()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(manifests.after.encode("utf-8"))
            os.fchmod(stream.fileno(), path.stat().st_mode & 0o7777)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise

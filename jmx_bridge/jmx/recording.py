"""
What a JVM told, in a file: readings at one or more moments, for whoever has no such JVM.

The file is gzip'd JSON, one document a line, and docs/workbench.md describes it:

    {"format": "jmx-bridge-recording", "version": 1, "by": ..., "runtime": [...]}
    {"description": 0, "attributes": [[name, type, text or null], ...]}
    {"shape": 0, "leaves": [[attribute, kind, path, name, text or null, row], ...]}
    {"moment": seconds since the epoch}
    {"mbean": ObjectName, "description": 0, "shape": 0, "texts": [...]}
    {"mbean": ObjectName, "description": null, "failed": "LATE"}

Numbers are kept as the texts that Java writes. A file is read as what a stranger sent: its
size, its lines and its numbers of things are bounded, and nothing in it is run or opened.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import stat
import zlib
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RecordingError
from ..model import Attribute, Leaf, LeafKind
from .abc import TOO_MUCH, Failure
from .moment import RUNTIME_PROPERTIES, JvmReading, RecordedMBean, RecordedValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from ..model import Description, Shape

FORMAT, VERSION = "jmx-bridge-recording", 1
MOST_BYTES = 1 << 30
"""Of a file's text, uncompressed."""
MOST_IN_LINE = 1 << 24
MOST_NODES_IN_LINE = 2_000_000
MOST_NODES = 5_000_000
"""Of all that is kept besides values: attributes, leaves with their paths and rows, moments."""
MOST_VALUES = 5_000_000
MOST_MBEANS = 500_000
"""Of all moments together."""
OBJECT_NAME = re.compile(r"[^:]*:[^=]+=")
NO_PROPERTIES = ("",) * len(RUNTIME_PROPERTIES)


# -- writing -----------------------------------------------------------------------------------


def write_recording(path: str, readings: Sequence[JvmReading], by: str) -> None:
    """
    Write *readings* to a new file that only its owner may read.

    *by* names this program. Raises RecordingError if the file is there, or can't be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError:
        raise RecordingError(
            path, 0, "is there, and would be lost", "choose another name, or remove it"
        ) from None
    except OSError as exc:
        raise RecordingError(path, 0, f"can't be written: {exc.strerror}") from exc
    try:
        with (
            open(descriptor, "wb") as raw,  # noqa: PTH123 -- a descriptor
            gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        ):
            for document in _documents(readings, by):
                line = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
                packed.write(line.encode("ascii") + b"\n")
    except BaseException as exc:
        Path(path).unlink(missing_ok=True)
        if isinstance(exc, OSError):
            raise RecordingError(path, 0, f"can't be written: {exc.strerror}") from exc
        raise


def _documents(readings: Sequence[JvmReading], by: str) -> Iterator[dict[str, Any]]:
    runtime = list(readings[0].runtime) if readings else []
    yield {"format": FORMAT, "version": VERSION, "by": by, "runtime": runtime}
    descriptions: dict[Description, int] = {}
    shapes: dict[Shape, int] = {}
    for reading in readings:
        yield {"moment": reading.taken_at}
        for mbean in reading.mbeans:
            yield from _documents_of(mbean, descriptions, shapes)


def _documents_of(
    mbean: RecordedMBean,
    descriptions: dict[Description, int],
    shapes: dict[Shape, int],
) -> Iterator[dict[str, Any]]:
    if mbean.undescribed is not None:
        failed = mbean.undescribed.name
        yield {"mbean": mbean.name, "description": None, "failed": failed}
        return
    description = descriptions.get(mbean.attributes)
    if description is None:
        description = descriptions[mbean.attributes] = len(descriptions)
        attributes = [list(one) for one in mbean.attributes]
        yield {"description": description, "attributes": attributes}
    if mbean.unanswered is not None:
        failed = mbean.unanswered.name
        yield {"mbean": mbean.name, "description": description, "failed": failed}
        return
    leaves = tuple(value.leaf for value in mbean.values)
    shape = shapes.get(leaves)
    if shape is None:
        shape = shapes[leaves] = len(shapes)
        yield {"shape": shape, "leaves": [_leaf_as_list(leaf) for leaf in leaves]}
    texts = [None if value.text == TOO_MUCH else value.text for value in mbean.values]
    yield {
        "mbean": mbean.name,
        "description": description,
        "shape": shape,
        "texts": texts,
    }


def _leaf_as_list(leaf: Leaf) -> list[Any]:
    path, row = list(leaf.path), [list(cell) for cell in leaf.row]
    return [leaf.attribute, leaf.kind.name, path, leaf.name, leaf.description, row]


# -- reading -----------------------------------------------------------------------------------


def read_recording(path: str) -> list[JvmReading]:
    """Return what a file has, oldest first; raises RecordingError with the line that is wrong."""
    reader = _Reader(path)
    try:
        with (
            open(path, "rb", opener=_open_regular) as packed,
            gzip.open(packed, "rt", encoding="utf-8", errors="strict") as file,
        ):
            return reader.read(file)
    except (OSError, EOFError, ValueError, zlib.error) as exc:
        reason = getattr(exc, "strerror", None) or str(exc) or "it ends too early"
        raise RecordingError(path, reader.line, f"can't be read: {reason}") from exc


def _open_regular(path: str, flags: int) -> int:
    """Open a regular file; anything else, which might never end, raises OSError."""
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "it is no regular file")
    return descriptor


class _Reader:
    """Reads one file, line by line."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.line = 0
        self._bytes = 0
        self._nodes = 0
        self._values = 0
        self._mbeans = 0
        self._descriptions: list[Description] = []
        self._shapes: list[Shape] = []
        self._moments: list[tuple[float, list[RecordedMBean]]] = []

    def read(self, file: TextIO) -> list[JvmReading]:
        header = self._document(file)
        if header is None or header.get("format") != FORMAT:
            raise self._wrong("is no recording", "jmx-bridge record makes them")
        if header.get("version") != VERSION:
            found = repr(header.get("version"))[:40]
            raise self._wrong(f"has version {found}, and this program knows {VERSION}")
        runtime = self._runtime(header)
        while (document := self._document(file)) is not None:
            try:
                self._take(document)
            except (KeyError, IndexError, TypeError, ValueError) as exc:
                raise self._wrong("is not as a recording has it") from exc
        if not self._moments:
            raise self._wrong("has no moment")
        return [
            JvmReading(sorted(mbeans, key=lambda one: one.name), runtime, at)
            for at, mbeans in self._moments
        ]

    def _runtime(self, header: dict[str, Any]) -> tuple[str, ...]:
        try:
            runtime = tuple(map(_string, header.get("runtime") or ()))
        except TypeError as exc:
            raise self._wrong("is not as a recording has it") from exc
        return (*runtime, *NO_PROPERTIES)[: len(RUNTIME_PROPERTIES)]

    def _document(self, file: TextIO) -> dict[str, Any] | None:
        text = file.readline(MOST_IN_LINE + 1)
        if not text:
            return None
        self.line += 1
        self._bytes += len(text)
        if len(text) > MOST_IN_LINE or self._bytes > MOST_BYTES:
            raise self._wrong("is too large")
        if text.count(",") + text.count("[") + text.count("{") > MOST_NODES_IN_LINE:
            raise self._wrong("has too many values")
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as exc:
            raise self._wrong("is no JSON") from exc
        if not isinstance(document, dict):
            raise self._wrong("is no JSON object")
        return document

    def _take(self, document: dict[str, Any]) -> None:
        """Take one document; kinds of a later version are left out."""
        if "attributes" in document:
            self._descriptions.append(tuple(map(_attribute, document["attributes"])))
            self._count(len(self._descriptions[-1]))
        elif "leaves" in document:
            self._shapes.append(tuple(map(_leaf, document["leaves"])))
            self._count(sum(1 + len(one.path + one.row) for one in self._shapes[-1]))
        elif "moment" in document:
            self._moments.append((_moment(document["moment"]), []))
            self._count(0)
        elif "mbean" in document:
            self._add(document)

    def _count(self, nodes: int) -> None:
        self._nodes += 1 + nodes
        if self._nodes > MOST_NODES:
            raise self._wrong("has too many attributes, leaves or moments")

    def _add(self, document: dict[str, Any]) -> None:
        mbeans = self._moments[-1][1]
        name, number = _object_name(document["mbean"]), document["description"]
        attributes: Description = ()
        if number is not None:
            attributes = self._descriptions[_index(number)]
        failed = document.get("failed")
        if failed is not None:
            reason = Failure[failed]
            if number is None:
                mbeans.append(RecordedMBean(name, (), undescribed=reason))
            else:
                mbeans.append(RecordedMBean(name, attributes, unanswered=reason))
        else:
            values = self._values_of(document, len(attributes))
            mbeans.append(RecordedMBean(name, attributes, values))
        self._mbeans += 1
        self._values += len(mbeans[-1].values)
        if self._values > MOST_VALUES or self._mbeans > MOST_MBEANS:
            raise self._wrong("has too many values")

    def _values_of(
        self, document: dict[str, Any], attributes: int
    ) -> tuple[RecordedValue, ...]:
        shape, texts = self._shapes[_index(document["shape"])], document["texts"]
        if len(texts) != len(shape) or any(
            one.attribute >= attributes for one in shape
        ):
            raise ValueError
        return tuple(map(value_of, shape, map(_maybe_string, texts)))

    def _wrong(self, what: str, hint: str = "") -> RecordingError:
        return RecordingError(self._path, self.line, what, hint)


def value_of(leaf: Leaf, text: str | None) -> RecordedValue:
    """Return a leaf with its value, as Java writes it; None or TOO_MUCH where that is not known."""
    number = nan
    if leaf.kind is LeafKind.BOOLEAN:
        number = 1.0 if text == "true" else 0.0
    elif leaf.kind is LeafKind.NUMBER and text is not None and text != TOO_MUCH:
        number = float(text)
    return RecordedValue(leaf, number, text)


def _attribute(parts: Any) -> Attribute:
    name, kind, text = parts
    return Attribute(_string(name), _string(kind), _maybe_string(text))


def _leaf(parts: Any) -> Leaf:
    attribute, kind, path, name, text, row = parts
    return Leaf(
        _index(attribute),
        LeafKind[kind],
        tuple(map(_string, path)),
        _string(name),
        _maybe_string(text),
        tuple(_cell(cell) for cell in row),
    )


def _cell(parts: Any) -> tuple[str, str, str]:
    column, part, value = map(_string, parts)
    return column, part, value


def _index(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise TypeError
    return number


def _moment(seconds: Any) -> float:
    if isinstance(seconds, bool) or not isfinite(number := float(seconds)):
        raise ValueError
    return number


def _object_name(text: Any) -> str:
    if not OBJECT_NAME.match(name := _string(text)):
        raise ValueError
    return name


def _string(text: Any) -> str:
    """Return a string; half of a surrogate pair, which no output takes, is "?"."""
    if not isinstance(text, str):
        raise TypeError
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _maybe_string(text: Any) -> str | None:
    return None if text is None else _string(text)

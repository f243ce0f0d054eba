"""Read the flat arrays in which everything crosses from Java."""

from __future__ import annotations

from array import array
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import jpype

from ..errors import SessionLost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")
_Int = int
BROKEN_OFF = "an answer of the Java side breaks off"


class FlatArrays:
    """Ints and strings, taken out in the order in which Java put them in."""

    __slots__ = ("_ints", "_strings", "numbers")

    def __init__(self, arrays: Any, *, numbers: bool = False) -> None:
        self._ints: Iterator[_Int] = iter(from_java("i", arrays.ints()))
        text = bytes(memoryview(arrays.strings())).decode()
        self._strings = iter(text.split("\0"))
        self.numbers: list[float] = from_java("d", arrays.numbers()) if numbers else []

    # A StopIteration of next() would end whatever loop or Future it is raised in, without a word.

    def int(self) -> _Int:
        try:
            return next(self._ints)
        except StopIteration:
            raise SessionLost(BROKEN_OFF) from None

    def ints(self, count: _Int) -> list[_Int]:
        return _counted(self._ints, count)

    def string(self) -> str:
        try:
            return next(self._strings)
        except StopIteration:
            raise SessionLost(BROKEN_OFF) from None

    def strings(self, count: _Int) -> list[str]:
        return _counted(self._strings, count)


def _counted(values: Iterator[T], count: int) -> list[T]:
    taken = list(islice(values, count))
    if len(taken) < count:
        raise SessionLost(BROKEN_OFF)
    return taken


def from_java(typecode: str, primitives: Any) -> list[Any]:
    """Copy a primitive array in one go; no Java object is touched per element."""
    copy = array(typecode)
    copy.frombytes(bytes(memoryview(primitives)))
    return copy.tolist()


def java_ints(values: Iterable[int]) -> Any:
    """Return an int[]."""
    return jpype.JArray(jpype.JInt)(list(values))


def java_bytes(data: bytes) -> Any:
    """Return a byte[]."""
    return jpype.JArray(jpype.JByte)(data)


def java_strings(values: Iterable[str]) -> Any:
    """Return a String[]; for a few."""
    return jpype.JArray(jpype.JString)(list(values))


def joined(values: Iterable[str]) -> Any:
    """Return strings as Java reads many: UTF-8 joined by NUL."""
    return java_bytes("\0".join(values).encode("utf-8", "replace"))


def text_of(string: Any) -> str:
    """Return a Java string; half of a surrogate pair, which Python has no text for, is "?"."""
    try:
        return str(string)
    except UnicodeDecodeError:
        return bytes(string.getBytes("UTF-8")).decode("utf-8", "replace")

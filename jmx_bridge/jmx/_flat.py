"""Read the flat arrays in which everything crosses from Java."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

import jpype

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_Int = int


class FlatArrays:
    """Ints and strings, taken out in the order in which Java put them in."""

    __slots__ = ("_ints", "_strings", "numbers")

    def __init__(self, arrays: Any, *, numbers: bool = False) -> None:
        self._ints: Iterator[_Int] = iter(from_java("i", arrays.ints()))
        text = bytes(memoryview(arrays.strings())).decode()
        self._strings = iter(text.split("\0"))
        self.numbers: list[float] = from_java("d", arrays.numbers()) if numbers else []

    def int(self) -> _Int:
        return next(self._ints)

    def ints(self, count: _Int) -> list[_Int]:
        ints = self._ints
        return [next(ints) for _ in range(count)]

    def string(self) -> str:
        return next(self._strings)

    def strings(self, count: _Int) -> list[str]:
        strings = self._strings
        return [next(strings) for _ in range(count)]


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

"""Legal metric and label names, and snake case."""

from __future__ import annotations

import re
from functools import lru_cache

from ..model import RESERVED_SUFFIXES

# How many names are remembered: the same ones come again for every MBean of a kind.
NAMES = 1024
ILLEGAL = re.compile(r"[^a-zA-Z0-9:]+")


@lru_cache(NAMES)
def safe_name(text: str) -> str:
    """
    Return *text* with each run of illegal characters or underscores made one "_".

    A colon is legal. A leading digit, of whatever script, gets a "_" before it.
    """
    name = ILLEGAL.sub("_", text)
    # Java looks at one UTF-16 unit.
    return f"_{name}" if text[:1].isdecimal() and text[:1] <= "\uffff" else name


def safe_value(text: str) -> str:
    """
    Return *text* as a label's value, so that what is written alike is equal.

    A NUL, which no format has, is replaced, and half of a surrogate pair is "?", as in Java.
    """
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


@lru_cache(NAMES)
def base_name(name: str) -> str:
    """
    Return a metric name without the suffixes that the exposition formats reserve.

    A counter gets its "_total" back when it is rendered; other types lose it for good,
    as they do in jmx_exporter since 1.0.
    """
    while True:
        for suffix in RESERVED_SUFFIXES:
            if name == suffix:
                return suffix[1:]
            if name.endswith(suffix):
                name = name[: -len(suffix)]
                break
        else:
            return name


def snake_case(name: str) -> str:
    """
    Return *name* in lower case with underscores: "maxValue" becomes "max_value".

    An underscore is put before an upper-case letter whose predecessor is neither one nor an
    underscore, so that "HTTPServer" becomes "httpserver".
    """
    parts = []
    after_word = False
    for char in name:
        upper = char.isupper()
        if upper and after_word:
            parts.append("_")
        parts.append(char.lower())
        after_word = not upper and char != "_"
    return "".join(parts)

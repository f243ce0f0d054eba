"""The text formats, and which of them a client wants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LEGACY_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)


class Escaping(StrEnum):
    """What becomes of names that are not legal in the oldest format."""

    UNDERSCORES = "underscores"
    DOTS = "dots"
    VALUES = "values"
    ALLOW_UTF_8 = "allow-utf-8"


@dataclass(frozen=True, slots=True)
class Format:
    """A text format, as its Content-Type names it."""

    openmetrics: bool
    version: str
    escaping: Escaping

    @property
    def content_type(self) -> str:
        """Return the Content-Type, exactly as Prometheus asks for it."""
        kind = "application/openmetrics-text" if self.openmetrics else "text/plain"
        base = f"{kind}; version={self.version}; charset=utf-8"
        # Version 0.0.4 knows no escaping; naming one there would name another format.
        return base if self.version == "0.0.4" else f"{base}; escaping={self.escaping}"


TEXT = Format(openmetrics=False, version="0.0.4", escaping=Escaping.UNDERSCORES)
OFFERS = {
    ("text/plain", "1.0.0"): (False, "1.0.0"),
    ("text/plain", "0.0.4"): (False, "0.0.4"),
    ("text/plain", ""): (False, "0.0.4"),
    ("application/openmetrics-text", "1.0.0"): (True, "1.0.0"),
    ("application/openmetrics-text", ""): (True, "1.0.0"),
    ("text/*", ""): (False, "0.0.4"),
    ("*/*", ""): (False, "0.0.4"),
}
"""Media range and version to the format that answers it; others are not served."""


def negotiate(accept: str | None) -> Format:
    """
    Return the format that an Accept header likes best; text 0.0.4 if it likes none.

    Of equally liked ones the first is taken. RFC 9110, section 12.5.1.
    """
    best, best_quality = TEXT, 0.0
    for media_range in (accept or "").split(","):
        kind, *rest = (part.strip() for part in media_range.split(";"))
        parameters = dict(_parameter(part) for part in rest if part)
        offer = OFFERS.get((kind.lower(), parameters.get("version", "")))
        quality = _quality(parameters.get("q", "1"))
        if offer is None or quality <= best_quality:
            continue
        openmetrics, version = offer
        best = Format(openmetrics, version, _escaping(parameters, version))
        best_quality = quality
    return best


def _parameter(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip().lower(), value.strip().strip('"')


def _quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


def _escaping(parameters: dict[str, str], version: str) -> Escaping:
    wanted = parameters.get("escaping", "")
    if version == "0.0.4" or wanted not in set(Escaping):
        return Escaping.UNDERSCORES
    return Escaping(wanted)


def label_names(names: tuple[str, ...], escaping: Escaping) -> tuple[str, ...]:
    """
    Return labels' names as they are written: as they are, quoted, or escaped.

    Legal names stay under every escaping, as in Prometheus' own libraries. No two come out
    alike: Prometheus refuses the whole page for one sample with a label twice.
    """
    taken = {name for name in names if LEGACY_LABEL.fullmatch(name)}
    if len(taken) == len(names):
        return names
    written = []
    for name in names:
        text = name
        if not LEGACY_LABEL.fullmatch(name):
            text = ESCAPERS[escaping](name)
            while text in taken:
                # "_" and another one would begin as Prometheus' own names do.
                text += "1" if text == "_" else "_"
            taken.add(text)
        written.append(text)
    return tuple(written)


def label_value(value: str) -> str:
    """Return a label's value with what is special in it escaped."""
    return unbroken(value).replace('"', '\\"')


def unbroken(text: str) -> str:
    """Return *text* on one line; a NUL, which ends the page for Prometheus, is replaced."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\0", "\ufffd")


def _quoted(name: str) -> str:
    return f'"{label_value(name)}"'


def _underscores(name: str) -> str:
    written = "".join(char if _legal(char, at) else "_" for at, char in enumerate(name))
    # Names that begin with two are Prometheus' own.
    return f"_{written.lstrip('_')}" if written.startswith("__") else written


def _dots(name: str) -> str:
    special = {".": "_dot_", "_": "__"}
    return "".join(
        special.get(char, char if _legal(char, at) else "__")
        for at, char in enumerate(name)
    )


def _values(name: str) -> str:
    return "U__" + "".join(
        "__" if char == "_" else char if _legal(char, at) else f"_{ord(char):x}_"
        for at, char in enumerate(name)
    )


def _legal(char: str, at: int) -> bool:
    return char.isascii() and (
        char.isalpha() or char == "_" or (char.isdigit() and at > 0)
    )


ESCAPERS = {
    Escaping.ALLOW_UTF_8: _quoted,
    Escaping.UNDERSCORES: _underscores,
    Escaping.DOTS: _dots,
    Escaping.VALUES: _values,
}

"""Log records as lines: the name of an event and its fields, as logfmt or JSON."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING

from .manual import see

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
NAMES = {value: name for name, value in LEVELS.items()}
MINUTE = 60.0
BARE = re.compile(r"[^\s\"=\\\x00-\x20\x7f-\x9f]+")
# Control characters and line separators that json.dumps writes as they are.
UNESCAPED = {at: f"\\u{at:04x}" for at in (*range(0x7F, 0xA0), 0x2028, 0x2029)}


class EventLog:
    """A logger whose calls read `log.info("event.name", field=value)`."""

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **fields: object) -> None:
        """Log what happens at every scrape."""
        self._log(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """Log that a state changed."""
        self._log(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Log that something is degraded, and where docs tell more: of the event, unless *see* is given."""
        self._log(logging.WARNING, event, _with_see(event, fields))

    def error(self, event: str, **fields: object) -> None:
        """Log that somebody must act, as `warning`; at level debug with the current exception's trace."""
        trace = sys.exc_info()[0] is not None
        self._log(logging.ERROR, event, _with_see(event, fields), trace=trace)

    def _log(
        self,
        level: int,
        event: str,
        fields: Mapping[str, object],
        *,
        trace: bool = False,
    ) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, event, exc_info=trace, extra={"fields": fields})


class LimitedLog(EventLog):
    """A log of what clients cause: of each event so many lines a minute, however often it comes."""

    __slots__ = ("_clock", "_most", "_windows")

    def __init__(
        self, name: str, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(name)
        self._most = most
        self._clock = clock
        # event -> when its minute began, and how often it came since
        self._windows: dict[str, tuple[float, int]] = {}

    def _log(
        self,
        level: int,
        event: str,
        fields: Mapping[str, object],
        *,
        trace: bool = False,
    ) -> None:
        now = self._clock()
        begun, count = self._windows.get(event, (now, 0))
        if now - begun >= MINUTE:
            left_out = max(0, count - self._most)
            fields = {**fields, "left_out": left_out} if left_out else fields
            begun, count = now, 0
        self._windows[event] = (begun, count + 1)
        if count < self._most:
            super()._log(level, event, fields, trace=trace)


def _with_see(event: str, fields: Mapping[str, object]) -> Mapping[str, object]:
    """Return *fields* with "see", which is the last one."""
    return fields if "see" in fields else {**fields, "see": see(event)}


def get_log(name: str, a_minute: int | None = None) -> EventLog:
    """Return the log of a module; with *a_minute* no more lines of each event are written."""
    return LimitedLog(name, a_minute) if a_minute else EventLog(name)


def configure(level: str, style: str, stream: TextIO = sys.stderr) -> None:
    """Send records of *level* and above to *stream*; *style* is "logfmt" or "json"."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(STYLES[style](traces=level == "debug"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("jmx_bridge").setLevel(LEVELS[level])


class Line(logging.Formatter):
    """Collects the fields of a record, which are the same in both styles."""

    def __init__(self, *, traces: bool = False) -> None:
        super().__init__()
        self._traces = traces

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        """Return time, level, event and the event's own fields, in this order."""
        moment = datetime.fromtimestamp(record.created, UTC)
        fields: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": NAMES.get(record.levelno, record.levelname.lower()),
            "event": record.getMessage(),
        }
        fields.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0] is not None:
            if "problems" not in fields:
                fields.setdefault("error", repr(record.exc_info[1]))
            if self._traces:
                fields["trace"] = self.formatException(record.exc_info)
        return fields


class Logfmt(Line):
    """`time=... level=info event=jmx.connected target=...`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; a value with spaces or quotes is quoted, as JSON does."""
        pairs = self.fields(record).items()
        return " ".join(f"{key}={_logfmt(value)}" for key, value in pairs)


class JsonLines(Line):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; numbers and truth values stay what they are."""
        pairs = self.fields(record).items()
        return _json({key: _simple(value) for key, value in pairs})


def _logfmt(value: object) -> str:
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, float):
        text = f"{value:.3f}"
    else:
        text = str(value)
    return text if BARE.fullmatch(text) else _json(text)


def _simple(value: object) -> object:
    """Return what JSON has a form for."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and isfinite(value):
        return round(value, 3)
    return str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).translate(UNESCAPED)


STYLES: dict[str, type[Line]] = {"logfmt": Logfmt, "json": JsonLines}

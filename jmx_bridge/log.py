"""One line a fact: an event's name and its fields, as logfmt or JSON."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
NAMES = {value: name for name, value in LEVELS.items()}
BARE = re.compile(r"[^\s\"=\\\x00-\x1f\x7f]+")


class EventLog:
    """A logger whose calls read `log.info("event.name", field=value)`."""

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **fields: object) -> None:
        """Say what happens at every scrape."""
        self._log(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """Say that a state changed."""
        self._log(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Say that something is degraded."""
        self._log(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Say that somebody must act; with the trace of a current exception at debug level."""
        self._log(logging.ERROR, event, fields)
        self._logger.debug(event, exc_info=sys.exc_info()[0] is not None)

    def _log(self, level: int, event: str, fields: Mapping[str, object]) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, event, extra={"fields": fields})


def get_log(name: str) -> EventLog:
    """Return the log of a module."""
    return EventLog(name)


def configure(level: str, style: str, stream: TextIO = sys.stderr) -> None:
    """Send records of *level* and above to *stream*; *style* is "logfmt" or "json"."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(STYLES[style]())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("jmx_bridge").setLevel(LEVELS[level])


def _fields(record: logging.LogRecord, formatter: logging.Formatter) -> dict[str, str]:
    moment = datetime.fromtimestamp(record.created, UTC)
    fields = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": NAMES.get(record.levelno, record.levelname.lower()),
        "event": record.getMessage(),
    }
    extra: Mapping[str, object] = getattr(record, "fields", {})
    fields.update({key: _text(value) for key, value in extra.items()})
    if record.exc_info and record.exc_info[0] is not None:
        fields["trace"] = formatter.formatException(record.exc_info)
    return fields


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.3f}" if isinstance(value, float) else str(value)


class Logfmt(logging.Formatter):
    """`time=... level=info event=jmx.connected target=...`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; a value with spaces or quotes is quoted, as JSON does."""
        return " ".join(
            f"{key}={value if BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)}"
            for key, value in _fields(record, self).items()
        )


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        return json.dumps(_fields(record, self), ensure_ascii=False)


STYLES: dict[str, type[logging.Formatter]] = {"logfmt": Logfmt, "json": JsonLines}

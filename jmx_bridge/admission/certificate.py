"""
When the certificates of a PEM file expire.

Python's ssl tells that of other people's certificates, and not of those that it serves with. Of
DER (ITU-T X.690) and of a certificate (RFC 5280, section 4.1) this knows no more than the way
to the second of the two moments.
"""

from __future__ import annotations

import re
import ssl
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..config.files import read_regular
from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 1 << 20
PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
SEQUENCE, VERSION, SHORT_TIME, LONG_TIME = 0x30, 0xA0, 0x17, 0x18
BEFORE_VALIDITY = 3
"""Serial number, algorithm and issuer."""
CENTURY = 50
"""A year in two digits is after 1949; RFC 5280, section 4.1.2.5.1."""


def earliest_expiry(file: str) -> float:
    """Return when the first certificate of *file* expires, in seconds since 1970; raises UsageError."""
    try:
        text = read_regular(file, MOST_BYTES).decode("ascii", "replace")
        moments = [
            expiry(ssl.PEM_cert_to_DER_cert(found)) for found in PEM.findall(text)
        ]
    except OSError as exc:
        reason = exc.strerror or "it is no regular file"
        raise UsageError(f"{file}: can't be read: {reason}") from None
    except ValueError:
        moments = []
    if not moments:
        raise UsageError(f"{file}: has no certificate, or one that can't be read")
    return min(moments)


def expired(moment: float) -> bool:
    """Whether a moment in seconds since 1970 is over; certificates go by the calendar."""
    return moment < time.time()


def expiry(der: bytes) -> float:
    """Return when a certificate expires, in seconds since 1970; raises ValueError."""
    (_, certificate), *_ = _values(der)
    (_, content), *_ = _values(certificate)
    fields = [one for one in _values(content) if one[0] != VERSION]
    if len(fields) <= BEFORE_VALIDITY:
        raise ValueError("no certificate")
    kind, validity = fields[BEFORE_VALIDITY]
    moments = [*_values(validity)] if kind == SEQUENCE else []
    if len(moments) != 2:
        raise ValueError("no certificate")
    return _moment(*moments[1]).timestamp()


def _values(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what stands in a row: kind and content of each; raises ValueError."""
    at = 0
    while at < len(der):
        length, start = _length(der, at + 1)
        end = start + length
        if end > len(der):
            raise ValueError("cut off")
        yield der[at], der[start:end]
        at = end


def _length(der: bytes, at: int) -> tuple[int, int]:
    """Return how long a content is, and where it begins."""
    first = der[at : at + 1]
    if not first:
        raise ValueError("cut off")
    if first[0] < 0x80:
        return first[0], at + 1
    size = first[0] & 0x7F
    return int.from_bytes(der[at + 1 : at + 1 + size], "big"), at + 1 + size


def _moment(kind: int, content: bytes) -> datetime:
    text = content.decode("ascii")
    if kind == SHORT_TIME:
        text = ("19" if int(text[:2]) >= CENTURY else "20") + text
    elif kind != LONG_TIME:
        raise ValueError("no moment")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)

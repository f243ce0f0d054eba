"""What the text of a single flag or variable means: one parser for each kind of value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..config.files import NotRegular, read_regular
from ..duration import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+", re.ASCII)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# URLs of the connectors rmi and iiop, except for those that name an RMI registry.
WITHOUT_REGISTRY = re.compile(
    r"service:jmx:(?:rmi|iiop):(?!//[^/]*/jndi/rmi://)", re.IGNORECASE
)
MOST_SECRET = 64 << 10
"""Bytes of a password's file that are read."""
LONGEST_SECONDS = 86_400.0
MOST = 2**31 - 1
SWITCH_WORDS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


class BadText(ValueError):
    """A text means nothing; *hint* says what to write instead, or is ""."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def parse_seconds(text: str) -> float:
    """Return the seconds that a plain number or a time such as "1m30s" means."""
    try:
        seconds = float(text) if NUMBER.fullmatch(text) else parse_duration(text)
    except ValueError:
        raise BadText('must be a time such as "500ms", "5s" or "1m"') from None
    if seconds > LONGEST_SECONDS:
        raise BadText("must be at most 24h")
    return seconds


def parse_timeout(text: str) -> float:
    """Return seconds, more than 0."""
    seconds = parse_seconds(text)
    if seconds <= 0:
        raise BadText("must be more than 0")
    return seconds


def parse_calls(text: str) -> int:
    """Return how many calls may be in flight, from 1 to 64."""
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= 64:
        raise BadText("must be a number from 1 to 64")
    return int(text)


def parse_count(text: str) -> int:
    """Return a limit, from 1 to what Java's int can hold."""
    if not re.fullmatch("[0-9]{1,12}", text) or int(text) < 1:
        raise BadText("must be a whole number from 1 up")
    if int(text) > MOST:
        raise BadText(f"must be at most {MOST}")
    return int(text)


def parse_attach(text: str) -> str:
    """Return which JVM to attach to: auto, a PID, or /regular expression/."""
    if text == "auto" or re.fullmatch("[1-9][0-9]{0,9}", text):
        return text
    if len(text) < 3 or not text.startswith("/") or not text.endswith("/"):
        raise BadText(
            "must be auto, a PID, or a regular expression between slashes",
            "--jmx.attach=auto takes the only JVM that is there",
        )
    try:
        re.compile(text[1:-1])
    except re.error as exc:
        raise BadText(f"is no regular expression: {exc}") from None
    return text


def parse_names(text: str) -> tuple[str, ...]:
    """Return the names that commas separate; an empty one is left out."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def parse_port(text: str, *, lowest: int) -> int:
    """Return a port from *lowest* to 65535."""
    if not re.fullmatch("[0-9]{1,5}", text) or not lowest <= int(text) <= 65535:
        raise BadText(f"the port must be a number from {lowest} to 65535")
    return int(text)


def refuse_scheme(text: str) -> None:
    """Refuse a URL where an address belongs, before its colons confuse anybody."""
    if scheme := SCHEME.match(text):
        raise BadText('must be "HOST:PORT"', f'leave out "{scheme.group()}"')


def split_address(text: str) -> tuple[str, str]:
    """Return the host, without brackets, and the port, which is not checked."""
    refuse_scheme(text)
    host, colon, port = text.rpartition(":")
    if not colon:
        raise BadText('must be "HOST:PORT"')
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1], port
    if re.search(r"[\[\]:]", host):
        raise BadText('an IPv6 address is written in brackets: "[::1]:7199"')
    return host, port


def parse_target(text: str) -> str:
    """Return HOST:PORT as it is written, if it is an address."""
    if text.startswith("service:jmx:"):
        raise BadText('must be "HOST:PORT"', "give a JMX service URL by --jmx.url")
    host, port = split_address(text)
    if not host or re.search(r"[\s/@]", host):
        raise BadText('must be "HOST:PORT"')
    parse_port(port, lowest=1)
    return text


def parse_url(text: str) -> str:
    """Return a JMX service URL as it is written, if it is one that may be followed."""
    if not text.startswith("service:jmx:"):
        raise BadText('must begin with "service:jmx:"')
    if WITHOUT_REGISTRY.match(text):
        raise BadText(
            "of service:jmx:rmi URLs only service:jmx:rmi:///jndi/rmi://HOST:PORT/NAME is"
            " followed, since any other lets whoever answers choose what is loaded here"
        )
    return text


def parse_listen_address(text: str) -> tuple[str, int]:
    """Return host and port; the host "" is every address, the port 0 any free one."""
    if re.fullmatch("[0-9]+", text):
        raise BadText('must be ":PORT" or "HOST:PORT"', f'did you mean ":{text}"?')
    host, port = split_address(text)
    return host, parse_port(port, lowest=0)


def parse_path(text: str) -> str:
    """Return the path of a page, which can't be one of the program's own."""
    if not re.fullmatch(r"/[^\s?#{}]+", text) or text.startswith("/-/"):
        raise BadText('must be a path such as "/metrics", and not below "/-/"')
    return text


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a parser that knows a few words, in upper or lower case."""

    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise BadText(f"must be one of {', '.join(choices)}")
        return text.lower()

    return parse


def parse_switch(text: str) -> bool:
    """Return whether a text says yes or no."""
    if text.lower() not in SWITCH_WORDS:
        raise BadText("must be true or false")
    return SWITCH_WORDS[text.lower()]


def read_password(file: str) -> str:
    """Return the one line of a file; raises BadText with the reason if there is none."""
    try:
        text = read_regular(file, MOST_SECRET).decode("utf-8")
    except UnicodeDecodeError:
        # Without a cause: it would show what is in the file.
        raise BadText(f"{file!r} is not UTF-8") from None
    except NotRegular:
        raise BadText(f"{file!r} is no regular file") from None
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise BadText(f"can't read {file!r} ({reason})") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise BadText(f"nothing is in {file!r}")
    return text

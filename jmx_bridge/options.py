"""Every flag and variable in one table, and the help page that is made of it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = "JMX_BRIDGE_"
PASSWORD = "JMX_BRIDGE_JMX_PASSWORD"  # noqa: S105 -- a variable's name
PASSWORD_FILE = "JMX_BRIDGE_JMX_PASSWORD_FILE"  # noqa: S105 -- a variable's name
OTHER_NAMING = re.compile(
    r"service:jmx:(?:rmi|iiop):(?!//[^/]*/jndi/rmi://)", re.IGNORECASE
)
SWITCH_WORDS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
DURATION = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:ms|s|m|h)", re.ASCII)
NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+", re.ASCII)
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

INTRODUCTION = """\
usage: jmx-bridge [serve] [OPTION...]     serve /metrics until told to stop
       jmx-bridge scrape [OPTION...]      print one scrape and exit
       jmx-bridge check FILE...           validate rule files and exit
       jmx-bridge [OPTION...] [HOST:]PORT FILE
                                          serve, with jmx_exporter's arguments

JMX Bridge serves the MBeans of a running JVM as metrics for Prometheus.

examples:
  Serve everything that a JVM with remote JMX on port 7199 has:
      jmx-bridge --jmx.target=127.0.0.1:7199
  Serve what a rule file selects, on an address of your choice:
      jmx-bridge --jmx.target=127.0.0.1:7199 --config.file=rules.yml \\
                 --web.listen-address=127.0.0.1:9404
  See what a rule file makes of a JVM, without serving it:
      jmx-bridge scrape --jmx.target=127.0.0.1:7199 --config.file=rules.yml

A flag beats its variable, and both beat the rule file.
A time is written as "500ms", "5s", "1m" or a plain number of seconds.
"""
CLOSING = """\
documentation:
  docs/configuration.md has every option and every key of a rule file.
  docs/rules.md explains the rules.
"""


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: a flag, a variable, or both."""

    name: str
    """What it is called in the program."""
    group: str
    flag: str
    """With its dashes; "" for what a command line must not show."""
    metavar: str
    """What its value is; "" for a switch."""
    help: str
    default: str = ""
    """As the user would write it; "" for none."""
    parse: Callable[[str], object] = str
    """Makes a value of the text, or raises ValueError with what it must be."""
    variable: str = ""

    def __post_init__(self) -> None:
        if not self.variable:
            name = re.sub(r"[.-]", "_", self.flag.removeprefix("--")).upper()
            object.__setattr__(self, "variable", PREFIX + name)


def parse_duration(text: str) -> float:
    """Return seconds."""
    if NUMBER.fullmatch(text):
        return float(text)
    parts = DURATION.findall(text)
    if not parts or "".join(parts) != text:
        raise ValueError('must be a time such as "500ms", "5s" or "1m"')
    return sum(
        float(part.rstrip("mhs")) * UNITS[part.lstrip("0123456789.")] for part in parts
    )


def parse_timeout(text: str) -> float:
    """Return seconds, and some."""
    seconds = parse_duration(text)
    if seconds <= 0:
        raise ValueError("must be more than 0")
    return seconds


def parse_calls(text: str) -> int:
    """Return how many calls may be in flight."""
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= 64:
        raise ValueError("must be a number from 1 to 64")
    return int(text)


def parse_count(text: str) -> int:
    """Return a limit."""
    if not re.fullmatch("[0-9]{1,12}", text) or int(text) < 1:
        raise ValueError("must be a whole number from 1 up")
    return int(text)


def parse_names(text: str) -> tuple[str, ...]:
    """Return names that commas separate."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def parse_port(text: str, *, lowest: int) -> int:
    """Return a port number."""
    if not re.fullmatch("[0-9]{1,5}", text) or not lowest <= int(text) <= 65535:
        raise ValueError(f"the port must be a number from {lowest} to 65535")
    return int(text)


def split_address(text: str) -> tuple[str, str]:
    """Return host, without brackets, and port."""
    host, colon, port = text.rpartition(":")
    if not colon:
        raise ValueError('must be "HOST:PORT"')
    if host.startswith("[") and host.endswith("]"):
        return host[1:-1], port
    if re.search(r"[\[\]:]", host):
        raise ValueError('an IPv6 address is written in brackets: "[::1]:7199"')
    return host, port


def parse_target(text: str) -> str:
    """Return HOST:PORT as it is, if it is one."""
    host, port = split_address(text)
    if not host or re.search(r"[\s/@]", host):
        raise ValueError('must be "HOST:PORT"')
    parse_port(port, lowest=1)
    return text


def parse_url(text: str) -> str:
    """Return a JMX service URL."""
    if not text.startswith("service:jmx:"):
        raise ValueError('must begin with "service:jmx:"')
    if OTHER_NAMING.match(text):
        raise ValueError(
            "of service:jmx:rmi URLs only service:jmx:rmi:///jndi/rmi://HOST:PORT/NAME is"
            " followed, since whoever answers others could send objects of his choice"
        )
    return text


def parse_listen_address(text: str) -> tuple[str, int]:
    """Return host and port; the host "" is every address, the port 0 any free one."""
    host, port = split_address(text)
    return host, parse_port(port, lowest=0)


def parse_path(text: str) -> str:
    """Return a path that is ours to give."""
    if not re.fullmatch(r"/[^\s?#{}]+", text) or text.startswith("/-/"):
        raise ValueError('must be a path such as "/metrics", and not below "/-/"')
    return text


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a parser that knows a few words."""

    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text.lower()

    return parse


def parse_switch(text: str) -> bool:
    """Return whether a variable's text means yes."""
    if text.lower() not in SWITCH_WORDS:
        raise ValueError("must be true or false")
    return SWITCH_WORDS[text.lower()]


OPTIONS = (
    Option(
        "jmx_target",
        "target",
        "--jmx.target",
        "HOST:PORT",
        "The remote JMX port of the JVM to watch; an IPv6 address is in brackets.",
        parse=parse_target,
    ),
    Option(
        "jmx_url",
        "target",
        "--jmx.url",
        "URL",
        "The JMX service URL, for a target that HOST:PORT can't describe.",
        parse=parse_url,
    ),
    Option(
        "jmx_username",
        "target",
        "--jmx.username",
        "NAME",
        "The user that the target knows.",
    ),
    Option(
        "jmx_password",
        "target",
        "",
        "SECRET",
        "The user's password; there is no flag, since other users can see flags.",
        variable=PASSWORD,
    ),
    Option(
        "jmx_password_file",
        "target",
        "--jmx.password-file",
        "PATH",
        "A file with the user's password; it is read again for every login.",
    ),
    Option(
        "tls",
        "target",
        "--jmx.tls",
        "",
        "Reach the target over TLS, as the rule file's ssl key can say, too.",
        default="false",
        parse=parse_switch,
    ),
    Option(
        "tls_registry",
        "target",
        "--jmx.tls.registry",
        "",
        "The target's registry is reached over TLS, too, when the rest is.",
        default="true",
        parse=parse_switch,
    ),
    Option(
        "tls_verify_host",
        "target",
        "--jmx.tls.verify-host",
        "",
        "The target's certificate has to be for the host that is named.",
        default="true",
        parse=parse_switch,
    ),
    Option(
        "trust_store",
        "target",
        "--jmx.tls.trust-store",
        "FILE",
        "Certificates to trust besides Java's own: PEM, PKCS12 or JKS.",
    ),
    Option(
        "trust_store_password",
        "target",
        "",
        "SECRET",
        "The password of the trust store, if it needs one.",
        variable="JMX_BRIDGE_JMX_TLS_TRUST_STORE_PASSWORD",
    ),
    Option(
        "key_store",
        "target",
        "--jmx.tls.key-store",
        "FILE",
        "Our certificate and key, if the target wants some: PEM, PKCS12 or JKS.",
    ),
    Option(
        "key_store_password",
        "target",
        "",
        "SECRET",
        "The password of the key store.",
        variable="JMX_BRIDGE_JMX_TLS_KEY_STORE_PASSWORD",
    ),
    Option(
        "key_file",
        "target",
        "--jmx.tls.key-file",
        "FILE",
        "The PEM file of the key, if the key store is a PEM file without it.",
    ),
    Option(
        "connect_timeout",
        "target",
        "--jmx.connect-timeout",
        "TIME",
        "How long connecting may take.",
        default="5s",
        parse=parse_timeout,
    ),
    Option(
        "calls",
        "target",
        "--jmx.calls",
        "N",
        "How many connections may carry calls to the target at a time.",
        default="4",
        parse=parse_calls,
    ),
    Option(
        "wire",
        "target",
        "--jmx.wire",
        "WIRE",
        "How calls are made: pipelined, standard, or auto, which pipelines if it can.",
        default="auto",
        parse=one_of("auto", "pipelined", "standard"),
    ),
    Option(
        "thread_states",
        "target",
        "--jmx.thread-states",
        "",
        "Call the operations that count threads by state and find deadlocks.",
        default="false",
        parse=parse_switch,
    ),
    Option(
        "config_file",
        "rules",
        "--config.file",
        "FILE",
        "The rule file; without one every MBean is served under its default name.",
    ),
    Option(
        "config_include",
        "rules",
        "--config.include",
        "NAMES",
        "Rule packs to use, separated by commas, after the rule file's own rules.",
        parse=parse_names,
    ),
    Option(
        "config_check",
        "rules",
        "--config.check",
        "",
        "Validate the rule file and exit; a key that nobody knows is an error.",
        default="false",
        parse=parse_switch,
    ),
    Option(
        "listen",
        "web",
        "--web.listen-address",
        "ADDRESS",
        'Where to serve: ":PORT" for every address, "HOST:PORT" or "[::1]:PORT".',
        default=":12346",
        parse=parse_listen_address,
    ),
    Option(
        "telemetry_path",
        "web",
        "--web.telemetry-path",
        "PATH",
        "The path of the metrics.",
        default="/metrics",
        parse=parse_path,
    ),
    Option(
        "web_config",
        "web",
        "--web.config.file",
        "FILE",
        "TLS, users, headers and limits, as Prometheus' exporters have them.",
    ),
    Option(
        "scrape_timeout",
        "scrape",
        "--scrape.timeout",
        "TIME",
        "How long a scrape may take if the request has no header that says it.",
        default="10s",
        parse=parse_timeout,
    ),
    Option(
        "timeout_offset",
        "scrape",
        "--scrape.timeout-offset",
        "TIME",
        "How much earlier than Prometheus would give up an answer is sent.",
        default="0.5s",
        parse=parse_duration,
    ),
    Option(
        "most_mbeans",
        "scrape",
        "--limit.mbeans",
        "N",
        "Watch at most so many MBeans.",
        default="200000",
        parse=parse_count,
    ),
    Option(
        "most_samples",
        "scrape",
        "--limit.samples",
        "N",
        "Serve at most so many samples; the largest families go first.",
        default="1000000",
        parse=parse_count,
    ),
    Option(
        "most_bytes",
        "scrape",
        "--limit.bytes",
        "N",
        "Serve pages of at most so many bytes, before they are compressed.",
        default="268435456",
        parse=parse_count,
    ),
    Option(
        "log_level",
        "log",
        "--log.level",
        "LEVEL",
        "The least important messages to write: debug, info, warn or error.",
        default="info",
        parse=one_of("debug", "info", "warn", "error"),
    ),
    Option(
        "log_format",
        "log",
        "--log.format",
        "FORMAT",
        "How to write them: logfmt or json.",
        default="logfmt",
        parse=one_of("logfmt", "json"),
    ),
    Option(
        "jvm",
        "java",
        "--jvm",
        "PATH",
        "The Java that this program runs in itself: a Java home or a libjvm.so.",
    ),
)


def help_page() -> str:
    """Return the text of --help, made from the table."""
    parts = [INTRODUCTION]
    for group in dict.fromkeys(option.group for option in OPTIONS):
        parts.append(f"{group}:")
        parts += [_described(option) for option in OPTIONS if option.group == group]
        parts.append("")
    parts += [
        "information:",
        "  --version\n      Print the version and exit.",
        "  -h, --help\n      Print this page and exit.",
        "",
        CLOSING,
    ]
    return "\n".join(parts)


def _described(option: Option) -> str:
    head = option.variable if not option.flag else option.flag
    if option.metavar:
        head += f"={option.metavar}"
    else:
        head += f", --no-{option.flag.removeprefix('--')}"
    facts = [option.variable] * bool(option.flag)
    if option.default:
        facts.append(f"default {option.default}")
    text = option.help + (f" [{', '.join(facts)}]" if facts else "")
    body = textwrap.fill(
        text,
        80,
        initial_indent=" " * 6,
        subsequent_indent=" " * 6,
        break_on_hyphens=False,
    )
    return f"  {head}\n{body}"

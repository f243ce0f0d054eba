"""Every flag and variable, in one table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from .texts import (
    one_of,
    parse_attach,
    parse_calls,
    parse_count,
    parse_listen_address,
    parse_names,
    parse_path,
    parse_seconds,
    parse_switch,
    parse_target,
    parse_timeout,
    parse_url,
)
from .values import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PREFIX = "JMX_BRIDGE_"
PASSWORD = "JMX_BRIDGE_JMX_PASSWORD"  # noqa: S105 -- a variable's name
PASSWORD_FILE = "JMX_BRIDGE_JMX_PASSWORD_FILE"  # noqa: S105 -- a variable's name
PLAIN_REGISTRY = "RMI_REGISTRY_SSL_DISABLED"
NO_VARIABLE = "-"
SERVE, SCRAPE, CHECK = "serve", "scrape", "check"
LIST, EXPLAIN, RECORD = "list", "explain", "record"
TEST, DIFF, GENERATE = "test", "diff", "generate"
DEFAULTS = Settings()


class Words(NamedTuple):
    """What a command takes besides options."""

    called: str
    """As help pages call it; "" for nothing."""
    least: int = 0
    most: int | None = None
    """None: any number."""


COMMANDS = {
    SERVE: Words("", most=0),
    SCRAPE: Words("", most=0),
    CHECK: Words("FILE..."),
    LIST: Words("[WHAT...]"),
    EXPLAIN: Words("WHAT...", least=1),
    RECORD: Words("FILE", least=1, most=1),
    TEST: Words("FILE...", least=1),
    DIFF: Words("[OLD NEW]", most=2),
    GENERATE: Words("[PATTERN...]"),
}
READING = (SERVE, SCRAPE, LIST, EXPLAIN, RECORD, DIFF, GENERATE)
"""The commands that read the target's MBeans."""
ASKING = (*READING, CHECK)
"""Those that can ask a target: `check` does if a flag names one."""
PRINTING = (LIST, EXPLAIN, DIFF)
"""The commands that print what they found for people or programs."""


class Variable(NamedTuple):
    """What is read from the environment and is no option."""

    name: str
    help: str
    commands: Iterable[str]


OTHER_VARIABLES = (
    Variable(
        "JMX_BRIDGE_JAVA_OPTS",
        "Further options for the Java that this program runs in itself.",
        COMMANDS,
    ),
    Variable(
        PLAIN_REGISTRY,
        "If it is true, --no-jmx.tls.registry holds; jmx_exporter has it, too.",
        ASKING,
    ),
)


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: a flag, a variable, or both."""

    name: str
    """The field of Settings that it fills: "target.host_port"."""
    flag: str
    """With its dashes; "" for what a command line must not show."""
    metavar: str
    """What the help page calls its value; "" for a switch."""
    help: str
    parse: Callable[[str], object] = str
    """Returns the value that a text means, or raises BadText."""
    commands: Iterable[str] = ASKING
    """The commands that it matters to."""
    variable: str = ""
    """Made from the flag if it isn't given; "" in the end for NO_VARIABLE."""
    fields: tuple[str, ...] = ()
    """The fields that the parts of the value fill, if it has parts; *name* is none then."""
    default: str = ""
    """The default as a user would write it; "" for none. It comes from Settings."""
    short: str = ""
    """The flag in one letter, "-o"; "" for none."""

    def __post_init__(self) -> None:
        if not self.variable:
            name = re.sub(r"[.-]", "_", self.flag.removeprefix("--")).upper()
            object.__setattr__(self, "variable", PREFIX + name)
        elif self.variable == NO_VARIABLE:
            object.__setattr__(self, "variable", "")
        object.__setattr__(self, "default", self._default())

    @property
    def group(self) -> str:
        """The name of the group that it belongs to; "" for none."""
        return self.name.rpartition(".")[0]

    def _default(self) -> str:
        values = [attrgetter(field)(DEFAULTS) for field in self.fields or (self.name,)]
        return ":".join(self._written(value) for value in values)

    def _written(self, value: object) -> str:
        if value is None or value == ():
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        return f"{value:g}s" if isinstance(value, float) else str(value)


serve_option = partial(Option, commands=(SERVE,))
workbench_option = partial(Option, commands=PRINTING, variable=NO_VARIABLE)
list_option = partial(Option, commands=(LIST,), variable=NO_VARIABLE)
OPTIONS = (
    Option(
        "target.host_port",
        "--jmx.target",
        "HOST:PORT",
        "The remote JMX port of the JVM to watch; an IPv6 address is in brackets.",
        parse_target,
    ),
    Option(
        "target.url",
        "--jmx.url",
        "URL",
        "The JMX service URL, for a target that HOST:PORT can't describe.",
        parse_url,
    ),
    Option(
        "target.attach",
        "--jmx.attach",
        "WHICH",
        "Attach to a JVM that shares our PID namespace and has no JMX port: auto takes"
        " the only one, else its PID, or /a regular expression/ on its command.",
        parse_attach,
    ),
    Option(
        "target.recording",
        "--recording",
        "FILE",
        "Read what jmx-bridge record wrote instead of a JVM.",
    ),
    Option(
        "target.username",
        "--jmx.username",
        "NAME",
        "The user that the target knows.",
    ),
    Option(
        "target.password",
        "",
        "SECRET",
        "The user's password; there is no flag, since other users can see flags.",
        variable=PASSWORD,
    ),
    Option(
        "target.password_file",
        "--jmx.password-file",
        "PATH",
        "A file with the user's password; it is read again for every login.",
    ),
    Option(
        "target.tls",
        "--jmx.tls",
        "",
        "Reach the target over TLS, as the rule file's ssl key can say, too.",
        parse_switch,
    ),
    Option(
        "target.tls_registry",
        "--jmx.tls.registry",
        "",
        "The target's registry is reached over TLS, too, when the rest is.",
        parse_switch,
    ),
    Option(
        "target.tls_verify_host",
        "--jmx.tls.verify-host",
        "",
        "The target's certificate has to be for the host that is named.",
        parse_switch,
    ),
    Option(
        "target.trust_store",
        "--jmx.tls.trust-store",
        "FILE",
        "Certificates to trust besides Java's own: PEM, PKCS12 or JKS.",
    ),
    Option(
        "target.trust_store_password",
        "",
        "SECRET",
        "The password of the trust store, if it needs one.",
        variable="JMX_BRIDGE_JMX_TLS_TRUST_STORE_PASSWORD",
    ),
    Option(
        "target.key_store",
        "--jmx.tls.key-store",
        "FILE",
        "Our certificate and key, if the target wants some: PEM, PKCS12 or JKS.",
    ),
    Option(
        "target.key_store_password",
        "",
        "SECRET",
        "The password of the key store.",
        variable="JMX_BRIDGE_JMX_TLS_KEY_STORE_PASSWORD",
    ),
    Option(
        "target.key_file",
        "--jmx.tls.key-file",
        "FILE",
        "The PEM file of the key, if the key store is a PEM file without it.",
    ),
    Option(
        "target.connect_timeout",
        "--jmx.connect-timeout",
        "TIME",
        "How long connecting may take.",
        parse_timeout,
    ),
    Option(
        "target.calls",
        "--jmx.calls",
        "N",
        "How many connections may carry calls to the target at a time.",
        parse_calls,
    ),
    Option(
        "target.wire",
        "--jmx.wire",
        "WIRE",
        "How calls are made: pipelined, standard, or auto, which pipelines if it can.",
        one_of("auto", "pipelined", "standard"),
    ),
    Option(
        "target.thread_states",
        "--jmx.thread-states",
        "",
        "Call the operations that count threads by state and find deadlocks.",
        parse_switch,
    ),
    Option(
        "rules.file",
        "--config.file",
        "FILE",
        "The rule file; without one every MBean is served under its default name.",
        commands=COMMANDS,
    ),
    Option(
        "rules.include",
        "--config.include",
        "NAMES",
        "Rule packs to use, separated by commas, after the rule file's own rules.",
        parse_names,
        commands=READING,
    ),
    Option(
        "rules.include_root",
        "--config.include-root",
        "DIR",
        "Rule files may include files below this folder, too, and not only their own.",
        commands=COMMANDS,
    ),
    serve_option(
        "rules.check_only",
        "--config.check",
        "",
        "Validate the rule file and exit; a key that nobody knows is an error.",
        parse_switch,
    ),
    serve_option(
        "web.listen",
        "--web.listen-address",
        "ADDRESS",
        'Where to serve: ":PORT" for every address, "HOST:PORT" or "[::1]:PORT".',
        parse_listen_address,
        fields=("web.host", "web.port"),
    ),
    serve_option(
        "web.path",
        "--web.telemetry-path",
        "PATH",
        "The path of the metrics.",
        parse_path,
    ),
    serve_option(
        "web.config_file",
        "--web.config.file",
        "FILE",
        "TLS, users, headers and limits, as Prometheus' exporters have them.",
    ),
    serve_option(
        "web.enable_lifecycle",
        "--web.enable-lifecycle",
        "",
        "Let /-/reload be asked for from other machines without a password.",
        parse_switch,
    ),
    Option(
        "workbench.format",
        "--format",
        "FORMAT",
        "How to print what was found: text for people, json for programs, or, by check, "
        "github for remarks beside the lines.",
        one_of("text", "json", "github"),
        commands=(*PRINTING, CHECK),
        variable=NO_VARIABLE,
    ),
    Option(
        "workbench.strict",
        "--strict",
        "",
        "check: fail for warnings, too; scrape: fail if a file's rules match nothing.",
        parse_switch,
        commands=(CHECK, SCRAPE),
        variable=NO_VARIABLE,
    ),
    Option(
        "workbench.schema",
        "--schema",
        "",
        "Print the JSON Schema of rule files, for editors, and exit.",
        parse_switch,
        commands=(CHECK,),
        variable=NO_VARIABLE,
    ),
    workbench_option(
        "workbench.color",
        "--color",
        "WHEN",
        "Whether to use colours: auto (on a terminal, unless NO_COLOR is set), always or never.",
        one_of("auto", "always", "never"),
    ),
    Option(
        "workbench.show_secrets",
        "--show-secrets",
        "",
        "Show what smells of a secret, too, instead of <secret>.",
        parse_switch,
        commands=(*PRINTING, RECORD, CHECK, GENERATE),
        variable=NO_VARIABLE,
    ),
    Option(
        "workbench.url",
        "--url",
        "URL",
        "Compare with the page of another exporter on the same JVM.",
        commands=(DIFF,),
        variable=NO_VARIABLE,
    ),
    Option(
        "workbench.interval",
        "--interval",
        "TIME",
        "How long after the first reading the second one begins.",
        parse_seconds,
        commands=(RECORD, GENERATE),
        variable=NO_VARIABLE,
    ),
    Option(
        "workbench.output",
        "--output",
        "FILE",
        "Write the rules to a file that isn't there yet.",
        commands=(GENERATE,),
        variable=NO_VARIABLE,
        short="-o",
    ),
    Option(
        "workbench.force",
        "--force",
        "",
        "Let the file be there already, and lose what is in it.",
        parse_switch,
        commands=(GENERATE,),
        variable=NO_VARIABLE,
    ),
    list_option(
        "workbench.served",
        "--served",
        "",
        "Only values that are served.",
        parse_switch,
    ),
    list_option(
        "workbench.dropped",
        "--dropped",
        "",
        "Only values that a rule claims and that are not served.",
        parse_switch,
    ),
    list_option(
        "workbench.unmatched",
        "--unmatched",
        "",
        "Only values that no rule matches.",
        parse_switch,
    ),
    list_option(
        "workbench.tree",
        "--tree",
        "",
        "Domains, types and counts instead of values.",
        parse_switch,
    ),
    Option(
        "scrape.timeout",
        "--scrape.timeout",
        "TIME",
        "How long a scrape may take if the request has no header that says it.",
        parse_timeout,
    ),
    serve_option(
        "scrape.timeout_offset",
        "--scrape.timeout-offset",
        "TIME",
        "How much earlier than Prometheus would give up an answer is sent.",
        parse_seconds,
    ),
    Option(
        "scrape.rule_metrics",
        "--rule-metrics",
        "",
        "Tell of each rule how many samples it makes, and how long its pattern is tried.",
        parse_switch,
        commands=(SERVE, SCRAPE),
    ),
    Option(
        "limits.mbeans",
        "--limit.mbeans",
        "N",
        "Watch at most so many MBeans.",
        parse_count,
    ),
    Option(
        "limits.samples",
        "--limit.samples",
        "N",
        "Serve at most so many samples; the largest families go first.",
        parse_count,
        commands=READING,
    ),
    serve_option(
        "limits.bytes",
        "--limit.bytes",
        "N",
        "Serve pages of at most so many bytes, before they are compressed.",
        parse_count,
    ),
    Option(
        "log.level",
        "--log.level",
        "LEVEL",
        "The least important messages to write: debug, info, warn or error.",
        one_of("debug", "info", "warn", "error"),
        commands=COMMANDS,
    ),
    Option(
        "log.format",
        "--log.format",
        "FORMAT",
        "How to write them: logfmt or json.",
        one_of("logfmt", "json"),
        commands=COMMANDS,
    ),
    Option(
        "jvm",
        "--jvm",
        "PATH",
        "The Java that this program runs in itself: a Java home or a libjvm.so.",
        commands=COMMANDS,
    ),
)

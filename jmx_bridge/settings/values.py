"""What the command line and the environment can say, with every default."""

from __future__ import annotations

from dataclasses import dataclass, field

from .wish import Wish

NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """
    How the JVM that is watched is reached.

    Where a field is None, the rule file's word counts.
    """

    host_port: str | None = None
    """HOST:PORT of its remote JMX; never set together with *url*."""
    url: str | None = None
    """A JMX service URL."""
    attach: str | None = None
    """Which JVM of this PID namespace to attach to: auto, a PID, or /a regular expression/."""
    recording: str | None = None
    """A file that a JVM was recorded in, which is read instead of a target."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    password_file: str | None = None
    """The password is the one line of this file, which is read for every login."""
    tls: bool = False
    """Use TLS; a rule file's `ssl` can ask for it, too."""
    tls_registry: bool = True
    """The RMI registry is reached over TLS when the connection is."""
    tls_verify_host: bool = True
    """The target's certificate has to be for the host that is named."""
    trust_store: str | None = None
    """A file of certificates to trust besides Java's own: PEM, PKCS12 or JKS."""
    trust_store_password: str | None = field(default=None, repr=False)
    key_store: str | None = None
    """A file with our certificate and key: PEM, PKCS12 or JKS."""
    key_store_password: str | None = field(default=None, repr=False)
    key_file: str | None = None
    """The PEM file of the key, if *key_store* is a PEM file without it."""
    connect_timeout: float = 5.0
    """Seconds."""
    calls: int = 4
    """How many connections may carry calls at a time, from 1 to 64."""
    wire: str = "auto"
    """auto, pipelined or standard."""
    thread_states: bool = False
    """Call the operations that count threads by state and find deadlocks."""


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """Which rules turn values into metrics."""

    file: str | None = None
    """The rule file; None serves every value under its default name."""
    include: tuple[str, ...] = ()
    """Names of packs whose rules come after those of *file*."""
    include_root: str | None = None
    """A folder whose files may be included, besides the rule file's own."""
    check_only: bool = False
    """Validate *file* and exit."""
    check_files: tuple[str, ...] = ()
    """What the command `check` validates; empty for other commands."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where metrics are served, and to whom."""

    host: str = ""
    """A name or an IP address without brackets; "" is every address of this machine."""
    port: int = 12346
    """0 is any port that is free."""
    path: str = "/metrics"
    """The path of the metrics."""
    config_file: str | None = None
    """TLS, users, headers and limits, in the form of Prometheus' exporter-toolkit."""
    enable_lifecycle: bool = False
    """Reloads may be asked for from everywhere, by anybody."""
    workbench: bool = False
    """Serve the workbench's page, too."""
    workbench_hosts: tuple[str, ...] = ()
    """Names of hosts under which that may be asked for, besides this machine's."""


@dataclass(frozen=True, slots=True)
class ScrapeSettings:
    """How long a scrape may take, in seconds, and what is told of it."""

    timeout: float = 10.0
    """For a request whose header names no time."""
    timeout_offset: float = 0.5
    """How much before the time in its header a request is answered."""
    rule_metrics: bool = False
    """Tell of each rule how many samples it makes, and how long its pattern was tried."""


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What is cut off beyond these, and reported as missing."""

    mbeans: int = 200_000
    """MBeans that are watched."""
    samples: int = 1_000_000
    """Samples that rules made, on one page."""
    bytes: int = 1 << 28
    """The size of a page before it is compressed."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is logged."""

    level: str = "info"
    """The least important level to write: debug, info, warn or error."""
    format: str = "logfmt"
    """logfmt or json."""


@dataclass(frozen=True, slots=True)
class WorkbenchSettings:
    """What commands for people who write rules look at, and how they print it."""

    what: tuple[str, ...] = ()
    """The words after the command."""
    format: str = "text"
    """text, json, or github for remarks beside lines."""
    color: str = "auto"
    """auto, always or never."""
    show_secrets: bool = False
    strict: bool = False
    """What was hardly meant counts as wrong."""
    schema: bool = False
    """Print the JSON Schema of rule files instead of checking any."""
    served: bool = False
    dropped: bool = False
    unmatched: bool = False
    tree: bool = False
    url: str | None = None
    """Another exporter's page, to compare with."""
    interval: float = 10.0
    """Seconds between two readings."""
    output: str | None = None
    """Where generated rules are written; None: to standard output."""
    force: bool = False
    """*output* may be there already."""
    port: int = 0
    """Where `workbench` serves; 0 is any port that is free."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """With what, and how long, the admission webhook serves."""

    certificate: str | None = None
    """A PEM file: the certificate, and those that lead to its authority."""
    key: str | None = None
    """The PEM file of its key."""
    drain: float = 5.0
    """Seconds of serving on after the signal to stop."""


@dataclass(frozen=True, slots=True)
class ManifestSettings:
    """What is done to files of manifests."""

    remove: bool = False
    """Take the sidecar out."""
    in_place: bool = False
    """Write the files anew instead of printing them."""
    check: bool = False
    """Only tell whether something would change."""
    annotated: bool = False
    """Only where a pod's own annotation asks for it."""
    podmonitor: bool = False
    """Add a PodMonitor to each file."""
    namespace: str = ""
    """Of the PodMonitor for resources that name none."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the command line and the environment say."""

    command: str = "serve"
    """What to do: serve, scrape, check, list and so on."""
    target: TargetSettings = TargetSettings()
    rules: RuleSettings = RuleSettings()
    web: WebSettings = WebSettings()
    limits: LimitSettings = LimitSettings()
    scrape: ScrapeSettings = ScrapeSettings()
    log: LogSettings = LogSettings()
    workbench: WorkbenchSettings = WorkbenchSettings()
    inject: Wish = NO_WISH
    manifests: ManifestSettings = ManifestSettings()
    webhook: WebhookSettings = WebhookSettings()
    jvm: str | None = None
    """The Java to run in this process: a Java home or a libjvm.so; None looks for one."""
    warnings: tuple[str, ...] = ()
    """What looks like a mistake and keeps nothing from running."""

"""What a rule file can say, as frozen dataclasses with jmx_exporter's defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from .keys import names_of
from .web.schema import OPEN, StoreConfig, WebConfig

if TYPE_CHECKING:
    from ..errors import Problem

Texts = tuple[str, ...]
AttributeFilter = tuple[tuple[str, Texts], ...]
"""(ObjectName, attribute names) pairs."""

OLD_NAMES = {
    "includeObjectNames": "whitelistObjectNames",
    "excludeObjectNames": "blacklistObjectNames",
}
NOT_APPLIED = {
    "openTelemetry": "this version doesn't push metrics; let Prometheus scrape it",
}
TOP_KEYS = names_of("file")
RULE_KEYS = names_of("rule")
SSL_KEYS = names_of("ssl")
STORE_KEYS = names_of("store")
CUSTOMIZER_KEYS = names_of("customizer")
FILTER_KEYS = names_of("filter")
EXTRA_KEYS = names_of("extra")


class Naming(NamedTuple):
    """How a file's rules write names and types."""

    lowercase_names: bool = False
    lowercase_labels: bool = False
    infer_counters: bool = False


AS_WRITTEN = Naming()


class Include(NamedTuple):
    """Another file whose rules come after this one's."""

    name: str
    """Of a pack, or a path from this file's folder."""
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class RuleConfig:
    """One rule as it is written."""

    pattern: str | None = None
    name: str | None = None
    value: str | None = None
    value_factor: float = 1.0
    labels: tuple[tuple[str, str], ...] = ()
    """(name, value) templates in the order in which Java sorts the names."""
    help: str | None = None
    cache: bool = False
    type: str = "UNKNOWN"
    """COUNTER, GAUGE, INFO or UNKNOWN."""
    attr_name_snake_case: bool = False
    naming: Naming = AS_WRITTEN
    line: int = 0
    """Where the rule begins, from 1; 0 for the one that stands for a missing list."""
    file: str = field(default="", compare=False)
    """The file it stands in, as messages call it; a pack by its name alone."""

    @property
    def where(self) -> str:
        """Return its place for messages: "kafka.yml:14"."""
        return _where(self.file, self.line) or "the default rule"


@dataclass(frozen=True, slots=True)
class ExtraMetric:
    """A constant that a customizer adds to an MBean, as if it were an attribute."""

    name: str
    value: float | int | bool | str
    description: str | None = None
    line: int = field(default=0, compare=False)
    file: str = field(default="", compare=False)

    @property
    def where(self) -> str:
        """Return its place for messages: "kafka.yml:14"."""
        return _where(self.file, self.line)


def _where(file: str, line: int) -> str:
    return f"{file}:{line}" if line else file


@dataclass(frozen=True, slots=True)
class CustomizerConfig:
    """
    What to add to the metrics of some MBeans.

    They are those of *domain* that have all *properties*. Attributes named in
    *attributes_as_labels* become labels of all metrics of their MBean.
    """

    domain: str
    properties: tuple[tuple[str, str], ...] = ()
    attributes_as_labels: Texts = ()
    extra_metrics: tuple[ExtraMetric, ...] = ()


@dataclass(frozen=True, slots=True)
class TlsConfig:
    """TLS to the target; where something is None or (), Java's default holds."""

    key_store: StoreConfig | None = None
    trust_store: StoreConfig | None = None
    protocols: Texts = ()
    ciphers: Texts = ()
    verify_host: bool = True


@dataclass(frozen=True, slots=True)
class Config:
    """A rule file, with the rules of all that it includes."""

    file: str | None = None
    host_port: str | None = None
    jmx_url: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: TlsConfig | None = None
    start_delay_seconds: int = 0
    scrape_timeout_seconds: int | None = None
    lowercase_output_name: bool = False
    lowercase_output_label_names: bool = False
    infer_counter_type_from_name: bool = False
    include_object_names: Texts | None = None
    """None: all MBeans; (): none."""
    exclude_object_names: Texts = ()
    exclude_jvm_metrics: bool = False
    include_object_name_attributes: AttributeFilter = ()
    exclude_object_name_attributes: AttributeFilter = ()
    auto_exclude_object_name_attributes: bool = True
    metric_customizers: tuple[CustomizerConfig, ...] = ()
    rules: tuple[RuleConfig, ...] = (RuleConfig(),)
    http_server: WebConfig = OPEN
    warnings: tuple[Problem, ...] = ()
    blank: bool = False
    """Whether the file is empty."""
    includes: tuple[Include, ...] = ()
    """What the file itself includes; the rules found there are in *rules*."""
    included_files: Texts = ()
    """Paths of all included files and packs, each once."""


DEFAULT = Config()
"""What holds without a file: every number of every MBean under its default name."""

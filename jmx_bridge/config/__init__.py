"""The rule file: what it says, checked, with jmx_exporter's keys and defaults."""

from .load import load_config, parse_config
from .schema import (
    DEFAULT,
    Config,
    CustomizerConfig,
    ExtraMetric,
    RuleConfig,
    TlsConfig,
)
from .syntax import Syntax
from .web.schema import StoreConfig

__all__ = [
    "DEFAULT",
    "Config",
    "CustomizerConfig",
    "ExtraMetric",
    "RuleConfig",
    "StoreConfig",
    "Syntax",
    "TlsConfig",
    "load_config",
    "parse_config",
]

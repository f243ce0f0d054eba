"""The command line and the environment, as frozen values in groups."""

from .parse import HelpRequested, parse_settings
from .texts import read_password
from .values import (
    LimitSettings,
    LogSettings,
    ManifestSettings,
    RuleSettings,
    ScrapeSettings,
    Settings,
    TargetSettings,
    WebhookSettings,
    WebSettings,
    WorkbenchSettings,
)

__all__ = [
    "HelpRequested",
    "LimitSettings",
    "LogSettings",
    "ManifestSettings",
    "RuleSettings",
    "ScrapeSettings",
    "Settings",
    "TargetSettings",
    "WebSettings",
    "WebhookSettings",
    "WorkbenchSettings",
    "parse_settings",
    "read_password",
]

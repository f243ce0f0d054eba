"""What commands that read a target begin with: Java, the rules and the bridge."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from ..bridge import Bridge
from ..config import Config, load_config
from ..jmx import JavaPatterns, JavaSyntax, start_jvm
from ..signals import interrupt, on_signals

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..settings import RuleSettings, Settings


def start_bridge(settings: Settings) -> Bridge:
    """
    Start Java, read the rules, and return the bridge, which connects when it is asked.

    Raises JvmError, ConfigError or UsageError.
    """
    start_jvm(settings.jvm)
    on_signals(interrupt)
    return Bridge(
        settings.target,
        settings.limits,
        rule_loader(settings.rules),
        settings.rules.file,
        partial(JavaPatterns, measured=settings.scrape.rule_metrics),
    )


def rule_loader(rules: RuleSettings) -> Callable[[], Config] | None:
    """Return what reads the rules anew, or None where neither file nor pack is named."""
    if not rules.file and not rules.include:
        return None
    return partial(
        load_config,
        rules.file,
        syntax=JavaSyntax(),
        environ=os.environ,
        extra=rules.include,
        include_root=rules.include_root,
    )

"""What commands of the workbench begin with: Java, the rules, and one reading of the target."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from ..collect.address import address, with_password
from ..config import DEFAULT
from ..jmx import JavaPatterns, connect, start_jvm
from ..mapping import Ruleset
from ..signals import interrupt, on_signals
from ..workbench.reading import read_jvm
from .start import rule_loader

if TYPE_CHECKING:
    from ..config import Config
    from ..settings import Settings
    from ..workbench.reading import JvmReading

# Every value with its text takes longer than a scrape, and nobody but a person waits for it.
PATIENCE = 60.0
"""Seconds; a longer --scrape.timeout counts instead."""


def read_target(settings: Settings) -> tuple[JvmReading, Ruleset]:
    """
    Start Java, read every value of the target once, and return that with the rules.

    Raises JvmError, ConfigError, UsageError or TargetError.
    """
    start_jvm(settings.jvm)
    on_signals(interrupt)
    # Nearly all that is made from here on stays until the end, which is soon.
    gc.disable()
    load = rule_loader(settings.rules)
    config = load() if load else DEFAULT
    return read_jvm_of(settings, config), Ruleset(config, JavaPatterns)


def read_jvm_of(settings: Settings, config: Config) -> JvmReading:
    """Return one reading of the target that *settings* or *config* name."""
    target = settings.target
    session = connect(
        with_password(target, address(target, config)),
        timeout=target.connect_timeout,
        calls=target.calls,
        wire=target.wire,
    )
    timeout = max(PATIENCE, settings.scrape.timeout)
    try:
        return read_jvm(session, timeout, settings.limits.mbeans)
    finally:
        session.close()

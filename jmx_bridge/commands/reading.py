"""What commands of the workbench begin with: Java, the rules, and one reading of the target."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

from ..collect.address import address, with_password
from ..config import DEFAULT
from ..jmx import JavaPatterns, connect, start_jvm
from ..jmx.recording import read_recording
from ..mapping import Ruleset
from ..signals import interrupt, on_signals
from ..workbench.reading import read_jvm
from .start import rule_loader

if TYPE_CHECKING:
    from ..config import Config
    from ..jmx.moment import JvmReading
    from ..settings import Settings

# Every value with its text takes longer than a scrape, and nobody but a person waits for it.
PATIENCE = 60.0
"""Seconds; a longer --scrape.timeout counts instead."""


def read_target(settings: Settings) -> tuple[JvmReading, Ruleset]:
    """
    Start Java, read every value of the target once, and return that with the rules.

    Raises JvmError, ConfigError, UsageError, RecordingError or TargetError.
    """
    config = start_reading(settings)
    recording = settings.target.recording
    if recording:
        reading = read_recording(recording)[-1]
    else:
        (reading,) = _read(settings, config, 0.0, times=1)
    return reading, Ruleset(config, JavaPatterns)


def read_moments(settings: Settings, interval: float) -> list[JvmReading]:
    """
    Return two readings of the target, *interval* seconds apart; of a recording what it has.

    Raises as `read_target` does.
    """
    config = start_reading(settings)
    recording = settings.target.recording
    if recording:
        return read_recording(recording)
    return _read(settings, config, interval, times=2)


def start_reading(settings: Settings) -> Config:
    """Start Java, and return the rule file that *settings* name; raises as `read_target` does."""
    start_jvm(settings.jvm)
    on_signals(interrupt)
    # Nearly all that is made from here on stays until the end, which is soon.
    gc.disable()
    load = rule_loader(settings.rules)
    return load() if load else DEFAULT


def _read(
    settings: Settings, config: Config, interval: float, times: int
) -> list[JvmReading]:
    target = settings.target
    session = connect(
        with_password(target, address(target, config)),
        timeout=target.connect_timeout,
        calls=target.calls,
        wire=target.wire,
    )
    timeout = max(PATIENCE, settings.scrape.timeout)
    readings: list[JvmReading] = []
    try:
        for _ in range(times):
            if readings:
                time.sleep(interval)
            readings.append(read_jvm(session, timeout, settings.limits.mbeans))
    finally:
        session.close()
    return readings

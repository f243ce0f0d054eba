"""What commands of the workbench begin with: Java, the rules, and one reading of the target."""

from __future__ import annotations

import gc
import sys
from itertools import chain
from typing import TYPE_CHECKING

from ..collect.address import address, with_password
from ..config import DEFAULT
from ..jmx import JavaPatterns, connect, start_jvm
from ..jmx.recording import read_recording
from ..mapping import Ruleset
from ..signals import interrupt, on_signals
from ..workbench.reading import read_jvm
from ..workbench.secrets import Redactor, secrets_of
from .start import rule_loader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..config import Config
    from ..jmx.moment import JvmReading
    from ..settings import Settings, TargetSettings

# Every value with its text takes longer than a scrape, and nobody but a person waits for it.
PATIENCE = 60.0
"""Seconds; a longer --scrape.timeout counts instead."""


def read_target(settings: Settings) -> tuple[JvmReading, Ruleset]:
    """
    Start Java, read every value of the target once, and return that with the rules.

    Raises JvmError, ConfigError, UsageError, RecordingError or TargetError.
    """
    readings, rules = _read(settings, ())
    return readings[-1], rules


def read_around(
    settings: Settings, between: Callable[[], object]
) -> tuple[list[JvmReading], Ruleset]:
    """
    Return two readings of the target, with something done between them, and the rules.

    Of a recording they are what it has. Raises as `read_target` does, and what *between* does.
    """
    return _read(settings, (between,))


def redactor_of(
    settings: Settings, readings: Sequence[JvmReading], *configs: Config
) -> Redactor:
    """Return what hides the secrets of readings, of rule files, and of the way to the target."""
    target = settings.target
    known = [*secrets_of_target(target), *chain.from_iterable(map(secrets_of, configs))]
    mbeans = chain.from_iterable(one.mbeans for one in readings)
    return Redactor(mbeans, off=settings.workbench.show_secrets, known=known)


def secrets_of_target(target: TargetSettings) -> list[str | None]:
    """Return the passwords that flags and variables have."""
    return [target.password, target.key_store_password, target.trust_store_password]


def _read(
    settings: Settings, between: Sequence[Callable[[], object]]
) -> tuple[list[JvmReading], Ruleset]:
    start_jvm(settings.jvm)
    on_signals(interrupt)
    load = rule_loader(settings.rules)
    config = load() if load else DEFAULT
    rules = Ruleset(config, JavaPatterns)
    return read_moments(settings, config, between), rules


def read_moments(
    settings: Settings, config: Config, between: Sequence[Callable[[], object]] = ()
) -> list[JvmReading]:
    """
    Return one reading of the target more than there is to do *between* them; Java runs.

    Of a recording they are what it has. *config* may say how the target is reached. Raises
    UsageError, RecordingError or TargetError.
    """
    # Nearly all that is made from here on stays until the end, which is soon.
    gc.disable()
    if settings.target.recording:
        recorded = read_recording(settings.target.recording)
        for act in between:
            act()
        return recorded
    target = settings.target
    session = connect(
        with_password(target, address(target, config)),
        timeout=target.connect_timeout,
        calls=target.calls,
        wire=target.wire,
    )
    timeout = max(PATIENCE, settings.scrape.timeout)
    most = settings.limits.mbeans
    try:
        found = [read_jvm(session, timeout, most)]
        for act in between:
            act()
            found.append(read_jvm(session, timeout, most))
    finally:
        session.close()
    _say_what_is_missing(found[-1], most)
    return found


def _say_what_is_missing(reading: JvmReading, most: int) -> None:
    if reading.cut:
        sys.stderr.write(
            f"jmx-bridge: {reading.cut:,} MBeans were not read: there are more than {most:,}"
            "\n  hint: --limit.mbeans=N allows more\n"
        )

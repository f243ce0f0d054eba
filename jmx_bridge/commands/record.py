"""`jmx-bridge record`: what a JVM tells at two moments, in a file."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .._version import __version__
from ..errors import UsageError
from ..jmx.recording import write_recording
from ..workbench.secrets import without_secrets
from .reading import read_around, redactor_of

if TYPE_CHECKING:
    from ..settings import Settings


def record(settings: Settings) -> int:
    """Write a recording; return the exit status."""
    (path,) = settings.workbench.what
    if settings.target.recording:
        raise UsageError("record: --recording is a recording already\n  hint: copy it")
    if Path(path).exists():
        raise UsageError(
            f"{path}: is there, and would be lost"
            "\n  hint: choose another name, or remove it"
        )
    interval = settings.workbench.interval
    readings, rules = read_around(settings, lambda: time.sleep(interval))
    redactor = redactor_of(settings, readings, rules.config)
    kept = [without_secrets(one, redactor) for one in readings]
    write_recording(path, kept, f"jmx-bridge {__version__}")
    mbeans = len(kept[-1].mbeans)
    values = sum(len(mbean.values) for mbean in kept[-1].mbeans)
    span = readings[-1].taken_at - readings[0].taken_at
    sys.stderr.write(
        f"jmx-bridge: {path}: {mbeans:,} MBeans with {values:,} values, "
        f"twice within {span:.0f} s; names of hosts, clients and files are in it\n"
    )
    return 0

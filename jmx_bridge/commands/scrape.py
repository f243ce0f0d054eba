"""`jmx-bridge scrape`: print one scrape."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from ..exposition import negotiate, render
from ..observe import idle_text
from .start import start_bridge

DONE, FAILED, MATCHED_NOTHING = 0, 1, 3

if TYPE_CHECKING:
    from typing import BinaryIO, TextIO

    from ..bridge import Bridge
    from ..settings import Settings


def scrape(settings: Settings) -> int:
    """Print what the target has now; return the exit status."""
    bridge = start_bridge(settings)
    seconds = settings.scrape.timeout
    if not print_scrape(bridge, seconds, sys.stdout.buffer, sys.stderr):
        return FAILED
    last = bridge.status().last_scrape
    idle = last.idle_files if last and settings.workbench.strict else ()
    sys.stderr.writelines(f"jmx-bridge: {idle_text(*one)}\n" for one in idle)
    return MATCHED_NOTHING if idle else DONE


def print_scrape(
    bridge: Bridge, seconds: float, page: BinaryIO, errors: TextIO
) -> bool:
    """
    Write one page, and to *errors* what is missing; close the bridge.

    Returns whether the target answered in full.
    """
    try:
        snapshot = bridge.scrape(deadline=time.monotonic() + seconds)
        page.write(render(snapshot, negotiate(None)))
    finally:
        bridge.close()
    status = bridge.status()
    if status.state == "up":
        return True
    errors.write(f"jmx-bridge: error: {status.target}: {status.detail}\n")
    errors.write(f"  see: {status.see}\n")
    return False

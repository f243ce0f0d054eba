"""
Everything that belongs to one target: settings, rules in force, session, inventory, telemetry, journal.

The program makes one. What all targets of a process would still share, most of it on
Java's side, is listed in `java/README.md`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .. import jmx
from ..jmx.moment import RUNTIME_PROPERTIES
from .connection import Connection
from .inventory import Inventory
from .jvm_metrics import PLATFORM, JvmMetrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..errors import TargetError
    from ..jmx.abc import Session
    from ..observe.journal import Journal
    from ..observe.telemetry import Telemetry
    from ..settings import LimitSettings, TargetSettings
    from .connection import Connect
    from .rules_in_force import Loaded, RulesInForce
    from .timer import Timer

# How long the end of the process waits for the target to hear of it.
GOODBYE_SECONDS = 1.0
# One that hangs at an address that is not the target's any more must not keep the next from
# being tried; each ends by itself when the JDK's time limits are over.
MOST_CONNECTING = 4


@dataclass(frozen=True, slots=True)
class Connected:
    """An open session, and what is known of its MBeans under the rules of *loaded*."""

    session: Session
    runtime: Sequence[str] | None
    """The values of RUNTIME_PROPERTIES; None while no `jvm_*` family is served."""
    loaded: Loaded
    inventory: Inventory


class Target:
    """One target, and all that is kept of it between scrapes."""

    def __init__(
        self,
        settings: TargetSettings,
        limits: LimitSettings,
        rules: RulesInForce,
        telemetry: Telemetry,
        journal: Journal,
    ) -> None:
        self.settings = settings
        self.limits = limits
        self.rules = rules
        self.telemetry = telemetry
        self.journal = journal
        self.background = ThreadPoolExecutor(1, thread_name_prefix="background")
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._connecting = ThreadPoolExecutor(
            MOST_CONNECTING, thread_name_prefix="connect"
        )
        self._connection = Connection(
            settings, self._connecting, telemetry, _player(settings.recording)
        )
        self._connected: Connected | None = None

    @property
    def has_session(self) -> bool:
        """Whether a session is open, as far as we know."""
        return self._connected is not None or self._connection.ready

    def begin(self) -> None:
        """Begin to connect, and wait for nothing; a failure is told in the log."""
        place = self.rules.loaded.address

        def failed(exc: TargetError) -> None:
            self.journal.turn("down", place.url, str(exc), exc.heading)

        self._connection.begin(place, failed)

    def connected(self, timer: Timer) -> Connected:
        """
        Return an open session and its inventory under the rules in force.

        Opens or begins anew what is not there or does not fit. Raises TargetError.
        """
        loaded, connected = self.rules.loaded, self._connected
        if connected and connected.loaded.address != loaded.address:
            self.disconnect()
            connected = None
        if connected is None:
            session = self._connection.open(loaded.address, timer.left())
            try:
                connected = self._begin(session, None, loaded, timer)
            except BaseException:
                session.close()
                raise
            self.telemetry.connected()
            self.journal.connected(loaded.address.url)
        elif connected.loaded is not loaded or connected.inventory.overgrown():
            connected = self._begin(connected.session, connected.runtime, loaded, timer)
        self._connected = connected
        return connected

    def _begin(
        self,
        session: Session,
        runtime: Sequence[str] | None,
        loaded: Loaded,
        timer: Timer,
    ) -> Connected:
        """Begin an inventory; the target is only asked for *runtime* if it is wanted and not known."""
        config = loaded.config
        with_jvm = not config.exclude_jvm_metrics
        if with_jvm and runtime is None:
            runtime = session.properties(RUNTIME_PROPERTIES, timer.left())
        tracker = session.watch(
            jmx.Scope(
                config.include_object_names,
                config.exclude_object_names,
                config.exclude_jvm_metrics,
                PLATFORM if with_jvm else (),
                self.limits.mbeans,
            )
        )
        jvm = JvmMetrics(runtime or ()) if with_jvm else None
        inventory = Inventory(tracker, loaded.rules, jvm, self._ahead)
        return Connected(session, runtime, loaded, inventory)

    def hurry(self, timeout: float) -> None:
        """Let what is under way end within *timeout* seconds; from any thread."""
        if connected := self._connected:
            connected.inventory.hurry(timeout)

    def disconnect(self) -> None:
        """End the session."""
        connected, self._connected = self._connected, None
        if connected:
            connected.session.close()

    def close(self) -> None:
        """End all, so that the target keeps nothing for us."""
        self._connection.give_up()
        for executor in (self.background, self._ahead, self._connecting):
            executor.shutdown(wait=False, cancel_futures=True)
        if self._connected:
            self._connected.session.close(GOODBYE_SECONDS)


def _player(recording: str | None) -> Connect | None:
    """Return what opens sessions with a recording; None where there is none."""
    if not recording:
        return None
    # Whoever reads a live target carries none of it.
    from ..jmx.recorded import session_with  # noqa: PLC0415

    return partial(session_with, recording)

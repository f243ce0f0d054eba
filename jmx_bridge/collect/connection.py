"""The session with a target: opened when it is needed, with a pause after each failure."""

from __future__ import annotations

import random
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from typing import TYPE_CHECKING

from .. import jmx
from ..errors import DeadlinePassed, TargetError
from .address import with_password

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from ..jmx.abc import Session
    from ..observe.telemetry import Telemetry
    from ..settings import TargetSettings

    Connect = Callable[..., Session]
    """As jmx.connect."""

# How long a target that could not be reached is left alone; twice as long each time.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
MOST_DOUBLINGS = 16
# An attempt is given up after so many times the connect timeout: one whose answer comes byte by
# byte, or never, must not keep the next from being made.
PATIENCE = 3


class Pause:
    """How long to leave a target alone that could not be reached."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0
        self._error: TargetError | None = None

    def after(self, error: TargetError) -> None:
        """Begin another pause; jitter keeps many bridges from coming back as one."""
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._failures)
        self._failures = min(self._failures + 1, MOST_DOUBLINGS)
        self._until = time.monotonic() + random.uniform(longest / 2, longest)  # noqa: S311
        self._error = error

    def check(self) -> None:
        """Raise what the last attempt raised, while the pause lasts."""
        if self._error and time.monotonic() < self._until:
            raise type(self._error)(str(self._error))


class Connection:
    """
    Opens sessions, on threads that nobody has to wait for.

    One attempt at a time counts. One at another address than the newest is given up: what
    comes of it is closed, never used.
    """

    def __init__(
        self,
        settings: TargetSettings,
        executor: Executor,
        telemetry: Telemetry,
        connect: Connect | None = None,
    ) -> None:
        self._settings = settings
        self._executor = executor
        self._telemetry = telemetry
        self._connect = connect
        self._address: jmx.TargetAddress | None = None
        self._attempt: Future[Session] | None = None
        self._begun = 0.0
        self._pause = Pause()
        # Begun before anybody asked.
        self._early: Future[Session] | None = None

    @property
    def ready(self) -> bool:
        """Whether the next `open` takes a session that was opened a while ago."""
        early = self._early
        return early is not None and early.done() and early.exception() is None

    def begin(
        self, address: jmx.TargetAddress, failed: Callable[[TargetError], object]
    ) -> None:
        """Begin to connect, for whoever opens first; *failed* hears why that didn't work."""

        def ended(attempt: Future[Session]) -> None:
            error = None if attempt.cancelled() else attempt.exception()
            if isinstance(error, TargetError):
                self._telemetry.connect_failed(error.reason)
                failed(error)

        self._address = address
        self._early = self._submit(address)
        self._early.add_done_callback(ended)

    def _submit(self, address: jmx.TargetAddress) -> Future[Session]:
        self._begun = time.monotonic()
        self._attempt = self._executor.submit(self._session, address)
        return self._attempt

    def _session(self, address: jmx.TargetAddress) -> Session:
        """Read the password file and connect; either may take long. Raises TargetError."""
        connect = self._connect or jmx.connect
        return connect(
            with_password(self._settings, address),
            timeout=self._settings.connect_timeout,
            calls=self._settings.calls,
            wire=self._settings.wire,
        )

    def open(self, address: jmx.TargetAddress, timeout: float) -> Session:
        """
        Return a session at *address*, waiting at most *timeout* seconds for it.

        The JDK lets nobody interrupt connecting: an attempt that takes longer goes on, and
        the next call for this address waits for the same one, until it has taken PATIENCE
        times the connect timeout. Then another is made. Raises TargetError.
        """
        if address != self._address:
            self.give_up()
            self._address, self._pause = address, Pause()
        early, self._early = self._early, None
        if early and early is self._attempt and early.done() and early.exception():
            # That was a while ago.
            self._attempt = None
        attempt = self._attempt
        if attempt is None:
            self._pause.check()
            attempt = self._submit(address)
        try:
            session = self._result(attempt, address, timeout)
        except FutureTimeout:
            slow = DeadlinePassed("the target did not let us connect in time")
            self._telemetry.connect_failed(slow.reason)
            raise slow from None
        except BaseException as exc:
            ended, self._attempt = self._attempt, None
            if isinstance(exc, TargetError):
                if ended is not early:
                    self._telemetry.connect_failed(exc.reason)
                self._pause.after(exc)
            raise
        self._attempt = None
        self._pause = Pause()
        return session

    def _result(
        self, attempt: Future[Session], address: jmx.TargetAddress, timeout: float
    ) -> Session:
        """Wait for the attempt under way, and for another if that one takes too long."""
        longest = PATIENCE * self._settings.connect_timeout
        left = max(0.0, self._begun + longest - time.monotonic())
        if left >= timeout:
            return attempt.result(timeout)
        try:
            return attempt.result(left)
        except FutureTimeout:
            self.give_up()
            return self._submit(address).result(timeout - left)

    def give_up(self) -> None:
        """Leave the attempt under way to itself; its session is closed if there is one."""
        attempt, self._attempt = self._attempt, None
        if attempt and not attempt.cancel():
            attempt.add_done_callback(_close)


def _close(attempt: Future[Session]) -> None:
    if attempt.exception() is None:
        with suppress(TargetError):
            attempt.result().close()

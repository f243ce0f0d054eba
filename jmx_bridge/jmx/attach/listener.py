"""
A HotSpot JVM's attach listener: how it is woken, and how it is asked.

As HotSpot's attachListener has it, from JDK 8 to 25. A JVM that gets SIGQUIT looks whether
`/tmp/.attach_pidN` is there and its own user's; if so, it listens at the socket
`/tmp/.java_pidN`, and else it prints all its threads. N is its number in its own PID
namespace, /tmp that of its own root. A question is one connection: "1", a command and three
arguments, each ended by NUL; the answer is a number, a line end, and a text.

A JVM listens before its classes are there: who asks it then breaks what it was about to
load, for good. Its thread for periodic tasks is the last that it starts, so it is asked
nothing before it has that.

A process without a handler for SIGQUIT dies from it: a JVM that only starts, one with -Xrs,
anything that is no JVM. So nothing is sent before /proc has said that there is a handler.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from ...errors import ConnectFailed, DeadlinePassed
from .choice import FLAGS, barrier
from .flags import disabled_by
from .processes import PROC, Runtime, has_begun, process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .processes import Owner, Process

    Refused = Callable[[str], ConnectFailed]

# A younger one is left alone: it may be a child that has not yet become another program.
YOUNGEST_SECONDS = 2.0
# One that runs for so long has begun, whatever threads it has.
GROWN_SECONDS = 60.0
ARGUMENTS = 3
MOST_ANSWER = 1 << 20
FIRST_LOOK, LONGEST_LOOK = 0.02, 0.2
# A JVM that was woken in vain has printed all its threads: it is not asked to again for a
# while, and for twice as long each time.
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
EMPTY_DIR = "an emptyDir volume at /tmp of its container, which both sides can write to"

# By PID and start: how long such a one is left alone (seconds, time.monotonic()).
_in_vain: dict[tuple[int, int], tuple[float, float]] = {}


class Listener:
    """The attach listener of one JVM; woken if it sleeps."""

    def __init__(self, target: Process, mine: Owner, end: float) -> None:
        """*end* is on time.monotonic()'s clock."""
        self._target = target
        self._mine = mine
        self._end = end
        self._tmp = -1

    def __enter__(self) -> Self:
        """Open the target's /tmp; raises ConnectFailed, also while the JVM is starting."""
        self._check_age()
        path = PROC / str(self._target.pid) / "root" / "tmp"
        flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._tmp = os.open(path, flags)
        except PermissionError:
            raise self._refused(self._barrier()) from None
        except OSError as exc:
            raise self._refused(f": its /tmp can't be used: {exc.strerror}") from None
        return self

    def __exit__(self, *exc_info: object) -> None:
        os.close(self._tmp)

    def ask(self, command: str, *arguments: str) -> str:
        """Return the answer's text; raises ConnectFailed or DeadlinePassed."""
        words = ["1", command, *arguments]
        words += [""] * (ARGUMENTS - len(arguments))
        with self._listening() as connection:
            try:
                connection.settimeout(self._left())
                connection.sendall("".join(f"{word}\0" for word in words).encode())
                answer = b"".join(self._pieces(connection)).decode("utf-8", "replace")
            except TimeoutError:
                raise DeadlinePassed("the JVM's attach listener is silent") from None
            except OSError as exc:
                raise self._refused(f": {exc.strerror or exc}") from None
        code, _, text = answer.partition("\n")
        if not answer:
            # So it answers who is another user.
            raise self._refused(self._barrier())
        if code.strip() != "0":
            raise self._refused(f": {command}: {' '.join(text.split())[:300]}")
        return text

    def _pieces(self, connection: socket.socket) -> Iterator[bytes]:
        size = 0
        while size < MOST_ANSWER:
            connection.settimeout(self._left())
            piece = connection.recv(1 << 16)
            if not piece:
                return
            size += len(piece)
            yield piece

    def _listening(self) -> socket.socket:
        """Return a connection to the listener, which is woken if it sleeps."""
        return self._maybe_connected() or self._woken()

    def _maybe_connected(self) -> socket.socket | None:
        name = f".java_pid{self._target.inner_pid}"
        try:
            found = os.stat(name, dir_fd=self._tmp, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise self._refused(f": {name}: {exc.strerror}") from None
        owner = self._target.owner
        private = stat.S_ISSOCK(found.st_mode) and not found.st_mode & 0o077
        if not private or (found.st_uid, found.st_gid) != (owner.user, owner.group):
            raise self._refused(f": {name} in its /tmp is no socket of its user alone")
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(self._left())
            connection.connect(f"/proc/self/fd/{self._tmp}/{name}")
        except (ConnectionRefusedError, FileNotFoundError):
            # Left by one that ended and had this number before.
            connection.close()
            return None
        except OSError as exc:
            connection.close()
            if isinstance(exc, TimeoutError):
                raise DeadlinePassed("the JVM's attach listener is silent") from None
            raise self._refused(f": {name}: {exc.strerror}") from None
        return connection

    def _woken(self) -> socket.socket:
        """Have the JVM listen, and return a connection to it."""
        key = (self._target.pid, self._target.started)
        pause, until = _in_vain.get(key, (FIRST_PAUSE, 0.0))
        if (left := until - time.monotonic()) > 0:
            raise self._refused(
                f": it did not listen when it was asked to; it is asked again in {left:.0f} s"
                f"\n  hint: {FLAGS}"
            )
        with _Trigger(self._tmp, self._target, self._refused):
            self._send_quit()
            wait = FIRST_LOOK
            while time.monotonic() + wait < self._end:
                time.sleep(wait)
                wait = min(2 * wait, LONGEST_LOOK)
                if connection := self._maybe_connected():
                    _in_vain.pop(key, None)
                    return connection
        _in_vain.clear()
        _in_vain[key] = (min(2 * pause, LONGEST_PAUSE), time.monotonic() + pause)
        raise self._refused(
            ": it was asked to listen and does not; is it very slow, or has it"
            f" -XX:+DisableAttachMechanism?\n  hint: {FLAGS}"
        )

    def _send_quit(self) -> None:
        """Send SIGQUIT if that can't end the process: the last look at it and the signal go to the same one."""
        try:
            handle = os.pidfd_open(self._target.pid)
        except OSError as exc:
            raise self._refused(f": {exc.strerror}") from None
        try:
            self._check()
            signal.pidfd_send_signal(handle, signal.SIGQUIT)
        except OSError as exc:
            raise self._refused(
                f": no signal can be sent to it: {exc.strerror}"
            ) from None
        finally:
            os.close(handle)

    def _check_age(self) -> None:
        age, pid = self._target.age(), self._target.pid
        if age < YOUNGEST_SECONDS or (age < GROWN_SECONDS and not has_begun(pid)):
            raise self._refused(
                f" has run for {age:.1f} s only: it is left alone while it starts"
            )

    def _check(self) -> None:
        """Raise ConnectFailed unless SIGQUIT is known to do no harm."""
        now = process(self._target.pid)
        if now is None or now.started != self._target.started:
            raise self._refused(" has ended")
        if now.runtime is not Runtime.HOTSPOT:
            raise self._refused(" is no HotSpot JVM any more")
        if flag := disabled_by(now):
            raise self._refused(f" has {flag}\n  hint: leave that out, or {FLAGS}")
        if not now.catches_quit:
            raise self._refused(
                " would end from SIGQUIT: it is still starting, or has -Xrs and lost the"
                f" socket in its /tmp\n  hint: start it with -XX:+StartAttachListener, or {FLAGS}"
            )

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlinePassed("the JVM's attach listener did not answer in time")
        return left

    def _barrier(self) -> str:
        return barrier(self._target.owner, self._mine)

    def _refused(self, why: str) -> ConnectFailed:
        return ConnectFailed(f"process {self._target.label}{why}")


class _Trigger:
    """The file by which the JVM knows that SIGQUIT asks it to listen; gone afterwards."""

    def __init__(self, tmp: int, target: Process, refused: Refused) -> None:
        self._tmp = tmp
        self._target = target
        self._refused = refused
        self._name = f".attach_pid{target.inner_pid}"
        self._ours = False

    def __enter__(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        owner = self._target.owner
        try:
            handle = os.open(self._name, flags, 0o600, dir_fd=self._tmp)
            self._ours = True
            with suppress(PermissionError):
                # Only root gives files away, and a JVM of JDK 8 wants its own user's.
                os.fchown(handle, owner.user, owner.group)
            os.close(handle)
            self._check_owner()
        except FileExistsError:
            # Another program is about to attach, or was.
            self._check_owner()
        except OSError as exc:
            raise self._refused(
                f": no file can be made in its /tmp: {exc.strerror}\n  hint: {EMPTY_DIR}"
            ) from None

    def _check_owner(self) -> None:
        """Raise unless the JVM will believe the file: else it would print all its threads."""
        found = os.stat(self._name, dir_fd=self._tmp, follow_symlinks=False)
        if found.st_uid != self._target.owner.user or not stat.S_ISREG(found.st_mode):
            self.__exit__()
            raise self._refused(
                f": {self._name} in its /tmp belongs to user {found.st_uid}, it wants"
                f" {self._target.owner.user}\n  hint: remove the file, or {FLAGS}"
            )

    def __exit__(self, *exc_info: object) -> None:
        if self._ours:
            with suppress(OSError):
                os.unlink(self._name, dir_fd=self._tmp)

"""Listen, serve, follow the rule file, and stop when told to."""

from __future__ import annotations

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from ..errors import BridgeError, UsageError
from ..log import get_log
from .app import Limits, make_app

if TYPE_CHECKING:
    from .shared import Bridge

log = get_log(__name__)
# A scrape, a rendering, a reload and one to spare: these threads stay attached to Java.
THREADS = 4
GRACE_SECONDS = 5.0
POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where to serve."""

    host: str
    """ "" is every address."""
    port: int
    """0 is any that is free; the log tells which."""
    telemetry_path: str = "/metrics"


def serve(bridge: Bridge, place: Place, limits: Limits) -> None:
    """
    Serve until SIGTERM or SIGINT.

    Raises UsageError if *place* can't be listened on.
    """
    asyncio.run(_serve(bridge, place, limits))


async def _serve(bridge: Bridge, place: Place, limits: Limits) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    executor = ThreadPoolExecutor(THREADS, thread_name_prefix="bridge")
    runner = web.AppRunner(
        make_app(bridge, executor, place.telemetry_path, limits),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=GRACE_SECONDS,
    )
    await runner.setup()
    try:
        await _listen(runner, place)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        reload = Reloader(bridge, executor)
        loop.add_signal_handler(signal.SIGHUP, reload.soon)
        follow = asyncio.create_task(reload.follow())
        await stop.wait()
        log.info("web.stopping")
        follow.cancel()
    finally:
        await runner.cleanup()
        executor.shutdown(wait=False, cancel_futures=True)


async def _listen(runner: web.AppRunner, place: Place) -> None:
    site = web.TCPSite(runner, place.host or None, place.port, backlog=128)
    try:
        await site.start()
    except OSError as exc:
        # asyncio's own text for a failed bind repeats the address.
        reason = exc.strerror
        if exc.errno and exc.errno > 0:
            reason = os.strerror(exc.errno)
        raise UsageError(
            f"{_address(place.host, place.port)}: can't listen there: {reason}"
            "\n  hint: choose another by --web.listen-address"
        ) from exc
    address = _address(place.host, runner.addresses[0][1])
    log.info("web.listening", address=address, path=place.telemetry_path)


def _address(host: str, port: int) -> str:
    """Return an address as --web.listen-address takes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Reloader:
    """Reads the rule file again when it changed, or when told to."""

    def __init__(self, bridge: Bridge, executor: ThreadPoolExecutor) -> None:
        self._bridge = bridge
        self._executor = executor
        self._seen = self._state()
        self._tasks: set[asyncio.Task[None]] = set()

    def soon(self) -> None:
        """Reload; for a signal handler."""
        task = asyncio.get_running_loop().create_task(self.reload())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def reload(self) -> None:
        """Reload in a thread; a wrong file is logged, and the old rules stay."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._executor, self._bridge.reload)
        except BridgeError as exc:
            log.error("config.refused", problems=str(exc))  # noqa: TRY400
        except Exception as exc:  # noqa: BLE001 -- the file must be followed on
            log.error("config.reload_failed", error=repr(exc))  # noqa: TRY400

    async def follow(self) -> None:
        """Look once a second whether the file is another."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            state = self._state()
            if state != self._seen:
                self._seen = state
                await self.reload()

    def _state(self) -> tuple[object, ...]:
        """Return what changes when a file is written, replaced, or its symlink swapped."""
        states: list[object] = []
        for file in self._bridge.files():
            try:
                stat = Path(file).stat()
            except OSError as exc:
                states.append(exc.errno)
            else:
                real = os.path.realpath(file)
                states.append((real, stat.st_ino, stat.st_mtime_ns, stat.st_size))
        return tuple(states)

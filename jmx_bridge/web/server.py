"""Listen, serve, follow the rule file, and stop when told to."""

from __future__ import annotations

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from aiohttp import web

from ..errors import BridgeError, UsageError
from ..log import get_log
from .app import Limits, make_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from .shared import Bridge

log = get_log(__name__)
# A scrape, a rendering, a reload and one to spare: these threads stay attached to Java.
THREADS = 4
GRACE_SECONDS = 5.0
POLL_SECONDS = 1.0


def serve(
    bridge: Bridge,
    *,
    host: str,
    port: int,
    telemetry_path: str,
    limits: Limits,
    on_listening: Callable[[int], None] | None = None,
) -> None:
    """
    Serve until SIGTERM or SIGINT; *host* "" is every address.

    *on_listening* gets the port, which differs from *port* when that is 0. Raises
    UsageError if the address can't be listened on.
    """
    asyncio.run(_serve(bridge, host, port, telemetry_path, limits, on_listening))


async def _serve(
    bridge: Bridge,
    host: str,
    port: int,
    path: str,
    limits: Limits,
    on_listening: Callable[[int], None] | None,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    executor = ThreadPoolExecutor(THREADS, thread_name_prefix="bridge")
    runner = web.AppRunner(
        make_app(bridge, executor, path, limits),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=GRACE_SECONDS,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host or None, port, backlog=128)
        try:
            await site.start()
        except OSError as exc:
            raise UsageError(
                f"{host}:{port}: can't listen there: {exc.strerror}"
                "\n  hint: choose another by --web.listen-address"
            ) from exc
        address = runner.addresses[0]
        log.info("web.listening", address=f"{host or '[::]'}:{address[1]}", path=path)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        reload = Reloader(bridge, executor)
        loop.add_signal_handler(signal.SIGHUP, reload.soon)
        if on_listening:
            on_listening(address[1])
        follow = asyncio.create_task(reload.follow())
        await stop.wait()
        log.info("web.stopping")
        follow.cancel()
    finally:
        await runner.cleanup()
        executor.shutdown(wait=False, cancel_futures=True)


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
                stat = os.stat(file)
            except OSError as exc:
                states.append(exc.errno)
            else:
                real = os.path.realpath(file)
                states.append((real, stat.st_ino, stat.st_mtime_ns, stat.st_size))
        return tuple(states)

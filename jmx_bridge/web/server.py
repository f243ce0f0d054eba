"""Listen, serve, follow the rule file, and stop when told to."""

from __future__ import annotations

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from ..errors import BridgeError, UsageError
from ..log import get_log
from .access import HEADERS
from .app import Limits, make_app
from .connections import ConnectionTable, Listener, open_sockets
from .shared import SharedScrape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from .access import AccessControl
    from .shared import ScrapeSource

log = get_log(__name__)
# A scrape, a rendering, a reload and one to spare: these threads stay attached to Java.
THREADS = 4
GRACE_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 75.0
POLL_SECONDS = 1.0
BUG = 500


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where to serve."""

    host: str
    """ "" is every address."""
    port: int
    """0 is any that is free; the log tells which."""
    telemetry_path: str = "/metrics"


def serve(
    source: ScrapeSource, address: ListenAddress, limits: Limits, access: AccessControl
) -> None:
    """
    Serve until SIGTERM or SIGINT.

    Raises UsageError if *address* can't be listened on.
    """
    asyncio.run(_serve(source, address, limits, access))


class Handler(web.RequestHandler):
    """Speaks with one connection; what is no request is answered in a few words."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        """Answer without the names and versions of what serves, and close the connection."""
        (log.error if status >= BUG else log.debug)("web.bad_request", error=repr(exc))
        answer = web.Response(status=status, text=f"{status}\n", headers=HEADERS)
        answer.force_close()
        return answer


async def _serve(
    source: ScrapeSource, address: ListenAddress, limits: Limits, access: AccessControl
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    executor = ThreadPoolExecutor(THREADS, thread_name_prefix="bridge")
    shared = SharedScrape(source, executor)
    table = ConnectionTable()
    runner = web.AppRunner(
        make_app(shared, address.telemetry_path, limits, access, table),
        access_log=None,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        shutdown_timeout=GRACE_SECONDS,
    )
    await runner.setup()
    listener = _listen(runner, address, access, table)
    listener.start()
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        reload = Reloader((source, access), executor)
        loop.add_signal_handler(signal.SIGHUP, reload.soon)
        follow = asyncio.create_task(reload.follow())
        await stop.wait()
        log.info("web.stopping")
        follow.cancel()
    finally:
        listener.close()
        await runner.cleanup()
        executor.shutdown(wait=False, cancel_futures=True)


def _listen(
    runner: web.AppRunner,
    address: ListenAddress,
    access: AccessControl,
    table: ConnectionTable,
) -> Listener:
    try:
        sockets = open_sockets(address.host, address.port)
    except OSError as exc:
        # Python's own text for a failed bind repeats the address.
        reason = exc.strerror
        if exc.errno and exc.errno > 0:
            reason = os.strerror(exc.errno)
        raise UsageError(
            f"{_address(address.host, address.port)}: can't listen there: {reason}"
            "\n  hint: choose another by --web.listen-address"
        ) from exc
    bound = _address(address.host, sockets[0].getsockname()[1])
    tls = bool(access.context)
    log.info("web.listening", address=bound, path=address.telemetry_path, tls=tls)
    if runner.server is None:
        raise RuntimeError("the runner is not set up")
    server = runner.server

    def protocol() -> asyncio.Protocol:
        handler = server()
        # The runner makes handlers of aiohttp's class, whatever it is told.
        handler.__class__ = Handler
        return handler

    return Listener(sockets, protocol, access, table)


def _address(host: str, port: int) -> str:
    """Return an address as --web.listen-address takes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Reloadable(Protocol):
    """What is made of files."""

    def files(self) -> tuple[str, ...]:
        """Return the files whose change calls for a reload."""

    def reload(self) -> None:
        """Read them again; raises BridgeError, and what they said before stays."""


class Reloader:
    """Reads files again when they changed, or when told to."""

    def __init__(
        self,
        parts: Sequence[Reloadable],
        executor: Executor,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Reading goes to *executor*."""
        self._parts = parts
        self._executor = executor
        self._poll_seconds = poll_seconds
        self._seen = [_state(part.files()) for part in self._parts]
        self._tasks: set[asyncio.Task[None]] = set()

    def soon(self) -> None:
        """Reload all; for a signal handler."""
        task = asyncio.get_running_loop().create_task(self._reload_all())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reload_all(self) -> None:
        for part in self._parts:
            await self._reload(part)

    async def _reload(self, part: Reloadable) -> None:
        """Reload in a thread; a wrong file is logged, and what it said before stays."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._executor, part.reload)
        except BridgeError as exc:
            log.error("config.refused", problems=str(exc))  # noqa: TRY400
        except Exception as exc:  # noqa: BLE001 -- the files must be followed on
            log.error("config.reload_failed", error=repr(exc))  # noqa: TRY400

    async def follow(self) -> None:
        """Look every *poll_seconds* whether a file is another."""
        while True:
            await asyncio.sleep(self._poll_seconds)
            for index, part in enumerate(self._parts):
                state = _state(part.files())
                if state != self._seen[index]:
                    self._seen[index] = state
                    await self._reload(part)


def _state(files: tuple[str, ...]) -> tuple[object, ...]:
    """Return what changes when a file is written, replaced, or its symlink swapped."""
    states: list[object] = []
    for file in files:
        try:
            stat = Path(file).stat()
        except OSError as exc:
            states.append(exc.errno)
        else:
            real = os.path.realpath(file)
            states.append((real, stat.st_ino, stat.st_mtime_ns, stat.st_size))
    return tuple(states)

"""A ScrapeSource without a target, and the application around it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from aiohttp.test_utils import TestClient, TestServer

from jmx_bridge.config.web.schema import OPEN, StoreConfig, WebConfig
from jmx_bridge.errors import UsageError
from jmx_bridge.model import Family, FamilyLayout, Layout, MetricType, Sample, Snapshot
from jmx_bridge.observe import Status
from jmx_bridge.web import AccessControl, Limits
from jmx_bridge.web.app import make_app
from jmx_bridge.web.connections import ConnectionTable
from jmx_bridge.web.server import THREADS
from jmx_bridge.web.shared import SharedScrape

T = TypeVar("T")
BIG = {"size": 1000, "width": 1 << 14}
"""More than sockets hold, made in no time."""
LIMITS = Limits(scrape_timeout=5.0, timeout_offset=0.5, most_bytes=1 << 20)
NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
PATIENCE = 10.0
STATUS = Status(
    version="1.2.3",
    target="service:jmx:rmi:///jndi/rmi://localhost:7199/jmxrmi",
    state="up",
    detail="",
    see="",
    since=NOON,
    last_scrape=None,
    rule_file=None,
    included=(),
    rules=0,
    loaded_at=NOON,
    warnings=(),
    problem="",
    java="21.0.4",
)


def page_of(size: int = 1, value: float = 1.0, *, width: int = 6) -> Snapshot:
    """A gauge with *size* series, each with a label of *width*, and the counter `c` of one."""
    series = [(("n", f"{n:0{width}}"),) for n in range(size)]
    layout = Layout([FamilyLayout("a", MetricType.GAUGE, "", series)])
    counter = Family("c", MetricType.COUNTER, "", (Sample((), 7.0),))
    return Snapshot(layout, [value] * size, [counter])


WITHOUT_VALUES = Snapshot(
    Layout(()), (), [Family("jmx_up", MetricType.GAUGE, "", (Sample((), 0.0),))]
)


class FakeSource:
    """
    Answers with *snapshot*, at once or when `release` is called; counts who asks.

    One that *hangs* answers at its deadline, with what has arrived.
    """

    def __init__(
        self,
        snapshot: Snapshot | None = None,
        *,
        held: bool = False,
        hangs: bool = False,
    ) -> None:
        self.snapshot = snapshot or page_of()
        self.shown = STATUS
        self.error: Exception | None = None
        self.lefts: list[float] = []
        self.reloads = 0
        self.connects = 0
        self._open = threading.Event()
        self._hangs = hangs
        self.deadline = 0.0
        self.holds_scrapes = True
        self.holds_reloads = False
        self.reloading = False
        if not (held or hangs):
            self._open.set()

    @property
    def scrapes(self) -> int:
        return len(self.lefts)

    def release(self) -> None:
        self._open.set()

    def hold(self) -> None:
        self._open.clear()

    def connect(self) -> None:
        self.connects += 1

    def scrape(self, *, deadline: float) -> Snapshot:
        self.deadline = deadline
        self.lefts.append(deadline - time.monotonic())
        give_up = time.monotonic() + PATIENCE
        while self.holds_scrapes and not self._open.wait(0.002):
            if self._hangs and time.monotonic() >= self.deadline:
                break
            assert time.monotonic() < give_up
        if self.error:
            raise self.error
        return self.snapshot

    def hurry(self, deadline: float) -> None:
        self.deadline = min(self.deadline, deadline)

    def unanswered(self) -> Snapshot:
        return WITHOUT_VALUES

    def status(self) -> Status:
        return self.shown

    def reload(self) -> None:
        self.reloading = True
        if self.holds_reloads:
            assert self._open.wait(PATIENCE)
        if self.error:
            raise self.error
        self.reloads += 1

    def changed(self) -> bool:
        return False


def no_stores(store: StoreConfig, *, keys: bool) -> str:
    """Stand for Java's key stores, where none can be read."""
    raise UsageError(f"{store.file}: no {'key' if keys else 'trust'} store")


async def until(condition: Callable[[], object]) -> None:
    """Wait for *condition*."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 -- no event tells
            await asyncio.sleep(0.001)


def with_client(
    source: FakeSource,
    talk: Callable[[TestClient], Awaitable[T]],
    *,
    config: WebConfig = OPEN,
    limits: Limits = LIMITS,
    path: str = "/metrics",
    table: ConnectionTable | None = None,
) -> T:
    """Serve *source*, and return what *talk* returns of it."""

    async def run() -> T:
        with ThreadPoolExecutor(THREADS) as executor:
            app = make_app(
                SharedScrape(source, executor, limits.most_bytes),
                path,
                limits,
                AccessControl(config, no_stores),
                ConnectionTable() if table is None else table,
            )
            async with TestClient(TestServer(app)) as client:
                return await talk(client)

    return asyncio.run(run())

"""Serve metrics, and follow the rule file, until told to stop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from .app import Limits, make_app
from .connections import ConnectionTable
from .reloads import Reloads
from .shared import SharedScrape
from .site import ListenAddress, Site, serve_site

if TYPE_CHECKING:
    from .access import AccessControl
    from .app import Addresses
    from .shared import ScrapeSource

# A scrape, a whole page, a page of chosen families, and one to spare: these stay attached to Java.
THREADS = 4


def serve(
    source: ScrapeSource,
    address: ListenAddress,
    limits: Limits,
    access: AccessControl,
    workbench: Addresses | None = None,
) -> None:
    """
    Serve until SIGTERM or SIGINT; *workbench* at addresses of its own, if it is to be.

    Raises UsageError if *address* can't be listened on.
    """
    asyncio.run(_serve(source, address, limits, access, workbench))


async def _serve(
    source: ScrapeSource,
    address: ListenAddress,
    limits: Limits,
    access: AccessControl,
    workbench: Addresses | None,
) -> None:
    executor = ThreadPoolExecutor(THREADS, thread_name_prefix="bridge")
    shared = SharedScrape(source, executor, limits.most_bytes)
    reloads = (shared.reloads, Reloads(access))
    table = ConnectionTable()
    app = make_app(shared, address.telemetry_path, limits, access, table)
    if workbench:
        workbench.add_to(app.router)
    site = Site(app, address, access, table)
    # Its requests end with it, and needn't be waited for.
    stopping = workbench.close if workbench else lambda: None
    try:
        await serve_site(site, reloads, source.connect, stopping)
    finally:
        if workbench:
            workbench.close()
        executor.shutdown(wait=False, cancel_futures=True)
        for one in reloads:
            one.close()

"""The workbench's page and its API: what each address below /workbench answers."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import hdrs, web

from ..errors import NotAnswered
from .app import accepts_gzip
from .assets import asset, page
from .door import PATH

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

API = f"{PATH}/api"
LARGEST_BODY = 2 << 20
"""A text of the largest size that is tried, with every character escaped."""
WORTH_PACKING = 1024


class Answers(Protocol):
    """
    What answers questions about a JVM; blocking, and safe for threads.

    Each answer can be written as JSON. All raise NotAnswered.
    """

    def state(self) -> dict[str, Any]:
        """Return what a page begins with."""

    def tree(self) -> dict[str, Any]:
        """Return all MBeans by domain."""

    def mbean(self, reading: str, name: str) -> dict[str, Any]:
        """Return one MBean with its values."""

    def search(
        self, reading: str, text: str, state: str, offset: int
    ) -> dict[str, Any]:
        """Return the values that have a piece of text."""

    def schema(self) -> str:
        """Return the JSON Schema of rule files."""

    def explain(
        self, client: str, reading: object, what: object, rules: object
    ) -> dict[str, Any]:
        """Tell why a metric is there or isn't."""

    def attempt(self, client: str, reading: object, rules: object) -> dict[str, Any]:
        """Return what *rules* would make of the reading."""

    def refresh(self) -> dict[str, Any]:
        """Read the JVM anew."""

    def tidy(self) -> None:
        """Give back what an evaluation left; nobody waits for it."""


class Workbench:
    """The endpoints."""

    def __init__(
        self,
        answers: Answers,
        client: Callable[[web.Request], str],
        readers: Executor,
        evaluators: Executor,
    ) -> None:
        """
        *client* tells browsers apart.

        Evaluations have threads of their own, so that they keep no look at the tree waiting.
        """
        self._answers = answers
        self._client = client
        self._readers = readers
        self._evaluators = evaluators

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add all addresses."""
        router.add_get(PATH, self.page)
        router.add_get(f"{PATH}/", self.page)
        router.add_get(f"{PATH}/assets/{{name}}", self.asset)
        for name in ("state", "tree", "mbean", "search", "schema"):
            router.add_get(f"{API}/{name}", getattr(self, name))
        for name in ("explain", "try", "refresh"):
            router.add_post(f"{API}/{name}", getattr(self, f"post_{name}"))

    async def page(self, _: web.Request) -> web.Response:
        """Return the page."""
        return page()

    async def asset(self, request: web.Request) -> web.Response:
        """Return one of its files."""
        return asset(request.match_info["name"], packed=_takes_gzip(request))

    # -- reading ---------------------------------------------------------------------------------

    async def state(self, request: web.Request) -> web.Response:
        """Return what a page begins with."""
        return await self._told(request, self._answers.state)

    async def tree(self, request: web.Request) -> web.Response:
        """Return all MBeans by domain."""
        return await self._told(request, self._answers.tree)

    async def mbean(self, request: web.Request) -> web.Response:
        """Return one MBean."""
        asked = request.query.get("reading", ""), request.query.get("name", "")
        return await self._told(request, partial(self._answers.mbean, *asked))

    async def search(self, request: web.Request) -> web.Response:
        """Return values that have a piece of text."""
        get = request.query.get
        offset = get("offset", "0")
        number = int(offset) if offset.isdecimal() and len(offset) < 10 else -1
        asked = get("reading", ""), get("q", ""), get("state", "all"), number
        return await self._told(request, partial(self._answers.search, *asked))

    async def schema(self, request: web.Request) -> web.Response:
        """Return the JSON Schema of rule files."""
        return await self._told(request, self._answers.schema)

    # -- evaluating ------------------------------------------------------------------------------

    async def post_explain(self, request: web.Request) -> web.Response:
        """Tell why a metric is there or isn't."""
        body = await _body(request)
        asked = [body.get(name) for name in ("reading", "what", "rules")]
        work = partial(self._answers.explain, self._client(request), *asked)
        return await self._told(request, work, self._evaluators)

    async def post_try(self, request: web.Request) -> web.Response:
        """Return what rules would make of the reading."""
        body = await _body(request)
        asked = [body.get(name) for name in ("reading", "rules")]
        work = partial(self._answers.attempt, self._client(request), *asked)
        try:
            return await self._told(request, work, self._evaluators)
        finally:
            self._evaluators.submit(self._answers.tidy)

    async def post_refresh(self, request: web.Request) -> web.Response:
        """Read the JVM anew."""
        await _body(request)
        return await self._told(request, self._answers.refresh)

    async def _told(
        self,
        request: web.Request,
        work: Callable[[], dict[str, Any] | str],
        executor: Executor | None = None,
    ) -> web.Response:
        """Answer with what *work* returns, made and written off the event loop."""
        written = partial(_written, work, packed=_takes_gzip(request))
        loop = asyncio.get_running_loop()
        status, body, packed = await loop.run_in_executor(
            executor or self._readers, written
        )
        headers = {
            hdrs.CONTENT_TYPE: "application/json; charset=utf-8",
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if packed:
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(status=status, body=body, headers=headers)


def _written(
    work: Callable[[], dict[str, Any] | str], *, packed: bool
) -> tuple[int, bytes, bool]:
    """Return status and body of an answer, and whether that is compressed."""
    status = 200
    try:
        told = work()
    except NotAnswered as exc:
        status, told = exc.status, exc.document
    text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
    # A text of a JVM may have half a character.
    body = text.encode("utf-8", "replace")
    if not packed or len(body) < WORTH_PACKING:
        return status, body, False
    from isal import isal_zlib  # noqa: PLC0415 -- only where somebody asks for it

    return status, isal_zlib.compress(body, 1, wbits=31), True


async def _body(request: web.Request) -> dict[str, Any]:
    """Return a request's body; raises the error that answers one that is none."""
    try:
        found = json.loads(await request.text())
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text='{"error": "the body is no JSON"}') from None
    if not isinstance(found, dict):
        raise web.HTTPBadRequest(text='{"error": "the body is no JSON object"}')
    return found


def _takes_gzip(request: web.Request) -> bool:
    return accepts_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, ""))

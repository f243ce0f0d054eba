"""The admission webhook: an API server asks about each pod, and is never told no."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from ..admission import (
    BadReview,
    Verdict,
    answer,
    earliest_expiry,
    expired,
    pod_name,
    read_review,
)
from ..errors import BridgeError
from ..exposition import negotiate, render
from ..log import get_log
from ..model import Layout, Snapshot
from .access import AccessControl
from .bodies import Bodies, BodyRefused
from .connections import ConnectionTable
from .guard import Guard
from .reloads import Reloads
from .site import ListenAddress, Site, serve_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..admission import Counts, Review

    Decide = Callable[..., Verdict]

__all__ = ["AccessControl", "Hook", "ListenAddress", "serve_webhook"]
log = get_log(__name__)
MOST_LINES = 60
"""So many lines a minute are logged of each thing that clients cause."""
MUTATE, BY_NAMESPACE = "/mutate", "/mutate/namespace"
PATHS = f"{MUTATE}  {BY_NAMESPACE}  /metrics  /-/healthy  /-/ready"
LARGEST_BODY = 4 << 20
"""An API server takes objects of 3 MiB, and stores those of 1.5 MiB."""
MOST_BODIES = 64 << 20
READ_SECONDS = 5.0
DECIDE_SECONDS = 5.0
THREADS = 2
INTERNAL = "no sidecar: an error of the webhook's own, which its log has"


@dataclass(frozen=True, slots=True)
class Hook:
    """What decides, and what counts."""

    decide: Decide
    """Takes a Review, and *by_namespace*; returns a Verdict. Called on a thread."""
    counts: Counts
    certificate: str
    """The file of the certificate that is served with."""
    drain_seconds: float


def serve_webhook(hook: Hook, address: ListenAddress, access: AccessControl) -> None:
    """
    Serve until SIGTERM or SIGINT, and so long after it that nobody is sent here any more.

    Raises UsageError if *address* can't be listened on.
    """
    asyncio.run(_serve(hook, address, access))


async def _serve(hook: Hook, address: ListenAddress, access: AccessControl) -> None:
    table = ConnectionTable()
    executor = ThreadPoolExecutor(THREADS, thread_name_prefix="admission")
    reloads = Reloads(Certificate(access, hook))
    endpoints = Endpoints(hook, executor)
    app = make_webhook(endpoints, access, table)
    site = Site(app, address, access, table, hook.drain_seconds)
    try:
        await serve_site(site, (reloads,), stopping=endpoints.stop)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        reloads.close()


def make_webhook(
    endpoints: Endpoints, access: AccessControl, table: ConnectionTable
) -> web.Application:
    """Return the application."""
    guard = Guard(access, table, PATHS, get_log(__name__, MOST_LINES))
    app = web.Application(middlewares=[guard.middleware])
    app.on_response_prepare.append(guard.head)
    app.router.add_post(MUTATE, endpoints.by_pod)
    app.router.add_post(BY_NAMESPACE, endpoints.by_namespace)
    app.router.add_get("/metrics", endpoints.metrics)
    app.router.add_get("/-/healthy", endpoints.healthy)
    app.router.add_get("/-/ready", endpoints.ready)
    return app


class Certificate:
    """The certificate that is served with: read anew when its files change."""

    def __init__(self, access: AccessControl, hook: Hook) -> None:
        self._access = access
        self._hook = hook
        self._note()

    def _note(self) -> None:
        """Tell of the certificate in use; an expired one is served with, as it harms nobody."""
        file = self._hook.certificate
        expires = earliest_expiry(file)
        self._hook.counts.certified(expires)
        if expired(expires):
            log.error("webhook.certificate_expired", file=file)

    def changed(self) -> bool:
        """Whether a file is another."""
        return self._access.changed()

    def reload(self) -> None:
        """Serve new connections with what is there now; raises BridgeError, and the old one stays."""
        try:
            self._access.reload()
            self._note()
        except BridgeError:
            self._hook.counts.certificate_refused()
            raise


class Endpoints:
    """What each path answers; for one event loop."""

    def __init__(self, hook: Hook, executor: ThreadPoolExecutor) -> None:
        self._hook = hook
        self._counts = hook.counts
        self._executor = executor
        self._bodies = Bodies(LARGEST_BODY, MOST_BODIES, READ_SECONDS)
        self._stopping = False
        self._log = get_log(__name__, MOST_LINES)

    def stop(self) -> None:
        """Say from now on that nobody else should be sent here."""
        self._stopping = True

    async def by_pod(self, request: web.Request) -> web.Response:
        """Answer about a pod that has to ask for the sidecar."""
        return await self._answer(request, by_namespace=False)

    async def by_namespace(self, request: web.Request) -> web.Response:
        """Answer about a pod whose namespace asks for it."""
        return await self._answer(request, by_namespace=True)

    async def _answer(
        self, request: web.Request, *, by_namespace: bool
    ) -> web.Response:
        start = time.monotonic()
        try:
            async with self._bodies.read(request) as body:
                text = await self._decided(body, by_namespace=by_namespace)
        except BodyRefused as exc:
            return self._refuse(exc.reason, exc.status, str(exc))
        except BadReview as exc:
            return self._refuse("bad_review", 400, str(exc))
        except TimeoutError:
            return self._refuse("too_slow", 503, "deciding took too long")
        finally:
            self._counts.answered(time.monotonic() - start)
        return web.Response(body=text, content_type="application/json")

    def _refuse(self, reason: str, status: int, message: str) -> web.Response:
        """Answer with an error, which the server that asks takes for no answer."""
        self._counts.failed(reason)
        self._log.warning("webhook.bad_request", reason=reason, problem=message)
        response = web.Response(status=status, text=f"{message}\n")
        response.force_close()
        return response

    async def _decided(self, body: bytes, *, by_namespace: bool) -> bytes:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(DECIDE_SECONDS):
            return await loop.run_in_executor(
                self._executor, self._decide, body, by_namespace
            )

    def _decide(self, body: bytes, by_namespace: bool) -> bytes:  # noqa: FBT001 -- for a thread
        """Return the answer's body; raises BadReview."""
        review = read_review(body)
        try:
            verdict = self._hook.decide(review, by_namespace=by_namespace)
            self._counts.decided(verdict)
            self._tell(review, verdict)
        except Exception as exc:  # noqa: BLE001 -- a pod must not suffer from it
            self._counts.failed("internal")
            self._log.error("webhook.failed", error=repr(exc), **_named(review))
            verdict = Verdict("internal", warnings=(INTERNAL,))
        return answer(review, verdict)

    def _tell(self, review: Review, verdict: Verdict) -> None:
        pod = _named(review)
        if verdict.injected:
            self._log.info("webhook.injected", **pod)
        elif verdict.refused:
            problem, reason = verdict.message, verdict.reason
            self._log.warning("webhook.refused", **pod, reason=reason, problem=problem)
        else:
            self._log.debug("webhook.skipped", **pod, reason=verdict.reason)
        for warning in verdict.warnings if verdict.injected else ():
            self._log.warning("webhook.warning", **pod, problem=warning)

    async def metrics(self, request: web.Request) -> web.Response:
        """Answer with our metrics, in the format that the client wants."""
        fmt = negotiate(request.headers.get(hdrs.ACCEPT))
        snapshot = Snapshot(Layout(()), (), self._counts.families())
        names = frozenset(request.query.getall("name[]", ()))
        headers = {hdrs.CONTENT_TYPE: fmt.content_type, hdrs.VARY: "Accept"}
        return web.Response(body=render(snapshot, fmt, names), headers=headers)

    async def healthy(self, _: web.Request) -> web.Response:
        """Say that the process lives."""
        return web.Response(text="Healthy\n")

    async def ready(self, _: web.Request) -> web.Response:
        """Say that pods are answered, which is so while it listens."""
        if self._stopping:
            return web.Response(status=503, text="Stopping\n")
        if expired(self._counts.expires):
            return web.Response(status=503, text="The certificate expired\n")
        return web.Response(text="Ready\n")


def _named(review: Review) -> dict[str, str]:
    """Return what the log calls a pod."""
    return {"namespace": review.namespace, "pod": pod_name(review.pod)}

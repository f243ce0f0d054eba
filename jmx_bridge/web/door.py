"""
Who may use the workbench's page: only by names of hosts that are ours, and from our own page.

A page of another site may have a browser send requests to this machine, or make its own name
mean this machine (DNS rebinding). So the name in Host has to be one that we know, Origin has to
be the same, and on this machine's own server the browser shows a cookie that it got once.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import hdrs, web

if TYPE_CHECKING:
    from collections.abc import Collection

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names that can't be made to mean another machine; so can't those that end in .localhost."""
COOKIE = "jmx-bridge-workbench"
PATH = "/workbench"
UNKNOWN_HOST = "This address is not served under the name in the Host header.\n"
WRONG_ORIGIN = "Asked by a page of another origin.\n"
NO_COOKIE = """\
Open the address that `jmx-bridge workbench` printed: it can be used once, by one browser.
To use another one, start the command again.
"""
NO_JSON = "The body must be application/json.\n"


class Door:
    """Lets requests in, and knows clients by their cookie."""

    def __init__(
        self, names: Collection[str], token: str | None = None, *, port: int = 0
    ) -> None:
        """
        *names* of hosts are ours besides those of this machine.

        *token* can be exchanged once for a cookie, without which nobody comes in; None: others
        look at who asks. *port* keeps cookies of several servers on one machine apart.
        """
        self._names = frozenset(name.lower().strip("[]") for name in names)
        self._token = token
        self._closed = token is not None
        self._cookie = f"{COOKIE}-{port}" if port else COOKIE
        self._known: str | None = None

    def refusal(self, request: web.Request) -> web.Response | None:
        """Return why a request may not come in, or the cookie for its token; None if it may."""
        host = request.headers.get(hdrs.HOST, "")
        if not self._is_ours(host):
            return web.Response(status=421, text=UNKNOWN_HOST)
        if not _same_site(request, host):
            return web.Response(status=403, text=WRONG_ORIGIN)
        if request.method == hdrs.METH_POST and not _is_json(request):
            return web.Response(status=415, text=NO_JSON)
        if not self._closed or self._has_cookie(request):
            return None
        if request.method == hdrs.METH_GET and "token" in request.query:
            return self._exchange(request)
        return web.Response(status=403, text=NO_COOKIE)

    def client(self, request: web.Request) -> str:
        """Return what is the same for requests of one browser."""
        return "".join(filter(str.isalnum, request.cookies.get(self._cookie, "")))[:64]

    def greet(self, request: web.Request, response: web.StreamResponse) -> None:
        """Give a browser that has no cookie one, by which its evaluations are told apart."""
        if not self._closed and self._cookie not in request.cookies:
            self._give(request, response, secrets.token_urlsafe(16))

    def _is_ours(self, host: str) -> bool:
        name = _name(host)
        return name in LOOPBACK or name.endswith(".localhost") or name in self._names

    def _has_cookie(self, request: web.Request) -> bool:
        shown = request.cookies.get(self._cookie, "")
        return self._known is not None and _equal(shown, self._known)

    def _exchange(self, request: web.Request) -> web.Response:
        token = self._token
        if token is None or not _equal(request.query["token"], token):
            return web.Response(status=403, text=NO_COOKIE)
        self._token, self._known = None, secrets.token_urlsafe(32)
        answer = web.Response(status=303, headers={hdrs.LOCATION: PATH})
        self._give(request, answer, self._known)
        return answer

    def _give(
        self, request: web.Request, response: web.StreamResponse, value: str
    ) -> None:
        response.set_cookie(
            self._cookie,
            value,
            path=PATH,
            httponly=True,
            samesite="Strict",
            secure=request.secure,
        )


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _name(host: str) -> str:
    """Return the name in a Host header, in lower case and without port and brackets; "" for none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _same_site(request: web.Request, host: str) -> bool:
    """Whether our own page asks, or no page: a browser sends Origin with each POST."""
    if request.headers.get("Sec-Fetch-Site", "none") == "cross-site":
        return request.method == hdrs.METH_GET and _is_visit(request)
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        return request.method in {hdrs.METH_GET, hdrs.METH_HEAD}
    scheme, sign, rest = origin.partition("://")
    return bool(sign) and scheme in {"http", "https"} and rest.lower() == host.lower()


def _is_visit(request: web.Request) -> bool:
    """Whether somebody follows a link to the page itself, which tells nothing to where it stood."""
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" and request.path.rstrip("/") == PATH


def _is_json(request: web.Request) -> bool:
    return request.content_type == "application/json"

"""The workbench's built page: its files, and the policy that comes with them."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from aiohttp import hdrs, web

FOLDER = Path(__file__).parent / "assets"
NONCE = "{{nonce}}"
NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.(js|css|txt|svg)")
TYPES = {
    "js": "text/javascript",
    "css": "text/css",
    "txt": "text/plain",
    "svg": "image/svg+xml",
}
NOT_BUILT = """\
The workbench's page is not built in this checkout; its API answers all the same.
`make page` builds it, for which Node is needed; wheels and images have it.
"""
FOR_EVER = "public, max-age=31536000, immutable"
"""A file is named by its content."""


def policy(nonce: str) -> str:
    """Return the Content-Security-Policy of a page whose styles have a nonce."""
    return (
        "default-src 'none'; script-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def page(folder: Path = FOLDER) -> web.Response:
    """Return the page, or how it is built."""
    try:
        text = (folder / "index.html").read_text("utf-8")
    except FileNotFoundError:
        return web.Response(status=501, text=NOT_BUILT)
    nonce = secrets.token_urlsafe(16)
    headers = {
        "Content-Security-Policy": policy(nonce),
        hdrs.CACHE_CONTROL: "no-store",
        "Referrer-Policy": "no-referrer",
    }
    text = text.replace(NONCE, nonce)
    return web.Response(text=text, content_type="text/html", headers=headers)


def asset(name: str, *, packed: bool, folder: Path = FOLDER) -> web.Response:
    """Return one of the page's files, compressed if the client takes it and it is there so."""
    match = NAME.fullmatch(name)
    path = folder / name
    if match is None or not path.is_file():
        return web.Response(status=404, text="There is no such file.\n")
    headers = {
        hdrs.CONTENT_TYPE: f"{TYPES[match[1]]}; charset=utf-8",
        hdrs.CACHE_CONTROL: FOR_EVER,
        hdrs.VARY: hdrs.ACCEPT_ENCODING,
    }
    small = folder / f"{name}.gz"
    if packed and small.is_file():
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        path = small
    return web.Response(body=path.read_bytes(), headers=headers)

"""`jmx-bridge serve`: serve metrics until told to stop."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from ..config.watched import Watched
from ..config.web.schema import WebConfig
from ..config.web.toolkit import load_web_config
from ..jmx import pem_of
from ..log import get_log
from .start import start_bridge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..settings import Settings, WebSettings

log = get_log(__name__)
AUTHORITIES = "SSL_CERT_FILE"


@contextmanager
def no_authorities() -> Iterator[None]:
    """
    Hide the system's certificate authorities.

    aiohttp reads them when it is imported, for a client that is never used here: 2 MB.
    """
    before = os.environ.get(AUTHORITIES)
    os.environ[AUTHORITIES] = os.devnull
    try:
        yield
    finally:
        if before is None:
            del os.environ[AUTHORITIES]
        else:
            os.environ[AUTHORITIES] = before


with no_authorities():
    from ..web import Limits, ListenAddress
    from ..web import serve as serve_web
    from ..web.access import AccessControl


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    bridge = start_bridge(settings)
    web, scrape = settings.web, settings.scrape
    section = bridge.config.http_server
    config, watched = web_config(web, section)
    reload = (watched.read, watched.changed) if watched else ()
    try:
        serve_web(
            bridge,
            ListenAddress(web.host, web.port, section.path or web.path),
            Limits(scrape.timeout, scrape.timeout_offset, settings.limits.bytes),
            AccessControl(config, pem_of, *reload, lifecycle=web.enable_lifecycle),
        )
    finally:
        bridge.close()
    return 0


def web_config(
    web: WebSettings, section: WebConfig
) -> tuple[WebConfig, Watched[WebConfig] | None]:
    """
    Return who may ask, and what reads that anew, if it can change.

    The file of *web* beats the rule file's *section*. Raises ConfigError.
    """
    file = web.config_file
    if not file:
        return section, None
    if section.tls or section.users:
        log.warning("settings.warning", problem=f"httpServer is ignored beside {file}")
    watched = Watched(partial(load_web_config, file), (file,), WebConfig.files)
    return watched.read(), watched

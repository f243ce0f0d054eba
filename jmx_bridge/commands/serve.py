"""`jmx-bridge serve`: serve metrics until told to stop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..config.watched import Watched
from ..config.web.schema import WebConfig
from ..config.web.toolkit import load_web_config
from ..jmx import pem_of
from ..log import get_log
from .lean import load_server
from .start import start_bridge

if TYPE_CHECKING:
    from ..settings import Settings, WebSettings

log = get_log(__name__)


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    bridge = start_bridge(settings)
    web, scrape = settings.web, settings.scrape
    section = bridge.config.http_server
    config, watched = web_config(web, section)
    reload = (watched.read, watched.changed) if watched else ()
    try:
        # A watched file may ask for TLS or passwords later; a section is read once.
        server = load_server(openssl=bool(watched or config.tls or config.users))
        server.serve(
            bridge,
            server.ListenAddress(web.host, web.port, section.path or web.path),
            server.Limits(scrape.timeout, scrape.timeout_offset, settings.limits.bytes),
            server.AccessControl(
                config, pem_of, *reload, lifecycle=web.enable_lifecycle
            ),
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

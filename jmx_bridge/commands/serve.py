"""`jmx-bridge serve`: serve metrics until told to stop."""

from __future__ import annotations

from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

from ..config.watched import Watched
from ..config.web.schema import MUST_CLIENT, WebConfig
from ..config.web.toolkit import load_web_config
from ..errors import UsageError
from ..jmx import pem_of
from ..log import get_log
from .lean import load_server
from .start import start_bridge

if TYPE_CHECKING:
    from ..settings import Settings, WebSettings
    from ..web.access import AccessControl
    from ..web.beside import Beside

log = get_log(__name__)


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    bridge = start_bridge(settings)
    web, scrape = settings.web, settings.scrape
    section = bridge.config.http_server
    config, watched = web_config(web, section)
    if web.workbench:
        refuse_open_workbench(web, config)
    reload = (watched.read, watched.changed) if watched else ()
    try:
        # A watched file may ask for TLS or passwords later; a section is read once.
        server = load_server(openssl=bool(watched or config.tls or config.users))
        access = server.AccessControl(
            config, pem_of, *reload, lifecycle=web.enable_lifecycle
        )
        server.serve(
            bridge,
            server.ListenAddress(web.host, web.port, section.path or web.path),
            server.Limits(scrape.timeout, scrape.timeout_offset, settings.limits.bytes),
            access,
            _workbench(settings, access) if web.workbench else None,
        )
    finally:
        bridge.close()
    return 0


def refuse_open_workbench(web: WebSettings, config: WebConfig) -> None:
    """Raise UsageError if other machines could use the workbench, and nobody asked who they are."""
    asks = config.users or (config.tls and config.tls.client == MUST_CLIENT)
    if not (asks or is_loopback(web.host)):
        raise UsageError(
            "--web.workbench: shows all values to whoever reaches this address"
            "\n  hint: add users by --web.config.file, or serve on this machine alone by"
            " --web.listen-address=127.0.0.1:PORT"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _workbench(settings: Settings, access: AccessControl) -> Beside:
    """Return what serves the workbench beside the metrics; nobody else loads any of it."""
    from ..web.beside import Beside  # noqa: PLC0415
    from ..web.door import Door  # noqa: PLC0415
    from .beside import start_beside  # noqa: PLC0415

    host, names = settings.web.host, settings.web.workbench_hosts
    door = Door([*filter(None, [host]), *names], port=settings.web.port)
    start = partial(start_beside, settings)
    return Beside(start, door, access, local=is_loopback(host))


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

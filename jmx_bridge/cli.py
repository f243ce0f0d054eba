"""Read the command line, and run what it asks for; the only place that exits."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from .errors import BridgeError, UsageError
from .log import configure, get_log
from .settings import HelpRequested, parse_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .config.webschema import WebConfig
    from .scrape import Bridge
    from .settings import Settings
    from .web.door import Door

log = get_log(__name__)
FAILED, MISUSED, KILLED = 1, 2, 128
AUTHORITIES = "SSL_CERT_FILE"


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run `jmx-bridge`."""
    try:
        settings = parse_settings(sys.argv[1:] if argv is None else argv, os.environ)
    except HelpRequested as exc:
        sys.stdout.write(exc.text)
        _exit(0)
    except UsageError as exc:
        _complain(exc)
        _exit(MISUSED)
    configure(settings.log_level, settings.log_format)
    # Until somebody has something better to do with them.
    _on_signals(_quit)
    if settings.command == "serve":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for warning in settings.warnings:
        log.warning("settings.warning", problem=warning)
    try:
        status = COMMANDS[_command(settings)](settings)
    except BridgeError as exc:
        _complain(exc)
        status = MISUSED if isinstance(exc, UsageError) else FAILED
    except KeyboardInterrupt as exc:
        status = KILLED + (exc.args[0] if exc.args else signal.SIGINT)
    except BrokenPipeError:
        status = FAILED
    except OSError as exc:
        _complain(exc)
        status = FAILED
    _exit(status)


def _on_signals(handler: Callable[[int, object], NoReturn]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)


def _quit(number: int, _: object) -> NoReturn:
    """
    End at once, while nothing has to be closed.

    An exception would not do: one that is raised while JPype is being imported gets lost.
    """
    os._exit(KILLED + number)


def _interrupt(number: int, _: object) -> NoReturn:
    raise KeyboardInterrupt(number)


def _command(settings: Settings) -> str:
    return "check" if settings.config_check else settings.command


def _complain(exc: Exception) -> None:
    with suppress(OSError):
        sys.stderr.write(f"jmx-bridge: {exc}\n")


def _exit(status: int) -> NoReturn:
    """
    End the process at once.

    The JVM's own shutdown would wait for threads of the JDK's RMI client; what has to be
    closed is closed by now.
    """
    try:
        sys.stdout.flush()
    except OSError:
        status = FAILED
    # A log that can't be written changes nothing about what was done.
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(status)


def serve(settings: Settings) -> int:
    """Serve metrics until told to stop."""
    with _no_authorities():
        from .web import Limits, Place  # noqa: PLC0415
        from .web import serve as serve_web  # noqa: PLC0415

    bridge = _bridge(settings)
    door, path = _door(settings, bridge.config.http_server)
    try:
        serve_web(
            bridge,
            Place(settings.listen_host, settings.listen_port, path),
            Limits(
                settings.scrape_timeout, settings.timeout_offset, settings.most_bytes
            ),
            door,
        )
    finally:
        bridge.close()
    return 0


def _door(settings: Settings, section: WebConfig) -> tuple[Door, str]:
    """Return who may come in, by the web configuration or the rule file, and the path."""
    from .config.web import load_web_config  # noqa: PLC0415
    from .jmx import pem_of  # noqa: PLC0415
    from .web.door import Door  # noqa: PLC0415

    path = section.path or settings.telemetry_path
    file = settings.web_config
    if not file:
        return Door(section, pem_of), path
    if section.tls or section.users:
        log.warning("settings.warning", problem=f"httpServer is ignored beside {file}")
    return Door(load_web_config(file), pem_of, partial(load_web_config, file)), path


@contextmanager
def _no_authorities() -> Iterator[None]:
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


def scrape(settings: Settings) -> int:
    """Print one scrape; fail if the target could not be read."""
    from .exposition import negotiate, render  # noqa: PLC0415

    bridge = _bridge(settings)
    try:
        snapshot = bridge.scrape(deadline=time.monotonic() + settings.scrape_timeout)
        sys.stdout.buffer.write(render(snapshot, negotiate(None)))
    finally:
        bridge.close()
    status = bridge.status()
    if status.state != "up":
        sys.stderr.write(f"jmx-bridge: {status.target}: {status.detail}\n")
    return 0 if status.state == "up" else FAILED


def check(settings: Settings) -> int:
    """Say all that is wrong with rule files."""
    from .config import load_config  # noqa: PLC0415
    from .errors import ConfigError  # noqa: PLC0415
    from .jmx import JavaSyntax, start_jvm  # noqa: PLC0415

    start_jvm(settings.jvm)
    _on_signals(_interrupt)
    status = 0
    for path in settings.check_files or (settings.config_file or "",):
        try:
            config = load_config(
                path, syntax=JavaSyntax(), environ=os.environ, strict=True
            )
        except ConfigError as exc:
            sys.stdout.write(f"{exc}\n")
            status = FAILED
        else:
            sys.stdout.writelines(f"{problem}\n" for problem in config.warnings)
            rules = len(config.rules)
            sys.stdout.write(f"{path}: good, {rules} rule{'s' * (rules != 1)}\n")
    return status


def _bridge(settings: Settings) -> Bridge:
    """Start Java and read the rules."""
    from .config import StoreConfig, TlsConfig, load_config  # noqa: PLC0415
    from .jmx import JavaSyntax, start_jvm  # noqa: PLC0415
    from .scrape import Access, Bridge  # noqa: PLC0415

    def store(
        file: str | None, password: str | None, key: str | None
    ) -> StoreConfig | None:
        return StoreConfig(file, None, password, key) if file else None

    start_jvm(settings.jvm)
    _on_signals(_interrupt)
    load = None
    if settings.config_file or settings.config_include:
        load = partial(
            load_config,
            settings.config_file,
            syntax=JavaSyntax(),
            environ=os.environ,
            extra=settings.config_include or (),
        )
    tls = None
    if settings.tls:
        tls = TlsConfig(
            store(settings.key_store, settings.key_store_password, settings.key_file),
            store(settings.trust_store, settings.trust_store_password, None),
        )
    no_registry_tls = os.environ.get("RMI_REGISTRY_SSL_DISABLED", "").lower() == "true"
    access = Access(
        target=settings.jmx_target,
        url=settings.jmx_url,
        username=settings.jmx_username,
        password=settings.jmx_password,
        password_file=settings.jmx_password_file,
        tls=tls,
        verify_host=settings.tls_verify_host,
        connect_timeout=settings.connect_timeout,
        calls=settings.calls,
        wire=settings.wire,
        thread_states=settings.thread_states,
        registry_tls=settings.tls_registry and not no_registry_tls,
        most_mbeans=settings.most_mbeans,
        most_samples=settings.most_samples,
    )
    return Bridge(access, load, settings.config_file)


COMMANDS = {"serve": serve, "scrape": scrape, "check": check}

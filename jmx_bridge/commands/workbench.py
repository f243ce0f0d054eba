"""`jmx-bridge workbench`: the workbench's page, for one browser of this machine."""

from __future__ import annotations

import gc
import sys
from functools import partial
from typing import TYPE_CHECKING

from ..errors import NotAnswered
from ..jmx import JavaPatterns, JavaSyntax, start_jvm
from ..signals import interrupt, on_signals
from ..web.alone import serve_alone, serve_beside
from ..workbench.engine import Engine, Sources
from .reading import read_moments, secrets_of_target
from .start import rule_loader

if TYPE_CHECKING:
    import socket

    from ..config import Config
    from ..jmx.moment import JvmReading
    from ..settings import Settings


def workbench(settings: Settings) -> int:
    """Serve the page until SIGTERM or SIGINT; return the exit status."""
    start_jvm(settings.jvm)
    on_signals(interrupt)
    engine = make_engine(settings)
    try:
        # Whoever begins hears at once that the target can't be read.
        engine.kept()
    except NotAnswered as exc:
        raise (exc.__cause__ or exc) from None
    web = settings.web
    serve_alone(engine, settings.workbench.port, web.workbench_hosts, _announce)
    return 0


def run_beside(settings: Settings, control: socket.socket) -> None:
    """Answer questions about the target until `serve`, which started this process, closes the socket."""
    start_jvm(settings.jvm)
    serve_beside(make_engine(settings), control)


def make_engine(settings: Settings) -> Engine:
    """Return what answers questions about the target that *settings* name; Java runs."""
    target, rules = settings.target, settings.rules
    return Engine(
        Sources(
            target=_called(settings),
            recording=bool(target.recording),
            read=partial(_read, settings),
            load=rule_loader(rules),
            file=rules.file,
            flagged=rules.include,
            secrets=secrets_of_target(target),
            compile_patterns=JavaPatterns,
            syntax=JavaSyntax(),
            settled=_settled,
        )
    )


def _called(settings: Settings) -> str:
    """Return what the page calls the target."""
    target = settings.target
    named = (target.recording, target.url, target.host_port)
    attached = f"attach {target.attach}" if target.attach else "the rule file's target"
    return next(filter(None, named), attached)


def _read(settings: Settings, config: Config) -> JvmReading:
    gc.unfreeze()
    try:
        return read_moments(settings, config)[-1]
    finally:
        # It turns collecting off, for commands that end soon.
        gc.enable()


def _settled() -> None:
    """Keep the collector from a reading's million objects."""
    gc.collect()
    gc.freeze()


def _announce(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    sys.stderr.write(
        "jmx-bridge: open this address in a browser of this machine; it can be used once\n"
    )

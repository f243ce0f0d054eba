"""What settings of a target contradict each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import UsageError
from .option import PASSWORD
from .texts import BadText, read_password

if TYPE_CHECKING:
    from .values import TargetSettings

Sources = dict[str, str]
"""Which flag or variable sets an option, by the option's name; the others are missing."""
LIVE_ADDRESSES = ("target.host_port", "target.url", "target.attach")
"""The settings that each name a target by itself."""


def refuse_contradictions(target: TargetSettings, sources: Sources) -> None:
    """Raise UsageError where settings can't go together."""
    check_password(target, sources)
    check_tls(target, sources)
    check_attach(target, sources)


def one_address(target: TargetSettings, sources: Sources) -> TargetSettings:
    """Let a flag's address beat a variable's; refuse two of the same rank."""
    given = [name for name in LIVE_ADDRESSES if sources.get(name)]
    flags = [name for name in given if sources[name].startswith("--")]
    first, *others = flags or given or [""]
    if others:
        raise UsageError(
            f"{sources[first]}: {sources[others[0]]} names a target, too"
            "\n  hint: remove one"
        )
    return replace(
        target,
        host_port=target.host_port if first == "target.host_port" else None,
        url=target.url if first == "target.url" else None,
        attach=target.attach if first == "target.attach" else None,
    )


def check_attach(target: TargetSettings, sources: Sources) -> None:
    """Refuse what a JVM that is attached to can't be asked for."""
    for name in ("target.tls", "target.username"):
        if target.attach and sources.get(name, "").startswith("--"):
            raise UsageError(
                f"{sources[name]}: has no meaning beside --jmx.attach"
                "\n  hint: remove it; the kernel says who may attach"
            )


def check_password(target: TargetSettings, sources: Sources) -> None:
    """Refuse two passwords, and a file that has none."""
    if not target.password_file:
        return
    source = sources["target.password_file"]
    if target.password:
        raise UsageError(f"{PASSWORD}: {source} is set, too\n  hint: unset one")
    try:
        read_password(target.password_file)
    except BadText as exc:
        raise UsageError(f"{source}: {exc}") from None


def check_tls(target: TargetSettings, sources: Sources) -> None:
    """Refuse stores without TLS, a mistake that nobody would notice."""
    for name in ("target.trust_store", "target.key_store", "target.key_file"):
        if name in sources and not target.tls:
            raise UsageError(f"{sources[name]}: needs --jmx.tls")
    if target.key_file and not target.key_store:
        raise UsageError(
            f"{sources['target.key_file']}: needs --jmx.tls.key-store"
            "\n  hint: which is the PEM file of the certificate"
        )

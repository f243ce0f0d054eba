"""Where the target is reached: what flags and variables say, before the rule file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..config import StoreConfig, TlsConfig
from ..errors import LoginFailed, UsageError
from ..jmx import ATTACH, TargetAddress
from ..settings import read_password

if TYPE_CHECKING:
    from ..config import Config
    from ..settings import TargetSettings


def address(target: TargetSettings, config: Config) -> TargetAddress:
    """
    Return the target's address under the rule file *config*.

    The password file is not read: see with_password. Raises UsageError if neither the
    settings nor the file name a target.
    """
    tls = target_tls(target) or config.tls
    return TargetAddress(
        _url(target, config),
        target.username or config.username,
        target.password or config.password,
        tls=tls and replace(tls, verify_host=target.tls_verify_host),
        registry_tls=tls is not None and target.tls_registry,
    )


def with_password(target: TargetSettings, place: TargetAddress) -> TargetAddress:
    """
    Return *place* with what is in the password file now; without such a file, as it is.

    Raises LoginFailed if there is no password in the file.
    """
    if not target.password_file:
        return place
    try:
        return replace(place, password=read_password(target.password_file))
    except ValueError as exc:
        raise LoginFailed(f"the password file: {exc}") from None


def target_tls(target: TargetSettings) -> TlsConfig | None:
    """Return the stores that the settings name; None if they don't ask for TLS."""
    if not target.tls:
        return None
    keys = trusted = None
    if target.key_store:
        keys = StoreConfig(
            target.key_store, None, target.key_store_password, target.key_file
        )
    if target.trust_store:
        trusted = StoreConfig(target.trust_store, None, target.trust_store_password)
    return TlsConfig(keys, trusted)


def _url(target: TargetSettings, config: Config) -> str:
    if target.recording:
        return f"recording:{target.recording}"
    if target.attach:
        return f"{ATTACH}{target.attach}"
    if target.url or target.host_port:
        return target.url or _url_of(target.host_port or "")
    if config.jmx_url or config.host_port:
        return config.jmx_url or _url_of(config.host_port or "")
    raise UsageError(
        "no target: neither a flag, nor a variable, nor the rule file names one"
        "\n  hint: --jmx.target=localhost:7199"
    )


def _url_of(host_port: str) -> str:
    return f"service:jmx:rmi:///jndi/rmi://{host_port}/jmxrmi"

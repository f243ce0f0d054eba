"""Load what serves, without those parts of its libraries that nothing here needs."""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

AIOHTTP = "aiohttp"
OPENSSL = ("ssl", "_ssl", "_hashlib")
"""What loads OpenSSL, 5 MiB; Python's own hashes take its place."""
SERVER = "jmx_bridge.web"


def load_server(*, openssl: bool, server: str = SERVER) -> ModuleType:
    """
    Return the module *server*, loaded without aiohttp's client: 2 MiB and a tenth of a start.

    Without *openssl* neither TLS nor passwords can be served later. A release of aiohttp
    that can't be loaded so is loaded whole.
    """
    if AIOHTTP in sys.modules:
        return import_module(server)
    with uncollected(), hidden(() if openssl else OPENSSL):
        sys.modules[AIOHTTP] = _package()
        try:
            return import_module(server)
        except (ImportError, AttributeError):
            _forget(AIOHTTP, server)
        return import_module(server)


def _package() -> ModuleType:
    """Return aiohttp with its submodules, but without what itself would import of them."""
    spec = find_spec(AIOHTTP)
    if spec is None:
        raise ImportError(AIOHTTP)
    package = module_from_spec(spec)
    # Only for the header Server, which is never sent so.
    package.__version__ = ""  # type: ignore[attr-defined]
    return package


def _forget(*packages: str) -> None:
    for name in [*sys.modules]:
        if any(name == one or name.startswith(f"{one}.") for one in packages):
            del sys.modules[name]


@contextmanager
def hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Let imports of those modules fail that are not loaded yet."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None is "not there"
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


@contextmanager
def uncollected() -> Iterator[None]:
    """
    Keep the garbage collector from what is loaded here, now and later.

    It would look a hundred times whether modules are garbage yet.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()

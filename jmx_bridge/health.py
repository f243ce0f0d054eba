"""
Ask the bridge in this container whether it lives; the exit status is the answer.

`python -m jmx_bridge.health [URL]` is for a HEALTHCHECK in an image that has neither a
shell nor curl.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .errors import BridgeError
from .settings import HelpRequested, Settings, parse_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT_SECONDS = 2.0
PATH = "/-/healthy"
ALIVE = {200, 401, 403, 429}
COMMAND = "jmx-bridge"
LOOPBACK = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- read


def healthy(url: str) -> bool:
    """
    Whether a server answers at *url* within two seconds for each attempt.

    It may do so in clear text or over TLS, and ask for a password or a certificate.
    """
    parts = urlsplit(url)
    place = parts.hostname or "127.0.0.1", parts.port or 80
    plain = HTTPConnection(*place, timeout=TIMEOUT_SECONDS)
    return _lives(plain, parts.path or PATH) or _shakes_hands(*place)


def _lives(connection: HTTPConnection, path: str) -> bool:
    try:
        connection.request("GET", path)
        return connection.getresponse().status in ALIVE
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _shakes_hands(host: str, port: int) -> bool:
    """Whether TLS is spoken there; the event loop that serves pages does that, too."""
    import ssl  # noqa: PLC0415 -- few serve over TLS

    # It is in this very container, so it need not prove who it is.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
    try:
        connection.connect()
    except ssl.SSLError as exc:
        # Whoever refuses us for want of a certificate does so by an alert.
        return "ALERT" in str(exc.reason)
    except OSError:
        return False
    finally:
        connection.close()
    return True


def own_url(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return where the bridge serves that was started by *command*; by default if unknown."""
    try:
        settings = parse_settings(arguments(command), environ)
    except (BridgeError, HelpRequested):
        settings = Settings()
    host = LOOPBACK.get(settings.web.host, settings.web.host)
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{settings.web.port}{PATH}"


def arguments(command: Sequence[str]) -> Sequence[str]:
    """Return what follows the bridge's name; an interpreter or an init may be before it."""
    names = [word.rpartition("/")[2] for word in command]
    return command[names.index(COMMAND) + 1 :] if COMMAND in names else ()


def first_process() -> list[str]:
    """Return the command line of the container's main process; empty if unreadable."""
    try:
        line = Path("/proc/1/cmdline").read_text("utf-8", "replace")
    except OSError:
        return []
    return line.split("\0")[:-1]


if __name__ == "__main__":
    url = sys.argv[1] if len(sys.argv) > 1 else own_url(first_process(), os.environ)
    sys.exit(0 if healthy(url) else 1)

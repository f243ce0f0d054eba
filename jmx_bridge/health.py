"""
Ask the bridge of this container whether it lives; the exit status is the answer.

`python -m jmx_bridge.health [URL]`: for a HEALTHCHECK, where no shell and no curl are.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 2.0
PATH = "/-/healthy"


def healthy(url: str) -> bool:
    """Whether *url* answers 200 in time."""
    parts = urlsplit(url)
    connection = HTTPConnection(
        parts.hostname or "127.0.0.1", parts.port or 80, timeout=TIMEOUT_SECONDS
    )
    try:
        connection.request("GET", parts.path or PATH)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def own_url() -> str:
    """Return where the bridge serves, as its variable or its default says."""
    host, _, port = os.environ.get(
        "JMX_BRIDGE_WEB_LISTEN_ADDRESS", ":12346"
    ).rpartition(":")
    if host in {"", "0.0.0.0", "[::]"}:  # noqa: S104 -- not bound here, only read
        host = "127.0.0.1"
    return f"http://{host}:{port}{PATH}"


if __name__ == "__main__":
    sys.exit(0 if healthy(sys.argv[1] if len(sys.argv) > 1 else own_url()) else 1)

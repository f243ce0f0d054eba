"""
Basic authentication: constant-time, with no word about which of user and password is wrong.

A slow hash is computed on one thread of its own, and its success is remembered, so that
neither a scrape nor a guesser keeps the others waiting.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..config.web.schema import Secret

MOST_REMEMBERED = 100
MOST_WAITING = 20
LONGEST = 1024
"""Characters of user and password together; bcrypt itself looks at 72 bytes."""
# A hash of a password that nobody knows, for users that do not exist.
NOBODY = b"$2b$10$C6UzMDM.H6dfI/f/IKxGhuR9xGCb1o0m7cQ3dUsgQwYEwOyEGbAQm"


class TooBusy(Exception):
    """More passwords wait to be checked than is healthy."""


class BasicAuth:
    """
    The users that may ask, each with the secret that its password has to match.

    The thread on which passwords are checked ends when nobody holds this any more.
    """

    def __init__(self, users: tuple[tuple[str, Secret], ...]) -> None:
        self._users = {name.encode(): secret for name, secret in users}
        self._key = os.urandom(32)
        self._good: set[bytes] = set()
        self._waiting = 0
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="passwords")

    async def admits(self, header: str) -> bool:
        """
        Whether an Authorization header names a user and the right password.

        Raises TooBusy if MOST_WAITING passwords are waiting to be checked.
        """
        given = _credentials(header)
        if given is None:
            return False
        user, password = given
        token = hmac.digest(self._key, b"%d:%b%b" % (len(user), *given), "sha256")
        # A set's lookup depends on the token only, which nobody outside can compute.
        if token in self._good:
            return True
        if self._waiting >= MOST_WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            good = await loop.run_in_executor(
                self._threads, _matches, self._users.get(user), password
            )
        finally:
            self._waiting -= 1
        if good:
            if len(self._good) >= MOST_REMEMBERED:
                self._good.pop()
            self._good.add(token)
        return good


def _credentials(header: str) -> tuple[bytes, bytes] | None:
    """Return user and password of `Basic BASE64`; RFC 7617."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > 2 * LONGEST:
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    user, colon, password = text.partition(b":")
    return (user, password) if colon and len(text) <= LONGEST else None


def _matches(secret: Secret | None, password: bytes) -> bool:
    """Whether *password* is the one; takes as long if there is no such user."""
    if secret is None or secret.kind == "bcrypt":
        import bcrypt  # noqa: PLC0415 -- few configurations need it

        hashed = NOBODY if secret is None else secret.value.encode()
        try:
            same = bcrypt.checkpw(password[:72], hashed)
        except ValueError:
            return False
        return same and secret is not None
    if secret.kind == "plaintext":
        # Digests, so that the comparison tells nothing of the length either.
        wanted = hashlib.sha256(secret.value.encode()).digest()
        return hmac.compare_digest(wanted, hashlib.sha256(password).digest())
    salt = secret.salt.encode()
    wanted = bytes.fromhex(secret.value)
    if secret.kind == "digest":
        found = hashlib.new(secret.algorithm, salt + b":" + password).digest()
    else:
        found = hashlib.pbkdf2_hmac(
            secret.algorithm, password, salt, secret.iterations, len(wanted)
        )
    return hmac.compare_digest(wanted, found)

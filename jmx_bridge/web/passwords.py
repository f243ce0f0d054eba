"""
Basic authentication: constant-time, with no word about which of user and password is wrong.

A slow hash is computed on one thread of its own, and its success is remembered, so that
neither a scrape nor a guesser keeps the others waiting. Whose turn it is depends on the
address: who guessed wrong before, or waits already, comes after everybody else.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import os
from collections import Counter, OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..config.web.schema import Secret

MOST_REMEMBERED = 100
MOST_WAITING = 20
LONGEST = 1024
"""Characters of user and password together; bcrypt itself looks at 72 bytes."""
MOST_ADDRESSES = 1000
"""So many are remembered whose passwords were wrong."""


class TooBusy(Exception):
    """More passwords wait to be checked than is healthy."""


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """Someone whose password has to be checked."""

    address: str
    turn: asyncio.Future[None]


class Turns:
    """Whose password is checked next; one at a time, for one event loop."""

    def __init__(self) -> None:
        self._checking = False
        self._waiting: list[Waiting] = []
        # address -> how often its password was wrong since it was right; the oldest first
        self._failures: OrderedDict[str, int] = OrderedDict()

    async def take(self, address: str) -> None:
        """
        Wait until nobody's turn is before that of *address*; `give` has to follow.

        Raises TooBusy if too many wait whose turn is earlier.
        """
        if len(self._waiting) + self._checking >= MOST_WAITING:
            self._make_room(address)
        if not self._checking:
            self._checking = True
            return
        one = Waiting(address, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        try:
            await one.turn
        except asyncio.CancelledError:
            if one in self._waiting:
                self._waiting.remove(one)
            else:
                self._next()
            raise

    def give(self, address: str, *, good: bool) -> None:
        """Let the next one have its turn; *good* is whether the password was right."""
        failures = self._failures.pop(address, 0)
        if not good:
            self._failures[address] = failures + 1
            if len(self._failures) > MOST_ADDRESSES:
                self._failures.popitem(last=False)
        self._next()

    def _next(self) -> None:
        self._checking = bool(self._waiting)
        if self._waiting:
            first = min(self._waiting, key=self._rank(Counter()))
            self._waiting.remove(first)
            first.turn.set_result(None)

    def _make_room(self, address: str) -> None:
        """Send away who has the least claim to be checked, if that is not *address* itself."""
        rank = self._rank(Counter(one.address for one in self._waiting))
        last = max(self._waiting, key=rank, default=None)
        asking = Waiting(address, asyncio.get_running_loop().create_future())
        if last is None or rank(last) <= rank(asking):
            raise TooBusy
        self._waiting.remove(last)
        last.turn.set_exception(TooBusy())

    def _rank(self, waiting: Counter[str]) -> Callable[[Waiting], int]:
        return lambda one: self._failures.get(one.address, 0) + waiting[one.address]


class BasicAuth:
    """
    The users that may ask, each with the secret that its password has to match.

    The thread on which passwords are checked ends when nobody holds this any more.
    """

    def __init__(self, users: tuple[tuple[str, Secret], ...]) -> None:
        self._users = {name.encode(): secret for name, secret in users}
        self._key = os.urandom(32)
        self._good: set[bytes] = set()
        self._turns = Turns()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="passwords")

    async def admits(self, header: str, address: str = "") -> bool:
        """
        Whether an Authorization header names a user and the right password.

        Raises TooBusy if MOST_WAITING passwords are waiting to be checked, and those of other
        addresses are not to be checked later than this one.
        """
        given = _credentials(header)
        if given is None:
            return False
        user, password = given
        token = hmac.digest(self._key, b"%d:%b%b" % (len(user), *given), "sha256")
        # A set's lookup depends on the token only, which nobody outside can compute.
        if token in self._good:
            return True
        await self._turns.take(address)
        good = False
        try:
            loop = asyncio.get_running_loop()
            same = await loop.run_in_executor(
                self._threads, _matches, self._secret(user), password
            )
            good = same and user in self._users
        finally:
            self._turns.give(address, good=good)
        if good:
            if len(self._good) >= MOST_REMEMBERED:
                self._good.pop()
            self._good.add(token)
        return good

    def _secret(self, user: bytes) -> Secret:
        """
        Return a user's secret, or for one that does not exist that of some other user.

        So checking takes as long in any case, and the same name always as long.
        """
        known = self._users.get(user)
        secrets = list(self._users.values())
        digest = hmac.digest(self._key, user, "sha256")
        return known or secrets[int.from_bytes(digest[:4]) % len(secrets)]


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


def _matches(secret: Secret, password: bytes) -> bool:
    """Whether *password* is the one."""
    if secret.kind == "bcrypt":
        import bcrypt  # noqa: PLC0415 -- few configurations need it

        try:
            return bcrypt.checkpw(password[:72], secret.value.encode())
        except ValueError:
            return False
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

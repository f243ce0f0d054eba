"""A session over the Java helper: what `jmx/abc.py` promises, one crossing a question."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import jpype

from ..errors import ConnectFailed, UsageError
from ..model import Attribute, Description, Leaf, LeafKind, Shape
from ._errors import translated
from ._flat import FlatArrays, from_java, java_bytes, java_ints, java_strings, joined
from .abc import (
    ATTACH,
    TOO_MUCH,
    BeanFound,
    Changes,
    Failure,
    FirstReading,
    Placed,
    Reading,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .abc import Scope, Store, TargetAddress, Texts, Tls

RULES, PLATFORM = 1, 2
# Looked up by ordinal, as calling the enum takes ten times as long.
KINDS = tuple(LeafKind)


def connect(
    address: TargetAddress, *, timeout: float, calls: int, wire: str = "auto"
) -> JmxSession:
    """
    Open a session with a target.

    *timeout* limits each connection attempt, in seconds; *calls* is how many connections
    carry calls; *wire* is "auto", "pipelined" or "standard". Raises ConnectFailed or
    LoginFailed.
    """
    if address.tls:
        _install(address.tls)
    target = _target(address, timeout)
    with translated():
        return JmxSession(target.open(int(timeout * 1000), calls, wire))


def _target(address: TargetAddress, timeout: float) -> Any:
    java_target = jpype.JClass("jmxbridge.Target")
    if address.url.startswith(ATTACH):
        # Nobody else carries it.
        from .attach import stub_of  # noqa: PLC0415

        return java_target.attached(stub_of(address.url.removeprefix(ATTACH), timeout))
    return java_target(
        address.url,
        address.username,
        address.password,
        address.tls is not None,
        address.registry_tls,
    )


def _install(tls: Tls) -> None:
    """Make connections over TLS use the user's stores."""
    java_tls = jpype.JClass("jmxbridge.Tls")
    stores = [_store(store) for store in (tls.key_store, tls.trust_store)]
    protocols, ciphers = java_strings(tls.protocols), java_strings(tls.ciphers)
    try:
        java_tls.install(*stores, protocols, ciphers, tls.verify_host)
    except jpype.JException as exc:
        raise ConnectFailed(
            f"a key or trust store can't be used: {exc.getMessage()}"
        ) from exc


def _store(store: Store | None) -> Any:
    texts = ("", "", "", "")
    if store:
        kind, key = store.type or "", store.key_file or ""
        texts = (store.file, key, kind, store.password or "")
    return jpype.JClass("jmxbridge.Tls$Store")(*texts)


def pem_of(store: Store, *, keys: bool) -> str:
    """Return a key store as PEM: key and chain, or all certificates; raises UsageError."""
    try:
        return str(_store(store).pem(keys))
    except jpype.JException as exc:
        raise UsageError(f"{store.file}: can't be used: {exc.getMessage()}") from None


class JmxSession:
    """An open session."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def watch(self, scope: Scope) -> JmxTracker:
        """Begin to watch the MBeans in *scope*."""
        includes = None if scope.includes is None else java_strings(scope.includes)
        excludes, platform = java_strings(scope.excludes), java_strings(scope.platform)
        with translated():
            return JmxTracker(
                self._session.watch(
                    includes, excludes, scope.without_jvm, platform, scope.most
                )
            )

    def properties(self, keys: Sequence[str], timeout: float) -> tuple[str, ...]:
        """Return system properties of the target, "" for those it lacks."""
        with translated():
            arrays = FlatArrays(
                self._session.properties(java_strings(keys), _ms(timeout))
            )
        return tuple(arrays.strings(len(keys)))

    def thread_states(self, timeout: float) -> list[int]:
        """Count threads by state, then unknown, deadlocked, monitor-deadlocked."""
        with translated():
            counts = self._session.threadStates(_ms(timeout))
        return from_java("i", counts)

    def close(self, timeout: float = 0.0) -> None:
        """End the session; wait at most *timeout* for the target to hear of it."""
        with translated():
            self._session.close(_ms(timeout))


class JmxTracker:
    """
    The watched MBeans of one session.

    One thread may describe and read first while another selects; nothing else goes together.
    """

    def __init__(self, tracker: Any) -> None:
        self._tracker = tracker
        self._growing = Lock()
        self.shapes: list[Shape] = []
        self.descriptions: list[Description] = []

    def names(self, timeout: float) -> Changes:
        """Say which MBeans appeared and vanished."""
        with translated():
            arrays = FlatArrays(self._tracker.names(_ms(timeout)))
        found = arrays.int()
        vanished = arrays.ints(arrays.int())
        count = arrays.int()
        numbers, names = arrays.ints(2 * count), arrays.strings(count)
        appeared = [
            BeanFound(bean, name, bool(scopes & RULES), bool(scopes & PLATFORM))
            for bean, scopes, name in zip(
                numbers[::2], numbers[1::2], names, strict=True
            )
        ]
        anew = _maybe_ints(arrays, arrays.int())
        return Changes(found, vanished, appeared, anew, arrays.int())

    def describe(
        self, ids: Sequence[int], timeout: float
    ) -> tuple[dict[int, int], dict[int, Failure]]:
        """Return each MBean's description identifier, and the failures."""
        with translated():
            arrays = FlatArrays(self._tracker.describe(java_ints(ids), _ms(timeout)))
        described, failed = _answers(ids, arrays)
        for _ in range(arrays.int()):
            arrays.int()  # its number, which is where it lands in the list
            self.descriptions.append(_description(arrays))
        return described, failed

    def request(self, attributes: Sequence[str], texts: Sequence[Texts]) -> int:
        """Name a list of attributes to ask for."""
        return int(self._tracker.request(joined(attributes), java_bytes(bytes(texts))))

    def read_first(
        self, ids: Sequence[int], requests: Sequence[int], timeout: float
    ) -> FirstReading:
        """Read MBeans for the first time, to learn their shapes."""
        with translated():
            arrays = FlatArrays(
                self._tracker.readFirst(
                    java_ints(ids), java_ints(requests), _ms(timeout)
                )
            )
        shapes, failed = _answers(ids, arrays)
        self._take_shapes(arrays)
        texts: dict[int, dict[int, str]] = {}
        for bean, leaf, text in _texts(arrays):
            texts.setdefault(bean, {})[leaf] = text
        return FirstReading(shapes, failed, texts)

    def select(self, ids: Sequence[int], requests: Sequence[int]) -> list[Placed]:
        """Settle what is asked of MBeans from now on, after a first reading."""
        with translated():
            arrays = FlatArrays(
                self._tracker.select(java_ints(ids), java_ints(requests))
            )
        placed = [Placed(bean, arrays.int(), arrays.int()) for bean in ids]
        self._take_shapes(arrays)
        return placed

    def read(self, fresh: Sequence[int], timeout: float) -> Reading:
        """Read all MBeans that have a request, except *fresh* ones."""
        with translated():
            arrays = FlatArrays(
                self._tracker.read(java_ints(fresh), _ms(timeout)), numbers=True
            )
        unread = {arrays.int(): Failure(arrays.int()) for _ in range(arrays.int())}
        changed = [
            Placed(arrays.int(), arrays.int(), arrays.int())
            for _ in range(arrays.int())
        ]
        self._take_shapes(arrays)
        return Reading(arrays.numbers, unread, changed, _texts(arrays))

    def hurry(self, timeout: float) -> None:
        """Let describing and reading that is under way end sooner."""
        self._tracker.hurry(_ms(timeout))

    def back_off_slow(self, timeout: float) -> int:
        """Ask MBeans less often whose answers were late."""
        return int(self._tracker.backOffSlow(_ms(timeout)))

    def _take_shapes(self, arrays: FlatArrays) -> None:
        """Add new shapes; several threads number them, so they may come out of order."""
        for _ in range(arrays.int()):
            number, leaves = arrays.int(), arrays.int()
            shape = tuple(_leaf(arrays) for _ in range(leaves))
            with self._growing:
                self.shapes.extend([()] * (number + 1 - len(self.shapes)))
                self.shapes[number] = shape


def _ms(seconds: float) -> int:
    return max(1, int(seconds * 1000))


def _texts(arrays: FlatArrays) -> list[tuple[int, int, str]]:
    """Read a number, and MBean, leaf and text so many times."""
    count = arrays.int()
    numbers, texts = arrays.ints(2 * count), arrays.strings(count)
    return [
        (bean, leaf, text) if leaf >= 0 else (bean, -1 - leaf, TOO_MUCH)
        for bean, leaf, text in zip(numbers[::2], numbers[1::2], texts, strict=True)
    ]


def _maybe_ints(arrays: FlatArrays, count: int) -> list[int] | None:
    return None if count < 0 else arrays.ints(count)


def _answers(
    ids: Sequence[int], arrays: FlatArrays
) -> tuple[dict[int, int], dict[int, Failure]]:
    """Read one int for each MBean: an identifier, or -1 less the failure's number."""
    good, failed = {}, {}
    for bean in ids:
        answer = arrays.int()
        if answer >= 0:
            good[bean] = answer
        else:
            failed[bean] = Failure(-1 - answer)
    return good, failed


def _description(arrays: FlatArrays) -> Description:
    attributes = []
    for _ in range(arrays.int()):
        described = arrays.int()
        name, kind, text = arrays.strings(3)
        attributes.append(Attribute(name, kind, text if described else None))
    return tuple(attributes)


def _leaf(arrays: FlatArrays) -> Leaf:
    attribute, kind, path, row, described = arrays.ints(5)
    name = arrays.string()
    steps = tuple(arrays.strings(path))
    cells = arrays.strings(row)
    return Leaf(
        attribute,
        KINDS[kind],
        steps,
        name,
        arrays.string() if described else None,
        tuple(zip(cells[0::3], cells[1::3], cells[2::3], strict=True)),
    )

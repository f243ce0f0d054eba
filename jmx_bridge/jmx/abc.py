"""
What a session with a target offers, in types; `java/README.md` says it in words.

Identifiers (of MBeans, descriptions, shapes, requests) are small integers that count up from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..model import Description, Shape


class Failure(IntEnum):
    """Why an MBean could not be read; in the order of the Java side's enum."""

    GONE = 0
    """It went between the list of names and the question."""
    BROKEN = 1
    """Its getters or its whole answer failed."""
    UNREADABLE = 2
    """Its answer can't be carried over the connection."""
    LATE = 3
    """Its answer didn't come in time, or an earlier call to it still runs."""
    LOST = 4
    """The session is over."""
    RESTING = 5
    """It was late or sent too much before, and is not asked for a while."""


TOO_MUCH = "\0"
"""Stands for a text that there is no room for; no text that comes from Java has a NUL."""


class Texts(IntEnum):
    """Which values' text is wanted besides their number."""

    NONE = 0
    STRINGS = 1
    ALL = 2


class Store(Protocol):
    """A file of keys or certificates."""

    @property
    def file(self) -> str: ...  # noqa: D102

    @property
    def type(self) -> str | None: ...  # noqa: D102

    @property
    def password(self) -> str | None: ...  # noqa: D102

    @property
    def key_file(self) -> str | None: ...  # noqa: D102


class Tls(Protocol):
    """What a connection over TLS uses."""

    @property
    def key_store(self) -> Store | None: ...  # noqa: D102

    @property
    def trust_store(self) -> Store | None: ...  # noqa: D102

    @property
    def protocols(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def ciphers(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def verify_host(self) -> bool: ...  # noqa: D102


ATTACH = "attach:"


@dataclass(frozen=True, slots=True)
class TargetAddress:
    """Where a JVM's MBeans are reached, and how to log in."""

    url: str
    """A JMX service URL, or ATTACH and which process to attach to."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls | None = None
    registry_tls: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Which MBeans are watched: those that the rules may see, and the JVM's own."""

    includes: tuple[str, ...] | None
    """ObjectName patterns; None for every MBean."""
    excludes: tuple[str, ...]
    without_jvm: bool
    platform: tuple[str, ...]
    """ObjectName patterns of what the JVM's own metrics read."""
    most: int = 200_000
    """No more MBeans are watched."""


@dataclass(frozen=True, slots=True)
class BeanFound:
    """An MBean that appeared."""

    id: int
    name: str
    """Its ObjectName with the properties in the order of registration."""
    for_rules: bool
    for_platform: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the MBeans since the last time."""

    found: int
    """How many MBeans a pattern of the scope finds, those that are excluded too; without *cut*."""
    vanished: Sequence[int]
    appeared: Sequence[BeanFound]
    registered_anew: Sequence[int] | None
    """Known names whose MBean was replaced; None when the target lost count."""
    cut: int = 0
    """MBeans beyond the scope's limit, which are not watched."""


@dataclass(frozen=True, slots=True)
class FirstReading:
    """What a first reading of some MBeans found; each MBean is in *shapes* or in *failed*."""

    shapes: Mapping[int, int]
    """MBean to shape."""
    failed: Mapping[int, Failure]
    texts: Mapping[int, Mapping[int, str]]
    """MBean to leaf (an index in its shape) to text, where the request wants it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an MBean's numbers lie in the table: leaf i of its shape has the one at base + i."""

    id: int
    shape: int
    base: int
    """-1: nowhere."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One scrape's values: a table of numbers, and what is different from the scrape before."""

    numbers: Sequence[float]
    """The whole table: NaN where a leaf is no number; MBeans that were not read keep their last ones."""
    unread: Mapping[int, Failure]
    changed: Sequence[Placed]
    """MBeans whose answer has another structure than before."""
    texts: Sequence[tuple[int, int, str]]
    """MBean, leaf, text; only those that changed."""


class MBeanTracker(Protocol):
    """
    The MBeans of one session: who is there, what they are asked, and their numbers.

    Timeouts are in seconds. What the target does not answer in time is that MBean's
    failure; every call that asks the target raises TargetError if the session is lost, and
    `names` also if it is too slow. One thread may call `describe`, `request` and
    `read_first` while another calls `request` and `select`; nothing else goes together.
    """

    @property
    def shapes(self) -> Sequence[Shape]:
        """All shapes seen, by identifier."""

    @property
    def descriptions(self) -> Sequence[Description]:
        """All descriptions seen, by identifier."""

    def names(self, timeout: float) -> Changes:
        """Say which MBeans appeared and vanished; an identifier that vanished is used again."""

    def describe(
        self, ids: Sequence[int], timeout: float
    ) -> tuple[dict[int, int], dict[int, Failure]]:
        """Return each MBean's description identifier, and the failures; each id is in one."""

    def request(self, attributes: Sequence[str], texts: Sequence[Texts]) -> int:
        """Return an identifier for asking for these attributes, with the text wanted of each."""

    def read_first(
        self, ids: Sequence[int], requests: Sequence[int], timeout: float
    ) -> FirstReading:
        """
        Read MBeans to learn their shapes, each by the request at its place in *requests*.

        What was read of them before has no place in the table from now on, even if this
        fails; `select` gives them one.
        """

    def select(self, ids: Sequence[int], requests: Sequence[int]) -> list[Placed]:
        """
        Settle what is asked from now on of MBeans whose first reading is there.

        A request names some of the attributes of the first one; -1 is for nothing. Returns
        one Placed for each of *ids*, with shape and base -1 if nothing is read of it.
        """

    def read(self, fresh: Sequence[int], timeout: float) -> Reading:
        """Read all MBeans that have a request, except *fresh* ones, which were just read first."""

    def hurry(self, timeout: float) -> None:
        """Let describing and reading that is under way end within *timeout*; from any thread."""

    def back_off_slow(self, timeout: float) -> int:
        """
        Let MBeans rest whose answers were late since the last time; return how many.

        Not if the target itself does not answer within *timeout*, or if very many are late:
        then it isn't they who are slow. A rest is 30 s, and longer each time, up to 10
        minutes; an answer ends that.
        """


class Session(Protocol):
    """An open connection to a target; its calls raise TargetError."""

    def watch(self, scope: Scope) -> MBeanTracker:
        """Begin to follow the MBeans in *scope*; identifiers of another tracker don't hold."""

    def properties(self, keys: Sequence[str], timeout: float) -> tuple[str, ...]:
        """Return system properties of the target, one for each key, "" for those it lacks or denies."""

    def thread_states(self, timeout: float) -> Sequence[int]:
        """
        Count threads by state, by invoking operations.

        In the order of java.lang.Thread.State, then unknown, deadlocked, deadlocked on monitors.
        """

    def close(self, timeout: float = 0.0) -> None:
        """End the session; wait at most *timeout* for the target to hear of it."""

"""
One MBean's life: its states, and the events that lead from one to the next.

`TRANSITIONS` is all there is to it: an event that it doesn't name for a state can't
happen, and raises. Why an MBean waits or was not read is its reason, not a state of its
own: one that is late or resting is NAMED or UNREAD like any other that gave no answer.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from .series import NO_PLAN

if TYPE_CHECKING:
    from ..jmx.abc import BeanFound, Failure, Placed
    from .requests import FirstRequest
    from .series import BeanPlan

# One for all MBeans: each call of frozenset() makes another, of 216 bytes.
NOTHING_HIDDEN: frozenset[str] = frozenset()


class State(Enum):
    """How much is known of an MBean, and whether it is read."""

    NAMED = auto()
    """Its name is known. What its values become is not, until it has answered for the first time."""
    IDLE = auto()
    """It has answered, and nothing of it has to be read again."""
    PLANNED = auto()
    """It is read at each scrape, and its numbers in the table are those of the last one."""
    UNREAD = auto()
    """It is planned, and the last scrape has no answer of it: nothing of it is served."""
    GONE = auto()
    """It is registered no more."""


class Event(Enum):
    """What can happen to an MBean."""

    UNANSWERED = auto()
    """It was asked for its description or for its first values, and gave none."""
    SETTLED_IDLE = auto()
    """Its first values were judged, and none is worth reading again."""
    SETTLED_PLANNED = auto()
    """Its first values were judged, and it got a place in the table of numbers."""
    DESCRIBED_ANEW = auto()
    """Its description is another than before, so what was planned doesn't hold any more."""
    RESHAPED = auto()
    """Its answer has another structure than before, and was judged again."""
    ANSWERED_AGAIN = auto()
    """It answered, after a scrape that had no answer of it."""
    MISSED = auto()
    """It did not answer, or not in time, or it was left alone this time."""
    VANISHED = auto()
    """Its name is not among the target's any more."""


TRANSITIONS: dict[State, dict[Event, State]] = {
    State.NAMED: {
        Event.UNANSWERED: State.NAMED,
        Event.SETTLED_IDLE: State.IDLE,
        Event.SETTLED_PLANNED: State.PLANNED,
        Event.VANISHED: State.GONE,
    },
    State.IDLE: {
        Event.DESCRIBED_ANEW: State.NAMED,
        Event.VANISHED: State.GONE,
    },
    State.PLANNED: {
        Event.DESCRIBED_ANEW: State.NAMED,
        Event.RESHAPED: State.PLANNED,
        Event.MISSED: State.UNREAD,
        Event.VANISHED: State.GONE,
    },
    State.UNREAD: {
        Event.DESCRIBED_ANEW: State.NAMED,
        Event.RESHAPED: State.PLANNED,
        Event.ANSWERED_AGAIN: State.PLANNED,
        Event.MISSED: State.UNREAD,
        Event.VANISHED: State.GONE,
    },
    State.GONE: {},
}


class IllegalEvent(Exception):
    """An event that can't happen in the state that the MBean is in: a mistake of ours."""


class MBean:
    """
    One MBean: its state, what is asked of it, and what its answers became.

    Only the methods here change it. *description*, *shape* and *request* are numbers of
    the session's; -1 stands for none.
    """

    __slots__ = (
        "base",
        "description",
        "for_platform",
        "for_rules",
        "hidden",
        "id",
        "name",
        "plan",
        "reason",
        "request",
        "shape",
        "state",
    )

    def __init__(self, found: BeanFound) -> None:
        self.id = found.id
        self.name = found.name
        """Its ObjectName with the properties in the order of registration."""
        self.for_rules = found.for_rules
        """The rules may see it."""
        self.for_platform = found.for_platform
        """The JVM's own metrics may read it."""
        self.state = State.NAMED
        self.reason: Failure | None = None
        """Why it gave no answer; None where it has one, or was not asked yet."""
        self.description = -1
        self.hidden: frozenset[str] = NOTHING_HIDDEN
        """Attributes that are read for the JVM's own metrics, and that the rules may not see."""
        self.shape = -1
        self.request = -1
        """What is asked of it at each scrape."""
        self.base = -1
        """Where its numbers begin in the table."""
        self.plan: BeanPlan = NO_PLAN

    @property
    def unread(self) -> bool:
        """Whether the last scrape has no answer of it."""
        return self.state is State.UNREAD

    def unanswered(self, reason: Failure) -> None:
        """Note that it gave no description or no first values."""
        self._happens(Event.UNANSWERED)
        self.reason = reason

    def described_anew(self) -> None:
        """Begin again: nothing that was planned holds any more."""
        self._happens(Event.DESCRIBED_ANEW)
        self._forget_answer()

    def settle(
        self, first: FirstRequest, plan: BeanPlan, place: Placed, request: int
    ) -> None:
        """
        Take what its first values became.

        It was asked *first*. If *place* is one in the table of numbers it is asked
        *request* at each scrape from now on; else it is not read.
        """
        planned = place.base >= 0
        self._happens(Event.SETTLED_PLANNED if planned else Event.SETTLED_IDLE)
        self.description, self.hidden = first.description, first.hidden
        if planned:
            self.shape, self.base, self.request = place.shape, place.base, request
        self.plan, self.reason = plan, None

    def reshape(self, plan: BeanPlan, place: Placed) -> None:
        """Take what an answer with another structure became."""
        self._happens(Event.RESHAPED)
        self.shape, self.base = place.shape, place.base
        self.plan, self.reason = plan, None

    def revise(self, plan: BeanPlan) -> None:
        """Take a plan for the same structure: a text that a rule sees is another."""
        if self.state not in {State.PLANNED, State.UNREAD}:
            raise IllegalEvent(f"{self.name}: revised in state {self.state.name}")
        self.plan = plan

    def read(self) -> None:
        """Note that it answers again."""
        self._happens(Event.ANSWERED_AGAIN)
        self.reason = None

    def missed(self, reason: Failure) -> None:
        """Note that this scrape has no answer of it."""
        self._happens(Event.MISSED)
        self.reason = reason

    def vanished(self) -> None:
        """Note that it is gone."""
        self._happens(Event.VANISHED)
        self._forget_answer()

    def _happens(self, event: Event) -> None:
        after = TRANSITIONS[self.state].get(event)
        if after is None:
            raise IllegalEvent(f"{self.name}: {event.name} in state {self.state.name}")
        self.state = after

    def _forget_answer(self) -> None:
        self.shape = self.request = self.base = -1
        self.plan, self.reason = NO_PLAN, None

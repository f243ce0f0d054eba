"""One MBean's life is what the table says, and nothing else."""

from __future__ import annotations

import pytest

from jmx_bridge.collect.beans import TRANSITIONS, Event, IllegalEvent, MBean, State
from jmx_bridge.collect.requests import FirstRequest
from jmx_bridge.collect.series import NO_PLAN, BeanPlan
from jmx_bridge.jmx.abc import BeanFound, Failure, Placed

PLAN, OTHER_PLAN = BeanPlan(cached=1), BeanPlan(cached=2)
FIRST = FirstRequest(number=4, description=5, hidden=frozenset({"Secret"}))
NOWHERE = Placed(7, -1, -1)
HERE, THERE = Placed(7, 2, 100), Placed(7, 3, 200)
REQUEST = 6

HAPPENS = {
    Event.UNANSWERED: lambda bean: bean.unanswered(Failure.LATE),
    Event.SETTLED_IDLE: lambda bean: bean.settle(FIRST, PLAN, NOWHERE, -1),
    Event.SETTLED_PLANNED: lambda bean: bean.settle(FIRST, PLAN, HERE, REQUEST),
    Event.DESCRIBED_ANEW: MBean.described_anew,
    Event.RESHAPED: lambda bean: bean.reshape(OTHER_PLAN, THERE),
    Event.ANSWERED_AGAIN: MBean.read,
    Event.MISSED: lambda bean: bean.missed(Failure.BROKEN),
    Event.VANISHED: MBean.vanished,
}
"""The one method for each event."""

LEADS_TO = {
    State.NAMED: (),
    State.IDLE: (Event.SETTLED_IDLE,),
    State.PLANNED: (Event.SETTLED_PLANNED,),
    State.UNREAD: (Event.SETTLED_PLANNED, Event.MISSED),
    State.GONE: (Event.VANISHED,),
}
"""A way to each state, from NAMED."""

LEGAL = [(state, event) for state in State for event in TRANSITIONS[state]]
ILLEGAL = [
    (state, event) for state in State for event in Event if (state, event) not in LEGAL
]


def bean_in(state: State) -> MBean:
    bean = MBean(BeanFound(7, "t:type=A", for_rules=True, for_platform=False))
    for event in LEADS_TO[state]:
        HAPPENS[event](bean)
    assert bean.state is state
    return bean


def all_of(bean: MBean) -> dict[str, object]:
    return {name: getattr(bean, name) for name in MBean.__slots__}


def cases(pairs):
    return [pytest.param(*pair, id=f"{pair[0].name}-{pair[1].name}") for pair in pairs]


def test_the_table_knows_every_state_and_every_event():
    events = {event for row in TRANSITIONS.values() for event in row}

    assert list(TRANSITIONS) == list(State)
    assert events == set(Event) == HAPPENS.keys()


def test_every_state_but_the_first_is_reached_by_the_table():
    reached, unread = {State.NAMED}, [State.NAMED]
    while unread:
        after = set(TRANSITIONS[unread.pop()].values()) - reached
        reached |= after
        unread += after

    assert reached == set(State)


def test_an_mbean_that_is_gone_stays_so():
    assert TRANSITIONS[State.GONE] == {}


@pytest.mark.parametrize(("state", "event"), cases(LEGAL))
def test_a_method_does_what_the_table_says(state, event):
    bean = bean_in(state)

    HAPPENS[event](bean)

    assert bean.state is TRANSITIONS[state][event]


@pytest.mark.parametrize(("state", "event"), cases(ILLEGAL))
def test_what_the_table_does_not_name_raises_and_changes_nothing(state, event):
    bean = bean_in(state)
    before = all_of(bean)

    with pytest.raises(
        IllegalEvent, match=f"t:type=A: {event.name} in state {state.name}"
    ):
        HAPPENS[event](bean)

    assert all_of(bean) == before


def test_a_new_mbean_has_no_answer_yet():
    found = BeanFound(7, "t:type=A", for_rules=False, for_platform=True)

    assert all_of(MBean(found)) == {
        "id": 7,
        "name": "t:type=A",
        "for_rules": False,
        "for_platform": True,
        "state": State.NAMED,
        "reason": None,
        "description": -1,
        "hidden": frozenset(),
        "shape": -1,
        "request": -1,
        "base": -1,
        "plan": NO_PLAN,
    }


@pytest.mark.parametrize("state", State)
def test_only_an_unread_mbean_is_unread(state):
    assert bean_in(state).unread == (state is State.UNREAD)


def test_why_there_is_no_answer_is_kept_until_there_is_one():
    bean = bean_in(State.NAMED)
    bean.unanswered(Failure.LATE)
    late = bean.reason
    bean.settle(FIRST, PLAN, HERE, REQUEST)
    planned = bean.reason
    bean.missed(Failure.RESTING)
    resting = bean.reason
    bean.read()

    assert (late, planned) == (Failure.LATE, None)
    assert (resting, bean.reason) == (Failure.RESTING, None)


def test_a_planned_mbean_has_place_request_and_plan():
    bean = bean_in(State.PLANNED)

    assert (bean.shape, bean.base, bean.request) == (2, 100, REQUEST)
    assert (bean.description, bean.hidden) == (5, {"Secret"})
    assert bean.plan is PLAN


def test_an_idle_mbean_has_a_plan_and_no_place():
    bean = bean_in(State.NAMED)

    bean.settle(FIRST, PLAN, NOWHERE, 9)

    assert bean.state is State.IDLE
    assert (bean.shape, bean.base, bean.request) == (-1, -1, -1)
    assert (bean.description, bean.hidden) == (5, {"Secret"})
    assert bean.plan is PLAN


def test_an_mbean_may_lie_at_the_beginning_of_the_table():
    bean = bean_in(State.NAMED)

    bean.settle(FIRST, PLAN, Placed(7, 0, 0), 0)

    assert bean.state is State.PLANNED
    assert (bean.shape, bean.base, bean.request) == (0, 0, 0)


@pytest.mark.parametrize("state", [State.PLANNED, State.UNREAD])
def test_another_structure_moves_an_mbean_and_keeps_its_request(state):
    bean = bean_in(state)

    bean.reshape(OTHER_PLAN, THERE)

    assert (bean.shape, bean.base, bean.request) == (3, 200, REQUEST)
    assert (bean.plan, bean.reason) == (OTHER_PLAN, None)


@pytest.mark.parametrize("end", [Event.DESCRIBED_ANEW, Event.VANISHED])
@pytest.mark.parametrize("state", [State.IDLE, State.PLANNED, State.UNREAD])
def test_what_was_planned_ends_with_the_description_or_the_mbean(state, end):
    bean = bean_in(state)

    HAPPENS[end](bean)

    assert (bean.shape, bean.base, bean.request) == (-1, -1, -1)
    assert (bean.plan, bean.reason) == (NO_PLAN, None)


@pytest.mark.parametrize("state", [State.PLANNED, State.UNREAD])
def test_a_plan_is_revised_where_there_is_one(state):
    bean = bean_in(state)

    bean.revise(OTHER_PLAN)

    assert (bean.plan, bean.state) == (OTHER_PLAN, state)
    assert (bean.shape, bean.base, bean.request) == (2, 100, REQUEST)


@pytest.mark.parametrize("state", [State.NAMED, State.IDLE, State.GONE])
def test_a_plan_is_not_revised_where_nothing_is_read(state):
    bean = bean_in(state)
    before = all_of(bean)

    with pytest.raises(IllegalEvent, match=f"t:type=A: revised in state {state.name}"):
        bean.revise(OTHER_PLAN)

    assert all_of(bean) == before

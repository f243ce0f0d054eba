"""
MBeans live as they like, and after every scrape exactly what they have is served.

A state machine lets MBeans come, change their values, their structure and their description,
fail, be late, vanish and come back, the rule file change and the session end. The model is
what is served by right: worked out from the MBeans and what the bridge could know of them.
"""

from __future__ import annotations

from math import isnan

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from unit import offline
from unit.jmx.mbeans import COMPOSITE, LONG, TABLE, TEXT, Holds, Table, Throws, mbean

from jmx_bridge.collect import newcomers
from jmx_bridge.collect.beans import State
from jmx_bridge.collect.inventory import FAST_ROTATION
from jmx_bridge.errors import SessionLost
from jmx_bridge.jmx.abc import Failure
from jmx_bridge.jmx.recorded import RecordedSession

NAMES = tuple(f"t:type=A,name=n{n}" for n in range(6))
numbers = st.integers(-2, 3)
lacking = st.sampled_from([None, Throws()])
VALUES = {
    "Count": (LONG, numbers | lacking),
    "State": (TEXT, st.sampled_from(["on", "off", "7"]) | lacking),
    "Usage": (
        COMPOSITE,
        st.fixed_dictionaries({"max": numbers, "used": numbers | st.none()}) | lacking,
    ),
    "Rows": (
        TABLE,
        st.dictionaries(st.sampled_from("xyz"), numbers).map(
            lambda rows: Table(tuple(rows.items()))
        )
        | lacking,
    ),
}
"""Attributes, their declared types, and the values that they may have."""
attributes = st.sets(st.sampled_from(sorted(VALUES))).flatmap(
    lambda names: st.fixed_dictionaries({name: VALUES[name][1] for name in names})
)
names = st.sampled_from(NAMES)
every = st.fixed_dictionaries({name: values for name, (_, values) in VALUES.items()})
failures = st.none() | st.sampled_from(Failure)
MOVES = (
    st.tuples(st.just("comes"), names, attributes),
    st.tuples(st.just("changes"), names, every),
    st.tuples(st.just("changes"), names, every),
    st.tuples(st.just("fails"), names, failures, failures),
    st.tuples(st.just("vanishes"), names),
)
"""What happens to an MBean, by the name of the method."""

# -- what rules make of values: as the bridge reads it, and as the model does --------------------------

ALL = "rules: [{pattern: '.*'}]\n"
TEXTS = r"""
rules:
- {pattern: 'name=(\w+)><>State: (o.+)', name: state, value: 1, labels: {n: $1, s: $2}}
- {pattern: 'name=(\w+)><>State: (\d)', name: number, value: $2, labels: {n: $1}}
- {pattern: 'name=(\w+)><>Count: (1)', name: one, labels: {n: $1, is: $2}}
- {pattern: 'name=(\w+)><>Count', name: other, type: COUNTER, labels: {n: $1}}
"""
LABELS = """
metricCustomizers:
- {mbeanFilter: {domain: t}, attributesAsLabels: [State]}
rules: [{pattern: 'Count'}, {pattern: 'Rows'}]
"""
NOTHING = "rules: [{pattern: 'other'}]\n"


def flat(values):
    """Yield (attribute, composite key or "", row or "", number) for all numbers."""
    for name, value in values.items():
        if isinstance(value, int):
            yield name, "", "", value
        elif isinstance(value, dict):
            for key, number in value.items():
                if number is not None:
                    yield name, key, "", number
        elif isinstance(value, Table):
            for row, number in value.rows:
                yield name, "", row, number


def by_all(n, values, label=""):
    found = {}
    for name, key, row, number in flat(values):
        labels = [f"key={row}"] if row else []
        labels = [label] * bool(label) + labels + [f"name={n}"]
        family = "_".join(("t_A", name, key) if key else ("t_A", name))
        found[f"{family}{{{','.join(labels)}}}"] = float(number)
    return found


def by_texts(n, values):
    found = {}
    state, count = values.get("State"), values.get("Count")
    if state in {"on", "off"}:
        found[f"state{{n={n},s={state}}}"] = 1.0
    elif state == "7":
        found[f"number{{n={n}}}"] = 7.0
    if count == 1:
        found[f"one{{is=1,n={n}}}"] = 1.0
    elif isinstance(count, int) and count >= 0:
        found[f"other_total{{n={n}}}"] = float(count)
    return found


def by_labels(n, values):
    state = values.get("State")
    label = f"State={state}" if isinstance(state, str) else ""
    wanted = {
        name: value for name, value in values.items() if name in {"Count", "Rows"}
    }
    return by_all(n, wanted, label)


RULES = {
    ALL: by_all,
    TEXTS: by_texts,
    LABELS: by_labels,
    NOTHING: lambda *_: {},
}


class Life:
    """One MBean, and what the bridge knows of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.registration = 0
        self.values: dict[str, object] = {}
        self.unanswered: Failure | None = None
        self.undescribed: Failure | None = None
        self.known: tuple[str, ...] | None = None
        """The attributes that were planned; None while nothing is."""
        self.due = True
        """Its description has to be asked for."""

    def recorded(self):
        return mbean(
            self.name,
            {key: Holds(one, VALUES[key][0]) for key, one in self.values.items()},
            registration=self.registration,
            unanswered=self.unanswered,
            undescribed=self.undescribed,
        )

    def scraped(self) -> None:
        """Learn what a scrape finds."""
        if self.known is None or self.due:
            if self.undescribed is not None:
                return
            self.due = False
            names = tuple(self.values)
            # With nothing to ask for nothing can fail.
            failed = self.unanswered is not None and names
            if self.known != names:
                self.known = None if failed else names

    def served(self, make) -> dict[str, float]:
        if self.known is None or self.unanswered is not None:
            return {}
        seen = {key: one for key, one in self.values.items() if key in self.known}
        return make(self.name.rpartition("=")[2], seen)


class Lives(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.session = RecordedSession()
        self.lives: dict[str, Life] = {}
        self.file = ALL
        self.registrations = 0
        self.page: dict[str, float] = {}
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(newcomers, "PLANNED_AT_ONCE", 3)
        self.patch.setattr(newcomers, "PLANNED_FIRST", 2)
        self.scope = offline.without_java(self.patch, lambda *_, **__: self.session)
        self.scope.__enter__()
        self.bridge = offline.make_bridge(self._load)

    def _load(self):
        return offline.config_of(offline.ALL + self.file)

    def teardown(self) -> None:
        self.bridge.close()
        self.scope.__exit__(None, None, None)
        self.patch.undo()

    def _publish(self, life: Life) -> None:
        self.session.mbeans[life.name] = life.recorded()

    # -- what MBeans do ------------------------------------------------------------------------

    @initialize(values=st.lists(attributes, max_size=len(NAMES)))
    def begin(self, values) -> None:
        for name, one in zip(NAMES, values, strict=False):
            self._comes(name, one)
        self._scrape()

    @rule(moves=st.lists(st.one_of(*MOVES), max_size=4))
    def moves(self, moves) -> None:
        for what, name, *how in moves:
            if what == "comes" or name in self.lives:
                getattr(self, f"_{what}")(name, *how)
        self._scrape()

    def _comes(self, name: str, values) -> None:
        """Register an MBean; one of that name that is there is replaced."""
        self.registrations += 1
        life = self.lives.setdefault(name, Life(name))
        life.registration, life.values, life.due = self.registrations, values, True
        self._publish(life)

    def _changes(self, name: str, values) -> None:
        """Change values, and structure with them; the description stays."""
        life = self.lives[name]
        life.values = {key: values[key] for key in life.values}
        self._publish(life)

    def _fails(self, name: str, unanswered, undescribed) -> None:
        """Fail, be late, rest, or be well again."""
        life = self.lives[name]
        life.unanswered, life.undescribed = unanswered, undescribed
        self._publish(life)

    def _vanishes(self, name: str) -> None:
        del self.lives[name], self.session.mbeans[name]

    @precondition(lambda self: self.lives)
    @rule(data=st.data(), values=attributes)
    def loses_count(self, data, values) -> None:
        """Change a description without a word; all are asked again in eight scrapes."""
        name = data.draw(st.sampled_from(sorted(self.lives)), label="name")
        self.lives[name].values = values
        self._publish(self.lives[name])
        self.session.forgot_registrations = True
        for _ in range(FAST_ROTATION):
            offline.scraped(self.bridge)
        for life in self.lives.values():
            due, life.due = life.due, True
            life.scraped()
            # Whose turn failed has another one another time.
            life.due = due and life.due
        self._scrape()

    # -- what else happens ---------------------------------------------------------------------------

    @rule(rules=st.sampled_from(sorted(RULES)))
    def other_rules(self, rules: str) -> None:
        self.file = rules
        self.bridge.reload()
        self._begin_anew()
        self._scrape()

    @rule()
    def session_ends(self) -> None:
        self.session.lost = SessionLost("gone")
        assert offline.series(offline.scraped(self.bridge)) == {}
        self.session.lost = None
        self._begin_anew()
        self._scrape()

    def _begin_anew(self) -> None:
        for life in self.lives.values():
            life.known, life.due = None, True

    def _scrape(self) -> None:
        self.page = offline.series(offline.scraped(self.bridge))
        for life in self.lives.values():
            life.scraped()

    # -- what holds after every scrape --------------------------------------------------------------------

    @property
    def inventory(self):
        return self.bridge._target._connected.inventory

    @invariant()
    def exactly_what_mbeans_have_is_served(self) -> None:
        make = RULES[self.file]
        expected: dict[str, float] = {}
        for life in self.lives.values():
            expected |= life.served(make)
        assert self.page == expected
        assert not any(map(isnan, self.page.values()))

    @invariant()
    def states_agree_with_what_was_answered(self) -> None:
        beans = {bean.name: bean for bean in self.inventory._beans.values()}
        assert beans.keys() == self.lives.keys()
        for name, bean in beans.items():
            life = self.lives[name]
            if life.known is None:
                assert bean.state is State.NAMED
                assert bean.reason in {life.unanswered, life.undescribed}
            elif bean.base < 0:
                assert bean.state is State.IDLE
            elif life.unanswered is not None:
                assert bean.state is State.UNREAD
                assert bean.reason is life.unanswered
            else:
                assert (bean.state, bean.reason) == (State.PLANNED, None)

    @invariant()
    def the_catalog_has_the_series_of_all_plans_and_no_others(self) -> None:
        planned = [
            series
            for bean in self.inventory._beans.values()
            for series in bean.plan.series
        ]
        blocks = self.inventory.catalog._blocks.values()
        kept = [one for block in blocks for one in block.series]
        assert len(planned) == len(kept) == len(set(kept))
        assert set(planned) == set(kept)

    @invariant()
    def the_session_reads_what_is_planned_where_the_plan_has_it(self) -> None:
        tracker = self.inventory._tracker
        ours = {
            bean.id: (bean.shape, bean.base)
            for bean in self.inventory._beans.values()
            if bean.base >= 0
        }
        theirs = {
            one.id: (one.shape, one.base)
            for one in tracker._tracked.values()
            if one.base >= 0
        }
        assert ours == theirs

    @invariant()
    def counts_add_up(self) -> None:
        counts = self.inventory.counts
        assert counts.present == len(self.lives)
        assert counts.fetched_attributes + counts.failed_attributes == (
            counts.planned_attributes
        )


TestLives = Lives.TestCase
# How many of them, the profile says: conftest.py.
TestLives.settings = settings(stateful_step_count=25)

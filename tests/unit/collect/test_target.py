"""What is kept of a target between scrapes, and when it begins anew."""

from __future__ import annotations

import time

import pytest
from unit.fake_matcher import FakeMatcher
from unit.jmx.mbeans import mbean
from unit.offline import ADDRESS, ALL, config_of, without_java

from jmx_bridge.collect.rules_in_force import RulesInForce
from jmx_bridge.collect.target import GOODBYE_SECONDS, Target
from jmx_bridge.collect.timer import Timer
from jmx_bridge.errors import DeadlinePassed, SessionLost
from jmx_bridge.jmx.moment import RUNTIME_PROPERTIES
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.observe import Journal, Telemetry
from jmx_bridge.settings import LimitSettings, TargetSettings

PROPERTIES = dict(zip(RUNTIME_PROPERTIES, ("OpenJDK", "Vendor", "17"), strict=True))


class Session(RecordedSession):
    """Remembers scopes, and how it was closed."""

    def __init__(self, *mbeans) -> None:
        super().__init__(mbeans, PROPERTIES)
        self.scopes: list[object] = []
        self.asked: list[tuple[str, ...]] = []
        self.closed: list[float] = []

    def watch(self, scope):
        self.scopes.append(scope)
        return super().watch(scope)

    def properties(self, keys, timeout):
        self.asked.append(tuple(keys))
        return super().properties(keys, timeout)

    def close(self, timeout: float = 0.0) -> None:
        self.closed.append(timeout)


class World:
    """A target whose sessions a test has at hand."""

    def __init__(self) -> None:
        self.rules = ALL
        self.sessions: list[Session] = []
        self.prepare = lambda session: session
        self.settings = TargetSettings()
        self.telemetry = Telemetry("1", "17")
        self.journal = Journal()
        self.in_force = RulesInForce(
            self.settings, self.telemetry, self._load, "rules.yml", FakeMatcher
        )
        self.target = Target(
            self.settings,
            LimitSettings(mbeans=5),
            self.in_force,
            self.telemetry,
            self.journal,
        )

    def _load(self):
        return config_of(f"hostPort: {ADDRESS}\n" + self.rules)

    def connect(self, address, **_):
        self.sessions.append(self.prepare(Session(mbean("t:type=A", {"Count": 1}))))
        return self.sessions[-1]

    def connected(self, seconds: float = 60.0):
        return self.target.connected(Timer(time.monotonic() + seconds))


@pytest.fixture
def world(monkeypatch):
    one = World()
    with without_java(monkeypatch, one.connect):
        yield one
        one.target.close()


def counted(world: World) -> float:
    return next(
        sample.value
        for family in world.telemetry.families()
        if family.name == "jmx_bridge_connects"
        for sample in family.samples
    )


def test_a_session_and_its_inventory_are_kept(world):
    first = world.connected()

    assert world.connected() is first
    assert len(world.sessions) == 1
    assert len(world.sessions[0].scopes) == 1


def test_new_rules_begin_a_new_inventory_on_the_same_session(world):
    first = world.connected()
    world.rules = ALL + "excludeObjectNames: ['t:*']\n"
    world.in_force.reload()

    second = world.connected()

    assert second.session is first.session
    assert second.inventory is not first.inventory
    assert second.loaded is world.in_force.loaded
    assert [scope.excludes for scope in world.sessions[0].scopes] == [(), ("t:*",)]


def test_another_address_begins_a_new_session(world):
    first = world.connected()
    world.rules = "username: other\npassword: secret\n" + ALL
    world.in_force.reload()

    second = world.connected()

    assert second.session is not first.session
    assert world.sessions[0].closed == [0.0]
    assert world.sessions[1].closed == []


def test_what_is_remembered_of_the_dead_is_forgotten_in_time(world, monkeypatch):
    first = world.connected()
    monkeypatch.setattr(type(first.inventory), "overgrown", lambda _: True)

    second = world.connected()

    assert second.session is first.session
    assert second.inventory is not first.inventory


def test_the_scope_is_that_of_the_rule_file(world):
    world.rules = (
        "includeObjectNames: ['a:*']\nexcludeObjectNames: ['a:b=c']\n"
        "excludeJvmMetrics: true\n"
    )
    world.in_force.reload()
    world.connected()

    (scope,) = world.sessions[0].scopes
    assert (scope.includes, scope.excludes) == (("a:*",), ("a:b=c",))
    assert (scope.without_jvm, scope.platform, scope.most) == (True, (), 5)


def test_metrics_of_the_jvm_are_read_unless_they_are_excluded(world):
    world.rules = "rules: [{pattern: x}]\n"
    world.in_force.reload()
    connected = world.connected()

    (scope,) = world.sessions[0].scopes
    assert scope.platform == ("java.lang:*", "java.nio:type=BufferPool,*")
    assert not scope.without_jvm
    assert connected.inventory.jvm
    assert connected.runtime == ("OpenJDK", "Vendor", "17")


def test_without_metrics_of_the_jvm_there_is_no_reader_of_them(world):
    assert world.connected().inventory.jvm is None


def test_system_properties_are_asked_for_only_if_they_are_served(world):
    world.connected()
    (session,) = world.sessions
    excluded = list(session.asked)
    rules = ("rules: [{pattern: x}]\n", "rules: [{pattern: y}]\n", ALL, "rules: []\n")
    for world.rules in rules:
        world.in_force.reload()
        served = world.connected()

    assert excluded == []
    assert session.asked == [RUNTIME_PROPERTIES]
    assert served.runtime == ("OpenJDK", "Vendor", "17")


def test_a_session_that_can_not_be_used_is_closed(world):
    world.rules = "rules: [{pattern: x}]\n"
    world.in_force.reload()

    def lost(session):
        session.lost = SessionLost("gone again")
        return session

    world.prepare = lost
    with pytest.raises(SessionLost, match="gone again"):
        world.connected()
    world.prepare = lambda session: session

    world.connected()

    assert [session.closed for session in world.sessions] == [[0.0], []]


def test_a_session_that_came_too_late_to_be_asked_is_closed(world, monkeypatch):
    world.rules = "rules: [{pattern: x}]\n"
    world.in_force.reload()

    class Late(Timer):
        def left(self):
            if world.sessions:
                raise DeadlinePassed("no time left")
            return super().left()

    with pytest.raises(DeadlinePassed):
        world.target.connected(Late(time.monotonic() + 60))

    assert [session.closed for session in world.sessions] == [[0.0]]


def test_a_session_is_told(world, caplog):
    caplog.set_level("INFO")
    world.connected()
    world.connected()

    urls = [r.fields["target"] for r in caplog.records if r.msg == "jmx.connected"]
    assert counted(world) == 1.0
    assert urls == [f"service:jmx:rmi:///jndi/rmi://{ADDRESS}/jmxrmi"]


def test_after_disconnecting_there_is_another_session(world):
    world.target.disconnect()
    world.connected()
    world.target.disconnect()
    world.target.disconnect()

    world.connected()

    assert [session.closed for session in world.sessions] == [[0.0], []]


def test_at_the_end_the_target_hears_of_it(world):
    world.connected()

    world.target.close()

    assert world.sessions[0].closed == [GOODBYE_SECONDS]
    with pytest.raises(RuntimeError):
        world.target.background.submit(print)


def test_without_a_session_the_end_is_easy(world):
    world.target.close()

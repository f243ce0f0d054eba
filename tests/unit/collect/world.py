"""An inventory on recorded MBeans, without a bridge around it."""

from __future__ import annotations

from concurrent.futures import Executor, Future

from unit.fake_matcher import FakeMatcher
from unit.jmx.mbeans import mbean
from unit.offline import config_of

from jmx_bridge.collect.beans import MBean
from jmx_bridge.collect.inventory import Inventory
from jmx_bridge.collect.jvm_metrics import PLATFORM, JvmMetrics
from jmx_bridge.jmx.abc import Scope
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.mapping import Ruleset

A = "t:type=A"
SECONDS = 60.0


class AtOnce(Executor):
    """Runs what is submitted before anything else happens."""

    def submit(self, call, /, *arguments, **keywords):
        future = Future()
        try:
            future.set_result(call(*arguments, **keywords))
        except BaseException as exc:  # noqa: BLE001 -- a Future carries it
            future.set_exception(exc)
        return future


class World:
    """MBeans that a test moves, and what an inventory makes of them."""

    def __init__(self, rules: str = "", *, with_jvm: bool = False) -> None:
        self.session = RecordedSession()
        platform = PLATFORM if with_jvm else ()
        self.tracker = self.session.watch(Scope(None, (), not with_jvm, platform))
        jvm = JvmMetrics(("", "", "")) if with_jvm else None
        self.rules = Ruleset(config_of(rules), FakeMatcher)
        self.inventory = Inventory(self.tracker, self.rules, jvm, AtOnce())

    def put(self, name: str, attributes=None, **fields) -> None:
        self.session.mbeans[name] = mbean(name, attributes, **fields)

    def drop(self, name: str) -> None:
        del self.session.mbeans[name]

    def bean(self, name: str) -> MBean:
        return next(one for one in self.inventory._beans.values() if one.name == name)

    def scrape(self) -> dict[str, float]:
        """Return what is served: "name{label=value}" to value."""
        new = self.inventory.follow(SECONDS)
        fresh = self.inventory.plan(new, SECONDS)
        numbers = self.inventory.read(fresh, SECONDS)
        layout, values = self.inventory.catalog.values(numbers)
        names = [
            f"{family.name}{{{','.join(f'{k}={v}' for k, v in labels)}}}"
            for family in layout.families
            for labels in family.series
        ]
        return dict(zip(names, values, strict=True))

    def helps(self) -> dict[str, str]:
        layout = self.inventory.catalog.assembled().layout
        return {family.name: family.help for family in layout.families}


def world(rules: str = "", **mbeans) -> World:
    """A world with MBeans t:type=..., by type."""
    one = World(rules)
    for name, values in mbeans.items():
        one.put(f"t:type={name}", values)
    return one

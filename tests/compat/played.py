"""A case's page as the bridge makes it of MBeans that are played from memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from cases import Case
from leaves import leaves
from unit.fake_matcher import FakeMatcher
from unit.fake_syntax import FakeSyntax

from jmx_bridge.collect.inventory import Inventory
from jmx_bridge.collect.jvm_metrics import PLATFORM, JvmMetrics
from jmx_bridge.config import load_config
from jmx_bridge.exposition import negotiate, render
from jmx_bridge.jmx.abc import Scope
from jmx_bridge.jmx.recorded import RecordedMBean, RecordedSession, RecordedValue
from jmx_bridge.mapping import Ruleset
from jmx_bridge.model import Attribute, Leaf, LeafKind, Snapshot

SECONDS = 60.0


def page(case: Case) -> str:
    """Return what the second of two scrapes serves: it runs the plan of the first."""
    config = load_config(str(case.rules), syntax=FakeSyntax(), environ={})
    with_jvm = not config.exclude_jvm_metrics
    tracker = RecordedSession(map(recorded, case.mbeans)).watch(
        Scope(
            config.include_object_names,
            config.exclude_object_names,
            config.exclude_jvm_metrics,
            PLATFORM if with_jvm else (),
        )
    )
    with ThreadPoolExecutor(1) as ahead:
        inventory = Inventory(
            tracker,
            Ruleset(config, FakeMatcher),
            JvmMetrics(()) if with_jvm else None,
            ahead,
        )
        for _ in range(2):
            fresh = inventory.plan(inventory.follow(SECONDS), SECONDS)
            numbers = inventory.read(fresh, SECONDS)
            layout, values = inventory.catalog.values(numbers)
    return render(Snapshot(layout, values, ()), negotiate(None)).decode()


def recorded(bean) -> RecordedMBean:
    """Return a case's MBean as a recorded session plays it."""
    return RecordedMBean(
        bean.name,
        tuple(
            Attribute(one.name, one.type, one.description) for one in bean.attributes
        ),
        tuple(
            RecordedValue(
                Leaf(
                    leaf.attribute,
                    LeafKind[leaf.kind],
                    leaf.path,
                    leaf.name,
                    leaf.description,
                    leaf.row,
                ),
                leaf.number,
                leaf.text,
            )
            for leaf in leaves(bean)
        ),
    )

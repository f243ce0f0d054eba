"""The `jvm_*` and `process_*` families, from MXBeans that are recorded."""

from __future__ import annotations

import pytest
from unit.jmx.mbeans import Table, mbean

from jmx_bridge.collect.beans import MBean
from jmx_bridge.collect.jvm_metrics import STATES, JvmMetrics
from jmx_bridge.collect.jvm_sources import BY_BEAN, SOURCES
from jmx_bridge.collect.requests import FirstRequest
from jmx_bridge.collect.series import NO_PLAN
from jmx_bridge.jmx.abc import BeanFound, Failure, Placed
from jmx_bridge.jmx.moment import RUNTIME_PROPERTIES
from jmx_bridge.model import MetricType

MEMORY = "java.lang:type=Memory"
POOL = "java.lang:type=MemoryPool,name=Eden"
COLLECTOR = "java.lang:name=G1,type=GarbageCollector"
USAGE = {"used": 1, "committed": 2, "max": -1, "init": 4}


class World:
    """MXBeans that are read one after the other into one table."""

    def __init__(self, runtime=("", "", "")) -> None:
        self.jvm = JvmMetrics(runtime)
        self.numbers: list[float] = []
        self.beans: dict[str, MBean] = {}

    def put(self, name: str, values) -> MBean:
        recorded = mbean(name, values)
        bean = self.beans.get(name)
        if bean is None:
            found = BeanFound(len(self.beans), name, for_rules=False, for_platform=True)
            bean = self.beans[name] = MBean(found)
            place = Placed(bean.id, 0, len(self.numbers))
            bean.settle(FirstRequest(0, 0, frozenset()), NO_PLAN, place, 0)
        shape = [value.leaf for value in recorded.values]
        self.jvm.bind(bean, shape, recorded.attributes)
        self.numbers += [value.number for value in recorded.values]
        return bean

    def families(self, threads=None):
        return self.jvm.families(self.numbers, threads)

    def samples(self, threads=None) -> dict[str, float]:
        return {
            " ".join((family.name + one.suffix, *(v for _, v in one.labels))): one.value
            for family in self.families(threads)
            for one in family.samples
        }


@pytest.fixture
def world() -> World:
    return World()


def test_without_mxbeans_there_is_nothing(world):
    assert world.families() == []


def test_a_composite_is_read_by_its_keys(world):
    world.put(MEMORY, {"HeapMemoryUsage": USAGE, "ObjectPendingFinalizationCount": 5})

    assert world.samples() == {
        "jvm_memory_used_bytes heap": 1.0,
        "jvm_memory_committed_bytes heap": 2.0,
        "jvm_memory_max_bytes heap": -1.0,
        "jvm_memory_init_bytes heap": 4.0,
        "jvm_memory_objects_pending_finalization": 5.0,
    }


def test_samples_of_a_family_are_sorted_by_label(world):
    world.put(
        MEMORY, {"NonHeapMemoryUsage": {"used": 7}, "HeapMemoryUsage": {"used": 1}}
    )

    (family,) = world.families()

    assert [(one.labels, one.value) for one in family.samples] == [
        ((("area", "heap"),), 1.0),
        ((("area", "nonheap"),), 7.0),
    ]


def test_one_of_many_is_told_by_its_name(world):
    world.put(POOL, {"Usage": {"used": 3}, "CollectionUsage": {"used": 2}})
    world.put('java.lang:type=MemoryPool,name="Old"', {"Usage": {"used": 4}})
    world.put("java.lang:type=MemoryPool", {"Usage": {"used": 5}})

    assert world.samples() == {
        "jvm_memory_pool_used_bytes Eden": 3.0,
        "jvm_memory_pool_used_bytes Old": 4.0,
        "jvm_memory_pool_used_bytes ": 5.0,
        "jvm_memory_pool_collection_used_bytes Eden": 2.0,
    }


def test_times_are_in_seconds(world):
    world.put(COLLECTOR, {"CollectionCount": 3, "CollectionTime": 1500})
    world.put("java.lang:type=OperatingSystem", {"ProcessCpuTime": 2_500_000_000})
    world.put("java.lang:type=Runtime", {"StartTime": 1_700_000_000_500})

    assert world.samples() == {
        "jvm_gc_collection_seconds_count G1": 3.0,
        "jvm_gc_collection_seconds_sum G1": 1.5,
        "process_cpu_seconds": 2.5,
        "process_start_time_seconds": 1_700_000_000.5,
    }


def test_what_a_jvm_does_not_support_is_left_out(world):
    world.put("java.lang:type=OperatingSystem", {"ProcessCpuTime": -1})
    world.put(COLLECTOR, {"CollectionCount": -1, "CollectionTime": -1})
    world.put("java.lang:type=ClassLoading", {"TotalLoadedClassCount": float("nan")})

    assert world.samples() == {}


def test_a_count_that_is_no_integer_is_left_out(world):
    world.put(COLLECTOR, {"CollectionCount": 0.5, "CollectionTime": 1500})

    assert world.samples() == {"jvm_gc_collection_seconds_sum G1": 1.5}


def test_an_mbean_beside_the_jvms_own_does_not_make_its_series_twice(world):
    world.put(f"{MEMORY},x=1", {"ObjectPendingFinalizationCount": 6})
    world.put(MEMORY, {"ObjectPendingFinalizationCount": 5})
    world.put(POOL, {"Usage": {"used": 3}})
    world.put('java.lang:type=MemoryPool,name="Eden"', {"Usage": {"used": 4}})

    found = [(f.name, s.labels, s.value) for f in world.families() for s in f.samples]

    assert sorted(found) == [
        ("jvm_memory_objects_pending_finalization", (), 5.0),
        ("jvm_memory_pool_used_bytes", (("pool", "Eden"),), 3.0),
    ]


def test_what_is_no_number_is_left_out(world):
    world.put(
        "java.lang:type=Threading",
        {"ThreadCount": None, "PeakThreadCount": "many", "DaemonThreadCount": 2},
    )
    world.put(MEMORY, {"HeapMemoryUsage": Table((("used", 1),))})

    assert world.samples() == {"jvm_threads_daemon": 2.0}


def test_another_type_of_mbean_is_not_read(world):
    world.put("java.lang:type=Other", {"ThreadCount": 1})
    world.put("java.lang:name=Threading", {"ThreadCount": 1})
    world.put("other:type=Threading", {"ThreadCount": 1})

    assert world.samples() == {}


def test_an_mxbean_that_was_not_read_is_left_out(world):
    world.put(MEMORY, {"ObjectPendingFinalizationCount": 5})
    threading = world.put("java.lang:type=Threading", {"ThreadCount": 7})
    threading.missed(Failure.LATE)
    late = world.samples()
    threading.read()

    assert late == {"jvm_memory_objects_pending_finalization": 5.0}
    assert world.samples() == {**late, "jvm_threads_current": 7.0}


def test_an_mxbean_without_a_place_is_left_out(world):
    bean = world.put("java.lang:type=Threading", {"ThreadCount": 7})
    bean.described_anew()

    assert world.samples() == {}


def test_an_mxbean_that_vanished_is_forgotten(world):
    bean = world.put("java.lang:type=Threading", {"ThreadCount": 7})
    world.jvm.forget(bean.id)
    world.jvm.forget(bean.id)

    assert world.samples() == {}


def test_the_runtime_is_told_if_the_target_does():
    (family,) = World(("OpenJDK", "", "17.0.1")).families()

    (sample,) = family.samples
    assert (family.name, family.type) == ("jvm_runtime", MetricType.INFO)
    assert dict(sample.labels) == {
        "runtime": "OpenJDK",
        "vendor": "",
        "version": "17.0.1",
    }
    assert sample.value == 1.0
    assert len(RUNTIME_PROPERTIES) == 3


def test_threads_are_counted_by_state(world):
    counts = [*range(1, len(STATES) + 1), 20, 10]

    families = {family.name: family for family in world.families(counts)}

    samples = families["jvm_threads_state"].samples
    states = {one.labels[0][1]: one.value for one in samples}
    assert states == {state: float(n) for n, state in enumerate(STATES, 1)}
    assert list(states) == sorted(STATES)
    assert world.samples(counts)["jvm_threads_deadlocked"] == 20.0
    assert world.samples(counts)["jvm_threads_deadlocked_monitor"] == 10.0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (COLLECTOR, {"CollectionCount", "CollectionTime"}),
        (
            "java.nio:type=BufferPool,name=direct",
            {"Count", "MemoryUsed", "TotalCapacity"},
        ),
        ("java.lang:type=Other", set()),
        ("t:a=b", set()),
    ],
)
def test_only_attributes_that_become_something_are_wanted(world, name, expected):
    assert world.jvm.wants(name) == expected


@pytest.mark.parametrize("source", SOURCES, ids=lambda one: f"{one.family}{one.suffix}")
def test_every_source_is_found_and_becomes_its_family(world, source):
    kind = source.bean.replace(":", ":type=") + ",name=x"
    value = {source.key: 3e9} if source.key else 3e9
    world.put(kind, {source.attribute: value})

    families = {family.name: family for family in world.families()}

    family = families[source.family]
    (value,) = [s.value for s in family.samples if s.suffix == source.suffix]
    assert (value, family.type, family.help) == (
        3e9 / source.divisor,
        source.type,
        source.help,
    )
    assert source in BY_BEAN[source.bean]


def test_a_family_has_one_type_and_one_help():
    families = {}
    for source in SOURCES:
        families.setdefault(source.family, set()).add((source.type, source.help))

    assert [name for name, told in families.items() if len(told) > 1] == []

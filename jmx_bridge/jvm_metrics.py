"""
The `jvm_*` and `process_*` families of Prometheus' Java client, read from the target's MXBeans.

Names, types and labels are those of the Java client's version 1, so that dashboards made
for an agent inside the JVM work. Everything here describes the target, never the bridge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .mapping import parse_name
from .model import Family, LeafKind, MetricType, Sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Attribute, Leaf
    from .series import Bean

GAUGE, COUNTER, SUMMARY = MetricType.GAUGE, MetricType.COUNTER, MetricType.SUMMARY
PLATFORM = ("java.lang:*", "java.nio:type=BufferPool,*")
"""Where the MXBeans are found."""
RUNTIME_PROPERTIES = ("java.runtime.name", "java.vm.vendor", "java.runtime.version")
STATES = (
    "NEW",
    "RUNNABLE",
    "BLOCKED",
    "WAITING",
    "TIMED_WAITING",
    "TERMINATED",
    "UNKNOWN",
)
"""In the order in which a session counts them."""


class Source(NamedTuple):
    """An attribute of one kind of MXBean, and the sample that it becomes."""

    family: str
    type: MetricType
    help: str
    bean: str
    """Domain and type property."""
    attribute: str
    key: str = ""
    """Inside a composite attribute."""
    label: tuple[str, str] = ("", "")
    """A fixed label; with value "", its value is the MXBean's name property."""
    divisor: float = 1.0
    suffix: str = ""


MEMORY, POOL = "java.lang:Memory", "java.lang:MemoryPool"
THREADS, CLASSES = "java.lang:Threading", "java.lang:ClassLoading"
BUFFERS, SYSTEM = "java.nio:BufferPool", "java.lang:OperatingSystem"
COLLECTOR = "java.lang:GarbageCollector"
USAGE = {
    "used": "Bytes in use",
    "committed": "Bytes that the operating system has given",
    "max": "Most bytes that can be had (-1: no limit)",
    "init": "Bytes asked for at the start",
}


def _usage() -> list[Source]:
    sources = []
    for key, words in USAGE.items():
        family = f"jvm_memory_{key}_bytes"
        for attribute, area in (
            ("HeapMemoryUsage", "heap"),
            ("NonHeapMemoryUsage", "nonheap"),
        ):
            sources.append(
                Source(
                    family,
                    GAUGE,
                    f"{words}, by memory area.",
                    MEMORY,
                    attribute,
                    key,
                    ("area", area),
                )
            )
        pool = ("pool", "")
        sources.append(
            Source(
                f"jvm_memory_pool_{key}_bytes",
                GAUGE,
                f"{words}, by memory pool.",
                POOL,
                "Usage",
                key,
                pool,
            )
        )
        sources.append(
            Source(
                f"jvm_memory_pool_collection_{key}_bytes",
                GAUGE,
                f"{words} after the last collection, by memory pool.",
                POOL,
                "CollectionUsage",
                key,
                pool,
            )
        )
    return sources


SOURCES = (
    *_usage(),
    Source(
        "jvm_memory_objects_pending_finalization",
        GAUGE,
        "Objects that wait for their finalizer.",
        MEMORY,
        "ObjectPendingFinalizationCount",
    ),
    Source(
        "jvm_gc_collection_seconds",
        SUMMARY,
        "Time spent in garbage collections, by collector.",
        COLLECTOR,
        "CollectionCount",
        label=("gc", ""),
        suffix="_count",
    ),
    Source(
        "jvm_gc_collection_seconds",
        SUMMARY,
        "Time spent in garbage collections, by collector.",
        COLLECTOR,
        "CollectionTime",
        label=("gc", ""),
        divisor=1e3,
        suffix="_sum",
    ),
    Source("jvm_threads_current", GAUGE, "Live threads.", THREADS, "ThreadCount"),
    Source(
        "jvm_threads_daemon",
        GAUGE,
        "Live daemon threads.",
        THREADS,
        "DaemonThreadCount",
    ),
    Source(
        "jvm_threads_peak",
        GAUGE,
        "Most threads that ever lived at the same time.",
        THREADS,
        "PeakThreadCount",
    ),
    Source(
        "jvm_threads_started",
        COUNTER,
        "Threads started.",
        THREADS,
        "TotalStartedThreadCount",
    ),
    Source(
        "jvm_classes_currently_loaded",
        GAUGE,
        "Classes loaded now.",
        CLASSES,
        "LoadedClassCount",
    ),
    Source(
        "jvm_classes_loaded",
        COUNTER,
        "Classes ever loaded.",
        CLASSES,
        "TotalLoadedClassCount",
    ),
    Source(
        "jvm_classes_unloaded",
        COUNTER,
        "Classes unloaded again.",
        CLASSES,
        "UnloadedClassCount",
    ),
    Source(
        "jvm_buffer_pool_used_bytes",
        GAUGE,
        "Bytes in use, by buffer pool.",
        BUFFERS,
        "MemoryUsed",
        label=("pool", ""),
    ),
    Source(
        "jvm_buffer_pool_capacity_bytes",
        GAUGE,
        "Capacity in bytes, by buffer pool.",
        BUFFERS,
        "TotalCapacity",
        label=("pool", ""),
    ),
    Source(
        "jvm_buffer_pool_used_buffers",
        GAUGE,
        "Buffers in use, by buffer pool.",
        BUFFERS,
        "Count",
        label=("pool", ""),
    ),
    Source(
        "jvm_compilation_time_seconds",
        COUNTER,
        "Time spent compiling classes to machine code.",
        "java.lang:Compilation",
        "TotalCompilationTime",
        divisor=1e3,
    ),
    Source(
        "process_cpu_seconds",
        COUNTER,
        "CPU time, user and system, of the target's process.",
        SYSTEM,
        "ProcessCpuTime",
        divisor=1e9,
    ),
    Source(
        "process_start_time_seconds",
        GAUGE,
        "When the target's JVM started, in seconds since 1970.",
        "java.lang:Runtime",
        "StartTime",
        divisor=1e3,
    ),
    Source(
        "process_open_fds",
        GAUGE,
        "File descriptors that the target's process has open.",
        SYSTEM,
        "OpenFileDescriptorCount",
    ),
    Source(
        "process_max_fds",
        GAUGE,
        "File descriptors that the target's process may open.",
        SYSTEM,
        "MaxFileDescriptorCount",
    ),
    Source(
        "process_virtual_memory_bytes",
        GAUGE,
        "Virtual memory of the target's process.",
        SYSTEM,
        "CommittedVirtualMemorySize",
    ),
)


def _by_bean() -> dict[str, list[Source]]:
    by_bean: dict[str, list[Source]] = {}
    for source in SOURCES:
        by_bean.setdefault(source.bean, []).append(source)
    return by_bean


BY_BEAN = _by_bean()


@dataclass(frozen=True, slots=True)
class Bound:
    """A source at one MXBean: which slot it reads, under which labels."""

    source: Source
    labels: tuple[tuple[str, str], ...]
    leaf: int


class JvmMetrics:
    """The sources that this target has."""

    def __init__(self, runtime: Sequence[str]) -> None:
        """*runtime*: values of RUNTIME_PROPERTIES."""
        self._runtime = runtime
        self._bound: dict[int, tuple[Bean, list[Bound]]] = {}

    def wants(self, name: str) -> frozenset[str]:
        """Return the attributes that are read of the MXBean *name*."""
        return frozenset(source.attribute for source in BY_BEAN.get(_kind(name), ()))

    def bind(
        self, bean: Bean, shape: Sequence[Leaf], asked: Sequence[Attribute]
    ) -> None:
        """Find the numbers of *bean* that are read here."""
        places = {
            (asked[leaf.attribute].name, leaf.name if leaf.path else ""): index
            for index, leaf in enumerate(shape)
            if leaf.kind is LeafKind.NUMBER and not leaf.row
        }
        name = (parse_name(bean.name).property("name") or "").strip('"')
        bound = []
        for source in BY_BEAN.get(_kind(bean.name), ()):
            leaf = places.get((source.attribute, source.key))
            if leaf is not None:
                label, value = source.label
                labels = ((label, value or name),) if label else ()
                bound.append(Bound(source, labels, leaf))
        self._bound[bean.id] = bean, bound

    def forget(self, bean_id: int) -> None:
        """Leave out an MXBean that vanished."""
        self._bound.pop(bean_id, None)

    def families(
        self, numbers: Sequence[float], threads: Sequence[int] | None
    ) -> list[Family]:
        """Return the families with this scrape's values; *threads* as a session counts them."""
        samples: dict[str, list[Sample]] = {source.family: [] for source in SOURCES}
        for bean, bound in self._bound.values():
            if bean.unread or bean.base < 0:
                continue
            for one in bound:
                value = numbers[bean.base + one.leaf] / one.source.divisor
                sample = Sample(one.labels, value, one.source.suffix)
                samples[one.source.family].append(sample)
        described = {source.family: source for source in SOURCES}
        families = [
            Family(name, described[name].type, described[name].help, _ordered(found))
            for name, found in samples.items()
            if found
        ]
        if any(self._runtime):
            families.append(self._info())
        if threads is not None:
            families += _thread_families(threads)
        return families

    def _info(self) -> Family:
        labels = tuple(
            zip(("runtime", "vendor", "version"), self._runtime, strict=True)
        )
        info = (Sample(labels, 1.0),)
        return Family(
            "jvm_runtime", MetricType.INFO, "The target's Java runtime.", info
        )


def _thread_families(counts: Sequence[int]) -> list[Family]:
    states = [
        Sample((("state", state),), float(count))
        for state, count in zip(STATES, counts, strict=False)
    ]
    states.sort(key=lambda sample: sample.labels)
    deadlocked, on_monitors = counts[len(STATES)], counts[len(STATES) + 1]
    return [
        Family("jvm_threads_state", GAUGE, "Threads, by state.", tuple(states)),
        _single("jvm_threads_deadlocked", "Threads in a deadlock.", deadlocked),
        _single(
            "jvm_threads_deadlocked_monitor",
            "Threads in a deadlock on object monitors.",
            on_monitors,
        ),
    ]


def _single(name: str, text: str, value: float) -> Family:
    return Family(name, GAUGE, text, (Sample((), float(value)),))


def _ordered(samples: list[Sample]) -> tuple[Sample, ...]:
    return tuple(sorted(samples, key=lambda sample: (sample.labels, sample.suffix)))


def _kind(name: str) -> str:
    parsed = parse_name(name)
    return f"{parsed.domain}:{parsed.property('type') or ''}"

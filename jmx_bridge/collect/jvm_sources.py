"""The table of the `jvm_*` and `process_*` families: which attribute of which MXBean each sample is."""

from __future__ import annotations

from typing import NamedTuple

from ..model import MetricType

GAUGE, COUNTER, SUMMARY = MetricType.GAUGE, MetricType.COUNTER, MetricType.SUMMARY


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

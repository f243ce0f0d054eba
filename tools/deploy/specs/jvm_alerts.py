"""What is watched of the JVM."""

from __future__ import annotations

from specs.words import NAMED, TARGET, Alert, Threshold, Way, of_jvms, seen

PAUSES = 'gc!~".*Cycles"'
"""Collectors whose time the application stands still; those of ZGC and Shenandoah run beside it."""
METASPACE = 'pool=~"Metaspace|Compressed Class Space"'
OLD = 'pool=~"Tenured Gen|PS Old Gen"'
"""Old generations that end below the heap's limit: full, they are all that counts."""
G1_OLD = 'pool="G1 Old Gen"'
"""G1 tells no use after a collection as long as it finds too little garbage for a mixed one."""
COLLECTED = "jvm_memory_pool_collection_used_bytes"
THRESHOLDS = {
    "heap_after_collection": Threshold(
        0.85, "share of the heap's limit that is in use after a collection"
    ),
    "collecting": Threshold(
        0.3, "share of time for which a JVM stands still to collect"
    ),
    "metaspace": Threshold(
        0.9, "share of Metaspace's limit, where it has one, that class loaders have"
    ),
    "files": Threshold(0.85, "share of the file descriptors that may be open"),
    "threads_factor": Threshold(1.5, "threads now, compared with an hour and more ago"),
    "threads_least": Threshold(200, "threads below which growth is nobody's concern"),
}

ALERTS = (
    Alert(
        "JvmHeapFull",
        f"sum by ({TARGET}) ({COLLECTED})"
        f' / sum by ({TARGET}) (jvm_memory_max_bytes{{area="heap"}} > 0) > $heap_after_collection'
        f" or max by ({TARGET}) ({COLLECTED}{{{OLD}}}"
        f" / (jvm_memory_pool_max_bytes{{{OLD}}} > 0)) > $heap_after_collection"
        f" or max by ({TARGET}) (min_over_time(jvm_memory_pool_used_bytes{{{G1_OLD}}}[15m])"
        f" / (jvm_memory_pool_max_bytes{{{G1_OLD}}} > 0)) > $heap_after_collection",
        minutes=15,
        severity="warning",
        summary=f"The heap of {NAMED} is {{{{ $value | humanizePercentage }}}} full after collections.",
        description="{{ $value | humanizePercentage }} of the heap, or of its old generation, are still in use after collections: what is left is little, so the JVM collects ever more often, and may end with OutOfMemoryError.",
        value="90%",
        given=(
            seen(COLLECTED, "80x30", pool="G1 Old Gen"),
            seen(
                COLLECTED,
                "10x30",
                pool="G1 Survivor Space",
            ),
            seen("jvm_memory_max_bytes", "100x30", area="heap"),
            seen("jvm_memory_max_bytes", "-1x30", area="nonheap"),
        ),
        healthy=(
            seen(COLLECTED, "40x30", pool="G1 Old Gen"),
            seen("jvm_memory_used_bytes", "99x30", area="heap"),
            seen("jvm_memory_max_bytes", "100x30", area="heap"),
            # Full between mixed collections.
            seen(
                "jvm_memory_pool_used_bytes", "95x8 40x2 95x8 40x12", pool="G1 Old Gen"
            ),
            seen("jvm_memory_pool_max_bytes", "100x30", pool="G1 Old Gen"),
        ),
        ways=(
            Way(
                "when an old generation is full, and the heap is not",
                (
                    seen(COLLECTED, "95x30", pool="Tenured Gen"),
                    seen("jvm_memory_pool_max_bytes", "100x30", pool="Tenured Gen"),
                    seen(COLLECTED, "1x30", pool="Survivor Space"),
                    seen("jvm_memory_max_bytes", "140x30", area="heap"),
                ),
                value="95%",
            ),
            Way(
                "when G1 finds nothing to collect",
                (
                    seen(COLLECTED, "0x30", pool="G1 Old Gen"),
                    seen("jvm_memory_pool_used_bytes", "92x30", pool="G1 Old Gen"),
                    seen("jvm_memory_pool_max_bytes", "100x30", pool="G1 Old Gen"),
                    seen("jvm_memory_max_bytes", "100x30", area="heap"),
                ),
                value="92%",
            ),
        ),
    ),
    Alert(
        "JvmCollectsAllTheTime",
        f"sum by ({TARGET}) (rate(jvm_gc_collection_seconds_sum{{{PAUSES}}}[5m])) > $collecting",
        minutes=10,
        severity="warning",
        summary=f"{NAMED} spends {{{{ $value | humanizePercentage }}}} of its time on garbage.",
        description="For {{ $value | humanizePercentage }} of the last five minutes the application stood still so that the JVM could collect garbage.",
        value="50%",
        given=(
            seen("jvm_gc_collection_seconds_sum", "0+30x40", gc="G1 Old Generation"),
        ),
        healthy=(
            seen("jvm_gc_collection_seconds_sum", "0+1x40", gc="G1 Young Generation"),
            seen("jvm_gc_collection_seconds_sum", "0+50x40", gc="ZGC Cycles"),
        ),
    ),
    Alert(
        "JvmDeadlock",
        "jvm_threads_deadlocked > 0",
        minutes=1,
        severity="critical",
        summary=f"{{{{ $value }}}} threads of {NAMED} wait for each other.",
        description="{{ $value }} threads are in a deadlock. They never go on by themselves, and whatever needs their locks comes to a stand, too.",
        value="2",
        given=(seen("jvm_threads_deadlocked", "2x20"),),
        healthy=(seen("jvm_threads_deadlocked", "0x20"),),
    ),
    Alert(
        "JvmMetaspaceFull",
        f"jvm_memory_pool_committed_bytes{{{METASPACE}}} / (jvm_memory_pool_max_bytes{{{METASPACE}}} > 0) > $metaspace",
        minutes=10,
        severity="warning",
        summary=f"{{{{ $labels.pool }}}} of {NAMED} is {{{{ $value | humanizePercentage }}}} full.",
        description="Class loaders have taken {{ $value | humanizePercentage }} of {{ $labels.pool }}. At 100 % loading a class ends with OutOfMemoryError.",
        value="95%",
        given=(
            seen("jvm_memory_pool_committed_bytes", "95x20", pool="Metaspace"),
            # Little used of what many class loaders have.
            seen("jvm_memory_pool_used_bytes", "70x20", pool="Metaspace"),
            seen("jvm_memory_pool_max_bytes", "100x20", pool="Metaspace"),
        ),
        healthy=(
            seen("jvm_memory_pool_committed_bytes", "95x20", pool="Metaspace"),
            seen("jvm_memory_pool_max_bytes", "-1x20", pool="Metaspace"),
            seen(
                "jvm_memory_pool_committed_bytes",
                "10x20",
                pool="Compressed Class Space",
            ),
            seen("jvm_memory_pool_max_bytes", "100x20", pool="Compressed Class Space"),
        ),
        labels={"pool": "Metaspace"},
    ),
    Alert(
        "JvmOpenFiles",
        of_jvms("process_open_fds / (process_max_fds > 0)") + " > $files",
        minutes=10,
        severity="critical",
        summary=f"{NAMED} has {{{{ $value | humanizePercentage }}}} of its file descriptors open.",
        description="{{ $value | humanizePercentage }} of the file descriptors that the process may have are open. At 100 % it accepts no connection and opens no file.",
        value="90%",
        given=(
            seen("process_open_fds", "90x20"),
            seen("process_max_fds", "100x20"),
            seen("jvm_runtime_info", "1x20", version="21"),
        ),
        healthy=(
            seen("process_open_fds", "50x20"),
            seen("process_max_fds", "100x20"),
            seen("jvm_runtime_info", "1x20", version="21"),
            # Another program's, which is no JVM.
            seen("process_open_fds", "99x20", instance="other"),
            seen("process_max_fds", "100x20", instance="other"),
        ),
    ),
    Alert(
        "JvmThreadsGrow",
        "min_over_time(jvm_threads_current[15m]) > $threads_factor * max_over_time(jvm_threads_current[1h] offset 1h)"
        " and jvm_threads_current > $threads_least",
        minutes=15,
        severity="warning",
        summary=f"{NAMED} has {{{{ $value }}}} threads, and an hour ago it had far fewer.",
        description="For a quarter of an hour there have been {{ $value }} threads and more, half as many again as in the hour before the last one. If that goes on, memory for their stacks runs out, or the limit of processes is met.",
        value="400",
        given=(seen("jvm_threads_current", "100x120 400x60"),),
        healthy=(seen("jvm_threads_current", "300x120 400x60"),),
        at=155,
    ),
)

"""What is drawn and watched of the JVM."""

from __future__ import annotations

from specs.jvm_alerts import ALERTS, METASPACE, PAUSES, THRESHOLDS
from specs.words import (
    TARGET,
    WHO,
    Spec,
    graph,
    highest,
    now,
    number_of,
    of_jvms,
    query,
    rate,
    row,
    share,
    stat,
    total,
)

AFTER = total(now("jvm_memory_pool_collection_used_bytes"), by=TARGET)
LIMIT = total(now("jvm_memory_max_bytes", where='area="heap"') + " > 0", by=TARGET)
FULL = THRESHOLDS["heap_after_collection"].value
COLLECTING = THRESHOLDS["collecting"].value
IN_GC = total(rate("jvm_gc_collection_seconds_sum", where=PAUSES), by=TARGET)
CODE = 'pool=~"CodeCache|CodeHeap.*"'


def fullest(metric: str, pools: str) -> str:
    """The share of its limit that the fullest JVM has of each of *pools*, those that have one."""
    limit = now("jvm_memory_pool_max_bytes", where=pools)
    return highest(f"{now(metric, where=pools)} / ({limit} > 0)", by="pool")


SPEC = Spec(
    "JVM over JMX",
    needs="the pack jvm for the machine's load, and --jmx.thread-states for threads by state; nothing for the rest",
    sign="jvm_runtime_info",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    rows=(
        row(
            "Overview",
            stat(
                "JVMs",
                "short",
                number_of(now("jvm_runtime_info")),
                about="How many JVMs are chosen above and answer. Fewer than you run: see the dashboard JMX Bridge for those that can't be read.",
            ),
            stat(
                "Youngest",
                "s",
                "time() - " + highest(of_jvms(now("process_start_time_seconds"))),
                about="How long ago the JVM that started last was started. A few minutes, again and again, means that one restarts by itself.",
            ),
            stat(
                "Heap after collection",
                "percentunit",
                highest(share(AFTER, LIMIT)),
                warn=FULL - 0.15,
                bad=FULL,
                about="What the fullest heap still held after its last collection, as a share of its limit. Below 70 % is normal; near 100 % the JVM collects without end, and needs a bigger heap or has a leak.",
            ),
            stat(
                "Time in collections",
                "percentunit",
                highest(IN_GC),
                warn=COLLECTING / 3,
                bad=COLLECTING,
                about="The share of its time that the busiest JVM stands still for garbage. Below 2 % is normal; above 10 % requests feel it.",
            ),
            stat(
                "Processors in use",
                "short",
                total(of_jvms(rate("process_cpu_seconds_total"))),
                about="Processors that all chosen JVMs keep busy together. Normal is what your load takes; compare it with the containers' limits.",
            ),
            stat(
                "Threads",
                "short",
                highest(now("jvm_threads_current")),
                about="Threads of the JVM that has most. A few hundred are normal; a number that only grows is a leak.",
            ),
        ),
        row(
            "Memory",
            graph(
                "Heap",
                "bytes",
                query(total(now("jvm_memory_used_bytes", where='area="heap"')), "used"),
                query(
                    total(now("jvm_memory_pool_collection_used_bytes")),
                    "after collection",
                ),
                query(
                    total(now("jvm_memory_committed_bytes", where='area="heap"')),
                    "committed",
                ),
                query(
                    total(now("jvm_memory_max_bytes", where='area="heap"') + " > 0"),
                    "limit",
                ),
                about='The heaps of all chosen JVMs together. A saw of "used" is normal; what counts is "after collection", which should stay flat and well below the limit. It begins at 0 and is right after the first collection of the old generation.',
            ),
            graph(
                "Heap after collection, by JVM",
                "percentunit",
                query(share(AFTER, LIMIT), WHO),
                warn=FULL - 0.15,
                bad=FULL,
                about="The same as a share of each JVM's limit. A line that climbs for days is a leak: take a histogram (jcmd PID GC.class_histogram) before it reaches the red line.",
            ),
            graph(
                "Pools with a limit",
                "percentunit",
                query(
                    fullest("jvm_memory_pool_committed_bytes", METASPACE), "{{pool}}"
                ),
                query(fullest("jvm_memory_pool_used_bytes", CODE), "{{pool}}"),
                warn=THRESHOLDS["metaspace"].value - 0.1,
                bad=THRESHOLDS["metaspace"].value,
                about="Metaspace and code as shares of their limits, those that have one; the fullest JVM counts. Of Metaspace it is what class loaders have (committed), as the alert JvmMetaspaceFull reads it: with many small loaders it meets its limit long before it is used up, and loading a class ends in OutOfMemoryError. Raise the limit, or look for class loaders that stay. A full code cache (used) stops the compiler.",
            ),
            graph(
                "Memory pools",
                "bytes",
                query(total(now("jvm_memory_pool_used_bytes"), by="pool"), "{{pool}}"),
                about="Bytes in use by memory pool, heap and others. Eden fills and empties all the time; the old generation should not only grow.",
            ),
            graph(
                "Memory outside the heap",
                "bytes",
                query(
                    total(now("jvm_memory_used_bytes", where='area="nonheap"')),
                    "classes and code",
                ),
                query(
                    total(now("jvm_buffer_pool_used_bytes"), by="pool"),
                    "buffers {{pool}}",
                ),
                about="What the JVMs use besides the heap, as far as JMX tells it: classes, compiled code, direct and mapped buffers. The container's limit has to hold heap, this, and thread stacks.",
            ),
        ),
        row(
            "Garbage collection",
            graph(
                "Time in collections, by JVM",
                "percentunit",
                query(IN_GC, WHO),
                bad=COLLECTING,
                about="The share of time for which a JVM stands still to collect; concurrent cycles are not counted. Below 2 % is normal.",
            ),
            graph(
                "Collections",
                "cps",
                query(
                    total(rate("jvm_gc_collection_seconds_count"), by="gc"), "{{gc}}"
                ),
                about="Collections per second by collector. Young ones come with load; full or old ones should be rare.",
            ),
            graph(
                "Time for a collection",
                "s",
                query(
                    total(rate("jvm_gc_collection_seconds_sum"), by="gc")
                    + " / "
                    + total(rate("jvm_gc_collection_seconds_count"), by="gc"),
                    "{{gc}}",
                ),
                about="The mean length of a collection by collector, where there was one. A young one of a hundred milliseconds or a full one of seconds is what users feel as a pause.",
            ),
        ),
        row(
            "Threads",
            graph(
                "Threads",
                "short",
                query(total(now("jvm_threads_current")), "all"),
                query(total(now("jvm_threads_daemon")), "daemon"),
                about="Live threads of all chosen JVMs. Flat under steady load; steps upwards that never come down are a pool without a bound.",
            ),
            graph(
                "Threads by state",
                "short",
                query(total(now("jvm_threads_state"), by="state"), "{{state}}"),
                query(total(now("jvm_threads_deadlocked")), "deadlocked"),
                about="Needs --jmx.thread-states. Many BLOCKED threads wait for one lock; any deadlocked one stays so until a restart: take a thread dump first (jcmd PID Thread.print).",
            ),
            graph(
                "Threads started",
                "cps",
                query(total(rate("jvm_threads_started_total"), by=TARGET), WHO),
                about="New threads per second by JVM. Near 0 where pools do their work; more than a few per second is a thread for each request.",
            ),
        ),
        row(
            "Processors, classes and files",
            graph(
                "Processors in use, by JVM",
                "short",
                query(of_jvms(rate("process_cpu_seconds_total")), WHO),
                about="Processors that each JVM keeps busy. Compare with its container's limit: at the limit it is throttled, and everything takes longer.",
            ),
            graph(
                "Load of the machine",
                "percentunit",
                query(highest(now("jvm_process_cpu_load")), "busiest JVM"),
                query(highest(now("jvm_system_cpu_load")), "machine"),
                about="Needs the pack jvm. The share of the machine's (or container's) processors that is in use, and that of the busiest JVM. A busy machine with a calm JVM means that somebody else takes the time.",
            ),
            graph(
                "Loaded classes",
                "short",
                query(now("jvm_classes_currently_loaded"), WHO),
                about="Classes loaded now, by JVM. Flat some minutes after the start; steady growth is a leak of class loaders, which fills Metaspace.",
            ),
            graph(
                "Open files",
                "percentunit",
                query(
                    of_jvms(
                        share(now("process_open_fds"), now("process_max_fds")),
                    ),
                    WHO,
                ),
                bad=THRESHOLDS["files"].value,
                about="Open file descriptors, sockets included, as a share of the limit. A few per cent are normal; steady growth is a leak, and at 100 % nothing can be accepted or opened.",
            ),
        ),
    ),
)

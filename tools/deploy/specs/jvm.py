"""What is drawn and watched of the JVM."""

from __future__ import annotations

from specs.words import Alert, Spec, highest, now, panel, query, rate, row, seen, total

SPEC = Spec(
    "JVM over JMX",
    needs="nothing, or the pack jvm for the machine's load",
    rows=(
        row(
            "Overview",
            panel(
                "Uptime", "s", "time() - " + highest(now("process_start_time_seconds"))
            ),
            panel(
                "Heap in use",
                "percentunit",
                total(now("jvm_memory_used_bytes", where='area="heap"'))
                + " / "
                + total(now("jvm_memory_max_bytes", where='area="heap"') + " > 0"),
                warn=0.8,
                bad=0.95,
            ),
            panel(
                "Processors in use", "short", total(rate("process_cpu_seconds_total"))
            ),
            panel("Threads", "short", total(now("jvm_threads_current"))),
        ),
        row(
            "Memory",
            panel(
                "Memory in use",
                "bytes",
                query(total(now("jvm_memory_used_bytes"), by="area"), "{{area}}"),
            ),
            panel(
                "Memory pools",
                "bytes",
                query(total(now("jvm_memory_pool_used_bytes"), by="pool"), "{{pool}}"),
            ),
            panel(
                "Buffers",
                "bytes",
                query(total(now("jvm_buffer_pool_used_bytes"), by="pool"), "{{pool}}"),
            ),
        ),
        row(
            "Garbage collection",
            panel(
                "Time in collections",
                "percentunit",
                query(total(rate("jvm_gc_collection_seconds_sum"), by="gc"), "{{gc}}"),
            ),
            panel(
                "Collections",
                "cps",
                query(
                    total(rate("jvm_gc_collection_seconds_count"), by="gc"), "{{gc}}"
                ),
            ),
        ),
        row(
            "Threads, classes and files",
            panel(
                "Threads",
                "short",
                query(total(now("jvm_threads_current")), "all"),
                query(total(now("jvm_threads_daemon")), "daemon"),
            ),
            panel(
                "Loaded classes",
                "short",
                query(total(now("jvm_classes_currently_loaded")), "loaded"),
            ),
            panel(
                "Open files", "short", query(now("process_open_fds"), "{{instance}}")
            ),
        ),
    ),
    alerts=(
        Alert(
            "JvmHeapFull",
            'sum by (job, instance) (jvm_memory_used_bytes{area="heap"}) / sum by (job, instance) (jvm_memory_max_bytes{area="heap"} > 0) > 0.95',
            minutes=15,
            severity="warning",
            summary="The heap of {{ $labels.instance }} is {{ $value | humanizePercentage }} full.",
            told="The heap of i is 97% full.",
            given=(
                seen("jvm_memory_used_bytes", "97x30", area="heap"),
                seen("jvm_memory_max_bytes", "100x30", area="heap"),
            ),
        ),
        Alert(
            "JvmCollectsAllTheTime",
            "sum by (job, instance) (rate(jvm_gc_collection_seconds_sum[5m])) > 0.3",
            minutes=10,
            severity="warning",
            summary="{{ $labels.instance }} spends {{ $value | humanizePercentage }} of its time on garbage.",
            told="i spends 50% of its time on garbage.",
            given=(seen("jvm_gc_collection_seconds_sum", "0+30x40", gc="G1"),),
        ),
    ),
)

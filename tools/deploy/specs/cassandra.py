"""What is drawn and watched of Apache Cassandra."""

from __future__ import annotations

from specs.words import (
    Alert,
    Spec,
    highest,
    now,
    panel,
    query,
    rate,
    row,
    seen,
    top,
    total,
)

SPEC = Spec(
    "Apache Cassandra",
    needs="the pack cassandra",
    rows=(
        row(
            "Overview",
            panel(
                "Nodes down",
                "short",
                highest(now("cassandra_down_endpoint_count")),
                warn=1,
                bad=2,
            ),
            panel("Load", "bytes", total(now("cassandra_storage_load_count"))),
            panel(
                "Pending compactions",
                "short",
                total(now("cassandra_compaction_pendingtasks")),
                warn=50,
                bad=200,
            ),
            panel(
                "Timeouts",
                "cps",
                total(
                    rate(
                        "cassandra_clientrequest_timeouts_count",
                        where='clientrequest!~".+-.+"',
                    )
                ),
                warn=0.1,
                bad=1,
            ),
        ),
        row(
            "Requests",
            panel(
                "Requests",
                "reqps",
                query(
                    total(
                        rate(
                            "cassandra_clientrequest_latency_seconds_count",
                            where='clientrequest!~".+-.+"',
                        ),
                        by="clientrequest",
                    ),
                    "{{clientrequest}}",
                ),
            ),
            panel(
                "Latency, 99th percentile",
                "s",
                query(
                    highest(
                        now(
                            "cassandra_clientrequest_latency_seconds",
                            where='quantile="0.99", clientrequest!~".+-.+"',
                        ),
                        by="clientrequest",
                    ),
                    "{{clientrequest}}",
                ),
            ),
            panel(
                "Failures",
                "reqps",
                query(
                    total(
                        rate(
                            "cassandra_clientrequest_failures_count",
                            where='clientrequest!~".+-.+"',
                        ),
                        by="clientrequest",
                    ),
                    "{{clientrequest}}",
                ),
            ),
        ),
        row(
            "Storage",
            panel(
                "Disk space by keyspace",
                "bytes",
                query(
                    total(now("cassandra_keyspace_totaldiskspaceused"), by="keyspace"),
                    "{{keyspace}}",
                ),
            ),
            panel(
                "Hit rate of caches",
                "percentunit",
                query(now("cassandra_cache_hitrate") + " >= 0", "{{cache}}"),
            ),
            panel(
                "Pending tasks",
                "short",
                query(
                    top(
                        10,
                        total(
                            now("cassandra_threadpools_pendingtasks"), by="threadpools"
                        ),
                    ),
                    "{{threadpools}}",
                ),
            ),
            panel(
                "Dropped messages",
                "cps",
                query(
                    top(8, total(rate("cassandra_droppedmessage_count"), by="message")),
                    "{{message}}",
                ),
            ),
        ),
    ),
    alerts=(
        Alert(
            "CassandraNodeDown",
            "max by (job) (cassandra_down_endpoint_count) > 0",
            minutes=5,
            severity="critical",
            summary="{{ $value }} nodes are down.",
            told="1 nodes are down.",
            given=(seen("cassandra_down_endpoint_count", "1x10"),),
            labels={"instance": ""},
        ),
        Alert(
            "CassandraTimeouts",
            "sum by (job, instance, clientrequest) (rate(cassandra_clientrequest_timeouts_count[5m])) > 1",
            minutes=5,
            severity="warning",
            summary="{{ $labels.clientrequest }} requests to {{ $labels.instance }} time out.",
            told="Read requests to i time out.",
            given=(
                seen(
                    "cassandra_clientrequest_timeouts_count",
                    "0+120x20",
                    clientrequest="Read",
                ),
            ),
            labels={"clientrequest": "Read"},
        ),
        Alert(
            "CassandraCompactionsPending",
            "cassandra_compaction_pendingtasks > 200",
            minutes=30,
            severity="warning",
            summary="{{ $value }} compactions of {{ $labels.instance }} wait.",
            told="300 compactions of i wait.",
            given=(seen("cassandra_compaction_pendingtasks", "300x40"),),
        ),
    ),
)

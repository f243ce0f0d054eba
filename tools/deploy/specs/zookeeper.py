"""What is drawn and watched of Apache ZooKeeper."""

from __future__ import annotations

from specs.words import Alert, Spec, highest, now, panel, query, rate, row, seen, total

SPEC = Spec(
    "Apache ZooKeeper",
    needs="the pack zookeeper",
    rows=(
        row(
            "Overview",
            panel("Connections", "short", total(now("zookeeper_numaliveconnections"))),
            panel(
                "Requests that wait",
                "short",
                total(now("zookeeper_outstandingrequests")),
                warn=10,
                bad=100,
            ),
            panel(
                "Average latency",
                "ms",
                highest(now("zookeeper_avgrequestlatency")),
                warn=20,
                bad=100,
            ),
            panel(
                "Nodes", "short", highest(now("zookeeper_inmemorydatatree_nodecount"))
            ),
        ),
        row(
            "Requests",
            panel(
                "Latency",
                "ms",
                query(now("zookeeper_avgrequestlatency"), "average {{instance}}"),
                query(now("zookeeper_maxrequestlatency"), "longest {{instance}}"),
            ),
            panel(
                "Packets",
                "pps",
                query(total(rate("zookeeper_packetsreceived_total")), "received"),
                query(total(rate("zookeeper_packetssent_total")), "sent"),
            ),
            panel(
                "Watches",
                "short",
                query(now("zookeeper_inmemorydatatree_watchcount"), "{{instance}}"),
            ),
            panel(
                "Size on disk",
                "bytes",
                query(now("zookeeper_datadirsize"), "snapshots {{instance}}"),
                query(now("zookeeper_logdirsize"), "logs {{instance}}"),
            ),
        ),
    ),
    alerts=(
        Alert(
            "ZooKeeperRequestsWait",
            "zookeeper_outstandingrequests > 100",
            minutes=5,
            severity="warning",
            summary="{{ $value }} requests wait at {{ $labels.instance }}.",
            told="200 requests wait at i.",
            given=(seen("zookeeper_outstandingrequests", "200x10"),),
        ),
        Alert(
            "ZooKeeperSlow",
            "zookeeper_avgrequestlatency > 100",
            minutes=10,
            severity="warning",
            summary="Requests to {{ $labels.instance }} take {{ $value }} ms.",
            told="Requests to i take 150 ms.",
            given=(seen("zookeeper_avgrequestlatency", "150x20"),),
        ),
    ),
)

"""What is drawn of Apache Cassandra."""

from __future__ import annotations

from specs.cassandra_alerts import ALERTS, MESSAGE, PLAIN, THRESHOLDS
from specs.words import (
    TARGET,
    WHO,
    Row,
    Spec,
    Variable,
    graph,
    highest,
    now,
    or_none,
    query,
    rate,
    row,
    stat,
    top,
    total,
)

LATENCY = "cassandra_clientrequest_latency_seconds"
P99 = 'quantile="0.99"'
CHOSEN = 'keyspace=~"$keyspace"'
POOL = "threadpools"
TABLE = "{{table}}"
COMPACTIONS = THRESHOLDS["compactions"].value
TIMEOUTS = THRESHOLDS["timeouts"].value
DROPPED = THRESHOLDS["dropped"].value


def slowest(kind: str) -> str:
    """The 99th percentile of requests of a kind, of the slowest node."""
    return highest(now(LATENCY, f'{P99}, clientrequest="{kind}"'))


def of_kinds(metric: str) -> str:
    """Requests per second by kind."""
    return total(rate(metric, PLAIN), by="clientrequest")


def overview() -> Row:
    return row(
        "Overview",
        stat(
            "Nodes down",
            "short",
            highest(now("cassandra_down_endpoint_count")),
            warn=1,
            bad=2,
            about="Nodes that are down in the eyes of the node that sees most of them so. Normal is 0; one that restarts is there for a minute or two.",
        ),
        stat(
            "Requests",
            "reqps",
            total(rate(f"{LATENCY}_count", PLAIN)),
            about="Requests of clients per second, of all chosen nodes as coordinators. It follows the application.",
        ),
        stat(
            "Reads, 99th percentile",
            "s",
            slowest("Read"),
            warn=0.1,
            bad=1,
            about="How long the slowest in a hundred reads takes, on the slowest node. Some tens of milliseconds are normal; the limit is read_request_timeout, 5 s by default.",
        ),
        stat(
            "Writes, 99th percentile",
            "s",
            slowest("Write"),
            warn=0.1,
            bad=1,
            about="How long the slowest in a hundred writes takes, on the slowest node. A few milliseconds are normal; more means a full commit log disk or long collections.",
        ),
        stat(
            "Timeouts and refusals",
            "cps",
            total(rate("cassandra_clientrequest_timeouts_count", PLAIN))
            + " + "
            + total(rate("cassandra_clientrequest_unavailables_count", PLAIN)),
            warn=TIMEOUTS / 10,
            bad=TIMEOUTS,
            about="Requests per second that timed out, or were refused since too few replicas are up. Normal is 0.",
        ),
        stat(
            "Compactions that wait",
            "short",
            highest(now("cassandra_compaction_pendingtasks")),
            warn=COMPACTIONS / 4,
            bad=COMPACTIONS,
            about="Compactions that wait, of the node that has most. A few dozen after a repair or a load are normal if they become fewer.",
        ),
        stat(
            "Data",
            "bytes",
            total(now("cassandra_storage_load_count")),
            about="Bytes of data on all chosen nodes, with all replicas. A node should keep a third of its disk free for compactions.",
        ),
    )


def requests() -> Row:
    return row(
        "Requests of clients",
        graph(
            "Requests",
            "reqps",
            query(of_kinds(f"{LATENCY}_count"), "{{clientrequest}}"),
            about="Requests per second by kind. CAS are lightweight transactions, which cost four times as much; RangeSlice are scans.",
        ),
        graph(
            "Latency, 99th percentile",
            "s",
            query(
                highest(now(LATENCY, f"{P99}, {PLAIN}"), by="clientrequest"),
                "{{clientrequest}}",
            ),
            about="How long the slowest in a hundred requests takes, by kind, on the slowest node. A kind that nobody uses is 0.",
        ),
        graph(
            "Latency of reads, by node",
            "s",
            query(now(LATENCY, f'{P99}, clientrequest="Read"'), WHO),
            about="The 99th percentile of reads by the node that coordinates them. One that stands out has a slow disk, long collections, or a hot partition.",
        ),
        graph(
            "Timeouts",
            "cps",
            query(
                of_kinds("cassandra_clientrequest_timeouts_count"), "{{clientrequest}}"
            ),
            bad=TIMEOUTS,
            about="Requests per second for which too few replicas answered in time. Normal is 0; messages that are dropped, below, say which nodes don't keep up.",
        ),
        graph(
            "Refused, for want of replicas",
            "cps",
            query(
                of_kinds("cassandra_clientrequest_unavailables_count"),
                "{{clientrequest}}",
            ),
            about="Requests per second that were refused at once, since fewer replicas are up than their consistency level asks for. Normal is 0: look for nodes that are down.",
        ),
        graph(
            "Failures",
            "cps",
            query(
                of_kinds("cassandra_clientrequest_failures_count"), "{{clientrequest}}"
            ),
            about="Requests per second that a replica answered with an error, such as a read over too many tombstones. Normal is 0; the node's log has the reason.",
        ),
    )


def nodes() -> Row:
    return row(
        "Nodes",
        graph(
            "Nodes down, as each node sees it",
            "short",
            query(now("cassandra_down_endpoint_count"), WHO),
            about="How many other nodes each one holds to be down. If they disagree, the network between them is cut.",
        ),
        graph(
            "Data by node",
            "bytes",
            query(now("cassandra_storage_load_count"), WHO),
            about="Bytes of data by node. They should be alike; one that has far more owns more tokens, or a large partition.",
        ),
        graph(
            "Clients",
            "short",
            query(now("cassandra_client_connectednativeclients"), WHO),
            about="Connections of clients by node. They should be alike, too; a driver connects to all nodes of its data centre.",
        ),
        graph(
            "Messages dropped",
            "cps",
            query(
                top(
                    10,
                    total(
                        rate("cassandra_droppedmessage_count", MESSAGE), by="message"
                    ),
                ),
                "{{message}}",
            ),
            bad=DROPPED,
            about="Messages that were too old when their turn came, by kind, the ten with most. Normal is 0; dropped mutations leave replicas behind until a repair.",
        ),
        graph(
            "Hints",
            "cps",
            query(total(rate("cassandra_storage_totalhints_count"), by=TARGET), WHO),
            about="Writes per second that a node keeps for others that don't answer. Normal is 0; they are handed over when the other is back within three hours.",
        ),
        graph(
            "Timeouts between nodes",
            "cps",
            query(
                or_none(
                    total(
                        rate("cassandra_connection_timeouts_count", 'connection="all"'),
                        by=TARGET,
                    )
                ),
                WHO,
            ),
            about="Messages to other nodes that got no answer in time, per second; 0 for a node that is alone. Normal is near 0.",
        ),
    )


def inside() -> Row:
    return row(
        "Inside the nodes",
        graph(
            "Tasks that wait",
            "short",
            query(
                top(10, total(now("cassandra_threadpools_pendingtasks"), by=POOL)),
                "{{threadpools}}",
            ),
            about="Tasks that wait by thread pool, the ten with most. MutationStage and ReadStage near 0 are normal; CompactionExecutor is worked off at leisure.",
        ),
        graph(
            "Tasks at work",
            "short",
            query(
                top(10, total(now("cassandra_threadpools_activetasks"), by=POOL)),
                "{{threadpools}}",
            ),
            about="Tasks at work by thread pool, the ten with most. ReadStage at its limit (concurrent_reads, 32 by default) means that the disk is busy.",
        ),
        graph(
            "Tasks that are kept out",
            "short",
            query(
                top(
                    10,
                    total(
                        now("cassandra_threadpools_currentlyblockedtasks_count"),
                        by=POOL,
                    ),
                ),
                "{{threadpools}}",
            ),
            about="Tasks that find even the queue of their pool full. Normal is 0; in Native-Transport-Requests it means that clients send more than the node takes.",
        ),
        graph(
            "Compactions that wait, by node",
            "short",
            query(now("cassandra_compaction_pendingtasks"), WHO),
            bad=COMPACTIONS,
            about="Compactions that wait. Waves are normal; a line that climbs for hours means that data is written faster than it is compacted.",
        ),
        graph(
            "Hit rate of caches",
            "percentunit",
            query(now("cassandra_cache_hitrate") + " >= 0", WHO + " {{cache}}"),
            about="Look-ups that a cache answered; one that nobody asked has no line. Above 85 % is normal for the key cache; the row cache is off by default.",
        ),
        graph(
            "Commit log",
            "bytes",
            query(now("cassandra_commitlog_totalcommitlogsize"), WHO),
            about="Bytes of the commit log. It is flat at its limit, or a saw below it; flushes are forced when it is full.",
        ),
    )


def of_keyspace() -> Row:
    return row(
        "Keyspace $keyspace",
        graph(
            "Reads and writes",
            "cps",
            query(
                total(rate("cassandra_keyspace_readlatency_seconds_count", CHOSEN)),
                "reads",
            ),
            query(
                total(rate("cassandra_keyspace_writelatency_seconds_count", CHOSEN)),
                "writes",
            ),
            about="Reads and writes of this keyspace per second on the chosen nodes, as replicas: with three replicas a write counts three times.",
        ),
        graph(
            "Latency on the node, 99th percentile",
            "s",
            query(
                highest(
                    now("cassandra_keyspace_readlatency_seconds", f"{P99}, {CHOSEN}")
                ),
                "reads",
            ),
            query(
                highest(
                    now("cassandra_keyspace_writelatency_seconds", f"{P99}, {CHOSEN}")
                ),
                "writes",
            ),
            about="How long the slowest in a hundred takes on the slowest node, without the network. Much less than what clients see means that the time is lost between the nodes.",
        ),
        graph(
            "Disk space by table",
            "bytes",
            query(
                top(
                    10,
                    total(
                        now("cassandra_table_totaldiskspaceused", CHOSEN), by="table"
                    ),
                ),
                TABLE,
            ),
            about="Bytes on disk of the ten largest tables, on all chosen nodes. It grows with the data, and falls after compactions.",
        ),
        graph(
            "Largest partition by table",
            "bytes",
            query(
                top(
                    10,
                    highest(
                        now("cassandra_table_maxpartitionsize", CHOSEN), by="table"
                    ),
                ),
                TABLE,
            ),
            warn=1e8,
            bad=1e9,
            about="The largest partition of each table, the ten largest. Below 100 MB is normal; larger ones make reads slow and collections long: the table needs another partition key.",
        ),
        graph(
            "SSTables by table",
            "short",
            query(
                top(
                    10,
                    highest(
                        now("cassandra_table_livesstablecount", CHOSEN), by="table"
                    ),
                ),
                TABLE,
            ),
            about="Files of a table on the node that has most of them. A few dozen are normal; growth means that compactions lag behind, and each file makes reads slower.",
        ),
        graph(
            "Compactions and flushes that wait",
            "short",
            query(
                total(now("cassandra_keyspace_pendingcompactions", CHOSEN)),
                "compactions",
            ),
            query(total(now("cassandra_keyspace_pendingflushes", CHOSEN)), "flushes"),
            about="Compactions and flushes of this keyspace that wait. Flushes at 0 are normal; if they wait, writes stand still soon.",
        ),
        repeat="keyspace",
    )


SPEC = Spec(
    "Apache Cassandra",
    needs="the pack cassandra",
    sign="cassandra_storage_load_count",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    variables=(Variable("keyspace", "cassandra_keyspace_totaldiskspaceused"),),
    rows=(overview(), requests(), nodes(), inside(), of_keyspace()),
)

"""What is drawn of Apache Hadoop HDFS."""

from __future__ import annotations

from specs.hadoop_alerts import ALERTS, THRESHOLDS
from specs.words import (
    WHO,
    Row,
    Spec,
    graph,
    highest,
    now,
    query,
    rate,
    row,
    share,
    stat,
    top,
    total,
)

TAKEN = "1 - " + share(
    now("hadoop_namenode_capacity_remaining_bytes"),
    now("hadoop_namenode_capacity_bytes"),
)
SPACE = THRESHOLDS["space"].value
WAIT = THRESHOLDS["call_wait"].value
PORT = "service, port"
CALLS = "{{service}} {{port}}"
MOST = 10


def overview() -> Row:
    return row(
        "Overview",
        stat(
            "Missing blocks",
            "short",
            highest(now("hadoop_namenode_missing_blocks")),
            warn=1,
            bad=1,
            about="Blocks without any replica: their files can't be read. Normal is 0; a NameNode that just started counts down to it.",
        ),
        stat(
            "DataNodes down",
            "short",
            highest(now("hadoop_namenode_dead_datanodes")),
            warn=1,
            bad=2,
            about="DataNodes that have sent nothing for more than ten minutes. Normal is 0.",
        ),
        stat(
            "Blocks with too few replicas",
            "short",
            highest(now("hadoop_namenode_under_replicated_blocks")),
            warn=1,
            about="Blocks that have fewer replicas than they should. It jumps when a DataNode is lost, and then falls by itself; a number that stays is a replication factor that there are too few DataNodes for.",
        ),
        stat(
            "Space taken",
            "percentunit",
            highest(TAKEN),
            warn=SPACE - 0.1,
            bad=SPACE,
            about="The share of the space that is taken, by HDFS or by others on the same disks. Above 85 % writes begin to miss DataNodes that are full.",
        ),
        stat(
            "Failed volumes",
            "short",
            highest(now("hadoop_namenode_volume_failures")),
            warn=1,
            about="Disks of DataNodes that failed since they were started. Normal is 0.",
        ),
        stat(
            "Wait for the NameNode",
            "s",
            highest(now("hadoop_rpc_queue_seconds_avg", 'service="NameNode"')),
            warn=WAIT / 5,
            bad=WAIT,
            about="How long a remote call waits on average, at the NameNode's slowest port. Below a few milliseconds is normal.",
        ),
        stat(
            "Files",
            "short",
            highest(now("hadoop_namenode_files")),
            about="Files and folders. All of them live on the NameNode's heap, about a gigabyte for a million blocks, so many small files are what fills it.",
        ),
    )


def cluster() -> Row:
    return row(
        "Cluster, as each NameNode sees it",
        graph(
            "DataNodes",
            "short",
            query(now("hadoop_namenode_live_datanodes"), f"live {WHO}"),
            query(now("hadoop_namenode_dead_datanodes"), f"dead {WHO}"),
            about="DataNodes that answer, and those that don't. Both NameNodes of a pair should say the same; if they don't, the network is cut.",
        ),
        graph(
            "Blocks in trouble",
            "short",
            query(now("hadoop_namenode_missing_blocks"), f"missing {WHO}"),
            query(now("hadoop_namenode_corrupt_blocks"), f"corrupt {WHO}"),
            query(
                now("hadoop_namenode_under_replicated_blocks"),
                f"too few replicas {WHO}",
            ),
            about="Missing: no replica. Corrupt: a replica fails its checksum. Too few: copying is under way, and the line falls.",
        ),
        graph(
            "Space",
            "bytes",
            query(highest(now("hadoop_namenode_capacity_used_bytes")), "used by HDFS"),
            query(highest(now("hadoop_namenode_capacity_remaining_bytes")), "free"),
            query(highest(now("hadoop_namenode_capacity_bytes")), "all"),
            about="Space of all DataNodes, replicas counted. What is missing between used and free is taken by others, or kept for them (dfs.datanode.du.reserved).",
        ),
        graph(
            "Files and blocks",
            "short",
            query(highest(now("hadoop_namenode_files")), "files and folders"),
            query(highest(now("hadoop_namenode_blocks")), "blocks"),
            about="They should grow alike. Files that grow much faster than data are small ones, which cost as much of the NameNode's heap as large ones.",
        ),
        graph(
            "Transfers of the DataNodes",
            "short",
            query(now("hadoop_namenode_connections"), WHO),
            about="Connections by which blocks are read and written, of all DataNodes. It follows the jobs.",
        ),
    )


def datanodes() -> Row:
    return row(
        "DataNodes",
        graph(
            "Traffic",
            "Bps",
            query(total(rate("hadoop_datanode_read_bytes_total")), "read"),
            query(total(rate("hadoop_datanode_written_bytes_total")), "written"),
            about="Bytes per second that all chosen DataNodes read and write, replicas counted. It follows the jobs.",
        ),
        graph(
            "Read, by DataNode",
            "Bps",
            query(top(MOST, rate("hadoop_datanode_read_bytes_total")), "{{datanode}}"),
            about="Bytes read per second, the ten DataNodes with most. One that stands out has the only replicas of something popular.",
        ),
        graph(
            "Written, by DataNode",
            "Bps",
            query(
                top(MOST, rate("hadoop_datanode_written_bytes_total")), "{{datanode}}"
            ),
            about="Bytes written per second, the ten DataNodes with most. They should be alike; the balancer evens out what isn't.",
        ),
        graph(
            "Blocks",
            "cps",
            query(total(rate("hadoop_datanode_blocks_read_total")), "read"),
            query(total(rate("hadoop_datanode_blocks_written_total")), "written"),
            about="Blocks read and written per second. Many blocks and little traffic are small files.",
        ),
    )


def calls() -> Row:
    return row(
        "Remote calls",
        graph(
            "Calls",
            "reqps",
            query(total(rate("hadoop_rpc_calls_total"), by=PORT), CALLS),
            about="Remote calls that were answered per second, by service and port. A NameNode takes some ten thousand.",
        ),
        graph(
            "Wait for a call's turn",
            "s",
            query(highest(now("hadoop_rpc_queue_seconds_avg"), by=PORT), CALLS),
            bad=WAIT,
            about="How long calls waited on average lately, at the slowest target. Near 0 is normal; more means that the handlers are busy, or stand still for a collection.",
        ),
        graph(
            "Time of a call",
            "s",
            query(highest(now("hadoop_rpc_processing_seconds_avg"), by=PORT), CALLS),
            about="How long calls took on average lately without that wait. Below a few milliseconds is normal; more is a lock that a large listing or delete holds, or a slow disk of the edit log.",
        ),
        graph(
            "Calls that wait",
            "short",
            query(total(now("hadoop_rpc_call_queue_length"), by=PORT), CALLS),
            about="Calls that wait for a handler. Normal is 0; a full queue (100 for each handler) makes clients wait before they are even read.",
        ),
        graph(
            "Connections",
            "short",
            query(total(now("hadoop_rpc_open_connections"), by=PORT), CALLS),
            about="Open connections of clients and DataNodes. It follows the number of jobs' tasks.",
        ),
        graph(
            "Traffic of calls",
            "Bps",
            query(total(rate("hadoop_rpc_received_bytes_total")), "received"),
            query(total(rate("hadoop_rpc_sent_bytes_total")), "sent"),
            about="Bytes of calls and answers per second; blocks go other ways. Much sent is somebody who lists large folders.",
        ),
    )


SPEC = Spec(
    "Apache Hadoop HDFS",
    needs="the pack hadoop",
    sign="hadoop_rpc_calls_total",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    rows=(overview(), cluster(), datanodes(), calls()),
)

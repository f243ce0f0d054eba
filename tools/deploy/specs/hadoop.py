"""What is drawn and watched of Apache Hadoop HDFS."""

from __future__ import annotations

from specs.words import Alert, Spec, highest, now, panel, query, rate, row, seen, total

SPEC = Spec(
    "Apache Hadoop HDFS",
    needs="the pack hadoop",
    rows=(
        row(
            "Overview",
            panel(
                "DataNodes down",
                "short",
                highest(now("hadoop_namenode_dead_datanodes")),
                warn=1,
                bad=2,
            ),
            panel(
                "Missing blocks",
                "short",
                highest(now("hadoop_namenode_missing_blocks")),
                warn=1,
                bad=1,
            ),
            panel(
                "Space in use",
                "percentunit",
                highest(
                    now("hadoop_namenode_capacity_used_bytes")
                    + " / "
                    + now("hadoop_namenode_capacity_bytes")
                ),
                warn=0.8,
                bad=0.9,
            ),
            panel("Files", "short", highest(now("hadoop_namenode_files"))),
        ),
        row(
            "Traffic",
            panel(
                "DataNodes",
                "Bps",
                query(total(rate("hadoop_datanode_read_bytes_total")), "read"),
                query(total(rate("hadoop_datanode_written_bytes_total")), "written"),
            ),
            panel(
                "Remote calls",
                "reqps",
                query(
                    total(rate("hadoop_rpc_calls_total"), by="service"), "{{service}}"
                ),
            ),
            panel(
                "Time of a remote call",
                "s",
                query(
                    highest(now("hadoop_rpc_processing_seconds_avg"), by="service"),
                    "{{service}}",
                ),
            ),
            panel(
                "Calls that wait",
                "short",
                query(
                    total(now("hadoop_rpc_call_queue_length"), by="service"),
                    "{{service}}",
                ),
            ),
        ),
    ),
    alerts=(
        Alert(
            "HdfsBlocksMissing",
            "hadoop_namenode_missing_blocks > 0",
            minutes=5,
            severity="critical",
            summary="{{ $value }} blocks have no replica.",
            told="2 blocks have no replica.",
            given=(seen("hadoop_namenode_missing_blocks", "2x10"),),
        ),
        Alert(
            "HdfsDataNodeDown",
            "hadoop_namenode_dead_datanodes > 0",
            minutes=10,
            severity="warning",
            summary="{{ $value }} DataNodes do not answer.",
            told="1 DataNodes do not answer.",
            given=(seen("hadoop_namenode_dead_datanodes", "1x20"),),
        ),
    ),
)

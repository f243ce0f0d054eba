"""What is watched of Apache Hadoop HDFS."""

from __future__ import annotations

from specs.words import NAMED, Alert, Threshold, seen

THRESHOLDS = {
    "space": Threshold(0.85, "share of the cluster's space that is taken"),
    "dead_datanodes": Threshold(0, "DataNodes that don't answer"),
    "failed_volumes": Threshold(0, "volumes of DataNodes that failed"),
    "call_wait": Threshold(0.1, "seconds that a remote call waits on average"),
}
CLIENTS = {"service": "NameNode", "port": "8020"}

ALERTS = (
    Alert(
        "HdfsBlocksMissing",
        "hadoop_namenode_missing_blocks > 0",
        minutes=5,
        severity="critical",
        summary=f"{{{{ $value }}}} blocks have no replica, says {NAMED}.",
        description="Of {{ $value }} blocks the NameNode knows no replica on a DataNode that answers: their files can't be read.",
        value="2",
        given=(seen("hadoop_namenode_missing_blocks", "2x20"),),
        healthy=(
            seen("hadoop_namenode_missing_blocks", "0x20"),
            # Replicas are missing, and others are there.
            seen("hadoop_namenode_under_replicated_blocks", "900x20"),
        ),
    ),
    Alert(
        "HdfsDataNodeDown",
        "hadoop_namenode_dead_datanodes > $dead_datanodes",
        minutes=5,
        severity="warning",
        summary=f"{{{{ $value }}}} DataNodes don't answer, says {NAMED}.",
        description="{{ $value }} DataNodes have sent nothing for more than ten minutes, so the NameNode has the blocks that they had copied elsewhere.",
        value="1",
        given=(seen("hadoop_namenode_dead_datanodes", "1x20"),),
        healthy=(seen("hadoop_namenode_dead_datanodes", "0 1 1 0x20"),),
    ),
    Alert(
        "HdfsSpaceLow",
        "1 - hadoop_namenode_capacity_remaining_bytes / (hadoop_namenode_capacity_bytes > 0) > $space",
        minutes=15,
        severity="warning",
        summary=f"{{{{ $value | humanizePercentage }}}} of the space of HDFS is taken, says {NAMED}.",
        description="{{ $value | humanizePercentage }} of the space is taken, by HDFS or by others on the same disks. When it is full, whatever writes fails.",
        value="90%",
        given=(
            seen("hadoop_namenode_capacity_remaining_bytes", "100x40"),
            seen("hadoop_namenode_capacity_bytes", "1000x40"),
        ),
        healthy=(
            seen("hadoop_namenode_capacity_remaining_bytes", "200x40"),
            seen("hadoop_namenode_capacity_bytes", "1000x40"),
            # Just started: no DataNode has reported.
            seen("hadoop_namenode_capacity_remaining_bytes", "0x40", instance="new"),
            seen("hadoop_namenode_capacity_bytes", "0x40", instance="new"),
        ),
    ),
    Alert(
        "HdfsVolumesFailed",
        "hadoop_namenode_volume_failures > $failed_volumes",
        minutes=5,
        severity="warning",
        summary=f"{{{{ $value }}}} volumes of DataNodes failed, says {NAMED}.",
        description="{{ $value }} disks that DataNodes keep blocks on failed. What was on them is copied from its other replicas.",
        value="1",
        given=(seen("hadoop_namenode_volume_failures", "1x20"),),
        healthy=(seen("hadoop_namenode_volume_failures", "0x20"),),
    ),
    Alert(
        "HdfsCallsWait",
        "hadoop_rpc_queue_seconds_avg > $call_wait",
        minutes=10,
        severity="warning",
        summary=f"Calls to the {{{{ $labels.service }}}} {NAMED} wait {{{{ $value | humanizeDuration }}}}.",
        description="Remote calls to port {{ $labels.port }} of the {{ $labels.service }} wait {{ $value | humanizeDuration }} on average until somebody works on them. All that uses HDFS gets slower by that, with each call.",
        value="500ms",
        given=(seen("hadoop_rpc_queue_seconds_avg", "0.5x30", **CLIENTS),),
        healthy=(
            seen("hadoop_rpc_queue_seconds_avg", "0.002x5 0.4x5 0.002x20", **CLIENTS),
        ),
        labels=CLIENTS,
    ),
)

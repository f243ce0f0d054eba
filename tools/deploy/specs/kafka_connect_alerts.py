"""What is watched of Kafka Connect."""

from __future__ import annotations

from specs.words import NAMED, TARGET, Alert, Threshold, seen

THRESHOLDS = {
    "rebalances": Threshold(5, "rebalances of a worker in half an hour"),
}
WORKER = "kafka_connect_connect_worker_metrics"
FAILED = f"{WORKER}_connector_failed_task_count"
STATUS = "kafka_connect_connector_metrics"
FAILURES = "kafka_connect_task_error_metrics_total_record_failures"
SKIPPED = "kafka_connect_task_error_metrics_total_records_skipped"
REBALANCES = "kafka_connect_connect_worker_rebalance_metrics_completed_rebalances_total"
ORDERS = {"connector": "orders"}
TASK = {**ORDERS, "task": "0"}

ALERTS = (
    Alert(
        "ConnectTaskFailed",
        f"{FAILED} > 0",
        minutes=5,
        severity="critical",
        summary=f"{{{{ $value }}}} tasks of {{{{ $labels.connector }}}} failed on {NAMED}.",
        description="{{ $value }} tasks of {{ $labels.connector }} ended with an error, and stay so until somebody restarts them; their share of the records is not copied.",
        value="2",
        given=(seen(FAILED, "2x20", **ORDERS),),
        healthy=(
            # One that was restarted.
            seen(FAILED, "0x6 1x3 0x20", **ORDERS),
            seen(FAILED, "0x20", connector="other"),
        ),
        labels=ORDERS,
    ),
    Alert(
        "ConnectConnectorFailed",
        f'{STATUS}{{status="failed"}} == 1',
        minutes=5,
        severity="critical",
        summary=f"The connector {{{{ $labels.connector }}}} failed on {NAMED}.",
        description="{{ $labels.connector }} itself ended with an error: its tasks may go on as they are, but get no new partitions or tables.",
        value="1",
        given=(seen(STATUS, "1x20", **ORDERS, status="failed"),),
        healthy=(
            seen(STATUS, "1x20", **ORDERS, status="running"),
            seen(STATUS, "1x20", connector="other", status="paused"),
        ),
        labels={**ORDERS, "status": "failed"},
    ),
    Alert(
        "ConnectRecordsLost",
        f"sum by ({TARGET}, connector) (increase({SKIPPED}[10m])) > 0",
        minutes=0,
        severity="warning",
        summary=f"{{{{ $labels.connector }}}} of {NAMED} skips records.",
        description="In the last ten minutes {{ $labels.connector }} skipped {{ $value | printf `%.0f` }} records that it could not convert or transform; they are lost unless it has a dead letter queue.",
        value="20",
        given=(seen(SKIPPED, "0+2x30", **TASK),),
        # What was skipped long ago.
        healthy=(seen(SKIPPED, "40x30", **TASK),),
        labels=ORDERS,
        at=12,
    ),
    Alert(
        "ConnectRebalancesOften",
        f"increase({REBALANCES}[30m]) > $rebalances",
        minutes=0,
        severity="warning",
        summary=f"{NAMED} was rebalanced {{{{ $value | printf `%.0f` }}}} times in half an hour.",
        description="The group was rebalanced {{ $value | printf `%.0f` }} times in half an hour. Each time tasks stop and start, so that records come late, and some twice.",
        value="15",
        given=(seen(REBALANCES, "0+0.5x60"),),
        # Workers that are restarted one after the other.
        healthy=(seen(REBALANCES, "2x20 3x2 4x2 5x2 6x40"),),
        at=40,
    ),
)

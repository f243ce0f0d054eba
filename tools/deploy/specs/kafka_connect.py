"""What is drawn and watched of Kafka Connect."""

from __future__ import annotations

from specs.words import Alert, Spec, highest, now, panel, query, rate, row, seen, total

SPEC = Spec(
    "Kafka Connect",
    needs="the pack kafka-connect",
    rows=(
        row(
            "Overview",
            panel(
                "Connectors",
                "short",
                total(now("kafka_connect_connect_worker_metrics_connector_count")),
            ),
            panel(
                "Tasks",
                "short",
                total(now("kafka_connect_connect_worker_metrics_task_count")),
            ),
            panel(
                "Failed tasks",
                "short",
                total(
                    now(
                        "kafka_connect_connect_worker_metrics_connector_failed_task_count"
                    )
                ),
                warn=1,
                bad=1,
            ),
            panel(
                "Failed starts",
                "short",
                total(
                    now(
                        "kafka_connect_connect_worker_metrics_connector_startup_failure_total"
                    )
                    + " + "
                    + now(
                        "kafka_connect_connect_worker_metrics_task_startup_failure_total"
                    )
                ),
                warn=1,
                bad=5,
            ),
        ),
        row(
            "Records",
            panel(
                "From sources",
                "cps",
                query(
                    total(
                        rate(
                            "kafka_connect_source_task_metrics_source_record_write_total"
                        ),
                        by="connector",
                    ),
                    "{{connector}}",
                ),
            ),
            panel(
                "To sinks",
                "cps",
                query(
                    total(
                        rate("kafka_connect_sink_task_metrics_sink_record_send_total"),
                        by="connector",
                    ),
                    "{{connector}}",
                ),
            ),
            panel(
                "Time of a batch",
                "ms",
                query(
                    highest(
                        now("kafka_connect_source_task_metrics_poll_batch_avg_time_ms"),
                        by="connector",
                    ),
                    "poll {{connector}}",
                ),
                query(
                    highest(
                        now("kafka_connect_sink_task_metrics_put_batch_avg_time_ms"),
                        by="connector",
                    ),
                    "put {{connector}}",
                ),
            ),
            panel(
                "Errors",
                "cps",
                query(
                    total(
                        rate("kafka_connect_task_error_metrics_total_record_errors"),
                        by="connector",
                    ),
                    "errors {{connector}}",
                ),
                query(
                    total(
                        rate("kafka_connect_task_error_metrics_total_records_skipped"),
                        by="connector",
                    ),
                    "skipped {{connector}}",
                ),
            ),
        ),
        row(
            "Worker",
            panel(
                "Tasks by state",
                "short",
                query(
                    total(
                        now(
                            "kafka_connect_connect_worker_metrics_connector_running_task_count"
                        )
                    ),
                    "running",
                ),
                query(
                    total(
                        now(
                            "kafka_connect_connect_worker_metrics_connector_paused_task_count"
                        )
                    ),
                    "paused",
                ),
                query(
                    total(
                        now(
                            "kafka_connect_connect_worker_metrics_connector_unassigned_task_count"
                        )
                    ),
                    "unassigned",
                ),
                query(
                    total(
                        now(
                            "kafka_connect_connect_worker_metrics_connector_failed_task_count"
                        )
                    ),
                    "failed",
                ),
            ),
            panel(
                "Rebalances",
                "short",
                query(
                    now(
                        "kafka_connect_connect_worker_rebalance_metrics_completed_rebalances_total"
                    ),
                    "{{instance}}",
                ),
            ),
        ),
    ),
    alerts=(
        Alert(
            "ConnectTaskFailed",
            "kafka_connect_connect_worker_metrics_connector_failed_task_count > 0",
            minutes=5,
            severity="critical",
            summary="{{ $value }} tasks of {{ $labels.connector }} failed.",
            told="2 tasks of c failed.",
            given=(
                seen(
                    "kafka_connect_connect_worker_metrics_connector_failed_task_count",
                    "2x10",
                    connector="c",
                ),
            ),
            labels={"connector": "c"},
        ),
    ),
)

"""What is drawn and watched of Kafka clients."""

from __future__ import annotations

from specs.words import Alert, Spec, highest, now, panel, query, rate, row, seen, total

SPEC = Spec(
    "Kafka clients",
    needs="the pack kafka-client",
    rows=(
        row(
            "Overview",
            panel(
                "Sent",
                "cps",
                total(rate("kafka_producer_producer_metrics_record_send_total")),
            ),
            panel(
                "Received",
                "cps",
                total(
                    rate(
                        "kafka_consumer_consumer_fetch_manager_metrics_records_consumed_total",
                        where='topic=""',
                    )
                ),
            ),
            panel(
                "Most records behind",
                "short",
                highest(
                    now("kafka_consumer_consumer_fetch_manager_metrics_records_lag")
                    + " >= 0"
                ),
                warn=1000,
                bad=100000,
            ),
            panel(
                "Errors of producers",
                "cps",
                total(rate("kafka_producer_producer_metrics_record_error_total")),
                warn=0.01,
                bad=1,
            ),
        ),
        row(
            "Producers",
            panel(
                "Records",
                "cps",
                query(
                    total(
                        rate("kafka_producer_producer_metrics_record_send_total"),
                        by="client_id",
                    ),
                    "{{client_id}}",
                ),
            ),
            panel(
                "Latency of requests",
                "ms",
                query(
                    now("kafka_producer_producer_metrics_request_latency_avg")
                    + " >= 0",
                    "{{client_id}}",
                ),
            ),
        ),
        row(
            "Consumers",
            panel(
                "Records",
                "cps",
                query(
                    total(
                        rate(
                            "kafka_consumer_consumer_fetch_manager_metrics_records_consumed_total",
                            where='topic=""',
                        ),
                        by="client_id",
                    ),
                    "{{client_id}}",
                ),
            ),
            panel(
                "Records behind",
                "short",
                query(
                    highest(
                        now("kafka_consumer_consumer_fetch_manager_metrics_records_lag")
                        + " >= 0",
                        by="client_id, topic",
                    ),
                    "{{topic}} {{client_id}}",
                ),
            ),
            panel(
                "Latency of fetches",
                "ms",
                query(
                    now(
                        "kafka_consumer_consumer_fetch_manager_metrics_fetch_latency_avg"
                    )
                    + " >= 0",
                    "{{client_id}}",
                ),
            ),
            panel(
                "Partitions",
                "short",
                query(
                    now(
                        "kafka_consumer_consumer_coordinator_metrics_assigned_partitions"
                    ),
                    "{{client_id}}",
                ),
            ),
        ),
        row(
            "Streams",
            panel(
                "Records processed",
                "cps",
                query(
                    total(
                        rate("kafka_streams_stream_thread_metrics_process_total"),
                        by="thread_id",
                    ),
                    "{{thread_id}}",
                ),
            ),
            panel(
                "Latency of processing",
                "ms",
                query(
                    highest(
                        now("kafka_streams_stream_thread_metrics_process_latency_avg")
                        + " >= 0",
                        by="thread_id",
                    ),
                    "{{thread_id}}",
                ),
            ),
        ),
    ),
    alerts=(
        Alert(
            "KafkaConsumerBehind",
            "kafka_consumer_consumer_fetch_manager_metrics_records_lag > 100000",
            minutes=15,
            severity="warning",
            summary="{{ $labels.client_id }} is {{ $value }} records of {{ $labels.topic }} behind.",
            told="k is 200000 records of t behind.",
            given=(
                seen(
                    "kafka_consumer_consumer_fetch_manager_metrics_records_lag",
                    "200000x30",
                    client_id="k",
                    topic="t",
                    partition="0",
                ),
            ),
            labels={"client_id": "k", "topic": "t", "partition": "0"},
        ),
    ),
)

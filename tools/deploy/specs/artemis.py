"""What is drawn and watched of Apache ActiveMQ Artemis."""

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
    "Apache ActiveMQ Artemis",
    needs="the pack artemis",
    rows=(
        row(
            "Overview",
            panel("Messages", "short", total(now("artemis_messages"))),
            panel("Connections", "short", total(now("artemis_open_connections"))),
            panel(
                "Disk",
                "percentunit",
                highest(now("artemis_disk_store_usage_ratio")),
                warn=0.7,
                bad=0.9,
            ),
            panel(
                "Memory for addresses",
                "bytes",
                total(now("artemis_address_memory_usage_bytes")),
            ),
        ),
        row(
            "Queues",
            panel(
                "Messages in queues",
                "short",
                query(top(10, now("artemis_queue_messages")), "{{queue}}"),
            ),
            panel(
                "Sent",
                "cps",
                query(top(10, rate("artemis_queue_messages_added_total")), "{{queue}}"),
            ),
            panel(
                "Acknowledged",
                "cps",
                query(
                    top(10, rate("artemis_queue_messages_acknowledged_total")),
                    "{{queue}}",
                ),
            ),
            panel(
                "Consumers",
                "short",
                query(top(10, now("artemis_queue_consumers")), "{{queue}}"),
            ),
        ),
    ),
    alerts=(
        Alert(
            "ArtemisDiskFull",
            "artemis_disk_store_usage_ratio > 0.9",
            minutes=5,
            severity="critical",
            summary="The disk of {{ $labels.broker }} is {{ $value | humanizePercentage }} full.",
            told="The disk of b is 95% full.",
            given=(seen("artemis_disk_store_usage_ratio", "0.95x10", broker="b"),),
            labels={"broker": "b"},
        ),
        Alert(
            "ArtemisNobodyListens",
            "artemis_queue_messages > 1000 and on (job, instance, broker, address, queue) artemis_queue_consumers == 0",
            minutes=15,
            severity="warning",
            summary="{{ $labels.queue }} has {{ $value }} messages and no consumer.",
            told="q has 2000 messages and no consumer.",
            given=(
                seen(
                    "artemis_queue_messages",
                    "2000x30",
                    broker="b",
                    address="a",
                    queue="q",
                ),
                seen(
                    "artemis_queue_consumers",
                    "0x30",
                    broker="b",
                    address="a",
                    queue="q",
                ),
            ),
            labels={"broker": "b", "address": "a", "queue": "q"},
        ),
    ),
)

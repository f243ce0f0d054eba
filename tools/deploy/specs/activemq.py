"""What is drawn and watched of Apache ActiveMQ Classic."""

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
    "Apache ActiveMQ Classic",
    needs="the pack activemq",
    rows=(
        row(
            "Overview",
            panel(
                "Memory",
                "percent",
                highest(now("activemq_memory_usage_ratio")),
                warn=70,
                bad=90,
            ),
            panel(
                "Store",
                "percent",
                highest(now("activemq_store_usage_ratio")),
                warn=70,
                bad=90,
            ),
            panel("Messages", "short", total(now("activemq_message_total"))),
            panel("Connections", "short", total(now("activemq_open_connections"))),
        ),
        row(
            "Queues",
            panel(
                "Messages in queues",
                "short",
                query(top(10, now("activemq_queue_queue_size")), "{{destination}}"),
            ),
            panel(
                "Sent",
                "cps",
                query(top(10, rate("activemq_queue_enqueue_count")), "{{destination}}"),
            ),
            panel(
                "Acknowledged",
                "cps",
                query(top(10, rate("activemq_queue_dequeue_count")), "{{destination}}"),
            ),
            panel(
                "Consumers",
                "short",
                query(top(10, now("activemq_queue_consumer_count")), "{{destination}}"),
            ),
        ),
        row(
            "Topics",
            panel(
                "Sent",
                "cps",
                query(
                    top(
                        10,
                        rate(
                            "activemq_topic_enqueue_count",
                            where='destination!~"ActiveMQ.Advisory.*"',
                        ),
                    ),
                    "{{destination}}",
                ),
            ),
            panel(
                "Expired",
                "cps",
                query(total(rate("activemq_topic_expired_count")), "topics"),
                query(total(rate("activemq_queue_expired_count")), "queues"),
            ),
        ),
    ),
    alerts=(
        Alert(
            "ActiveMQMemoryFull",
            "activemq_memory_usage_ratio > 90",
            minutes=5,
            severity="critical",
            summary="Producers of {{ $labels.broker }} are about to be blocked: {{ $value }} % of its memory is in use.",
            told="Producers of b are about to be blocked: 95 % of its memory is in use.",
            given=(seen("activemq_memory_usage_ratio", "95x10", broker="b"),),
            labels={"broker": "b"},
        ),
        Alert(
            "ActiveMQNobodyListens",
            "activemq_queue_queue_size > 1000 and on (job, instance, broker, destination) activemq_queue_consumer_count == 0",
            minutes=15,
            severity="warning",
            summary="{{ $labels.destination }} has {{ $value }} messages and no consumer.",
            told="d has 2000 messages and no consumer.",
            given=(
                seen(
                    "activemq_queue_queue_size", "2000x30", broker="b", destination="d"
                ),
                seen(
                    "activemq_queue_consumer_count", "0x30", broker="b", destination="d"
                ),
            ),
            labels={"broker": "b", "destination": "d"},
        ),
    ),
)

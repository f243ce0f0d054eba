"""What is drawn of Kafka clients."""

from __future__ import annotations

from specs.kafka_client_alerts import (
    ALERTS,
    BUFFER,
    ERRORS,
    FETCHES,
    FREE,
    LAG,
    POLLED,
    PRODUCER,
    STATE,
    THRESHOLDS,
    WORKING,
)
from specs.words import (
    TARGET,
    WHO,
    Spec,
    Variable,
    graph,
    highest,
    now,
    number_of,
    or_none,
    query,
    rate,
    row,
    stat,
    states,
    timeline,
    told,
    top,
    total,
)

COORDINATOR = "kafka_consumer_consumer_coordinator_metrics"
THREADS = "kafka_streams_stream_thread_metrics"
TASKS = "kafka_streams_stream_task_metrics"
CONSUMED = f"{FETCHES}_records_consumed_total"
SENT = f"{PRODUCER}_record_send_total"
WHOLE = 'topic=""'
TOPIC = 'topic=~"$topic", topic!=""'
"""What a client counts of all its topics together has no topic."""
CLIENT = "{{client_id}} " + WHO
BY_CLIENT = f"{TARGET}, client_id"
BEHIND = THRESHOLDS["records_behind"].value
SILENT = THRESHOLDS["seconds_without_poll"].value
FULL = THRESHOLDS["producer_buffer"].value
IN_USE = f"1 - {now(FREE)} / ({now(BUFFER)} > 0)"
STATES = {
    "RUNNING": "green",
    "CREATED": "blue",
    "REBALANCING": "yellow",
    "PENDING_SHUTDOWN": "yellow",
    "NOT_RUNNING": "orange",
    "PENDING_ERROR": "red",
    "ERROR": "red",
}


def by_client(expr: str) -> str:
    return top(10, highest(f"{expr} >= 0", by=BY_CLIENT))


def sums(expr: str) -> str:
    return top(10, total(expr, by=BY_CLIENT))


SPEC = Spec(
    "Kafka clients",
    needs="the pack kafka-client",
    sign="kafka_client_app_info",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    variables=(Variable("topic", LAG),),
    rows=(
        row(
            "Overview",
            stat(
                "Clients",
                "short",
                number_of(now("kafka_client_app_info")),
                about="Producers, consumers and administrators that the chosen JVMs have open. Flat is normal; one that climbs is a client for each message, which is slow and ends in too many connections.",
            ),
            stat(
                "Sent",
                "cps",
                or_none(total(rate(SENT))),
                about="Records that producers send per second. Compare with the same hour of another day; 0 without a producer.",
            ),
            stat(
                "Received",
                "cps",
                or_none(total(rate(CONSUMED, where=WHOLE))),
                about="Records that consumers get per second, those of streams included; 0 without a consumer.",
            ),
            stat(
                "Most records behind",
                "short",
                or_none(highest(f"{now(LAG)} >= 0")),
                warn=BEHIND / 100,
                bad=BEHIND,
                about="Records that the consumer furthest behind has still to get, of one partition. What is normal depends on the traffic: seconds of it are fine, a number that only climbs is not.",
            ),
            stat(
                "Longest without a poll",
                "s",
                or_none(highest(now(POLLED, where=WORKING))),
                warn=SILENT / 5,
                bad=SILENT,
                about="How long ago the application last asked the consumer that it asks least often. Seconds are normal; beyond max.poll.interval.ms (300 s) it loses its partitions.",
            ),
            stat(
                "Records not sent",
                "cps",
                or_none(total(rate(ERRORS))),
                bad=0.001,
                about="Records that producers gave up, per second. Normal is 0; the application's log has the exception of each.",
            ),
        ),
        row(
            "Producers",
            graph(
                "Records",
                "cps",
                query(or_none(sums(rate(SENT))), CLIENT),
                about="Records sent per second by producer, the ten with most.",
            ),
            graph(
                "Time of requests",
                "ms",
                query(
                    or_none(by_client(now(f"{PRODUCER}_request_latency_avg"))), CLIENT
                ),
                about="How long brokers take to answer, on average, the ten slowest. Milliseconds to tens of them are normal; it grows with acks=all when a follower is slow.",
            ),
            graph(
                "Records not sent, and sent again",
                "cps",
                query(or_none(sums(rate(ERRORS))), f"given up {CLIENT}"),
                query(
                    or_none(sums(rate(f"{PRODUCER}_record_retry_total"))),
                    f"again {CLIENT}",
                ),
                about="Normal is 0. Some that are sent again are leaders that moved; those that are given up are lost to Kafka.",
            ),
            graph(
                "Buffer in use",
                "percentunit",
                query(or_none(top(10, highest(IN_USE, by=BY_CLIENT))), CLIENT),
                warn=FULL - 0.2,
                bad=FULL,
                about="What waits to be sent, as a share of buffer.memory. Near 0 is normal; at 100 % send() blocks the application.",
            ),
            graph(
                "Wait in the buffer",
                "ms",
                query(
                    or_none(by_client(now(f"{PRODUCER}_record_queue_time_avg"))), CLIENT
                ),
                about="How long records wait before they are sent, on average. About linger.ms is normal; more means that brokers take less than comes.",
            ),
            graph(
                "Size of batches",
                "bytes",
                query(or_none(by_client(now(f"{PRODUCER}_batch_size_avg"))), CLIENT),
                about="Bytes that a producer sends to a partition at once, on average. Tiny batches at a high rate cost brokers most: a higher linger.ms helps.",
            ),
        ),
        row(
            "Consumers",
            graph(
                "Records",
                "cps",
                query(or_none(sums(rate(CONSUMED, where=WHOLE))), CLIENT),
                about="Records received per second by consumer, the ten with most. 0 with records behind is one that hangs.",
            ),
            graph(
                "Records behind",
                "short",
                query(
                    or_none(
                        top(10, total(f"{now(LAG)} >= 0", by=f"{BY_CLIENT}, topic"))
                    ),
                    f"{{{{topic}}}} {CLIENT}",
                ),
                bad=BEHIND,
                about="Records that a consumer has still to get, by topic, the ten furthest behind. It is what the consumer knew at its last fetch: one that hangs shows an old number.",
            ),
            graph(
                "Time since the last poll",
                "s",
                query(or_none(by_client(now(POLLED, where=WORKING))), CLIENT),
                bad=SILENT,
                about="A saw of seconds is normal. A line that climbs is an application that is busy with one batch, or stuck; a thread dump says where.",
            ),
            graph(
                "Time of fetches",
                "ms",
                query(or_none(by_client(now(f"{FETCHES}_fetch_latency_avg"))), CLIENT),
                about="How long brokers take to answer a fetch, on average. Up to fetch.max.wait.ms (500) is normal where little comes in.",
            ),
            graph(
                "Partitions",
                "short",
                query(or_none(sums(now(f"{COORDINATOR}_assigned_partitions"))), CLIENT),
                about="Partitions that each consumer has. Those of one group share out all of a topic's; one with 0 is idle, there are more consumers than partitions.",
            ),
            graph(
                "Rebalances",
                "cps",
                query(or_none(sums(rate(f"{COORDINATOR}_rebalance_total"))), CLIENT),
                query(
                    or_none(sums(rate(f"{COORDINATOR}_failed_rebalance_total"))),
                    f"failed {CLIENT}",
                ),
                about="Rebalances of the group per second, as each consumer sees them. A few when members come or go; steady ones mean members that miss their heartbeats or polls.",
            ),
        ),
        row(
            "Streams",
            timeline(
                "State",
                query(told(STATE, "state", STATES, by=BY_CLIENT), CLIENT),
                states=states(STATES),
                about="What each stream does; without a stream there is nothing to show. Rebalancing for minutes restores a store; an error stays until the application is restarted.",
            ),
            graph(
                "Records processed",
                "cps",
                query(
                    or_none(total(rate(f"{THREADS}_process_total"), by="thread_id")),
                    "{{thread_id}}",
                ),
                about="Records that each thread of a stream processes per second; 0 without a stream. One thread far below the others has few partitions, or slow ones.",
            ),
            graph(
                "Time to process a record",
                "ms",
                query(
                    or_none(
                        highest(
                            f"{now(f'{THREADS}_process_latency_avg')} >= 0",
                            by="thread_id",
                        )
                    ),
                    "{{thread_id}}",
                ),
                about="Time of a round of processing, on average. It is the application's own code and its stores; when it grows, so does what it is behind.",
            ),
            graph(
                "Records dropped",
                "cps",
                query(
                    or_none(
                        total(
                            rate(f"{TASKS}_dropped_records_total"),
                            by=f"{TARGET}, task_id",
                        )
                    ),
                    "{{task_id}} " + WHO,
                ),
                about="Records that a stream left out: without a key, too late for their window, or not readable. Normal is 0, or what the application expects.",
            ),
        ),
        row(
            "Topic $topic",
            graph(
                "Records behind, by partition",
                "short",
                query(
                    or_none(
                        top(
                            20, highest(f"{now(LAG, where=TOPIC)} >= 0", by="partition")
                        )
                    ),
                    "{{partition}}",
                ),
                about="Records still to get, by partition, the twenty with most. One partition far above the others has a key with too much traffic, or a record that its consumer can't pass.",
            ),
            graph(
                "Records received",
                "cps",
                query(or_none(sums(rate(CONSUMED, where=TOPIC))), CLIENT),
                about="Records of this topic per second by consumer. Those of one group should have about the same.",
            ),
            repeat="topic",
        ),
    ),
)

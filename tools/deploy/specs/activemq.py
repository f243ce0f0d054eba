"""What is drawn of Apache ActiveMQ Classic."""

from __future__ import annotations

from specs.activemq_alerts import (
    ALERTS,
    CONSUMERS,
    DEAD,
    MEMORY,
    SENT,
    SIZE,
    STORE,
    THRESHOLDS,
)
from specs.words import (
    WHO,
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

FULL = THRESHOLDS["memory"].value
FULL_STORE = THRESHOLDS["store"].value
TEMP = "activemq_temp_usage_ratio"
TAKEN = "activemq_queue_dequeue_count"
DESTINATION = "{{destination}}"
REAL = 'destination!~"ActiveMQ.Advisory.*"'
CHOSEN = 'destination=~"$destination"'


def by_destination(expr: str) -> str:
    return top(10, total(expr, by="destination"))


SPEC = Spec(
    "Apache ActiveMQ Classic",
    needs="the pack activemq",
    sign=MEMORY,
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    variables=(Variable("destination", SIZE),),
    rows=(
        row(
            "Overview",
            stat(
                "Memory",
                "percent",
                highest(now(MEMORY)),
                warn=FULL - 20,
                bad=FULL,
                about="The fullest broker's memory for messages, in per cent of its limit (memoryUsage). Below 70 % is normal; at 100 % producers are blocked.",
            ),
            stat(
                "Store",
                "percent",
                highest(now(STORE)),
                warn=FULL_STORE - 20,
                bad=FULL_STORE,
                about="The fullest broker's store of persistent messages, in per cent of its limit (storeUsage). At 100 % producers of persistent messages are blocked.",
            ),
            stat(
                "Temporary store",
                "percent",
                highest(now(TEMP)),
                warn=FULL_STORE - 20,
                bad=FULL_STORE,
                about="What non-persistent messages take on disk when memory is short, in per cent of its limit (tempUsage). Near 0 is normal.",
            ),
            stat(
                "Messages in queues",
                "short",
                total(now(SIZE)),
                about="Messages that wait in all queues. What is normal depends on the consumers; a number that only climbs means that they do less than comes in.",
            ),
            stat(
                "Sent",
                "cps",
                total(rate(SENT)),
                about="Messages per second that producers send to queues. Compare with the same hour of another day.",
            ),
            stat(
                "Dead letters",
                "short",
                or_none(total(now(SIZE, where=DEAD))),
                warn=1,
                about="Messages in queues whose name has DLQ: those that could not be handled in all attempts, or expired. Normal is 0; somebody has to look at each.",
            ),
            stat(
                "Connections",
                "short",
                total(now("activemq_open_connections")),
                about="Connections of clients to all brokers. It follows the number of clients; a climb without more clients is one that never closes them.",
            ),
        ),
        row(
            "Brokers",
            graph(
                "Memory",
                "percent",
                query(now(MEMORY), WHO),
                warn=FULL - 20,
                bad=FULL,
                about="Memory for messages by broker, in per cent of its limit. A plateau near 100 % is a consumer that doesn't keep up; the queues below say which.",
            ),
            graph(
                "Stores",
                "percent",
                query(now(STORE), f"persistent {WHO}"),
                query(now(TEMP), f"temporary {WHO}"),
                bad=FULL_STORE,
                about="The stores by broker, in per cent of their limits. One old message can keep a whole journal file, so a store may be full of few messages.",
            ),
            graph(
                "Producers and consumers",
                "short",
                query(total(now("activemq_producer_count")), "producers"),
                query(total(now("activemq_consumer_count")), "consumers"),
                query(total(now("activemq_open_connections")), "connections"),
                about="Producers, consumers and connections of all brokers. Flat is normal; a fall is clients that are gone, steps that never come down are clients that don't close what they open.",
            ),
        ),
        row(
            "Queues",
            graph(
                "Messages in queues",
                "short",
                query(by_destination(now(SIZE)), DESTINATION),
                about="Messages that wait, the ten longest queues. A line that only climbs has too few consumers, or none.",
            ),
            graph(
                "Sent",
                "cps",
                query(by_destination(rate(SENT)), DESTINATION),
                about="Messages sent per second by queue, the ten with most.",
            ),
            graph(
                "Acknowledged",
                "cps",
                query(by_destination(rate(TAKEN)), DESTINATION),
                about="Messages that consumers are done with per second, by queue, the ten with most. As many as are sent is normal; 0 with consumers means that they hang or reject.",
            ),
            graph(
                "Delivered and not acknowledged",
                "short",
                query(
                    by_destination(now("activemq_queue_in_flight_count")), DESTINATION
                ),
                about="Messages that consumers hold, the ten queues with most. Up to the prefetch (1000 for each consumer) is normal; a slow consumer keeps them from a fast one, and a smaller prefetch helps.",
            ),
            graph(
                "Time in the queue",
                "ms",
                query(
                    top(
                        10,
                        highest(
                            now("activemq_queue_average_enqueue_time"),
                            by="destination",
                        ),
                    ),
                    DESTINATION,
                ),
                about="How long messages waited until they were taken, on average since the broker's start, the ten slowest. It moves slowly, and only when messages are taken.",
            ),
            graph(
                "Consumers",
                "short",
                query(by_destination(now(CONSUMERS)), DESTINATION),
                about="Consumers by queue, the ten with most. A queue that is missing here and has messages is one to which nobody listens.",
            ),
        ),
        row(
            "Topics",
            graph(
                "Sent",
                "cps",
                query(
                    by_destination(rate("activemq_topic_enqueue_count", where=REAL)),
                    DESTINATION,
                ),
                about="Messages sent per second by topic, without the broker's own about itself (advisories), the ten with most.",
            ),
            graph(
                "Subscribers",
                "short",
                query(
                    by_destination(now("activemq_topic_consumer_count", where=REAL)),
                    DESTINATION,
                ),
                about="Subscribers by topic, the ten with most. Messages of a topic without one are gone at once, unless a durable subscriber comes back.",
            ),
            graph(
                "Expired",
                "cps",
                query(total(rate("activemq_topic_expired_count")), "topics"),
                query(total(rate("activemq_queue_expired_count")), "queues"),
                about="Messages per second that nobody took in their time to live. Normal is 0, or what the application expects; persistent ones go to the dead letters.",
            ),
        ),
        row(
            "Queue $destination",
            graph(
                "Messages",
                "cps",
                query(total(rate(SENT, where=CHOSEN)), "sent"),
                query(total(rate(TAKEN, where=CHOSEN)), "acknowledged"),
                query(
                    total(rate("activemq_queue_expired_count", where=CHOSEN)), "expired"
                ),
                about="Messages per second that came into this queue, were done with, and expired. The first two should be the same over minutes.",
            ),
            graph(
                "Waiting, by broker",
                "short",
                query(now(SIZE, where=CHOSEN), WHO),
                about="Messages that wait in this queue, by broker. Only one broker of several: its consumers have all gone to the others.",
            ),
            graph(
                "Consumers and memory",
                "short",
                query(total(now(CONSUMERS, where=CHOSEN)), "consumers"),
                query(
                    total(now("activemq_queue_producer_count", where=CHOSEN)),
                    "producers",
                ),
                query(
                    highest(now("activemq_queue_memory_percent_usage", where=CHOSEN)),
                    "per cent of memory",
                ),
                about="Who sends and who takes, and how much of its memory limit the queue uses, in per cent. At 100 % its producers are blocked, while other queues go on.",
            ),
            repeat="destination",
        ),
    ),
)

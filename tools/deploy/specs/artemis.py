"""What is drawn of Apache ActiveMQ Artemis."""

from __future__ import annotations

from specs.artemis_alerts import (
    ALERTS,
    CONSUMERS,
    DEAD,
    DISK,
    KILLED,
    MEMORY,
    SIZE,
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
FULL_DISK = THRESHOLDS["disk"].value
SENT = "artemis_queue_messages_added_total"
TAKEN = "artemis_queue_messages_acknowledged_total"
EXPIRED = "artemis_queue_messages_expired_total"
UNROUTED = "artemis_address_unrouted_messages_total"
QUEUE = "{{queue}}"
CHOSEN = 'queue=~"$queue"'


def by_queue(expr: str) -> str:
    return top(10, total(expr, by="queue"))


def by_address(expr: str) -> str:
    return top(10, total(expr, by="address"))


SPEC = Spec(
    "Apache ActiveMQ Artemis",
    needs="the pack artemis",
    sign=DISK,
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    variables=(Variable("queue", SIZE),),
    rows=(
        row(
            "Overview",
            stat(
                "Memory for messages",
                "percentunit",
                highest(now(MEMORY)),
                warn=FULL - 0.2,
                bad=FULL,
                about="What the messages of the fullest broker take of global-max-size. Below 70 % is normal; at 100 % addresses page to disk, or block producers.",
            ),
            stat(
                "Disk",
                "percentunit",
                highest(now(DISK)),
                warn=FULL_DISK - 0.15,
                bad=FULL_DISK,
                about="How full the fullest broker's disk is, whatever fills it. At max-disk-usage (90 %) the broker blocks all producers.",
            ),
            stat(
                "Messages",
                "short",
                total(now("artemis_messages")),
                about="Messages on all brokers. What is normal depends on the consumers; a number that only climbs means that they do less than comes in.",
            ),
            stat(
                "Sent",
                "cps",
                total(rate("artemis_messages_added_total")),
                about="Messages per second that come into queues. Compare with the same hour of another day.",
            ),
            stat(
                "Dead and expired letters",
                "short",
                or_none(total(now(SIZE, where=DEAD))),
                warn=1,
                about="Messages in DLQ and ExpiryQueue: those that could not be handled in all attempts, or that nobody took in time. Normal is 0; somebody has to look at each.",
            ),
            stat(
                "Connections",
                "short",
                total(now("artemis_open_connections")),
                about="Connections of clients to all brokers. It follows the number of clients; a climb without more clients is one that never closes them.",
            ),
        ),
        row(
            "Brokers",
            graph(
                "Memory for messages",
                "percentunit",
                query(now(MEMORY), WHO),
                warn=FULL - 0.2,
                bad=FULL,
                about="What messages take of each broker's global-max-size. A plateau near 100 % is a queue that nobody empties.",
            ),
            graph(
                "Disk",
                "percentunit",
                query(now(DISK), WHO),
                bad=FULL_DISK,
                about="How full each broker's disk is. It falls only when journal and pages are freed, or somebody else deletes.",
            ),
            graph(
                "Connections and consumers",
                "short",
                query(total(now("artemis_open_connections")), "connections"),
                query(total(now("artemis_consumers")), "consumers"),
                about="Connections and consumers of all brokers. Flat is normal; a fall is clients that are gone, steps that never come down are clients that don't close what they open.",
            ),
        ),
        row(
            "Addresses",
            graph(
                "Memory by address",
                "bytes",
                query(by_address(now("artemis_address_size_bytes")), "{{address}}"),
                about="Bytes of messages in memory, the ten largest addresses. At its max-size-bytes an address pages, blocks or refuses.",
            ),
            graph(
                "Pages on disk",
                "short",
                query(by_address(now("artemis_address_pages")), "{{address}}"),
                about="Page files by address, the ten with most. 0 is normal, or a few for a moment; more means that consumers are far behind, and everything there is slower.",
            ),
            graph(
                "Messages without a queue",
                "cps",
                query(by_address(rate(UNROUTED)), "{{address}}"),
                about="Messages per second that no queue took, and that are gone. For a topic without subscribers it is normal; for anything else a filter or a name is wrong.",
            ),
        ),
        row(
            "Queues",
            graph(
                "Messages in queues",
                "short",
                query(by_queue(now(SIZE)), QUEUE),
                about="Messages that wait or are under way, the ten longest queues. A line that only climbs has too few consumers, or none.",
            ),
            graph(
                "Sent",
                "cps",
                query(by_queue(rate(SENT)), QUEUE),
                about="Messages that came into a queue per second, the ten with most.",
            ),
            graph(
                "Acknowledged",
                "cps",
                query(by_queue(rate(TAKEN)), QUEUE),
                about="Messages that consumers are done with per second, the ten queues with most. As many as are sent is normal; 0 with consumers means that they hang or reject.",
            ),
            graph(
                "Under way to consumers",
                "short",
                query(by_queue(now("artemis_queue_delivering_messages")), QUEUE),
                about="Messages that consumers hold and have not acknowledged, the ten queues with most. A plateau is a consumer that is slow, or a session that nobody commits.",
            ),
            graph(
                "Consumers",
                "short",
                query(by_queue(now(CONSUMERS)), QUEUE),
                about="Consumers by queue, the ten with most. A queue with messages and 0 here is one to which nobody listens.",
            ),
            graph(
                "Given up and expired",
                "cps",
                query(by_queue(rate(KILLED)), "given up {{queue}}"),
                query(by_queue(rate(EXPIRED)), "expired {{queue}}"),
                about="Messages per second that were rejected too often (max-delivery-attempts), and those that nobody took in time. Normal is 0; they go to the dead letter and expiry addresses, if these are set.",
            ),
        ),
        row(
            "Queue $queue",
            graph(
                "Messages",
                "cps",
                query(total(rate(SENT, where=CHOSEN)), "sent"),
                query(total(rate(TAKEN, where=CHOSEN)), "acknowledged"),
                query(total(rate(KILLED, where=CHOSEN)), "given up"),
                query(total(rate(EXPIRED, where=CHOSEN)), "expired"),
                about="Messages per second that came into this queue, and how they left it. The first two should be the same over minutes.",
            ),
            graph(
                "In the queue",
                "short",
                query(total(now(SIZE, where=CHOSEN)), "all"),
                query(
                    total(now("artemis_queue_delivering_messages", where=CHOSEN)),
                    "under way",
                ),
                query(
                    total(now("artemis_queue_scheduled_messages", where=CHOSEN)),
                    "for later",
                ),
                about="Messages in this queue, those of them that consumers hold, and those that are to be delivered later or again.",
            ),
            graph(
                "Consumers, by broker",
                "short",
                query(now(CONSUMERS, where=CHOSEN), WHO),
                about="Consumers of this queue by broker. In a cluster a broker with none passes its messages on only if redistribution-delay is set.",
            ),
            repeat="queue",
        ),
    ),
)

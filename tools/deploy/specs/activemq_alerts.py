"""What is watched of Apache ActiveMQ Classic."""

from __future__ import annotations

from specs.words import NAMED, TARGET, Alert, Threshold, Way, seen

THRESHOLDS = {
    "memory": Threshold(90, "per cent of the broker's memory limit in use"),
    "store": Threshold(90, "per cent of the store's limit in use"),
    "unread": Threshold(1000, "messages of a queue that has no consumer"),
}
MEMORY = "activemq_memory_usage_ratio"
STORE = "activemq_store_usage_ratio"
SIZE = "activemq_queue_queue_size"
CONSUMERS = "activemq_queue_consumer_count"
SENT = "activemq_queue_enqueue_count"
DEAD = 'destination=~".*DLQ.*"'
BROKER = {"broker": "shop"}
ORDERS = {**BROKER, "destination": "orders"}
LETTERS = {**BROKER, "destination": "ActiveMQ.DLQ"}

ALERTS = (
    Alert(
        "ActiveMQMemoryFull",
        f"{MEMORY} > $memory",
        minutes=5,
        severity="critical",
        summary=f"Producers of {NAMED} are about to be blocked.",
        description="{{ $value | humanize }} % of the memory that {{ $labels.broker }} may use for messages are in use. At 100 % producers are blocked until consumers have caught up.",
        value="95",
        given=(seen(MEMORY, "95x20", **BROKER),),
        # A peak.
        healthy=(seen(MEMORY, "30x6 97x3 30x20", **BROKER),),
        labels=BROKER,
    ),
    Alert(
        "ActiveMQStoreFull",
        f"{STORE} > $store",
        minutes=5,
        severity="critical",
        summary=f"{{{{ $value | humanize }}}} % of the store of {NAMED} are in use.",
        description="{{ $value | humanize }} % of the space that {{ $labels.broker }} may use for persistent messages are in use. At 100 % producers of persistent messages are blocked.",
        value="95",
        given=(seen(STORE, "95x20", **BROKER),),
        healthy=(seen(STORE, "60x20", **BROKER),),
        labels=BROKER,
    ),
    Alert(
        "ActiveMQNobodyListens",
        f"{SIZE}{{{DEAD.replace('=~', '!~')}}} > $unread and on ({TARGET}, broker, destination) {CONSUMERS} == 0",
        minutes=15,
        severity="warning",
        summary=f"{{{{ $labels.destination }}}} of {NAMED} has {{{{ $value | humanize }}}} messages and no consumer.",
        description="{{ $value | humanize }} messages wait in {{ $labels.destination }}, and for a quarter of an hour nobody has been there to take them.",
        value="2k",
        given=(
            seen(SIZE, "2000x30", **ORDERS),
            seen(CONSUMERS, "0x30", **ORDERS),
        ),
        healthy=(
            seen(SIZE, "2000x30", **ORDERS),
            # Its consumer is restarted.
            seen(CONSUMERS, "2x6 0x9 2x20", **ORDERS),
            seen(SIZE, "20x30", **BROKER, destination="rare"),
            seen(CONSUMERS, "0x30", **BROKER, destination="rare"),
            # Dead letters have an alert of their own.
            seen(SIZE, "5000x30", **LETTERS),
            seen(CONSUMERS, "0x30", **LETTERS),
        ),
        labels=ORDERS,
    ),
    Alert(
        "ActiveMQDeadLetters",
        f"increase({SENT}{{{DEAD}}}[15m]) > 0"
        # The first dead letter makes the queue, so that its count begins above 0.
        f" or ({SENT}{{{DEAD}}} > 0 unless {SENT} offset 15m)"
        f" and on ({TARGET}, broker) {MEMORY} offset 15m",
        minutes=0,
        severity="warning",
        summary=f"{NAMED} gave up {{{{ $value | printf `%.0f` }}}} messages.",
        description="In a quarter of an hour {{ $value | printf `%.0f` }} messages came into {{ $labels.destination }}: they could not be handled in all attempts, or expired.",
        value="12",
        given=(seen(SENT, "0+2x30", **LETTERS),),
        healthy=(
            seen(SENT, "7x30", **LETTERS),
            seen(SENT, "0+50x30", **ORDERS),
            seen(MEMORY, "5x30", **BROKER),
        ),
        ways=(
            Way(
                "at the first letter",
                (seen(SENT, "_x20 1x20", **LETTERS), seen(MEMORY, "5x40", **BROKER)),
                value="1",
                at=22,
            ),
        ),
        labels=LETTERS,
    ),
)

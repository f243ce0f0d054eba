"""What is watched of Apache ActiveMQ Artemis."""

from __future__ import annotations

from specs.words import NAMED, TARGET, Alert, Threshold, seen

THRESHOLDS = {
    "disk": Threshold(0.85, "share of the disk in use; max-disk-usage is 0.9"),
    "memory": Threshold(0.9, "share of the memory for addresses in use"),
    "unread": Threshold(1000, "messages of a queue that has no consumer"),
}
DISK = "artemis_disk_store_usage_ratio"
MEMORY = "artemis_address_memory_usage_ratio"
SIZE = "artemis_queue_messages"
CONSUMERS = "artemis_queue_consumers"
KILLED = "artemis_queue_messages_killed_total"
DEAD = 'queue=~".*DLQ.*|ExpiryQueue"'
BROKER = {"broker": "shop"}
ANY = {"routing_type": "anycast"}
ORDERS = {**BROKER, **ANY, "address": "orders", "queue": "orders"}
RARE = {**BROKER, **ANY, "address": "rare", "queue": "rare"}
LETTERS = {**BROKER, **ANY, "address": "DLQ", "queue": "DLQ"}

ALERTS = (
    Alert(
        "ArtemisDiskFull",
        f"{DISK} > $disk",
        minutes=5,
        severity="critical",
        summary=f"The disk of {NAMED} is {{{{ $value | humanizePercentage }}}} full.",
        description="{{ $value | humanizePercentage }} of the disk that {{ $labels.broker }} writes to are in use. At max-disk-usage (90 %) it blocks all producers, whoever filled the disk.",
        value="95%",
        given=(seen(DISK, "0.95x20", **BROKER),),
        healthy=(seen(DISK, "0.7x20", **BROKER),),
        labels=BROKER,
    ),
    Alert(
        "ArtemisMemoryFull",
        f"{MEMORY} > $memory",
        minutes=5,
        severity="warning",
        summary=f"{NAMED} uses {{{{ $value | humanizePercentage }}}} of its memory for messages.",
        description="{{ $value | humanizePercentage }} of global-max-size are in use by messages. At 100 % addresses write pages to disk, and get slow, or block or refuse producers, as address-full-policy says.",
        value="95%",
        given=(seen(MEMORY, "0.95x20", **BROKER),),
        # A peak.
        healthy=(seen(MEMORY, "0.2x6 0.97x3 0.2x20", **BROKER),),
        labels=BROKER,
    ),
    Alert(
        "ArtemisNobodyListens",
        f"{SIZE}{{{DEAD.replace('=~', '!~')}}} > $unread and on ({TARGET}, broker, address, queue) {CONSUMERS} == 0",
        minutes=15,
        severity="warning",
        summary=f"{{{{ $labels.queue }}}} of {NAMED} has {{{{ $value | humanize }}}} messages and no consumer.",
        description="{{ $value | humanize }} messages wait in {{ $labels.queue }}, and for a quarter of an hour nobody has been there to take them.",
        value="2k",
        given=(
            seen(SIZE, "2000x30", **ORDERS),
            seen(CONSUMERS, "0x30", **ORDERS),
        ),
        healthy=(
            seen(SIZE, "2000x30", **ORDERS),
            # Its consumer is restarted.
            seen(CONSUMERS, "2x6 0x9 2x20", **ORDERS),
            seen(SIZE, "20x30", **RARE),
            seen(CONSUMERS, "0x30", **RARE),
            # Dead letters have an alert of their own.
            seen(SIZE, "5000x30", **LETTERS),
            seen(CONSUMERS, "0x30", **LETTERS),
        ),
        labels=ORDERS,
    ),
    Alert(
        "ArtemisDeadLetters",
        f"sum by ({TARGET}, broker, address, queue) (increase({KILLED}[15m])) > 0",
        minutes=0,
        severity="warning",
        summary=f"{NAMED} gave up {{{{ $value | printf `%.0f` }}}} messages of {{{{ $labels.queue }}}}.",
        description="In a quarter of an hour {{ $value | printf `%.0f` }} messages of {{ $labels.queue }} could not be handled in all attempts. They are in the dead letter address, or lost where there is none.",
        value="12",
        given=(seen(KILLED, "0+2x30", **ORDERS),),
        healthy=(seen(KILLED, "7x30", **ORDERS),),
        labels={"broker": "shop", "address": "orders", "queue": "orders"},
    ),
)

"""What is watched of Kafka clients."""

from __future__ import annotations

from specs.words import NAMED, TARGET, Alert, Threshold, Way, seen

THRESHOLDS = {
    "records_behind": Threshold(
        100_000, "records of a topic that a consumer is behind"
    ),
    "seconds_without_poll": Threshold(
        300, "seconds without a poll, as max.poll.interval.ms has it"
    ),
    "producer_buffer": Threshold(0.9, "share of a producer's buffer.memory in use"),
}
PRODUCER = "kafka_producer_producer_metrics"
FETCHES = "kafka_consumer_consumer_fetch_manager_metrics"
LAG = f"{FETCHES}_records_lag"
POLLED = "kafka_consumer_consumer_metrics_last_poll_seconds_ago"
ERRORS = f"{PRODUCER}_record_error_total"
FREE = f"{PRODUCER}_buffer_available_bytes"
BUFFER = f"{PRODUCER}_buffer_total_bytes"
STATE = "kafka_streams_stream_metrics_state_info"
ENDING = '{state=~"ERROR|PENDING_ERROR|NOT_RUNNING"}'
STREAM = f"{TARGET}, application"
NUMBERED = "kitchen-0d5b7d4e-19a5-4d0e-8f0c-3c0a4f3b2e10"
WORKING = 'client_id!~".*-restore-consumer"'
"""Those of streams that restore a store are asked only while they have something to do."""


def of_streams(expr: str) -> str:
    """*expr* with a label application: a stream's client id without the number that each start gives it."""
    return f'label_replace({expr}, "application", "${{1}}", "client_id", "(.+?)(-[0-9a-f-]{{36}})?")'


KITCHEN = {"client_id": "kitchen"}
ORDERS = {**KITCHEN, "topic": "orders"}
SHOP = {"client_id": "shop"}

ALERTS = (
    Alert(
        "KafkaConsumerBehind",
        f"sum by ({TARGET}, client_id, topic) ({LAG} >= 0) > $records_behind",
        minutes=15,
        severity="warning",
        summary=f"{{{{ $labels.client_id }}}} of {NAMED} is {{{{ $value | humanize }}}} records of {{{{ $labels.topic }}}} behind.",
        description="{{ $value | humanize }} records of {{ $labels.topic }} wait for this consumer, and have for a quarter of an hour: it does less than comes in, or has stopped.",
        value="400k",
        given=(
            seen(LAG, "200000x30", **ORDERS, partition="0"),
            seen(LAG, "200000x30", **ORDERS, partition="1"),
        ),
        healthy=(
            seen(LAG, "300x30", **ORDERS, partition="0"),
            seen(LAG, "-1x30", **ORDERS, partition="1"),
            # A burst that is worked off.
            seen(LAG, "0x6 300000x9 0x30", **KITCHEN, topic="import", partition="0"),
        ),
        labels=ORDERS,
    ),
    Alert(
        "KafkaConsumerStuck",
        f"{POLLED}{{{WORKING}}} > $seconds_without_poll",
        minutes=1,
        severity="critical",
        summary=f"{{{{ $labels.client_id }}}} of {NAMED} has not polled for {{{{ $value | humanizeDuration }}}}.",
        description="The application has asked this consumer for nothing for {{ $value | humanizeDuration }}. Beyond max.poll.interval.ms it leaves its group, and its partitions go to others, or to nobody.",
        value="10m 0s",
        given=(seen(POLLED, "600x20", **KITCHEN),),
        healthy=(
            seen(POLLED, "0 1 2 0 4 200 0x20", **KITCHEN),
            seen(POLLED, "-1x20", client_id="new"),
            seen(POLLED, "900x20", client_id="app-StreamThread-1-restore-consumer"),
        ),
        labels=KITCHEN,
    ),
    Alert(
        "KafkaProducerErrors",
        f"sum by ({TARGET}, client_id) (increase({ERRORS}[10m])) > 0",
        minutes=0,
        severity="critical",
        summary=f"{{{{ $labels.client_id }}}} of {NAMED} could not send {{{{ $value | printf `%.0f` }}}} records.",
        description="In the last ten minutes {{ $value | printf `%.0f` }} records were given up after all retries. They are lost unless the application sends them again.",
        value="50",
        given=(seen(ERRORS, "0+5x30", **SHOP),),
        healthy=(seen(ERRORS, "12x30", **SHOP),),
        labels=SHOP,
        at=12,
    ),
    Alert(
        "KafkaProducerBufferFull",
        f"1 - {FREE} / ({BUFFER} > 0) > $producer_buffer",
        minutes=2,
        severity="warning",
        summary=f"The buffer of {{{{ $labels.client_id }}}} of {NAMED} is {{{{ $value | humanizePercentage }}}} full.",
        description="{{ $value | humanizePercentage }} of buffer.memory wait to be sent. At 100 % send() blocks for up to max.block.ms, and then fails.",
        value="95%",
        given=(
            seen(FREE, "5x20", **SHOP),
            seen(BUFFER, "100x20", **SHOP),
        ),
        healthy=(
            seen(FREE, "60x20", **SHOP),
            seen(BUFFER, "100x20", **SHOP),
        ),
        labels=SHOP,
    ),
    Alert(
        "KafkaStreamsDown",
        f"max by ({STREAM}) ({of_streams(f'{STATE}{ENDING}')}) == 1"
        # Kafka takes the MBeans of a stream that has ended away.
        f" or max by ({STREAM}) ({of_streams(f'max_over_time(timestamp({STATE})[1d:1m])')})"
        f" > on ({TARGET}) group_left () process_start_time_seconds"
        f" unless on ({STREAM}) {of_streams(STATE)} and on ({TARGET}) jmx_up == 1",
        minutes=1,
        severity="critical",
        summary=f"The stream {{{{ $labels.application }}}} of {NAMED} has ended.",
        description="The stream {{ $labels.application }} has ended, or is about to, and its JVM runs on: it processes nothing until the application is restarted.",
        given=(seen(STATE, "1x40", **KITCHEN, state="PENDING_ERROR"),),
        ways=(
            Way(
                "when its MBeans are gone",
                (
                    seen(STATE, "1x9 _x30", client_id=NUMBERED, state="RUNNING"),
                    seen(STATE, "1x40", client_id="other", state="RUNNING"),
                    seen("process_start_time_seconds", "-60x40"),
                    seen("jmx_up", "1x40"),
                ),
                value="",
                at=30,
            ),
        ),
        healthy=(
            seen(STATE, "1x40", **KITCHEN, state="RUNNING"),
            seen(STATE, "1x40", client_id="other", state="REBALANCING"),
            # Made anew in the same JVM, which gives it another number.
            seen(STATE, "1x9 _x30", client_id=NUMBERED, state="RUNNING"),
            seen(STATE, "_x9 1x30", client_id=NUMBERED[:-1] + "1", state="RUNNING"),
            seen("process_start_time_seconds", "-60x40"),
            seen("jmx_up", "1x40"),
            # Restarted without it.
            seen(STATE, "1x9 _x30", **KITCHEN, state="RUNNING", instance="b"),
            seen("process_start_time_seconds", "-60x9 600x30", instance="b"),
            seen("jmx_up", "1x40", instance="b"),
            # Stopped as a whole.
            seen(STATE, "1x9 _x30", **KITCHEN, state="RUNNING", instance="c"),
            seen("process_start_time_seconds", "-60x9 _x30", instance="c"),
            seen("jmx_up", "1x9 0x30", instance="c"),
        ),
        labels={"application": "kitchen"},
        at=30,
    ),
)

"""What is watched of Apache Kafka."""

from __future__ import annotations

from specs.words import NAMED, Alert, Threshold, Way, seen

CLUSTER = "cluster, namespace, job"
"""What tells clusters apart: two in one namespace and job need a label cluster."""
OF = (
    "{{ with $labels.cluster }}{{ . }} of {{ end }}"
    "{{ with $labels.namespace }}{{ . }}/{{ end }}{{ $labels.job }}"
)
"""A cluster in an alert's words."""
WHOLE = {"pod": "", "instance": ""}
"""An alert about a cluster is about no single target."""

THRESHOLDS = {
    "busy_handlers": Threshold(0.9, "share of its time that request handlers are busy"),
}
CONTROLLER = "kafka_controller_kafkacontroller"
REPLICAS = "kafka_server_replicamanager"
ACTIVE = f"{CONTROLLER}_activecontrollercount"
OFFLINE = f"{CONTROLLER}_offlinepartitionscount"
FENCED = f"{CONTROLLER}_fencedbrokercount"
UNDER = f"{REPLICAS}_underreplicatedpartitions"
BELOW = f"{REPLICAS}_underminisrpartitioncount"
UNCLEAN = "kafka_controller_controllerstats_uncleanleaderelectionspersec"
DIRECTORIES = "kafka_log_logmanager_offlinelogdirectorycount"
IDLE = "kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent"
BROKERS_IDLE = IDLE.replace("_requesthandler", "_brokerrequesthandler")
"""Without the controller's handlers; the other one adds up both kinds where a node has both."""

ALERTS = (
    Alert(
        "KafkaOfflinePartitions",
        f"max by ({CLUSTER}) ({OFFLINE}) > 0",
        minutes=2,
        severity="critical",
        summary=f"{{{{ $value }}}} partitions of {OF} have no leader.",
        description="{{ $value }} partitions have no leader: nobody can write to them or read from them until a replica that was in sync is back.",
        value="2",
        given=(
            seen(OFFLINE, "2x20", instance="1"),
            seen(OFFLINE, "2x20", instance="2"),
        ),
        healthy=(
            seen(OFFLINE, "0x20"),
            # A moment, while leaders move.
            seen(OFFLINE, "0x6 2x1 0x20", instance="2"),
        ),
        labels=WHOLE,
    ),
    Alert(
        "KafkaNoController",
        f"sum by ({CLUSTER}) ({ACTIVE}) != 1",
        minutes=5,
        severity="critical",
        summary=f"{OF} has {{{{ $value }}}} active controllers.",
        description="{{ $value }} active controllers, and it should be one. Without one no leader is elected and no topic is made or changed; more than one means nodes that don't see each other, or two clusters that need a label to tell them apart.",
        value="0",
        given=(
            # Another cluster's controller, in the same job, is none for this one.
            seen(ACTIVE, "0x20", instance="1", cluster="a"),
            seen(ACTIVE, "0x20", instance="2", cluster="a"),
            seen(ACTIVE, "1x20", instance="3", cluster="b"),
        ),
        healthy=(
            # Another node takes over.
            seen(ACTIVE, "1x8 0x20", instance="1", cluster="a"),
            seen(ACTIVE, "0x12 1x20", instance="2", cluster="a"),
            seen(ACTIVE, "1x20", instance="3", cluster="b"),
            seen(ACTIVE, "1x20", instance="4", namespace="other"),
        ),
        labels={**WHOLE, "cluster": "a"},
    ),
    Alert(
        "KafkaBelowMinIsr",
        f"{BELOW} > 0",
        minutes=2,
        severity="critical",
        summary=f"{NAMED} leads {{{{ $value }}}} partitions that refuse to be written to.",
        description="{{ $value }} partitions have fewer replicas in sync than min.insync.replicas: producers with acks=all get NOT_ENOUGH_REPLICAS.",
        value="4",
        given=(seen(BELOW, "4x20"),),
        healthy=(seen(BELOW, "0x6 4x1 0x20"),),
    ),
    Alert(
        "KafkaUncleanElection",
        f"max by ({CLUSTER}) (increase({UNCLEAN}[10m])) > 0",
        minutes=0,
        severity="critical",
        summary=f"In {OF} a replica that was not in sync became leader.",
        description="In the last ten minutes {{ $value | printf `%.0f` }} partitions got a leader that was not in sync: what only the old leader had is lost.",
        value="10",
        given=(seen(UNCLEAN, "0+1x20"),),
        healthy=(seen(UNCLEAN, "3x20"),),
        labels=WHOLE,
        at=12,
    ),
    Alert(
        "KafkaLogDirectoryOffline",
        f"{DIRECTORIES} > 0",
        minutes=0,
        severity="critical",
        summary=f"{{{{ $value }}}} log directories of {NAMED} are offline.",
        description="{{ $value }} of the broker's log directories had an error and were given up; the partitions in them are led by others, or by nobody.",
        value="1",
        given=(seen(DIRECTORIES, "1x20"),),
        healthy=(seen(DIRECTORIES, "0x20"),),
    ),
    Alert(
        "KafkaBrokerFenced",
        f"max by ({CLUSTER}) ({FENCED}) > 0",
        minutes=5,
        severity="warning",
        summary=f"{{{{ $value }}}} brokers of {OF} are gone or fenced.",
        description="{{ $value }} brokers that are registered send the controller no heartbeat: they are down, cut off, or still starting. They lead nothing, and their replicas fall behind.",
        value="1",
        given=(
            seen(FENCED, "1x20", instance="1"),
            seen(FENCED, "1x20", instance="2"),
        ),
        # A broker that is restarted.
        healthy=(seen(FENCED, "0x6 1x4 0x20"),),
        labels=WHOLE,
    ),
    Alert(
        "KafkaUnderReplicated",
        f"{UNDER} > 0",
        minutes=10,
        severity="warning",
        summary=f"{{{{ $value }}}} partitions that {NAMED} leads have too few replicas in sync.",
        description="{{ $value }} partitions have replicas that are not in sync. They work, but with less or no reserve: one more broker down may take them away.",
        value="3",
        given=(seen(UNDER, "3x20"),),
        # A broker that is restarted, and catches up.
        healthy=(seen(UNDER, "0x6 40x9 0x20"),),
    ),
    Alert(
        "KafkaHandlersBusy",
        f"1 - (rate({BROKERS_IDLE}[5m]) or rate({IDLE}[5m])) / 1e9 > $busy_handlers",
        minutes=10,
        severity="warning",
        summary=f"The request handlers of {NAMED} are busy for {{{{ $value | humanizePercentage }}}} of their time.",
        description="Request handlers are busy for {{ $value | humanizePercentage }} of their time. At 100 % requests wait in the queue, and producers and consumers get slow or time out.",
        value="95%",
        # A counter of idle nanoseconds.
        given=(seen(IDLE, "0+3e9x40"),),
        healthy=(seen(IDLE, "0+12e9x40"), seen(BROKERS_IDLE, "0+12e9x40")),
        ways=(
            Way(
                "where the controller's handlers are idle",
                (seen(IDLE, "0+31e9x40"), seen(BROKERS_IDLE, "0+3e9x40")),
                value="95%",
            ),
        ),
    ),
)

"""What is drawn and watched of Apache Kafka."""

from __future__ import annotations

from specs.words import Alert, Spec, now, panel, query, rate, row, seen, top, total

SPEC = Spec(
    "Apache Kafka",
    needs="the pack kafka",
    rows=(
        row(
            "Overview",
            panel(
                "Active controllers",
                "short",
                total(now("kafka_controller_kafkacontroller_activecontrollercount")),
            ),
            panel(
                "Offline partitions",
                "short",
                total(now("kafka_controller_kafkacontroller_offlinepartitionscount")),
                warn=1,
                bad=1,
            ),
            panel(
                "Under-replicated partitions",
                "short",
                total(now("kafka_server_replicamanager_underreplicatedpartitions")),
                warn=1,
                bad=10,
            ),
            panel(
                "Messages in",
                "cps",
                total(
                    rate(
                        "kafka_server_brokertopicmetrics_messagesinpersec",
                        where='topic=""',
                    )
                ),
            ),
        ),
        row(
            "Traffic",
            panel(
                "Bytes",
                "Bps",
                query(
                    total(
                        rate(
                            "kafka_server_brokertopicmetrics_bytesinpersec",
                            where='topic=""',
                        )
                    ),
                    "in",
                ),
                query(
                    total(
                        rate(
                            "kafka_server_brokertopicmetrics_bytesoutpersec",
                            where='topic=""',
                        )
                    ),
                    "out",
                ),
            ),
            panel(
                "Messages by topic",
                "cps",
                query(
                    top(
                        10,
                        total(
                            rate(
                                "kafka_server_brokertopicmetrics_messagesinpersec",
                                where='topic!=""',
                            ),
                            by="topic",
                        ),
                    ),
                    "{{topic}}",
                ),
            ),
            panel(
                "Size by topic",
                "bytes",
                query(
                    top(10, total(now("kafka_log_log_size"), by="topic")), "{{topic}}"
                ),
            ),
        ),
        row(
            "Requests",
            panel(
                "Time of requests, 99th percentile",
                "ms",
                query(
                    top(
                        10,
                        now(
                            "kafka_network_requestmetrics_totaltimems",
                            where='quantile="0.99"',
                        ),
                    ),
                    "{{request}}",
                ),
            ),
            panel(
                "Idle request handlers",
                "percentunit",
                query(
                    rate(
                        "kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent"
                    )
                    + " / 1e9",
                    "{{instance}}",
                ),
            ),
            panel(
                "Request queue",
                "short",
                query(
                    now("kafka_network_requestchannel_requestqueuesize"), "{{instance}}"
                ),
            ),
        ),
        row(
            "Replication",
            panel(
                "Partitions",
                "short",
                query(
                    total(
                        now("kafka_server_replicamanager_partitioncount"), by="instance"
                    ),
                    "{{instance}}",
                ),
            ),
            panel(
                "Leaders",
                "short",
                query(
                    total(
                        now("kafka_server_replicamanager_leadercount"), by="instance"
                    ),
                    "{{instance}}",
                ),
            ),
            panel(
                "In-sync sets that change",
                "cps",
                query(
                    total(rate("kafka_server_replicamanager_isrshrinkspersec")),
                    "shrink",
                ),
                query(
                    total(rate("kafka_server_replicamanager_isrexpandspersec")),
                    "expand",
                ),
            ),
        ),
    ),
    alerts=(
        Alert(
            "KafkaOfflinePartitions",
            "kafka_controller_kafkacontroller_offlinepartitionscount > 0",
            minutes=2,
            severity="critical",
            summary="{{ $value }} partitions have no leader.",
            told="2 partitions have no leader.",
            given=(
                seen("kafka_controller_kafkacontroller_offlinepartitionscount", "2x10"),
            ),
        ),
        Alert(
            "KafkaUnderReplicated",
            "kafka_server_replicamanager_underreplicatedpartitions > 0",
            minutes=10,
            severity="warning",
            summary="{{ $value }} partitions of {{ $labels.instance }} have too few replicas.",
            told="3 partitions of i have too few replicas.",
            given=(
                seen("kafka_server_replicamanager_underreplicatedpartitions", "3x20"),
            ),
        ),
        Alert(
            "KafkaNoController",
            "sum by (job) (kafka_controller_kafkacontroller_activecontrollercount) != 1",
            minutes=5,
            severity="critical",
            summary="There are {{ $value }} active controllers.",
            told="There are 0 active controllers.",
            given=(
                seen("kafka_controller_kafkacontroller_activecontrollercount", "0x10"),
            ),
            labels={"instance": ""},
        ),
        Alert(
            "KafkaUncleanElection",
            "increase(kafka_controller_controllerstats_uncleanleaderelectionspersec[10m]) > 0",
            minutes=0,
            severity="critical",
            summary="A replica that was not in sync became leader; messages may be lost.",
            told="A replica that was not in sync became leader; messages may be lost.",
            given=(
                seen(
                    "kafka_controller_controllerstats_uncleanleaderelectionspersec",
                    "0+1x20",
                ),
            ),
        ),
    ),
)

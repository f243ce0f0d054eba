"""What is drawn of Apache Kafka's replicas, disks and topics."""

from __future__ import annotations

from specs.kafka_alerts import DIRECTORIES, REPLICAS
from specs.words import (
    TARGET,
    WHO,
    graph,
    highest,
    now,
    or_none,
    query,
    rate,
    row,
    top,
    total,
)

TOPICS = "kafka_server_brokertopicmetrics"
P99 = 'quantile="0.99"'
TOPIC = 'topic=~"$topic"'

REPLICAS_AND_TOPICS = (
    row(
        "Replication",
        graph(
            "Leaders",
            "short",
            query(now(f"{REPLICAS}_leadercount"), WHO),
            about="Partitions that each broker leads, and so serves. About the same for all is normal; after a restart a broker leads none until leaders are moved back.",
        ),
        graph(
            "Replicas",
            "short",
            query(now(f"{REPLICAS}_partitioncount"), WHO),
            about="Partitions of which each broker has a replica. Some thousands are fine; each costs memory and time at a start.",
        ),
        graph(
            "In-sync sets that change",
            "cps",
            query(total(rate(f"{REPLICAS}_isrshrinkspersec")), "shrink"),
            query(total(rate(f"{REPLICAS}_isrexpandspersec")), "expand"),
            about="Sets of replicas in sync that lost or got a member, per second. Both at once and again and again: a follower that hardly keeps up; look at its disk, network and collections.",
        ),
        graph(
            "Messages that followers lack",
            "short",
            query(
                highest(now("kafka_server_replicafetchermanager_maxlag"), by=TARGET),
                WHO,
            ),
            about="Messages that a broker's worst replica is behind its leader. Near 0 is normal; one that climbs leaves the set of replicas in sync after replica.lag.time.max.ms.",
        ),
    ),
    row(
        "Storage",
        graph(
            "Size by topic",
            "bytes",
            query(top(10, total(now("kafka_log_log_size"), by="topic")), "{{topic}}"),
            about="Bytes on all brokers' disks, replicas included, the ten largest topics. Flat once retention is reached; one that only climbs has no retention, or a new amount of traffic.",
        ),
        graph(
            "Size by broker",
            "bytes",
            query(total(now("kafka_log_log_size"), by=TARGET), WHO),
            about="Bytes on each broker's disks. About the same for all is normal; compare with the size of the disk, for a full one ends the broker.",
        ),
        graph(
            "Time of a flush, 99th percentile",
            "ms",
            query(now("kafka_log_logflushstats_logflushrateandtimems", where=P99), WHO),
            about="How long a broker takes to force a log to its disk. Milliseconds to tens of them are normal; hundreds mean a disk that is too slow or shared.",
        ),
        graph(
            "Log directories offline",
            "short",
            query(now(DIRECTORIES), WHO),
            bad=1,
            about="Log directories that a broker gave up after an error of the disk. Normal is 0; it uses one again only after a restart.",
        ),
    ),
    row(
        "Topic $topic",
        graph(
            "Messages in",
            "cps",
            query(
                total(rate(f"{TOPICS}_messagesinpersec", where=TOPIC), by=TARGET),
                WHO,
            ),
            about="Messages per second by broker that leads partitions of the topic. Very different brokers mean keys that fall on few partitions.",
        ),
        graph(
            "Bytes",
            "Bps",
            query(total(rate(f"{TOPICS}_bytesinpersec", where=TOPIC)), "in"),
            query(or_none(total(rate(f"{TOPICS}_bytesoutpersec", where=TOPIC))), "out"),
            about="Bytes from producers and to consumers per second. Out is in times the number of consumer groups; less means that some are behind, and more that one reads from the beginning.",
        ),
        graph(
            "Messages kept, by partition",
            "short",
            query(
                top(
                    20,
                    highest(
                        now("kafka_log_log_logendoffset", where=TOPIC)
                        + " - "
                        + now("kafka_log_log_logstartoffset", where=TOPIC),
                        by="partition",
                    ),
                ),
                "{{partition}}",
            ),
            about="Messages from the first that is kept to the last, by partition, the twenty with most. About the same for all is normal; one far above the others gets too many of the keys.",
        ),
        repeat="topic",
    ),
)

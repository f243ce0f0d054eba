"""What is drawn of Apache Kafka."""

from __future__ import annotations

from specs.kafka_alerts import (
    ACTIVE,
    ALERTS,
    BELOW,
    BROKERS_IDLE,
    CLUSTER,
    CONTROLLER,
    FENCED,
    IDLE,
    OFFLINE,
    THRESHOLDS,
    UNDER,
)
from specs.kafka_topics import P99, REPLICAS_AND_TOPICS, TOPICS
from specs.words import (
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
    state,
    timeline,
    top,
    total,
)

REQUESTS = "kafka_network_requestmetrics"
BUSY = THRESHOLDS["busy_handlers"].value
ALL = 'topic=""'
EACH = 'topic!=""'
# A rate over a short while can come out a little above all of it.
HANDLERS = f"clamp_min(1 - ({rate(BROKERS_IDLE)} or {rate(IDLE)}) / 1e9, 0)"


def of_clusters(metric: str) -> str:
    """What all controllers say of their cluster, added up over clusters."""
    return total(highest(now(metric), by=CLUSTER))


def part(metric: str) -> str:
    """A part of the time of a produce request."""
    where = f'request="Produce", {P99}'
    return highest(now(f"{REQUESTS}_{metric}", where=where))


SPEC = Spec(
    "Apache Kafka",
    needs="the pack kafka",
    sign="kafka_network_requestchannel_requestqueuesize",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    variables=(Variable("topic", f"{TOPICS}_messagesinpersec"),),
    rows=(
        row(
            "Overview",
            stat(
                "Brokers",
                "short",
                of_clusters(f"{CONTROLLER}_activebrokercount"),
                about="Brokers that the controllers count as alive. It should be the number that you run; those that are registered and silent are fenced, see below.",
            ),
            stat(
                "Without a controller",
                "short",
                or_none(number_of(f"{total(now(ACTIVE), by=CLUSTER)} != 1")),
                bad=1,
                about="Clusters (by cluster, namespace and job) that don't have exactly one active controller. Normal is 0, and a moment of 1 while another one takes over.",
            ),
            stat(
                "Offline partitions",
                "short",
                of_clusters(OFFLINE),
                bad=1,
                about="Partitions without a leader, which nobody can write to or read. Normal is 0; bring back the broker that has their replicas.",
            ),
            stat(
                "Below min.insync",
                "short",
                total(now(BELOW)),
                bad=1,
                about="Partitions with fewer replicas in sync than min.insync.replicas: producers with acks=all are refused. Normal is 0.",
            ),
            stat(
                "Under-replicated",
                "short",
                total(now(UNDER)),
                warn=1,
                about="Partitions with replicas that are not in sync. Normal is 0; some for minutes after a broker was restarted, and longer only if it is down or too slow to follow.",
            ),
            stat(
                "Messages in",
                "cps",
                total(rate(f"{TOPICS}_messagesinpersec", where=ALL)),
                about="Messages that producers write per second, all brokers together. Compare with the same hour of another day.",
            ),
            stat(
                "Busy handlers",
                "percentunit",
                highest(HANDLERS),
                warn=BUSY - 0.2,
                bad=BUSY,
                about="The share of its time that the busiest broker's request handlers work. Below 70 % is normal; near 100 % requests wait in its queue.",
            ),
        ),
        row(
            "Cluster",
            timeline(
                "Controllers",
                query(now(ACTIVE), WHO),
                states=(state(0, "standby", "blue"), state(1, "active", "green")),
                about="Which node is the active controller. One at a time is green; it moves when that node is restarted, and should not move otherwise.",
            ),
            timeline(
                "Brokers",
                query(now("kafka_server_kafkaserver_brokerstate"), WHO),
                states=(
                    state(0, "not running", "red"),
                    state(1, "starting", "orange"),
                    state(2, "recovering", "orange"),
                    state(3, "running", "green"),
                    state(6, "leaving", "yellow"),
                    state(7, "shutting down", "yellow"),
                ),
                about="What each broker says of itself. Recovering reads logs again after a hard end, and can take long; a gap is a broker that is down or not read.",
            ),
            graph(
                "Brokers that are fenced",
                "short",
                query(highest(now(FENCED), by=CLUSTER), "fenced {{cluster}} {{job}}"),
                bad=1,
                about="Brokers that are registered and send no heartbeat: down, cut off, or still starting. Normal is 0; one that was taken away for good has to be unregistered.",
            ),
            graph(
                "Partitions in trouble",
                "short",
                query(of_clusters(OFFLINE), "offline"),
                query(total(now(BELOW)), "below min.insync.replicas"),
                query(total(now(UNDER)), "under-replicated"),
                query(
                    of_clusters(f"{CONTROLLER}_preferredreplicaimbalancecount"),
                    "not led by the preferred replica",
                ),
                about="Normal is 0. Under-replicated ones come first, when a broker is slow or gone; then those that refuse writes; then those without any leader. Leaders return to preferred replicas by themselves some minutes after a restart.",
            ),
        ),
        row(
            "Traffic",
            graph(
                "Bytes",
                "Bps",
                query(total(rate(f"{TOPICS}_bytesinpersec", where=ALL)), "in"),
                query(total(rate(f"{TOPICS}_bytesoutpersec", where=ALL)), "out"),
                query(
                    total(rate(f"{TOPICS}_replicationbytesinpersec", where=ALL)),
                    "replicated",
                ),
                about="Bytes from producers, to consumers, and between brokers, per second. Replicated is in times the replication factor less one; far more than that is a broker that catches up.",
            ),
            graph(
                "Messages by topic",
                "cps",
                query(
                    top(
                        10,
                        total(
                            rate(f"{TOPICS}_messagesinpersec", where=EACH), by="topic"
                        ),
                    ),
                    "{{topic}}",
                ),
                about="Messages in per second, the ten topics with most. A row for each topic is at the end.",
            ),
            graph(
                "Refused requests",
                "reqps",
                query(
                    total(rate(f"{TOPICS}_failedproducerequestspersec", where=ALL)),
                    "produce",
                ),
                query(
                    total(rate(f"{TOPICS}_failedfetchrequestspersec", where=ALL)),
                    "fetch",
                ),
                about="Requests of producers and consumers that brokers could not serve, per second. Normal is 0, and a few while leaders move; errors by kind, below, say why.",
            ),
        ),
        row(
            "Requests",
            graph(
                "Requests",
                "reqps",
                query(
                    top(10, total(rate(f"{REQUESTS}_requestspersec"), by="request")),
                    "{{request}}",
                ),
                about="Requests per second by kind, the ten with most. Many Metadata or ApiVersions requests mean clients that connect again and again.",
            ),
            graph(
                "Time of requests, 99th percentile",
                "ms",
                query(
                    top(
                        10,
                        highest(
                            now(f"{REQUESTS}_totaltimems", where=P99),
                            by="request",
                        )
                        + " > 0",
                    ),
                    "{{request}}",
                ),
                about="The slowest broker's 99th percentile by kind of request, the ten slowest. Fetch waits for data on purpose, up to 500 ms; Produce is what producers feel, tens of milliseconds at most.",
            ),
            graph(
                "Where produce requests spend time",
                "ms",
                query(part("requestqueuetimems"), "wait for a handler"),
                query(part("localtimems"), "write to the log"),
                query(part("remotetimems"), "wait for replicas"),
                query(part("responsequeuetimems"), "wait for the network"),
                query(part("responsesendtimems"), "send"),
                about="99th percentiles of the slowest broker. Waiting for a handler: too many requests; writing: the disk; for replicas: a slow follower (with acks=all); sending: the network or a slow client.",
            ),
            graph(
                "Busy request handlers",
                "percentunit",
                query(HANDLERS, WHO),
                warn=BUSY - 0.2,
                bad=BUSY,
                about="The share of their time that a broker's request handlers (num.io.threads) work. Near 100 % means a slow disk, too few threads, or clients that ask too often.",
            ),
            graph(
                "Busy network threads",
                "percentunit",
                query(
                    f"clamp_min(1 - {now('kafka_network_socketserver_networkprocessoravgidlepercent')}, 0)",
                    WHO,
                ),
                warn=BUSY - 0.2,
                bad=BUSY,
                about="The share of their time that a broker's network threads (num.network.threads) work. Below 70 % is normal; TLS and many connections cost most.",
            ),
            graph(
                "Requests that wait",
                "short",
                query(now("kafka_network_requestchannel_requestqueuesize"), WHO),
                about="Requests in a broker's queue. Near 0 is normal; at queued.max.requests (500) it reads no more from its connections.",
            ),
            graph(
                "Errors by kind",
                "reqps",
                query(
                    or_none(
                        top(
                            10,
                            total(
                                rate(f"{REQUESTS}_errorspersec", where='error!="NONE"'),
                                by="request, error",
                            ),
                        )
                    ),
                    "{{request}} {{error}}",
                ),
                about="Answers with an error per second, the ten most frequent. NOT_LEADER_OR_FOLLOWER for a moment is a leader that moved; NOT_ENOUGH_REPLICAS and AUTHORIZATION_FAILED are lost requests.",
            ),
            graph(
                "Connections",
                "short",
                query(
                    total(
                        now("kafka_server_socketservermetrics_connection_count"),
                        by="listener",
                    ),
                    "{{listener}}",
                ),
                about="Open connections by listener. It follows the number of clients; a climb without more clients is one that opens a connection for each message.",
            ),
        ),
        *REPLICAS_AND_TOPICS,
    ),
)

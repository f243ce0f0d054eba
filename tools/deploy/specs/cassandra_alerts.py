"""What is watched of Apache Cassandra."""

from __future__ import annotations

from specs.words import NAMED, TARGET, Alert, Threshold, seen

PLAIN = 'clientrequest!~".+-.+"'
"""Requests of a kind, not those of one consistency level of it, such as Read-QUORUM."""
MESSAGE = 'message=~".+_(REQ|RSP)"'
"""Messages by the names of Cassandra 4 and newer; the older ones, such as MUTATION, count the same once more."""
THRESHOLDS = {
    "nodes_down": Threshold(0, "nodes that another one holds to be down"),
    "timeouts": Threshold(1, "requests of clients of a kind that time out per second"),
    "dropped": Threshold(1, "messages of a kind that are dropped per second"),
    "compactions": Threshold(200, "compactions of a node that wait"),
}
READ = {"clientrequest": "Read"}
WRITE = {"clientrequest": "Write"}
MUTATION = {"message": "MUTATION_REQ"}

ALERTS = (
    Alert(
        "CassandraNodeDown",
        "max by (cluster, namespace, job) (cassandra_down_endpoint_count) > $nodes_down",
        minutes=5,
        severity="critical",
        summary="{{ $value }} nodes of {{ with $labels.namespace }}{{ . }}/{{ end }}{{ $labels.job }} are down.",
        description="Other nodes hold {{ $value }} nodes of the cluster to be down. What they have is served by their replicas, and hints for them are kept for three hours.",
        value="1",
        given=(
            # Only those that are up can say so.
            seen("cassandra_down_endpoint_count", "1x20", instance="a"),
            seen("cassandra_down_endpoint_count", "0x20", instance="b"),
        ),
        healthy=(
            # One that restarts.
            seen("cassandra_down_endpoint_count", "0 0 1 1 1 0 0 0 0 0 0 0"),
        ),
        labels={"pod": "", "instance": ""},
    ),
    Alert(
        "CassandraUnavailable",
        f"sum by ({TARGET}, clientrequest) (increase(cassandra_clientrequest_unavailables_count{{{PLAIN}}}[5m])) > 0",
        minutes=2,
        severity="critical",
        summary=f"{{{{ $labels.clientrequest }}}} requests to {NAMED} find too few replicas.",
        description="In the last five minutes {{ $value | printf `%.0f` }} {{ $labels.clientrequest }} requests were refused at once: fewer replicas are up than the consistency level asks for.",
        value="50",
        given=(seen("cassandra_clientrequest_unavailables_count", "0+10x20", **READ),),
        healthy=(
            # Of an outage that is over.
            seen("cassandra_clientrequest_unavailables_count", "70x20", **READ),
        ),
        labels=READ,
    ),
    Alert(
        "CassandraTimeouts",
        f"sum by ({TARGET}, clientrequest) (rate(cassandra_clientrequest_timeouts_count{{{PLAIN}}}[5m])) > $timeouts",
        minutes=5,
        severity="warning",
        summary=f"{{{{ $labels.clientrequest }}}} requests to {NAMED} time out.",
        description="{{ $value | humanize }} {{ $labels.clientrequest }} requests per second time out: too few replicas answer this node in time.",
        value="2",
        given=(seen("cassandra_clientrequest_timeouts_count", "0+120x20", **READ),),
        healthy=(
            seen("cassandra_clientrequest_timeouts_count", "0+6x20", **READ),
            # The same requests once more, by their consistency level.
            seen(
                "cassandra_clientrequest_timeouts_count",
                "0+120x20",
                clientrequest="Read-QUORUM",
            ),
        ),
        labels=READ,
    ),
    Alert(
        "CassandraMessagesDropped",
        f"sum by ({TARGET}, message) (rate(cassandra_droppedmessage_count{{{MESSAGE}}}[5m])) > $dropped",
        minutes=5,
        severity="warning",
        summary=f"{NAMED} drops {{{{ $labels.message }}}} messages.",
        description="{{ $value | humanize }} {{ $labels.message }} messages per second were dropped, since they were older than their timeout when their turn came: the node doesn't keep up.",
        value="5",
        given=(seen("cassandra_droppedmessage_count", "0+300x20", **MUTATION),),
        healthy=(
            seen("cassandra_droppedmessage_count", "0+6x20", **MUTATION),
            seen("cassandra_droppedmessage_count", "4000x20", message="READ_REQ"),
            # The same mutations once more, by their old name.
            seen("cassandra_droppedmessage_count", "0+300x20", message="MUTATION"),
        ),
        labels=MUTATION,
    ),
    Alert(
        "CassandraCompactionsPending",
        "cassandra_compaction_pendingtasks > $compactions",
        minutes=30,
        severity="warning",
        summary=f"{{{{ $value }}}} compactions of {NAMED} wait.",
        description="For half an hour more compactions have waited than a node works off at night, {{ $value }} of them now. Reads get slower with each, and deleted data keeps its place on the disk.",
        value="300",
        given=(seen("cassandra_compaction_pendingtasks", "300x40"),),
        healthy=(
            # After a repair, and worked off.
            seen("cassandra_compaction_pendingtasks", "0x10 900-45x20 0x10"),
        ),
    ),
)

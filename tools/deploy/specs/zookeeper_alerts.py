"""What is watched of Apache ZooKeeper."""

from __future__ import annotations

from specs.words import NAMED, TARGET, Alert, Threshold, seen

ENSEMBLE = "cluster, namespace, job"
"""What tells ensembles apart: two in one namespace and job need a label cluster."""
OF = (
    "{{ with $labels.cluster }}{{ . }} of {{ end }}"
    "{{ with $labels.namespace }}{{ . }}/{{ end }}{{ $labels.job }}"
)
THRESHOLDS = {
    "waiting": Threshold(100, "requests that wait in a server"),
    "latency": Threshold(100, "average latency of a server's requests, milliseconds"),
}
ALIVE = "zookeeper_numaliveconnections"
QUORUM = "zookeeper_status_quorumsize"
WAITING = "zookeeper_outstandingrequests"
LATENCY = "zookeeper_avgrequestlatency"
SLOW_WRITES = "zookeeper_fsyncthresholdexceedcount_total"
ONE = {"server_id": "1", "replica_id": "1", "member_type": "Follower"}
ALONE = {"server_id": "2181"}

ALERTS = (
    Alert(
        "ZooKeeperNoQuorum",
        f"max by ({TARGET}) ({QUORUM}) unless on ({TARGET}) {ALIVE}",
        minutes=2,
        severity="critical",
        summary=f"{NAMED} belongs to no quorum.",
        description="The server runs, and neither leads nor follows: its ensemble of {{ $value }} has no majority, or it can't reach the others. It serves no client.",
        value="3",
        given=(seen(QUORUM, "3x20", server_id="1"),),
        healthy=(
            seen(QUORUM, "3x20", server_id="1"),
            # An election.
            seen(ALIVE, "5x6 _x1 5x20", **ONE),
            # Another server, which stands alone.
            seen(ALIVE, "5x20", **ALONE, instance="2"),
        ),
    ),
    Alert(
        "ZooKeeperMemberMissing",
        f'max by ({ENSEMBLE}) ({QUORUM}) - count by ({ENSEMBLE}) ({ALIVE}{{member_type=~"Leader|Follower"}}) > 0',
        minutes=5,
        severity="warning",
        summary=f"{OF} lacks {{{{ $value }}}} members of its ensemble.",
        description="{{ $value }} members of the ensemble are down, cut off, or not read. With a majority it works on; the next one that is lost may end that.",
        value="1",
        given=(
            seen(QUORUM, "3x20", server_id="1", instance="1"),
            seen(QUORUM, "3x20", server_id="2", instance="2"),
            seen(ALIVE, "5x20", **ONE, instance="1"),
            seen(ALIVE, "5x20", member_type="Leader", instance="2"),
        ),
        healthy=(
            seen(QUORUM, "3x20", server_id="1", instance="1"),
            seen(ALIVE, "5x20", **ONE, instance="1"),
            seen(ALIVE, "5x20", member_type="Leader", instance="2"),
            # One that is restarted.
            seen(ALIVE, "5x6 _x3 5x20", member_type="Follower", instance="3"),
        ),
        labels={"pod": "", "instance": ""},
    ),
    Alert(
        "ZooKeeperRequestsWait",
        f"{WAITING} > $waiting",
        minutes=5,
        severity="warning",
        summary=f"{{{{ $value }}}} requests wait at {NAMED}.",
        description="{{ $value }} requests have come in and are not answered yet: the server does less than it is asked for.",
        value="200",
        given=(seen(WAITING, "200x20", **ONE),),
        # A burst.
        healthy=(seen(WAITING, "3x6 400x3 3x20", **ONE),),
        labels=ONE,
    ),
    Alert(
        "ZooKeeperSlow",
        f"{LATENCY} > $latency",
        minutes=10,
        severity="warning",
        summary=f"Requests to {NAMED} take {{{{ $value | humanize }}}} ms.",
        description="Requests have taken {{ $value | humanize }} ms on average since the server's counters were reset. Sessions expire when it can't answer their heartbeats.",
        value="150",
        given=(seen(LATENCY, "150x30", **ONE),),
        healthy=(seen(LATENCY, "20x30", **ONE),),
        labels=ONE,
    ),
    Alert(
        "ZooKeeperDiskSlow",
        f"increase({SLOW_WRITES}[15m]) > 0",
        minutes=0,
        severity="warning",
        summary=f"The disk of {NAMED} is slow to write its log.",
        description="In a quarter of an hour {{ $value | printf `%.0f` }} writes to the transaction log took longer than a second; each held up all requests that change something.",
        value="6",
        given=(seen(SLOW_WRITES, "0+1x30", **ONE),),
        healthy=(seen(SLOW_WRITES, "2x30", **ONE),),
        labels=ONE,
    ),
)

"""What is drawn of Apache ZooKeeper."""

from __future__ import annotations

from specs.words import (
    TARGET,
    WHO,
    Spec,
    graph,
    growth,
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
    total,
)
from specs.zookeeper_alerts import (
    ALERTS,
    ALIVE,
    ENSEMBLE,
    LATENCY,
    QUORUM,
    SLOW_WRITES,
    THRESHOLDS,
    WAITING,
)

WAIT = THRESHOLDS["waiting"].value
SLOW = THRESHOLDS["latency"].value
TREE = "zookeeper_inmemorydatatree"
LEADER, FOLLOWER, ALONE = (
    now(ALIVE, where=f"member_type{which}")
    for which in ('="Leader"', '!~"Leader|"', '=""')
)
ROLES = highest(
    f"0 * {now(QUORUM)} unless on ({TARGET}) {now(ALIVE)}"
    f" or 1 + 0 * {FOLLOWER} or 2 + 0 * {LEADER} or 3 + 0 * {ALONE}",
    by=TARGET,
)
MISSING = f"{highest(now(QUORUM), by=ENSEMBLE)} - " + number_of(
    now(ALIVE, where='member_type=~"Leader|Follower"'), by=ENSEMBLE
)

SPEC = Spec(
    "Apache ZooKeeper",
    needs="the pack zookeeper",
    sign="zookeeper_ticktime",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    rows=(
        row(
            "Overview",
            stat(
                "Servers",
                "short",
                number_of(now(ALIVE)),
                about="Servers that serve clients: alone, or as members of a quorum. It should be the number that you run.",
            ),
            stat(
                "Members missing",
                "short",
                or_none(total(MISSING)),
                warn=1,
                about="Members of ensembles that are down, cut off or not read. Normal is 0, also for a server that stands alone; with less than a majority nobody is served.",
            ),
            stat(
                "Connections",
                "short",
                total(now(ALIVE)),
                about="Connections of clients to all servers. It follows the number of clients; a server has a limit for each address (maxClientCnxns, 60).",
            ),
            stat(
                "Requests that wait",
                "short",
                highest(now(WAITING)),
                warn=WAIT / 10,
                bad=WAIT,
                about="Requests that came in and are not answered, of the server with most. Near 0 is normal; hundreds mean a slow disk or more load than it can do.",
            ),
            stat(
                "Average latency",
                "ms",
                highest(now(LATENCY)),
                warn=SLOW / 5,
                bad=SLOW,
                about="Average time of a request since the start, of the slowest server. A few milliseconds are normal; most of it is the write to the transaction log.",
            ),
            stat(
                "Nodes",
                "short",
                highest(now(f"{TREE}_nodecount")),
                about="Nodes in the tree, which is in memory as a whole. Steady growth is a client that never deletes what it makes.",
            ),
        ),
        row(
            "Ensemble",
            timeline(
                "Roles",
                query(ROLES, WHO),
                states=(
                    state(0, "no quorum", "red"),
                    state(1, "follows", "blue"),
                    state(2, "leads", "green"),
                    state(3, "alone", "green"),
                ),
                about="What each server does. One of an ensemble leads, the others follow; a leader that changes without a restart points at the network or a slow disk.",
            ),
            graph(
                "Connections",
                "short",
                query(total(now(ALIVE), by=TARGET), WHO),
                about="Connections of clients by server. About the same for all is normal; after a restart clients stay where they fled to.",
            ),
        ),
        row(
            "Requests",
            graph(
                "Requests that wait",
                "short",
                query(highest(now(WAITING), by=TARGET), WHO),
                warn=WAIT / 10,
                bad=WAIT,
                about="Requests that came in and are not answered, by server. A peak is a burst; a plateau is a server that can't do what it is asked for.",
            ),
            graph(
                "Average latency",
                "ms",
                query(highest(now(LATENCY), by=TARGET), WHO),
                warn=SLOW / 5,
                bad=SLOW,
                about="Average time of a request since the start, or since the counters were reset (srst), by server. It moves slowly; a climb of an old average is a lot.",
            ),
            graph(
                "Longest request",
                "ms",
                query(highest(now("zookeeper_maxrequestlatency"), by=TARGET), WHO),
                about="The longest request since the start, by server. A step is one slow moment, with a collection, a disk or an election behind it; it never comes down by itself.",
            ),
            graph(
                "Packets",
                "pps",
                query(total(rate("zookeeper_packetsreceived_total")), "received"),
                query(total(rate("zookeeper_packetssent_total")), "sent"),
                about="Packets from and to clients per second. Sent ones without received ones are watches that fire.",
            ),
            graph(
                "Logins refused",
                "cps",
                query(total(growth("zookeeper_authfailedcount_total"), by=TARGET), WHO),
                about="Logins that failed, in one interval. Normal is 0; after a change of passwords it names the servers that old clients still ask.",
            ),
        ),
        row(
            "Data",
            graph(
                "Nodes",
                "short",
                query(highest(now(f"{TREE}_nodecount"), by=TARGET), WHO),
                about="Nodes in the tree, by server. All of an ensemble have the same; one that differs for long does not follow.",
            ),
            graph(
                "Watches",
                "short",
                query(highest(now(f"{TREE}_watchcount"), by=TARGET), WHO),
                about="Watches that clients have set, by server. It follows the clients; hundreds of thousands cost memory, and make one change a storm.",
            ),
            graph(
                "Size on disk",
                "bytes",
                query(total(now("zookeeper_datadirsize")), "snapshots"),
                query(total(now("zookeeper_logdirsize")), "transaction logs"),
                about="Bytes of snapshots and logs of all servers. A saw is normal where autopurge is on; a line that only climbs means that it is off, as by default.",
            ),
            graph(
                "Slow writes to the log",
                "short",
                query(total(growth(SLOW_WRITES), by=TARGET), WHO),
                bad=1,
                about="Writes to the transaction log of more than a second, in one interval. Normal is 0; the log needs a disk that it doesn't share.",
            ),
        ),
    ),
)

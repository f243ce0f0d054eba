"""What is drawn and watched of Apache Commons DBCP."""

from __future__ import annotations

from specs.words import (
    NAMED,
    WHO,
    Alert,
    Spec,
    Threshold,
    Variable,
    graph,
    highest,
    now,
    query,
    rate,
    row,
    seen,
    share,
    stat,
    total,
)

THRESHOLDS = {
    "waiting_threads": Threshold(0, "threads that wait for a connection of a pool"),
    "in_use": Threshold(0.9, "share of a pool's maxTotal that is in use"),
    "opened": Threshold(1, "connections that a pool opens per second"),
}
IN_USE = share(now("dbcp_connections_active"), now("dbcp_connections_max"))
FULL = THRESHOLDS["in_use"].value
OPENED = THRESHOLDS["opened"].value
CHOSEN = 'pool=~"$pool"'
POOL = WHO + " {{pool}}"
SHOP = {"pool": "shop"}

ALERTS = (
    Alert(
        "DbcpPoolExhausted",
        "dbcp_connections_pending > $waiting_threads",
        minutes=2,
        severity="critical",
        summary=f"{{{{ $value }}}} threads of {NAMED} wait for a connection of {{{{ $labels.pool }}}}.",
        description="For two minutes threads have waited for a connection of {{ $labels.pool }}, {{ $value }} of them now. Each gives up after maxWaitMillis, which is never unless it is set.",
        value="5",
        given=(seen("dbcp_connections_pending", "5x20", **SHOP),),
        healthy=(
            # A burst now and then, gone at the next look.
            seen("dbcp_connections_pending", "0 3 0 3 0 3 0 3 0", **SHOP),
            seen("dbcp_connections_pending", "0x20", pool="reports"),
        ),
        labels=SHOP,
    ),
    Alert(
        "DbcpPoolFull",
        "dbcp_connections_active / (dbcp_connections_max > 0) > $in_use",
        minutes=5,
        severity="warning",
        summary=f"{{{{ $labels.pool }}}} of {NAMED} has {{{{ $value | humanizePercentage }}}} of its connections in use.",
        description="{{ $value | humanizePercentage }} of the connections that {{ $labels.pool }} may have are in use. At 100 % threads wait for one.",
        value="100%",
        given=(
            seen("dbcp_connections_active", "8x20", **SHOP),
            seen("dbcp_connections_max", "8x20", **SHOP),
        ),
        healthy=(
            seen("dbcp_connections_active", "7x20", **SHOP),
            seen("dbcp_connections_max", "8x20", **SHOP),
            # Without a limit.
            seen("dbcp_connections_active", "90x20", pool="reports"),
            seen("dbcp_connections_max", "-1x20", pool="reports"),
        ),
        labels=SHOP,
    ),
    Alert(
        "DbcpOpensConnections",
        "rate(dbcp_connections_opened_total[5m]) > $opened",
        minutes=10,
        severity="warning",
        summary=f"{{{{ $labels.pool }}}} of {NAMED} opens {{{{ $value | humanize }}}} connections per second.",
        description="{{ $labels.pool }} opens {{ $value | humanize }} connections per second, and closes as many, instead of keeping them: each costs time here and work in the database.",
        value="5",
        given=(seen("dbcp_connections_opened_total", "0+300x40", **SHOP),),
        healthy=(
            # Filled once, and then now and then one.
            seen("dbcp_connections_opened_total", "0 20+1x40", **SHOP),
        ),
        labels=SHOP,
    ),
)

SPEC = Spec(
    "Apache Commons DBCP",
    needs="the pack dbcp",
    sign="dbcp_connections_max",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    variables=(Variable("pool", "dbcp_connections_max"),),
    rows=(
        row(
            "Overview",
            stat(
                "Connections in use",
                "percentunit",
                highest(IN_USE),
                warn=FULL - 0.2,
                bad=FULL,
                about="The fullest pool's connections in use, as a share of its maxTotal. Below 70 % is normal; at 100 % threads wait.",
            ),
            stat(
                "Threads that wait",
                "short",
                highest(now("dbcp_connections_pending")),
                warn=1,
                bad=10,
                about="Threads that wait for a connection, of the pool that has most. Normal is 0, but for a burst: each is a request that stands still.",
            ),
            stat(
                "Wait for a connection",
                "s",
                highest(now("dbcp_connection_wait_seconds_avg")),
                warn=0.1,
                bad=1,
                about="How long the last hundred threads waited on average, of the slowest pool. Below a few milliseconds is normal; it keeps its value while nobody takes a connection.",
            ),
            stat(
                "Connections taken",
                "cps",
                total(rate("dbcp_connections_borrowed_total")),
                about="How often per second a connection is taken from any of the pools. It follows the requests.",
            ),
            stat(
                "Connections opened",
                "cps",
                highest(rate("dbcp_connections_opened_total")),
                warn=OPENED / 2,
                bad=OPENED,
                about="Connections that the busiest pool opens per second. Near 0 is normal; more means that connections aren't kept, usually since maxIdle is smaller than maxTotal.",
            ),
        ),
        row(
            "Pools",
            graph(
                "Connections in use, by pool",
                "percentunit",
                query(IN_USE, POOL),
                warn=FULL - 0.2,
                bad=FULL,
                about="Connections in use as a share of maxTotal; a pool without a limit has no line. A line that climbs and never falls is a leak; one that jumps is a slow database or more load.",
            ),
            graph(
                "Threads that wait, by pool",
                "short",
                query(now("dbcp_connections_pending"), POOL),
                about="Threads that wait for a connection. Normal is 0; short peaks are bursts.",
            ),
            graph(
                "Connections of all pools",
                "short",
                query(total(now("dbcp_connections_active")), "in use"),
                query(total(now("dbcp_connections_idle")), "idle"),
                query(total(now("dbcp_connections_max") + " > 0"), "limit"),
                about="What all chosen pools hold together, and could hold. The limit has to fit into the database's, with all pods of a rolling update.",
            ),
        ),
        row(
            "Pool $pool",
            graph(
                "Connections",
                "short",
                query(now("dbcp_connections_active", CHOSEN), f"in use {WHO}"),
                query(now("dbcp_connections_idle", CHOSEN), f"idle {WHO}"),
                query(now("dbcp_connections_max", CHOSEN) + " > 0", f"limit {WHO}"),
                about="This pool by target: connections in use, those that wait for use, and the limit. In use and idle together are what is open.",
            ),
            graph(
                "Taken and given back",
                "cps",
                query(rate("dbcp_connections_borrowed_total", CHOSEN), f"taken {WHO}"),
                query(
                    rate("dbcp_connections_returned_total", CHOSEN), f"given back {WHO}"
                ),
                about="How often per second a connection is taken and given back. The two are the same over minutes; if more are taken, connections leak.",
            ),
            graph(
                "Opened and closed",
                "cps",
                query(rate("dbcp_connections_opened_total", CHOSEN), f"opened {WHO}"),
                query(rate("dbcp_connections_closed_total", CHOSEN), f"closed {WHO}"),
                bad=OPENED,
                about="Connections opened and closed per second. Near 0 is normal; both high means a maxIdle that is too small, or connections that fail their validation.",
            ),
            graph(
                "Wait for a connection",
                "s",
                query(
                    now("dbcp_connection_wait_seconds_avg", CHOSEN), f"average {WHO}"
                ),
                query(
                    now("dbcp_connection_wait_seconds_max", CHOSEN), f"longest {WHO}"
                ),
                about="How long the last hundred threads waited on average, and the longest wait since the start, which usually is that for the first connection.",
            ),
            graph(
                "Time in use",
                "s",
                query(now("dbcp_connection_use_seconds_avg", CHOSEN), WHO),
                about="How long a connection was in use before it was given back, the average of the last hundred. When it grows, statements got slower, or connections are held while something else is done.",
            ),
            repeat="pool",
        ),
    ),
)

"""What is drawn and watched of HikariCP."""

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
    number_of,
    or_none,
    query,
    row,
    seen,
    share,
    stat,
    total,
)

THRESHOLDS = {
    "waiting_threads": Threshold(0, "threads that wait for a connection of a pool"),
    "in_use": Threshold(0.9, "share of a pool's maximumPoolSize that is in use"),
}
IN_USE = share(now("hikaricp_connections_active"), now("hikaricp_connections_max"))
LOST = "{} == 0 and {} > 0".format(
    now("hikaricp_connections"), now("hikaricp_connections_min")
)
FULL = THRESHOLDS["in_use"].value
CHOSEN = 'pool=~"$pool"'
POOL = WHO + " {{pool}}"
SHOP = {"pool": "shop"}

ALERTS = (
    Alert(
        "HikariPoolExhausted",
        "hikaricp_connections_pending > $waiting_threads",
        minutes=2,
        severity="critical",
        summary=f"{{{{ $value }}}} threads of {NAMED} wait for a connection of {{{{ $labels.pool }}}}.",
        description="For two minutes threads have waited for a connection of {{ $labels.pool }}, {{ $value }} of them now. Each gives up after connectionTimeout, and its request fails.",
        value="5",
        given=(seen("hikaricp_connections_pending", "5x20", **SHOP),),
        healthy=(
            # A burst now and then, gone at the next look.
            seen("hikaricp_connections_pending", "0 3 0 3 0 3 0 3 0", **SHOP),
            seen("hikaricp_connections_pending", "0x20", pool="reports"),
        ),
        labels=SHOP,
    ),
    Alert(
        "HikariPoolFull",
        "hikaricp_connections_active / (hikaricp_connections_max > 0) > $in_use",
        minutes=5,
        severity="warning",
        summary=f"{{{{ $labels.pool }}}} of {NAMED} has {{{{ $value | humanizePercentage }}}} of its connections in use.",
        description="{{ $value | humanizePercentage }} of the connections that {{ $labels.pool }} may have are in use. At 100 % threads wait for one, and then fail.",
        value="100%",
        given=(
            seen("hikaricp_connections_active", "10x20", **SHOP),
            seen("hikaricp_connections_max", "10x20", **SHOP),
        ),
        healthy=(
            seen("hikaricp_connections_active", "9x20", **SHOP),
            seen("hikaricp_connections_max", "10x20", **SHOP),
        ),
        labels=SHOP,
    ),
    Alert(
        "HikariPoolEmpty",
        "hikaricp_connections == 0 and hikaricp_connections_min > 0",
        minutes=2,
        severity="critical",
        summary=f"{{{{ $labels.pool }}}} of {NAMED} has no connection to its database.",
        description="For two minutes {{ $labels.pool }} has had no open connection although it should keep some: the database can't be reached, or refuses it.",
        given=(
            seen("hikaricp_connections", "0x20", **SHOP),
            seen("hikaricp_connections_min", "10x20", **SHOP),
        ),
        healthy=(
            seen("hikaricp_connections", "1x20", **SHOP),
            seen("hikaricp_connections_min", "10x20", **SHOP),
            # Keeps none when nobody needs one.
            seen("hikaricp_connections", "0x20", pool="reports"),
            seen("hikaricp_connections_min", "0x20", pool="reports"),
        ),
        labels=SHOP,
    ),
)

SPEC = Spec(
    "HikariCP",
    needs="the pack hikaricp",
    sign="hikaricp_connections_max",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    variables=(Variable("pool", "hikaricp_connections_max"),),
    rows=(
        row(
            "Overview",
            stat(
                "Connections in use",
                "percentunit",
                highest(IN_USE),
                warn=FULL - 0.2,
                bad=FULL,
                about="The fullest pool's connections in use, as a share of its maximumPoolSize. Below 70 % is normal; at 100 % threads wait.",
            ),
            stat(
                "Threads that wait",
                "short",
                highest(now("hikaricp_connections_pending")),
                warn=1,
                bad=10,
                about="Threads that wait for a connection, of the pool that has most. Normal is 0, but for a burst: each is a request that stands still.",
            ),
            stat(
                "Pools without a connection",
                "short",
                or_none(number_of(LOST)),
                bad=1,
                about="Pools that should keep connections and have none: their database can't be reached. Normal is 0.",
            ),
            stat(
                "Open connections",
                "short",
                total(now("hikaricp_connections")),
                about="Connections of all chosen pools, in use or not. It is what the database has to bear; keep it, and the limits below, under the database's own limit.",
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
                about="Connections in use as a share of maximumPoolSize. A line that climbs and never falls is a leak; one that jumps is a slow database or more load.",
            ),
            graph(
                "Threads that wait, by pool",
                "short",
                query(now("hikaricp_connections_pending"), POOL),
                about="Threads that wait for a connection, and give up after connectionTimeout. Normal is 0; short peaks are bursts.",
            ),
            graph(
                "Connections of all pools",
                "short",
                query(total(now("hikaricp_connections_active")), "in use"),
                query(total(now("hikaricp_connections")), "open"),
                query(total(now("hikaricp_connections_max")), "limit"),
                about="What all chosen pools hold together, and could hold. The limit has to fit into the database's (max_connections), with all pods of a rolling update.",
            ),
        ),
        row(
            "Pool $pool",
            graph(
                "Connections",
                "short",
                query(now("hikaricp_connections_active", CHOSEN), f"in use {WHO}"),
                query(now("hikaricp_connections_idle", CHOSEN), f"idle {WHO}"),
                query(now("hikaricp_connections_max", CHOSEN), f"limit {WHO}"),
                about="This pool by target: connections in use, those that wait for use, and the limit. In use and idle together are what is open.",
                width=16,
            ),
            graph(
                "Threads that wait",
                "short",
                query(now("hikaricp_connections_pending", CHOSEN), WHO),
                about="Threads that wait for a connection of this pool, by target. One target alone is a leak or a stuck request there; all of them are the database.",
            ),
            graph(
                "A thread gives up after",
                "s",
                query(now("hikaricp_connection_timeout_limit_seconds", CHOSEN), WHO),
                about="The pool's connectionTimeout, 30 s by default. Longer than the caller waits helps nobody: it only holds a thread.",
                width=12,
            ),
            graph(
                "Idle connections that are kept",
                "short",
                query(now("hikaricp_connections_min", CHOSEN), WHO),
                about="The pool's minimumIdle, which is maximumPoolSize unless it is set. With fewer, a burst first waits for connections to be opened.",
                width=12,
            ),
            repeat="pool",
        ),
    ),
)

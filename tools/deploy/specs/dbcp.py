"""What is drawn and watched of Apache Commons DBCP."""

from __future__ import annotations

from specs.words import Alert, Spec, highest, now, panel, query, rate, row, seen, total

SPEC = Spec(
    "Apache Commons DBCP",
    needs="the pack dbcp",
    rows=(
        row(
            "Overview",
            panel(
                "Connections in use",
                "percentunit",
                highest(
                    now("dbcp_connections_active")
                    + " / ("
                    + now("dbcp_connections_max")
                    + " > 0)"
                ),
                warn=0.8,
                bad=0.95,
            ),
            panel(
                "Threads that wait",
                "short",
                total(now("dbcp_connections_pending")),
                warn=1,
                bad=10,
            ),
        ),
        row(
            "Pools",
            panel(
                "Connections",
                "short",
                query(now("dbcp_connections_active"), "in use {{pool}}"),
                query(now("dbcp_connections_idle"), "idle {{pool}}"),
                query(now("dbcp_connections_max"), "limit {{pool}}"),
            ),
            panel(
                "Connections taken",
                "cps",
                query(rate("dbcp_connections_borrowed_total"), "{{pool}}"),
            ),
            panel(
                "Waiting for a connection",
                "s",
                query(now("dbcp_connection_wait_seconds_avg"), "average {{pool}}"),
                query(now("dbcp_connection_wait_seconds_max"), "longest {{pool}}"),
            ),
            panel(
                "Opened and closed",
                "cps",
                query(rate("dbcp_connections_created_total"), "opened {{pool}}"),
                query(rate("dbcp_connections_closed_total"), "closed {{pool}}"),
            ),
        ),
    ),
    alerts=(
        Alert(
            "DbcpPoolExhausted",
            "dbcp_connections_pending > 0",
            minutes=2,
            severity="warning",
            summary="{{ $value }} threads of {{ $labels.instance }} wait for a connection of {{ $labels.pool }}.",
            told="5 threads of i wait for a connection of p.",
            given=(seen("dbcp_connections_pending", "5x10", pool="p"),),
            labels={"pool": "p"},
        ),
    ),
)

"""What is drawn and watched of HikariCP."""

from __future__ import annotations

from specs.words import Alert, Spec, highest, now, panel, query, row, seen, total

SPEC = Spec(
    "HikariCP",
    needs="the pack hikaricp",
    rows=(
        row(
            "Overview",
            panel(
                "Connections in use",
                "percentunit",
                highest(
                    now("hikaricp_connections_active")
                    + " / "
                    + now("hikaricp_connections_max")
                ),
                warn=0.8,
                bad=0.95,
            ),
            panel(
                "Threads that wait",
                "short",
                total(now("hikaricp_connections_pending")),
                warn=1,
                bad=10,
            ),
        ),
        row(
            "Pools",
            panel(
                "Connections",
                "short",
                query(now("hikaricp_connections_active"), "in use {{pool}}"),
                query(now("hikaricp_connections_idle"), "idle {{pool}}"),
                query(now("hikaricp_connections_max"), "limit {{pool}}"),
            ),
            panel(
                "Threads that wait",
                "short",
                query(now("hikaricp_connections_pending"), "{{pool}}"),
            ),
        ),
    ),
    alerts=(
        Alert(
            "HikariPoolExhausted",
            "hikaricp_connections_pending > 0",
            minutes=2,
            severity="warning",
            summary="{{ $value }} threads of {{ $labels.instance }} wait for a connection of {{ $labels.pool }}.",
            told="5 threads of i wait for a connection of p.",
            given=(seen("hikaricp_connections_pending", "5x10", pool="p"),),
            labels={"pool": "p"},
        ),
    ),
)

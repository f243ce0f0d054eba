"""What is drawn and watched of Eclipse Jetty."""

from __future__ import annotations

from specs.words import Alert, Spec, highest, now, panel, query, rate, row, seen, total

SPEC = Spec(
    "Eclipse Jetty",
    needs="the pack jetty",
    rows=(
        row(
            "Overview",
            panel("Requests", "reqps", total(rate("jetty_requests_total"))),
            panel("Requests under way", "short", total(now("jetty_requests_active"))),
            panel(
                "Busy threads",
                "percentunit",
                highest(now("jetty_threads_utilization_ratio")),
                warn=0.7,
                bad=0.9,
            ),
            panel("Connections", "short", total(now("jetty_connections_current"))),
        ),
        row(
            "Requests",
            panel(
                "Responses",
                "reqps",
                query(total(rate("jetty_responses_total"), by="code"), "{{code}}"),
            ),
            panel(
                "Time for a request",
                "s",
                query(
                    total(rate("jetty_request_seconds_total"))
                    + " / "
                    + total(rate("jetty_requests_total")),
                    "average",
                ),
            ),
            panel(
                "Threads",
                "short",
                query(total(now("jetty_threads_busy")), "busy"),
                query(total(now("jetty_threads_current")), "all"),
                query(total(now("jetty_threads_max")), "limit"),
            ),
            panel(
                "Tasks that wait",
                "short",
                query(total(now("jetty_threads_queued")), "queued"),
            ),
        ),
    ),
    alerts=(
        Alert(
            "JettyThreadsBusy",
            "jetty_threads_utilization_ratio > 0.9",
            minutes=5,
            severity="critical",
            summary="{{ $labels.instance }} has {{ $value | humanizePercentage }} of its threads at work.",
            told="i has 95% of its threads at work.",
            given=(seen("jetty_threads_utilization_ratio", "0.95x10", pool="0"),),
            labels={"pool": "0"},
        ),
    ),
)

"""What is drawn and watched of Eclipse Jetty."""

from __future__ import annotations

from specs.words import (
    NAMED,
    TARGET,
    WHO,
    Alert,
    Series,
    Spec,
    Threshold,
    Way,
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
    "busy_threads": Threshold(0.9, "share of a pool's maxThreads at work"),
    "waiting_tasks": Threshold(20, "tasks that wait for a thread of a pool"),
    "server_errors": Threshold(0.05, "share of responses with a status of 500 or more"),
}
BUSY = now("jetty_threads_utilization_ratio")
FAILED = 'code="5xx"'
THREADS = THRESHOLDS["busy_threads"].value
ERRORS = THRESHOLDS["server_errors"].value
HANDLER = "context, handler"
TIME = share(
    total(rate("jetty_request_seconds_total"), by=HANDLER),
    total(rate("jetty_requests_total"), by=HANDLER),
)
NONE_FREE = "(jetty_threads_queued > 0) and (jetty_threads_idle == 0) and (jetty_threads_current >= jetty_threads_max)"
"""Jetty counts reserved threads as if they were free, so few threads never are all at work."""


def small_pool(
    idle: str, queued: str, *, pool: str, current: str = "10x20"
) -> tuple[Series, ...]:
    """Series of a pool of ten threads, of which Jetty reserves two."""
    return (
        seen("jetty_threads_utilization_ratio", "0.875x20", pool=pool),
        seen("jetty_threads_idle", idle, pool=pool),
        seen("jetty_threads_queued", queued, pool=pool),
        seen("jetty_threads_current", current, pool=pool),
        seen("jetty_threads_max", "10x20", pool=pool),
    )


ALERTS = (
    Alert(
        "JettyThreadsBusy",
        f"jetty_threads_utilization_ratio > $busy_threads or jetty_threads_utilization_ratio and {NONE_FREE}",
        minutes=5,
        severity="critical",
        summary=f"{NAMED} has hardly a thread free.",
        description="{{ $value | humanizePercentage }} of the threads that pool {{ $labels.pool }} has for work are busy, those that Jetty reserves not counted. Once none is free requests wait, and users see a site that hangs.",
        value="97%",
        given=(seen("jetty_threads_utilization_ratio", "0.97x20", pool="0"),),
        healthy=(
            seen("jetty_threads_utilization_ratio", "0.85x20", pool="0"),
            *small_pool("5x20", "0x20", pool="1"),
            # Bursts that are worked off.
            *small_pool("0 0 10 0 0 10 0 0 10 0 0", "0 9 0 0 9 0 0 9 0 0 9", pool="2"),
            # One that may still grow.
            *small_pool("0x20", "9x20", pool="3", current="4x20"),
        ),
        ways=(
            Way(
                "for a pool of ten threads, of which Jetty reserves two",
                small_pool("0x20", "28x20", pool="0"),
                "87.5%",
            ),
        ),
        labels={"pool": "0"},
    ),
    Alert(
        "JettyTasksWait",
        "jetty_threads_queued > $waiting_tasks",
        minutes=5,
        severity="warning",
        summary=f"{{{{ $value }}}} tasks of {NAMED} wait for a thread.",
        description="For five minutes tasks have waited for a thread of pool {{ $labels.pool }}, {{ $value }} of them now. They are requests that nobody works on, and the accepting of new ones.",
        value="300",
        given=(seen("jetty_threads_queued", "300x20", pool="0"),),
        healthy=(
            # A burst that is worked off at once.
            seen("jetty_threads_queued", "0 0 90 0 0 90 0 0 90 0 0", pool="0"),
            seen("jetty_threads_queued", "8x20", pool="1"),
        ),
        labels={"pool": "0"},
    ),
    Alert(
        "JettyServerErrors",
        f"sum by ({TARGET}) (rate(jetty_responses_total{{{FAILED}}}[5m])) / (sum by ({TARGET}) (rate(jetty_responses_total[5m])) > 0) > $server_errors",
        minutes=10,
        severity="warning",
        summary=f"{NAMED} answers {{{{ $value | humanizePercentage }}}} of its requests with an error of its own.",
        description="{{ $value | humanizePercentage }} of the responses had a status of 500 or more: the application failed, or refused since it was overloaded.",
        value="25%",
        given=(
            seen("jetty_responses_total", "0+20x40", code="5xx"),
            seen("jetty_responses_total", "0+60x40", code="2xx"),
        ),
        healthy=(
            seen("jetty_responses_total", "0+1x40", code="5xx"),
            seen("jetty_responses_total", "0+99x40", code="2xx"),
            # Clients' errors are none of its own.
            seen("jetty_responses_total", "0+50x40", code="4xx"),
        ),
    ),
)

SPEC = Spec(
    "Eclipse Jetty",
    needs="the pack jetty",
    sign="jetty_threads_max",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    rows=(
        row(
            "Overview",
            stat(
                "Requests",
                "reqps",
                total(rate("jetty_requests_total")),
                about="Requests per second of all chosen servers. Compare with the same hour of another day: far fewer means that they stop before Jetty.",
            ),
            stat(
                "Errors of its own",
                "percentunit",
                share(
                    total(rate("jetty_responses_total", FAILED)),
                    total(rate("jetty_responses_total")),
                ),
                warn=ERRORS / 5,
                bad=ERRORS,
                about="The share of responses with a status of 500 or more. Below 1 % is normal; the application's log has the exceptions.",
            ),
            stat(
                "Time for a request",
                "s",
                share(
                    total(rate("jetty_request_seconds_total")),
                    total(rate("jetty_requests_total")),
                ),
                about="The mean time of the requests that ended. When it grows while the number of requests doesn't, something behind the application is slow.",
            ),
            stat(
                "Busy threads",
                "percentunit",
                highest(BUSY),
                warn=THREADS - 0.2,
                bad=THREADS,
                about="The busiest pool's threads at work, as a share of its maxThreads. Below 70 % is normal; at 100 % requests wait.",
            ),
            stat(
                "Tasks that wait",
                "short",
                highest(now("jetty_threads_queued")),
                warn=5,
                bad=THRESHOLDS["waiting_tasks"].value,
                about="Tasks that wait for a thread, of the pool that has most. Normal is 0, but for a moment.",
            ),
            stat(
                "Connections",
                "short",
                total(now("jetty_connections_current")),
                about="Open connections of all chosen servers, most of them idle between two requests. It follows the number of clients.",
            ),
        ),
        row(
            "Requests",
            graph(
                "Responses",
                "reqps",
                query(total(rate("jetty_responses_total"), by="code"), "{{code}}"),
                about="Responses per second by the first digit of their status. 4xx are clients' errors, 5xx the application's; 1xx is 0 for most.",
            ),
            graph(
                "Errors of its own, by target",
                "percentunit",
                query(
                    share(
                        total(rate("jetty_responses_total", FAILED), by=TARGET),
                        total(rate("jetty_responses_total"), by=TARGET),
                    ),
                    WHO,
                ),
                bad=ERRORS,
                about="The share of responses with a status of 500 or more. One target alone is a broken pod; all of them are what they have in common.",
            ),
            graph(
                "Answers that broke off",
                "reqps",
                query(total(rate("jetty_request_failures_total"), by=TARGET), WHO),
                about="Requests per second whose answer could not be completed, such as since the client went away. Normal is near 0. An exception of a handler is none of them: it is answered with 500.",
            ),
            graph(
                "Requests under way",
                "short",
                query(total(now("jetty_requests_active"), by=TARGET), WHO),
                about="Requests that are worked on now, those that wait asynchronously included. Flat under steady load; a line that climbs is requests that hang.",
            ),
            graph(
                "Time for a request, by handler",
                "s",
                query(TIME, "{{context}} {{handler}}"),
                about="The mean time of the requests that ended, by statistics handler. One long request shows when it ends, not while it runs.",
            ),
            graph(
                "Traffic",
                "Bps",
                query(total(rate("jetty_response_bytes_total")), "sent"),
                query(total(rate("jetty_request_bytes_total")), "received"),
                about="Bytes of answers' and requests' bodies per second. It follows the requests; if it doesn't, answers became larger or smaller.",
            ),
        ),
        row(
            "Threads and connections",
            graph(
                "Busy threads, by pool",
                "percentunit",
                query(BUSY, WHO + " {{pool}}"),
                warn=THREADS - 0.2,
                bad=THREADS,
                about="Threads at work as a share of maxThreads, without those that Jetty keeps for accepting and selecting. At 100 % for minutes means slow requests; a thread dump says which.",
            ),
            graph(
                "Threads",
                "short",
                query(total(now("jetty_threads_busy")), "busy"),
                query(total(now("jetty_threads_current")), "all"),
                query(total(now("jetty_threads_max")), "limit"),
                about="Threads of all pools: at work, alive, and how many there may be. A few are always busy: they accept and select.",
            ),
            graph(
                "Tasks that wait, by pool",
                "short",
                query(now("jetty_threads_queued"), WHO + " {{pool}}"),
                bad=THRESHOLDS["waiting_tasks"].value,
                about="Tasks without a thread. Normal is 0; a queue that stays is users who wait, and it has no bound unless you gave it one.",
            ),
            graph(
                "Connections, by target",
                "short",
                query(total(now("jetty_connections_current"), by=TARGET), WHO),
                about="Open connections. A line that only climbs means clients that never close, or an idleTimeout that is too long.",
            ),
            graph(
                "New connections",
                "cps",
                query(total(rate("jetty_connections_total"), by=TARGET), WHO),
                about="Connections opened per second. Close to the number of requests means that clients don't keep theirs, which costs time, with TLS most of all.",
            ),
        ),
    ),
)

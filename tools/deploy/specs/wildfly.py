"""What is drawn and watched of WildFly."""

from __future__ import annotations

from specs.words import (
    NAMED,
    TARGET,
    WHO,
    Alert,
    Row,
    Spec,
    Threshold,
    Variable,
    graph,
    growth,
    highest,
    now,
    or_none,
    query,
    rate,
    row,
    seen,
    share,
    stat,
    top,
    total,
)

THRESHOLDS = {
    "server_errors": Threshold(0.05, "share of requests that ended with an error"),
    "busy_threads": Threshold(0.9, "share of a worker's task threads at work"),
    "timed_out": Threshold(
        0, "transactions that timed out in the last quarter of an hour"
    ),
}
REQUESTS = "wildfly_undertow_request_count_total"
ERRORS = "wildfly_undertow_error_count_total"
SECONDS = "wildfly_undertow_processing_time_total_seconds"
BUSY = share(now("wildfly_io_busy_task_thread_count"), now("wildfly_io_max_pool_size"))
IN_USE = now("wildfly_datasources_pool_in_use_count")
ALLOWED = "({} + {} > 0)".format(
    IN_USE, now("wildfly_datasources_pool_available_count")
)
TAKEN = f"{IN_USE} / {ALLOWED}"
FAILING = THRESHOLDS["server_errors"].value
THREADS = THRESHOLDS["busy_threads"].value
CHOSEN = 'data_source=~"$data_source"'
SHOP = {"data_source": "ShopDS"}
WORKER = {"worker": "default"}
DEPLOYMENT = "{{deployment}}"

ALERTS = (
    Alert(
        "WildFlyDataSourceExhausted",
        "wildfly_datasources_pool_in_use_count > 0 and wildfly_datasources_pool_available_count == 0",
        minutes=2,
        severity="critical",
        summary=f"{{{{ $labels.data_source }}}} of {NAMED} has no connection left.",
        description="All {{ $value }} connections that {{ $labels.data_source }} may have are in use. Requests wait for one up to blocking-timeout-wait-millis, and then fail.",
        value="20",
        given=(
            seen("wildfly_datasources_pool_in_use_count", "20x20", **SHOP),
            seen("wildfly_datasources_pool_available_count", "0x20", **SHOP),
        ),
        healthy=(
            seen("wildfly_datasources_pool_in_use_count", "19x20", **SHOP),
            seen("wildfly_datasources_pool_available_count", "1x20", **SHOP),
            # Without statistics both stay at 0.
            seen("wildfly_datasources_pool_in_use_count", "0x20", data_source="Silent"),
            seen(
                "wildfly_datasources_pool_available_count", "0x20", data_source="Silent"
            ),
        ),
        labels=SHOP,
    ),
    Alert(
        "WildFlyThreadsBusy",
        "wildfly_io_busy_task_thread_count / (wildfly_io_max_pool_size > 0) > $busy_threads",
        minutes=5,
        severity="critical",
        summary=f"{NAMED} has {{{{ $value | humanizePercentage }}}} of its worker's threads at work.",
        description="{{ $value | humanizePercentage }} of the task threads of worker {{ $labels.worker }} are at work. At 100 % requests wait until one is free, and users see a site that hangs.",
        value="97.5%",
        given=(
            seen("wildfly_io_busy_task_thread_count", "39x20", **WORKER),
            seen("wildfly_io_max_pool_size", "40x20", **WORKER),
        ),
        healthy=(
            seen("wildfly_io_busy_task_thread_count", "30x20", **WORKER),
            seen("wildfly_io_max_pool_size", "40x20", **WORKER),
        ),
        labels=WORKER,
    ),
    Alert(
        "WildFlyServerErrors",
        f"sum by ({TARGET}) (rate({ERRORS}[5m])) / (sum by ({TARGET}) (rate({REQUESTS}[5m])) > 0) > $server_errors",
        minutes=10,
        severity="warning",
        summary=f"{NAMED} answers {{{{ $value | humanizePercentage }}}} of its requests with an error.",
        description="{{ $value | humanizePercentage }} of the requests ended with an error of the server: the application failed.",
        value="25%",
        given=(
            seen(ERRORS, "0+20x40", listener="default"),
            seen(REQUESTS, "0+80x40", listener="default"),
        ),
        healthy=(
            seen(ERRORS, "0+1x40", listener="default"),
            seen(REQUESTS, "0+80x40", listener="default"),
        ),
    ),
    Alert(
        "WildFlyTransactionsTimeOut",
        "increase(wildfly_transactions_number_of_timed_out_transactions_total[15m]) > $timed_out",
        minutes=0,
        severity="warning",
        summary=f"Transactions of {NAMED} time out.",
        description="In the last quarter of an hour {{ $value | printf `%.0f` }} transactions took longer than their timeout, and were rolled back.",
        value="6",
        given=(
            seen(
                "wildfly_transactions_number_of_timed_out_transactions_total", "0+1x30"
            ),
        ),
        healthy=(
            seen("wildfly_transactions_number_of_timed_out_transactions_total", "7x30"),
        ),
    ),
)


def overview() -> Row:
    return row(
        "Overview",
        stat(
            "Requests",
            "reqps",
            total(rate(REQUESTS)),
            about="Requests per second of all listeners. Compare with the same hour of another day: far fewer means that they stop before WildFly.",
        ),
        stat(
            "Errors",
            "percentunit",
            share(total(rate(ERRORS)), total(rate(REQUESTS))),
            warn=FAILING / 5,
            bad=FAILING,
            about="The share of requests that ended with an error of the server; clients' errors (404) are none of them. Below 1 % is normal; server.log has the exceptions.",
        ),
        stat(
            "Time for a request",
            "s",
            share(total(rate(SECONDS)), total(rate(REQUESTS))),
            about="The mean time of the requests that ended; needs record-request-start-time on the listener, and is 0 without it. When it grows while the number of requests doesn't, something behind the application is slow.",
        ),
        stat(
            "Busy threads",
            "percentunit",
            highest(BUSY),
            warn=THREADS - 0.2,
            bad=THREADS,
            about="The busiest worker's task threads at work, as a share of its maximum. Below 70 % is normal; at 100 % requests wait.",
        ),
        stat(
            "Database connections in use",
            "percentunit",
            or_none(highest(TAKEN)),
            warn=0.7,
            bad=0.9,
            about="The fullest data source's connections in use, as a share of what its pool may have. Below 70 % is normal; at 100 % requests wait. It needs the data source's statistics.",
        ),
        stat(
            "Transactions under way",
            "short",
            total(now("wildfly_transactions_number_of_inflight_transactions")),
            about="Transactions that have begun and not ended. A few are normal; a number that only grows is transactions that hang.",
        ),
    )


def requests() -> Row:
    return row(
        "Requests",
        graph(
            "Requests",
            "reqps",
            query(total(rate(REQUESTS), by="listener"), "{{listener}}"),
            about="Requests per second by listener. A sudden 0 with busy threads means that they hang.",
        ),
        graph(
            "Errors",
            "reqps",
            query(total(rate(ERRORS), by="listener"), "{{listener}}"),
            about="Requests per second that ended with an error of the server, by listener. Normal is near 0.",
        ),
        graph(
            "Time for a request",
            "s",
            query(
                share(
                    total(rate(SECONDS), by="listener"),
                    total(rate(REQUESTS), by="listener"),
                ),
                "{{listener}}",
            ),
            about="The mean time of the requests that ended, by listener. One long request shows when it ends, not while it runs.",
        ),
        graph(
            "Traffic",
            "Bps",
            query(total(rate("wildfly_undertow_bytes_sent_total_bytes")), "sent"),
            query(
                total(rate("wildfly_undertow_bytes_received_total_bytes")), "received"
            ),
            about="Bytes of answers and of requests' bodies per second. It follows the requests; if it doesn't, answers became larger or smaller.",
        ),
    )


def threads() -> Row:
    return row(
        "Workers",
        graph(
            "Busy threads, by worker",
            "percentunit",
            query(BUSY, WHO + " {{worker}}"),
            warn=THREADS - 0.2,
            bad=THREADS,
            about="Task threads at work as a share of the worker's maximum. At 100 % for minutes means slow requests; a thread dump says which.",
        ),
        graph(
            "Tasks that wait",
            "short",
            query(now("wildfly_io_queue_size"), WHO + " {{worker}}"),
            about="Tasks that wait for a thread of a worker. Normal is 0; a queue that stays is users who wait.",
        ),
    )


def applications() -> Row:
    return row(
        "Deployments and transactions",
        graph(
            "Sessions",
            "short",
            query(
                or_none(
                    top(
                        10,
                        total(now("wildfly_undertow_active_sessions"), by="deployment"),
                    )
                ),
                DEPLOYMENT,
            ),
            about="Sessions by deployment, the ten with most; 0 if none is deployed. A line that only climbs means sessions that never expire.",
        ),
        graph(
            "Sessions refused",
            "cps",
            query(
                or_none(
                    total(
                        rate("wildfly_undertow_rejected_sessions_total"),
                        by="deployment",
                    )
                ),
                DEPLOYMENT,
            ),
            about="Sessions that a deployment refused since it had its maximum. Normal is 0: each is a visitor who got an error.",
        ),
        graph(
            "Transactions",
            "cps",
            query(
                total(
                    rate("wildfly_transactions_number_of_committed_transactions_total")
                ),
                "committed",
            ),
            query(
                total(
                    rate("wildfly_transactions_number_of_aborted_transactions_total")
                ),
                "rolled back",
            ),
            about="Transactions that ended per second. Few are rolled back normally; many are an application that fails, or conflicts in the database.",
        ),
        graph(
            "Transactions that timed out",
            "short",
            query(
                total(
                    growth(
                        "wildfly_transactions_number_of_timed_out_transactions_total"
                    ),
                    by=TARGET,
                ),
                WHO,
            ),
            about="Transactions that took longer than their timeout (300 s by default) and were rolled back. Normal is 0.",
        ),
    )


def data_source() -> Row:
    return row(
        "Data source $data_source",
        graph(
            "Connections",
            "short",
            query(
                now("wildfly_datasources_pool_in_use_count", CHOSEN), f"in use {WHO}"
            ),
            query(now("wildfly_datasources_pool_idle_count", CHOSEN), f"idle {WHO}"),
            query(
                now("wildfly_datasources_pool_available_count", CHOSEN),
                f"available {WHO}",
            ),
            about="Connections in use, those that wait for use, and how many the pool can still give. Available at 0 means that the next one waits.",
            width=16,
        ),
        graph(
            "Had to wait",
            "short",
            query(now("wildfly_datasources_pool_wait_count", CHOSEN), WHO),
            about="Requests that had to wait for a connection. Normal is 0.",
        ),
        repeat="data_source",
    )


SPEC = Spec(
    "WildFly",
    needs="the pack wildfly",
    sign="wildfly_undertow_request_count_total",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    variables=(Variable("data_source", "wildfly_datasources_pool_in_use_count"),),
    rows=(overview(), requests(), threads(), applications(), data_source()),
)

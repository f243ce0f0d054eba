"""All JVMs at a glance, the worst at the top; each row leads to its own dashboards."""

from __future__ import annotations

from collections.abc import Mapping

from specs import jmx_bridge_alerts, jvm_alerts
from specs.words import (
    TARGET,
    WHO,
    Row,
    Spec,
    column,
    graph,
    highest,
    now,
    number_of,
    of_jvms,
    or_none,
    query,
    rate,
    row,
    share,
    stat,
    state,
    table,
    top,
    total,
)

# Where a target has the signs of two, the first counts: servers before libraries.
PRODUCTS = (
    *("kafka", "kafka-connect", "cassandra", "activemq", "artemis", "zookeeper"),
    *("hadoop", "wildfly", "tomcat", "jetty", "kafka-client", "hikaricp", "dbcp"),
)
LIMITS = {**jvm_alerts.THRESHOLDS, **jmx_bridge_alerts.THRESHOLDS}
WORST = 10

UP = highest(now("jmx_up"), by=TARGET)
PARTIAL = highest(now("jmx_bridge_scrape_partial"), by=TARGET)
AFTER = share(
    total(now("jvm_memory_pool_collection_used_bytes"), by=TARGET),
    total(now("jvm_memory_max_bytes", where='area="heap"') + " > 0", by=TARGET),
)
IN_GC = total(rate("jvm_gc_collection_seconds_sum", where=jvm_alerts.PAUSES), by=TARGET)
BLOCKED = total(now("jvm_threads_state", where='state="BLOCKED"'), by=TARGET)
DEADLOCKED = highest(now("jvm_threads_deadlocked"), by=TARGET)
FILES = of_jvms(
    share(
        highest(now("process_open_fds"), by=TARGET),
        highest(now("process_max_fds"), by=TARGET),
    )
)
SCRAPE = share(
    highest(now("jmx_scrape_duration_seconds"), by=TARGET),
    highest(now("jmx_bridge_scrape_timeout_seconds"), by=TARGET),
)

FAILING = (
    "tomcat_errorcount_total",
    "wildfly_undertow_error_count_total",
    "jetty_request_failures_total",
    "cassandra_clientrequest_failures_count",
)
ERRORS = f" or on ({TARGET}) ".join(
    [*(total(rate(one), by=TARGET) for one in FAILING), f"0 * {UP}"]
)
PRODUCT_LINK = "jmx-bridge-${__data.fields.product}"


def above(expr: str, limit: str) -> str:
    return f"({expr}) >= bool {LIMITS[limit].value:g}"


def troubles() -> str:
    """How many things are wrong with a target; being down counts for ten."""
    counted = {
        "down": f"10 * ({UP} == bool 0)",
        "partial": PARTIAL,
        "heap": above(AFTER, "heap_after_collection"),
        "gc": above(IN_GC, "collecting"),
        "deadlock": f"{DEADLOCKED} > bool 0",
        "files": above(FILES, "files"),
        "scrape": above(SCRAPE, "timeout_share"),
    }
    named = (
        f'label_replace({expr}, "trouble", "{name}", "", "")'
        for name, expr in counted.items()
    )
    return total(" or ".join(named), by=TARGET)


def product(signs: Mapping[str, str]) -> str:
    """A series for each target, whose label `product` is the name of a dashboard."""
    found = [
        f'label_replace(group by ({TARGET}) ({now(signs[name])}), "product", "{name}", "", "")'
        for name in PRODUCTS
        if name in signs
    ]
    rest = f'label_replace(group by ({TARGET}) ({now("jmx_up")} or {now("jvm_runtime_info")}), "product", "jvm", "", "")'
    return f" or on ({TARGET}) ".join([*found, rest])


def spec(signs: Mapping[str, str]) -> Spec:
    """*signs*: the metric that tells each product, by the name of its dashboard."""
    return Spec(
        "All JVMs",
        needs="nothing; the column product knows what has a dashboard here, and --jmx.thread-states adds blocked and deadlocked threads",
        sign="jmx_up",
        rows=(overview(), everyone(signs), worst()),
    )


def overview() -> Row:
    return row(
        "Overview",
        stat(
            "JVMs read",
            "short",
            total(now("jmx_up")),
            about="JVMs that a bridge could read in its last scrape. It should be the number of your pods.",
        ),
        stat(
            "JVMs down",
            "short",
            or_none(number_of(now("jmx_up") + " == 0")),
            bad=1,
            about="JVMs that their bridge can't read. Normal is 0; they stand at the top of the table.",
        ),
        stat(
            "Partial scrapes",
            "short",
            total(now("jmx_bridge_scrape_partial")),
            warn=1,
            about="JVMs whose last scrape lacked something. Normal is 0; the dashboard JMX Bridge says what.",
        ),
        stat(
            "Full heaps",
            "short",
            or_none(number_of(f"{AFTER} >= {LIMITS['heap_after_collection'].value:g}")),
            bad=1,
            about="JVMs whose heap is nearly full even after a collection. Normal is 0.",
        ),
        stat(
            "Collect all the time",
            "short",
            or_none(number_of(f"{IN_GC} >= {LIMITS['collecting'].value:g}")),
            bad=1,
            about="JVMs that stand still for garbage for more of their time than the alert allows. Normal is 0.",
        ),
        stat(
            "Deadlocks",
            "short",
            or_none(number_of(now("jvm_threads_deadlocked") + " > 0")),
            bad=1,
            about="JVMs with threads that wait for each other; only those are looked at whose bridge has --jmx.thread-states. Normal is 0.",
        ),
    )


def everyone(signs: Mapping[str, str]) -> Row:
    health = f"{UP} + {UP} * (1 - {PARTIAL})"
    return row(
        "All of them",
        table(
            "JVMs, the worst first",
            column("product", "", product(signs), label="product", link=PRODUCT_LINK),
            column("Troubles", "short", troubles(), warn=1, bad=2),
            column(
                "Scrape",
                "short",
                f"{health} or {UP}",
                states=(
                    state(0, "down", "red"),
                    state(1, "partial", "orange"),
                    state(2, "whole", "green"),
                ),
                link="jmx-bridge-jmx-bridge",
            ),
            column("Heap after collection", "percentunit", AFTER, bad=full()),
            column("Time in collections", "percentunit", IN_GC, bad=collecting()),
            column("Threads", "short", total(now("jvm_threads_current"), by=TARGET)),
            column("Blocked", "short", BLOCKED, warn=10),
            column("Deadlocked", "short", DEADLOCKED, bad=1),
            column("Errors", "cps", ERRORS, warn=1),
            column("Open files", "percentunit", FILES, bad=LIMITS["files"].value),
            column("Scrape time", "percentunit", SCRAPE, bad=near()),
            column(
                "Uptime",
                "s",
                of_jvms(
                    f"time() - {highest(now('process_start_time_seconds'), by=TARGET)}"
                ),
            ),
            about="A line for each JVM. Troubles counts what is wrong with it: 10 for one that can't be read, and 1 each for a partial scrape, a full heap, endless collections, a deadlock, open files and scrape time near their limits. Click the product for its dashboard, the instance for its JVM, the scrape for its bridge.",
            sort="Troubles",
        ),
    )


def worst() -> Row:
    return row(
        "The worst ten",
        graph(
            "Heap after collection",
            "percentunit",
            query(top(WORST, AFTER), WHO),
            bad=full(),
            about="The ten fullest heaps after their last collection, as shares of their limits. Those at the red line need memory, or have a leak.",
        ),
        graph(
            "Time in collections",
            "percentunit",
            query(top(WORST, IN_GC), WHO),
            bad=collecting(),
            about="The ten JVMs that stand still longest for garbage. Below 2 % is normal.",
        ),
        graph(
            "Processors in use",
            "short",
            query(top(WORST, of_jvms(rate("process_cpu_seconds_total"))), WHO),
            about="The ten JVMs that keep most processors busy. One that stands out among equals does work that the others don't.",
        ),
        graph(
            "Threads",
            "short",
            query(top(WORST, now("jvm_threads_current")), WHO),
            about="The ten JVMs with most threads. Lines that only climb are leaks.",
        ),
        graph(
            "Errors",
            "cps",
            query(top(WORST, ERRORS), WHO),
            about="Requests that ended with an error per second, of products that count them: Tomcat (with clients' errors), WildFly, Jetty, Cassandra. A flat 0 where there are none.",
        ),
        graph(
            "Scrape time as share of the timeout",
            "percentunit",
            query(top(WORST, SCRAPE), WHO),
            bad=near(),
            about="The ten bridges that come closest to the time that Prometheus gives them. Below 50 % is normal.",
        ),
    )


def full() -> float:
    return LIMITS["heap_after_collection"].value


def collecting() -> float:
    return LIMITS["collecting"].value


def near() -> float:
    return LIMITS["timeout_share"].value

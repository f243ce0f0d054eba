"""What is drawn of Kafka Connect."""

from __future__ import annotations

from specs.kafka_connect_alerts import (
    ALERTS,
    FAILED,
    FAILURES,
    REBALANCES,
    SKIPPED,
    STATUS,
    THRESHOLDS,
    WORKER,
)
from specs.words import (
    WHO,
    Spec,
    Variable,
    graph,
    growth,
    highest,
    now,
    query,
    rate,
    row,
    stat,
    state,
    states,
    timeline,
    told,
    top,
    total,
)

TASKS = "kafka_connect_connector_task_metrics"
SOURCES = "kafka_connect_source_task_metrics"
SINKS = "kafka_connect_sink_task_metrics"
ERRORS = "kafka_connect_task_error_metrics"
WRITTEN = f"{SOURCES}_source_record_write_total"
SENT = f"{SINKS}_sink_record_send_total"
CHOSEN = 'connector=~"$connector"'
TASK_STATUS = "kafka_connect_connector_task_status"
STATES = {
    "running": "green",
    "paused": "blue",
    "stopped": "blue",
    "restarting": "yellow",
    "unassigned": "orange",
    "failed": "red",
}
"""The worst last: of several it is the one that is shown."""


def by_connector(expr: str) -> str:
    return top(10, total(expr, by="connector"))


SPEC = Spec(
    "Kafka Connect",
    needs="the pack kafka-connect",
    sign=f"{WORKER}_task_count",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    variables=(Variable("connector", f"{WORKER}_connector_total_task_count"),),
    rows=(
        row(
            "Overview",
            stat(
                "Connectors",
                "short",
                total(now(f"{WORKER}_connector_count")),
                about="Connectors that the chosen workers run. It should be as many as were made; fewer means that a worker is down or not read.",
            ),
            stat(
                "Tasks",
                "short",
                total(now(f"{WORKER}_task_count")),
                about="Tasks that the chosen workers run. It follows the connectors' tasks.max, and what there is to share out.",
            ),
            stat(
                "Failed tasks",
                "short",
                total(now(FAILED)),
                bad=1,
                about="Tasks that ended with an error. Normal is 0: a failed task stays so until it is restarted over REST, and its records are not copied meanwhile.",
            ),
            stat(
                "Records from sources",
                "cps",
                total(rate(WRITTEN)),
                about="Records per second that source connectors write to Kafka. Compare with the same hour of another day.",
            ),
            stat(
                "Records to sinks",
                "cps",
                total(rate(SENT)),
                about="Records per second that sink connectors get from Kafka. 0 with records in their topics means that tasks failed, are paused or wait for their system.",
            ),
            stat(
                "Records skipped",
                "cps",
                total(rate(SKIPPED)),
                warn=0.001,
                about="Records per second that could not be converted or transformed and were left out (errors.tolerance=all). Normal is 0.",
            ),
        ),
        row(
            "Connectors and tasks",
            timeline(
                "Connectors",
                query(told(STATUS, "status", STATES, by="connector"), "{{connector}}"),
                states=states(STATES),
                about="What each connector does. Green is normal, blue is somebody's wish, red stays until a restart; a gap is a worker that isn't read.",
            ),
            timeline(
                "Tasks",
                query(
                    told(TASK_STATUS, "status", STATES, by="connector, task"),
                    "{{connector}} {{task}}",
                ),
                states=states(STATES),
                about="What each task does. A task that failed has the trace of its exception in the answer of /connectors/NAME/status.",
            ),
            graph(
                "Tasks by state",
                "short",
                query(total(now(f"{WORKER}_connector_running_task_count")), "running"),
                query(total(now(f"{WORKER}_connector_paused_task_count")), "paused"),
                query(total(now(FAILED)), "failed"),
                about="Tasks that workers have, by state. After a worker left there are fewer for some minutes (scheduled.rebalance.max.delay.ms), as no worker counts those that nobody has; fewer for longer is not normal, nor are failed ones.",
            ),
        ),
        row(
            "Records",
            graph(
                "From sources",
                "cps",
                query(by_connector(rate(WRITTEN)), "{{connector}}"),
                about="Records written to Kafka per second by connector, the ten with most. A line that falls to 0 has nothing to read, or hangs.",
            ),
            graph(
                "To sinks",
                "cps",
                query(by_connector(rate(SENT)), "{{connector}}"),
                about="Records handed to sink connectors per second, the ten with most. Fewer than come into the topics means that the sink falls behind.",
            ),
            graph(
                "Time of a batch",
                "ms",
                query(
                    top(
                        10,
                        highest(
                            now(f"{SOURCES}_poll_batch_avg_time_ms") + " >= 0",
                            by="connector",
                        ),
                    ),
                    "poll {{connector}}",
                ),
                query(
                    top(
                        10,
                        highest(
                            now(f"{SINKS}_put_batch_avg_time_ms") + " >= 0",
                            by="connector",
                        ),
                    ),
                    "put {{connector}}",
                ),
                about="How long the slowest task takes to poll its source, or to put a batch into its sink. It is the other system's time: when it grows, look there. A poll may wait for data on purpose.",
            ),
            graph(
                "Records under way",
                "short",
                query(
                    by_connector(now(f"{SOURCES}_source_record_active_count")),
                    "source {{connector}}",
                ),
                query(
                    by_connector(now(f"{SINKS}_sink_record_active_count")),
                    "sink {{connector}}",
                ),
                about="Records that were read and are not written yet, by connector. It goes up and down; one that only climbs can't get rid of what it reads.",
            ),
            graph(
                "Records in trouble",
                "cps",
                query(by_connector(rate(FAILURES)), "failed {{connector}}"),
                query(by_connector(rate(SKIPPED)), "skipped {{connector}}"),
                query(
                    by_connector(rate(f"{ERRORS}_deadletterqueue_produce_requests")),
                    "dead letter queue {{connector}}",
                ),
                about="Records that could not be handled, those that were left out, and those that went to the dead letter queue, per second. Normal is 0; the log tells which topic, partition and offset if errors.log.enable is on.",
            ),
            graph(
                "Retries",
                "cps",
                query(by_connector(rate(f"{ERRORS}_total_retries")), "{{connector}}"),
                about="Operations that were tried again, per second. Normal is 0; a steady number is a system that is busy or can't be reached.",
            ),
        ),
        row(
            "Workers",
            graph(
                "Tasks by worker",
                "short",
                query(now(f"{WORKER}_task_count"), WHO),
                about="Tasks that each worker runs. About the same for all is normal; a worker with none may have just joined.",
            ),
            graph(
                "Rebalances",
                "short",
                query(growth(REBALANCES), WHO),
                about="Rebalances that ended, in one interval. One or two when a worker or a connector comes or goes; many mean workers that lose touch with the group.",
            ),
            graph(
                "Failed starts",
                "short",
                query(
                    growth(f"{WORKER}_connector_startup_failure_total"),
                    f"connectors {WHO}",
                ),
                query(growth(f"{WORKER}_task_startup_failure_total"), f"tasks {WHO}"),
                about="Connectors and tasks that failed while they were started, in one interval. Normal is 0; the worker's log has the exception, mostly a wrong setting or a system that can't be reached.",
            ),
            timeline(
                "Rebalancing",
                query(
                    now("kafka_connect_connect_worker_rebalance_metrics_rebalancing"),
                    WHO,
                ),
                states=(state(0, "no", "green"), state(1, "yes", "orange")),
                about="Whether a worker is in a rebalance now. Seconds are normal; a bar that stays orange is a worker that can't finish, and its log says what it waits for.",
            ),
        ),
        row(
            "Connector $connector",
            timeline(
                "Tasks",
                query(
                    told(TASK_STATUS, "status", STATES, by="task", where=CHOSEN),
                    "{{task}}",
                ),
                states=states(STATES),
                about="What each task of this connector does. One that failed alone has a record or a partition that the others don't have.",
            ),
            graph(
                "Records",
                "cps",
                query(
                    total(rate(WRITTEN, where=CHOSEN), by="task")
                    + " or "
                    + total(rate(SENT, where=CHOSEN), by="task"),
                    "{{task}}",
                ),
                about="Records per second by task: written to Kafka by a source, taken from it by a sink. Very different tasks share out their work badly.",
            ),
            graph(
                "Offset commits",
                "percentunit",
                query(
                    highest(
                        now(f"{TASKS}_offset_commit_failure_percentage", where=CHOSEN)
                        + " >= 0",
                        by="task",
                    ),
                    "failed {{task}}",
                ),
                query(
                    highest(
                        now(f"{TASKS}_running_ratio", where=CHOSEN) + " >= 0", by="task"
                    ),
                    "time running {{task}}",
                ),
                about="The share of commits that failed, normal is 0: what isn't committed is copied again after a restart. And the share of its time that a task runs, normal is 100 %.",
            ),
            repeat="connector",
        ),
    ),
)

"""What is drawn of the bridge itself."""

from __future__ import annotations

from specs.jmx_bridge_alerts import ALERTS, THRESHOLDS
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
    row,
    share,
    stat,
    state,
    timeline,
    total,
)

NEAR = THRESHOLDS["timeout_share"].value
SHARE = share(
    now("jmx_scrape_duration_seconds"), now("jmx_bridge_scrape_timeout_seconds")
)
PHASES = (
    total(now("jmx_bridge_scrape_phase_seconds"), by="phase")
    + " / scalar("
    + total(now("jmx_bridge_scrape_timeout_seconds"))
    + ")"
)

SPEC = Spec(
    "JMX Bridge",
    needs="nothing: every bridge serves these",
    sign="jmx_up",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    rows=(
        row(
            "Overview",
            stat(
                "Targets read",
                "short",
                total(now("jmx_up")),
                about="JVMs that the chosen bridges could read in their last scrape. It should be the number of your pods.",
            ),
            stat(
                "Targets down",
                "short",
                or_none(number_of(now("jmx_up") + " == 0")),
                bad=1,
                about="Bridges that serve, and whose JVM can't be read. Normal is 0, and a moment of 1 while a JVM starts; the bridge's status page (its port, path /) says why.",
            ),
            stat(
                "Partial scrapes",
                "short",
                total(now("jmx_bridge_scrape_partial")),
                warn=1,
                about='Targets whose last scrape lacks MBeans or samples: they were late, or a limit cut them off. Normal is 0; "MBeans not read" below names them.',
            ),
            stat(
                "Longest scrape",
                "percentunit",
                highest(SHARE),
                warn=NEAR / 2,
                bad=NEAR,
                about="The longest scrape as a share of the time that Prometheus gave it. Below 50 % is normal; near 100 % values begin to be missing: ask less (includeObjectNames), or give more (scrape_timeout).",
            ),
            stat(
                "Samples dropped",
                "short",
                or_none(total(now("jmx_bridge_samples_dropped"))),
                warn=1,
                about="Samples that rules made and that can't be served. Normal is 0; the panels below say why, and which rules they are of.",
            ),
            stat(
                "Samples",
                "short",
                total(now("jmx_bridge_samples")),
                about="Samples that rules make of all chosen targets together, without the JVM's own and the bridge's. A jump upwards is a rule that matches more than was meant, or a product with many new MBeans.",
            ),
        ),
        row(
            "Targets",
            timeline(
                "Targets",
                query(now("jmx_up"), WHO),
                states=(state(0, "down", "red"), state(1, "read", "green")),
                about="Whether each JVM could be read. Gaps are times in which the bridge itself did not answer Prometheus; red after a deployment should last as long as the JVM takes to start.",
            ),
            timeline(
                "Scrapes",
                query(now("jmx_bridge_scrape_partial"), WHO),
                states=(state(0, "whole", "green"), state(1, "partial", "orange")),
                about="Whether something was missing in a scrape. A long collection or a busy moment may cost one; a bar that stays orange is an MBean that hangs, or a limit.",
            ),
            timeline(
                "Rule file",
                query(now("jmx_bridge_config_last_reload_successful"), WHO),
                states=(
                    state(0, "newest refused", "red"),
                    state(1, "in force", "green"),
                ),
                about="Whether the rules in force are those of the newest rule file. When it is refused those before stay in force; the log and the status page say what is wrong with it, and where.",
            ),
        ),
        row(
            "Time",
            graph(
                "Scrape time as share of the timeout",
                "percentunit",
                query(SHARE, WHO),
                warn=NEAR / 2,
                bad=NEAR,
                about="How much of the granted time each scrape took. Flat and below 50 % is normal; at 100 % late MBeans are left out.",
            ),
            graph(
                "Phases as share of the timeout",
                "percentunit",
                query(PHASES, "{{phase}}"),
                about="Where that time went, over all chosen targets. connect is high only where the session is new; fetch and inventory are the target's answers; plan is high only after a start or when MBeans come and go; assemble and render are the bridge's own work.",
            ),
            graph(
                "Scrape time",
                "s",
                query(now("jmx_scrape_duration_seconds"), WHO),
                about="The same in seconds. The first scrape after a start takes longer, since all MBeans are described.",
            ),
        ),
        row(
            "What is read",
            graph(
                "MBeans",
                "short",
                query(total(now("jmx_bridge_mbeans"), by="state"), "{{state}}"),
                about="present: on the targets; planned: become series; fetched: were read; failed: could not be read; cut: beyond --limit.mbeans. Fetched should be as many as planned.",
            ),
            graph(
                "Attributes",
                "short",
                query(total(now("jmx_bridge_attributes"), by="state"), "{{state}}"),
                about="Attributes asked for (planned), read (fetched), and answered with an error (failed). Some products have attributes that always fail; the log names each once.",
            ),
            graph(
                "Samples",
                "short",
                query(now("jmx_bridge_samples"), WHO),
                about="Samples that rules make, by target. Flat is normal; each is a series in Prometheus, so a climb costs memory there.",
            ),
        ),
        row(
            "What is missing, and why",
            timeline(
                "MBeans not read",
                query(
                    or_none(
                        total(
                            now("jmx_bridge_mbean_unread"), by="instance, mbean, reason"
                        )
                    ),
                    "{{instance}} {{mbean}} {{reason}}",
                ),
                states=(state(0, "none", "green"), state(1, "not read", "orange")),
                about="MBeans that could not be read, by name, 20 of each target at most. late and resting: it hangs, look at the product; broken: it answers with an error; leave it out with excludeObjectNames if nobody needs it.",
            ),
            graph(
                "Dropped samples, by reason",
                "short",
                query(
                    or_none(total(now("jmx_bridge_samples_dropped"), by="reason")),
                    "dropped {{reason}}",
                ),
                about="Samples that can't be served. negative_counter: a COUNTER rule on a value below 0; duplicate: two values are the same series; conflict: another source has the name; limit: --limit.samples. Normal is none; the log names each once.",
            ),
            graph(
                "Rules with dropped samples",
                "short",
                query(
                    or_none(total(now("jmx_bridge_rule_dropped"), by="rule, reason")),
                    "{{rule}} {{reason}}",
                ),
                about="Which rules made the dropped samples, by file and line, where the rule is known, 20 of each target at most. A duplicate wants one more label in that rule.",
            ),
            graph(
                "Sessions",
                "short",
                query(total(growth("jmx_bridge_connects_total")), "opened"),
                query(
                    or_none(
                        total(growth("jmx_bridge_connect_failures_total"), by="reason")
                    ),
                    "failed {{reason}}",
                ),
                about="Connections to targets, opened and failed. Each restart of a JVM opens one; failures outside of restarts are a wrong port (connect), wrong credentials (login), or a target that hangs (deadline).",
            ),
            graph(
                "Scrapes out of time",
                "short",
                query(total(growth("jmx_scrape_timeout_total"), by=TARGET), WHO),
                about="Scrapes in which the target, or some of its MBeans, did not answer in time. Normal is 0.",
            ),
            graph(
                "Rule files read",
                "short",
                query(total(growth("jmx_config_reload_success_total")), "taken"),
                query(total(growth("jmx_config_reload_failure_total")), "refused"),
                about="Changes of rule files that were taken, or refused because something in them is wrong.",
            ),
        ),
    ),
)

"""What is drawn and watched of the bridge itself."""

from __future__ import annotations

from specs.words import (
    Alert,
    Spec,
    average,
    growth,
    highest,
    now,
    number_of,
    panel,
    query,
    row,
    seen,
    total,
)

SPEC = Spec(
    "JMX Bridge",
    needs="nothing: every bridge serves these",
    rows=(
        row(
            "Overview",
            panel("Targets up", "short", total(now("jmx_up"))),
            panel(
                "Targets down",
                "short",
                number_of(now("jmx_up") + " == 0") + " or vector(0)",
                warn=1,
                bad=1,
            ),
            panel(
                "Partial scrapes",
                "short",
                total(now("jmx_bridge_scrape_partial")),
                warn=1,
            ),
            panel(
                "Slowest scrape",
                "s",
                highest(now("jmx_scrape_duration_seconds")),
                warn=3,
                bad=8,
            ),
        ),
        row(
            "Scrapes",
            panel(
                "Duration",
                "s",
                query(now("jmx_scrape_duration_seconds"), "{{instance}}"),
            ),
            panel(
                "Duration by phase",
                "s",
                query(
                    average(now("jmx_bridge_scrape_phase_seconds"), by="phase"),
                    "{{phase}}",
                ),
            ),
            panel("Samples", "short", query(now("jmx_bridge_samples"), "{{instance}}")),
            panel(
                "MBeans",
                "short",
                query(total(now("jmx_bridge_mbeans"), by="state"), "{{state}}"),
            ),
        ),
        row(
            "What is missing, and why",
            panel(
                "MBeans that could not be read",
                "short",
                query(now("jmx_bridge_mbean_unread"), "{{mbean}} {{reason}}"),
            ),
            panel(
                "Samples left out",
                "short",
                query(
                    total(now("jmx_bridge_samples_dropped"), by="reason"), "{{reason}}"
                ),
            ),
            panel(
                "Failed connections",
                "short",
                query(
                    total(growth("jmx_bridge_connect_failures_total"), by="reason"),
                    "{{reason}}",
                ),
            ),
            panel(
                "Rule file in use is the newest",
                "bool",
                query(now("jmx_bridge_config_last_reload_successful"), "{{instance}}"),
            ),
        ),
    ),
    alerts=(
        Alert(
            "JmxTargetDown",
            "jmx_up == 0",
            minutes=5,
            severity="critical",
            summary="The JVM behind {{ $labels.instance }} can't be read.",
            told="The JVM behind i can't be read.",
            given=(seen("jmx_up", "0x20"),),
        ),
        Alert(
            "JmxScrapePartial",
            "jmx_bridge_scrape_partial == 1",
            minutes=15,
            severity="warning",
            summary="Scrapes of {{ $labels.instance }} miss MBeans or samples; its status page names them.",
            told="Scrapes of i miss MBeans or samples; its status page names them.",
            given=(seen("jmx_bridge_scrape_partial", "1x30"),),
        ),
        Alert(
            "JmxRulesRefused",
            "jmx_bridge_config_last_reload_successful == 0",
            minutes=5,
            severity="warning",
            summary="The newest rule file of {{ $labels.instance }} is wrong, and the one before is in use.",
            told="The newest rule file of i is wrong, and the one before is in use.",
            given=(seen("jmx_bridge_config_last_reload_successful", "0x20"),),
        ),
        Alert(
            "JmxScrapeSlow",
            "jmx_scrape_duration_seconds > 8",
            minutes=10,
            severity="warning",
            summary="Scrapes of {{ $labels.instance }} take {{ $value | humanizeDuration }}.",
            told="Scrapes of i take 9s.",
            given=(seen("jmx_scrape_duration_seconds", "9x20"),),
        ),
    ),
)

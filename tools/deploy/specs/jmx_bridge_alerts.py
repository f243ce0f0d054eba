"""What is watched of the bridge itself."""

from __future__ import annotations

from specs.words import NAMED, TARGET, Alert, Threshold, seen

THRESHOLDS = {
    "timeout_share": Threshold(0.8, "share of its time that a scrape takes"),
}

ALERTS = (
    Alert(
        "JmxTargetDown",
        "jmx_up == 0",
        minutes=5,
        severity="critical",
        summary=f"The JVM behind {NAMED} can't be read.",
        description="The bridge serves, but it gets no answer from the JVM: nothing is known of it, not even whether it runs.",
        given=(seen("jmx_up", "0x20"),),
        healthy=(seen("jmx_up", "1x20"),),
    ),
    Alert(
        "JmxBridgeDown",
        f"up == 0 and on ({TARGET}) last_over_time(jmx_up[1d])",
        minutes=5,
        severity="critical",
        summary=f"The bridge {NAMED} does not answer.",
        description="Prometheus gets no page from a bridge that it has read within the last day, so all metrics of its JVM are missing.",
        given=(seen("up", "1x5 0x20"), seen("jmx_up", "1x5 _x20")),
        healthy=(
            seen("up", "1x20"),
            seen("jmx_up", "0x20"),
            # Another exporter's, which is no bridge.
            seen("up", "0x20", instance="other"),
        ),
        at=15,
    ),
    Alert(
        "JmxBridgeAbsent",
        "absent(jmx_up)",
        minutes=10,
        severity="critical",
        summary="No bridge is scraped at all.",
        description="Prometheus has no series jmx_up: it finds no bridge, or none of them answers. No JVM is watched, and no other alert about them can fire.",
        given=(seen("up", "1x40"),),
        healthy=(seen("jmx_up", "0x40"),),
        labels={"namespace": "", "pod": "", "job": "", "instance": ""},
    ),
    Alert(
        "JmxScrapePartial",
        "jmx_bridge_scrape_partial == 1",
        minutes=15,
        severity="warning",
        summary=f"Scrapes of {NAMED} miss MBeans or samples.",
        description="For a quarter of an hour every scrape has lacked something: MBeans that did not answer in time, or what a limit cut off. jmx_bridge_mbean_unread and the status page name them.",
        given=(seen("jmx_bridge_scrape_partial", "1x30"),),
        healthy=(seen("jmx_bridge_scrape_partial", "0x30"),),
    ),
    Alert(
        "JmxScrapeSlow",
        "jmx_scrape_duration_seconds / (jmx_bridge_scrape_timeout_seconds > 0) > $timeout_share",
        minutes=10,
        severity="warning",
        summary=f"Scrapes of {NAMED} take {{{{ $value | humanizePercentage }}}} of their time.",
        description="A scrape takes {{ $value | humanizePercentage }} of the time that Prometheus gives it. Beyond 100 % values are missing.",
        value="90%",
        given=(
            seen("jmx_scrape_duration_seconds", "4.05x20"),
            seen("jmx_bridge_scrape_timeout_seconds", "4.5x20"),
        ),
        healthy=(
            seen("jmx_scrape_duration_seconds", "4.05x20"),
            seen("jmx_bridge_scrape_timeout_seconds", "9.5x20"),
        ),
    ),
    Alert(
        "JmxSamplesDropped",
        f"sum by ({TARGET}, reason) (jmx_bridge_samples_dropped) > 0",
        minutes=15,
        severity="warning",
        summary=f"{{{{ $value }}}} samples of {NAMED} are dropped: {{{{ $labels.reason }}}}.",
        description="Rules make {{ $value }} samples that can't be served ({{ $labels.reason }}), so values that somebody wanted are missing. The log and jmx_bridge_rule_dropped name what they are of.",
        value="3",
        given=(seen("jmx_bridge_samples_dropped", "3x30", reason="negative_counter"),),
        healthy=(seen("jmx_bridge_samples", "100x30"),),
        labels={"reason": "negative_counter"},
    ),
    Alert(
        "JmxRulesRefused",
        "jmx_bridge_config_last_reload_successful == 0",
        minutes=5,
        severity="warning",
        summary=f"The newest rule file of {NAMED} is wrong, and the one before is in use.",
        description="The rule file was changed, and the bridge refused it. Until it is mended the old rules stay in force; a restart of the bridge would fail.",
        given=(seen("jmx_bridge_config_last_reload_successful", "0x20"),),
        healthy=(seen("jmx_bridge_config_last_reload_successful", "1x20"),),
    ),
)

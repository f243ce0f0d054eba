"""What is watched of the webhook that adds sidecars, which has no dashboard of its own."""

from __future__ import annotations

from specs.words import NAMED, TARGET, Alert, Series, Spec, Threshold, Way, seen

CERTIFICATE = "jmx_bridge_webhook_certificate_expiry_timestamp_seconds"
TAKEN = "jmx_bridge_webhook_certificate_last_reload_successful"
FAILED_OPEN = "apiserver_admission_webhook_fail_open_count"
NAMES = 'name=~"(pod|namespace)[.]jmx-bridge[.]io"'
DAY = 86_400
NOT_A_POD = {"namespace": "", "pod": "", "job": "", "instance": ""}


def failed_open(values: str) -> Series:
    return seen(FAILED_OPEN, values, name="pod.jmx-bridge.io", type="admit")


SPEC = Spec(
    "The webhook",
    needs="the webhook's PodMonitor, and the API server's metrics",
    sign=CERTIFICATE,
    rows=(),
    thresholds={
        "certificate_days": Threshold(30, "days before the certificate ends"),
    },
    alerts=(
        Alert(
            "JmxWebhookCertificateExpires",
            f"{CERTIFICATE} - time() < $certificate_days * {DAY}",
            minutes=10,
            severity="critical",
            summary=f"The certificate of the webhook {NAMED} ends in {{{{ $value | humanizeDuration }}}}.",
            description="It ends in {{ $value | humanizeDuration }}. From then on no API server can call the webhook, and pods are created without their sidecars, with no word to anybody.",
            value="9d 23h 44m 0s",
            given=(seen(CERTIFICATE, f"{10 * DAY}x30"),),
            healthy=(seen(CERTIFICATE, f"{60 * DAY}x30"),),
        ),
        Alert(
            "JmxWebhookCertificateRefused",
            f"{TAKEN} == 0",
            minutes=5,
            severity="warning",
            summary=f"The webhook {NAMED} can't take its newest certificate.",
            description="The files of the certificate changed, and the replica refused them: it serves with those of before, and a restart would fail.",
            given=(seen(TAKEN, "0x20"),),
            healthy=(seen(TAKEN, "1x20"),),
        ),
        Alert(
            "JmxWebhookUnreached",
            # The first failure makes the series, so it is no increase.
            f"sum by (cluster, name) (increase({FAILED_OPEN}{{{NAMES}}}[15m])) > 0"
            f" or sum by (cluster, name) ({FAILED_OPEN}{{{NAMES}}} unless {FAILED_OPEN} offset 15m) > 0",
            minutes=0,
            severity="critical",
            summary="API servers can't call the webhook {{ $labels.name }}.",
            description="In the last quarter of an hour {{ $value | humanize }} calls failed, and the API server let the pods pass without their sidecars: the certificate is wrong, the port can't be reached, or no replica is ready.",
            value="8",
            given=(failed_open("0x17 1+1x20"),),
            healthy=(failed_open("9x40"),),
            labels={**NOT_A_POD, "name": "pod.jmx-bridge.io"},
            at=25,
            ways=(
                Way("at the first failure", (failed_open("_x17 1x20"),), "1", at=25),
            ),
        ),
        Alert(
            "JmxWebhookDown",
            f"up == 0 and on ({TARGET}) last_over_time({CERTIFICATE}[1d])",
            minutes=5,
            severity="warning",
            summary=f"The replica {NAMED} of the webhook does not answer.",
            description="Prometheus gets no page from a replica that it has read within the last day. Without any replica pods are created without their sidecars.",
            given=(seen("up", "1x5 0x20"), seen(CERTIFICATE, f"{60 * DAY}x5 _x20")),
            healthy=(
                seen("up", "1x20"),
                seen(CERTIFICATE, f"{60 * DAY}x20"),
                # Another program's.
                seen("up", "0x20", instance="other"),
            ),
            at=15,
        ),
    ),
)

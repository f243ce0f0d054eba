"""What is drawn and watched of Apache Tomcat."""

from __future__ import annotations

from specs.words import (
    Alert,
    Spec,
    highest,
    now,
    panel,
    query,
    rate,
    row,
    seen,
    top,
    total,
)

SPEC = Spec(
    "Apache Tomcat",
    needs="the pack tomcat",
    rows=(
        row(
            "Overview",
            panel("Requests", "reqps", total(rate("tomcat_requestcount_total"))),
            panel(
                "Errors",
                "percentunit",
                total(rate("tomcat_errorcount_total"))
                + " / "
                + total(rate("tomcat_requestcount_total")),
                warn=0.01,
                bad=0.05,
            ),
            panel(
                "Busy threads",
                "percentunit",
                highest(
                    now("tomcat_threadpool_currentthreadsbusy")
                    + " / ("
                    + now("tomcat_threadpool_maxthreads")
                    + " > 0)"
                ),
                warn=0.7,
                bad=0.9,
            ),
            panel("Sessions", "short", total(now("tomcat_session_activesessions"))),
        ),
        row(
            "Connectors",
            panel(
                "Requests",
                "reqps",
                query(total(rate("tomcat_requestcount_total"), by="port"), "{{port}}"),
            ),
            panel(
                "Errors",
                "reqps",
                query(total(rate("tomcat_errorcount_total"), by="port"), "{{port}}"),
            ),
            panel(
                "Time for a request",
                "ms",
                query(
                    total(rate("tomcat_processingtime_total"), by="port")
                    + " / "
                    + total(rate("tomcat_requestcount_total"), by="port"),
                    "{{port}}",
                ),
            ),
            panel(
                "Traffic",
                "Bps",
                query(total(rate("tomcat_bytessent_total")), "sent"),
                query(total(rate("tomcat_bytesreceived_total")), "received"),
            ),
        ),
        row(
            "Threads and connections",
            panel(
                "Threads",
                "short",
                query(total(now("tomcat_threadpool_currentthreadsbusy")), "busy"),
                query(total(now("tomcat_threadpool_currentthreadcount")), "all"),
                query(total(now("tomcat_threadpool_maxthreads")), "limit"),
            ),
            panel(
                "Connections",
                "short",
                query(
                    total(now("tomcat_threadpool_connectioncount"), by="port"),
                    "{{port}}",
                ),
            ),
        ),
        row(
            "Applications",
            panel(
                "Sessions",
                "short",
                query(
                    total(now("tomcat_session_activesessions"), by="context"),
                    "{{context}}",
                ),
            ),
            panel(
                "Sessions refused",
                "cps",
                query(
                    total(rate("tomcat_session_rejectedsessions_total"), by="context"),
                    "{{context}}",
                ),
            ),
            panel(
                "Requests by servlet",
                "reqps",
                query(
                    top(
                        10,
                        total(
                            rate("tomcat_servlet_requestcount_total"),
                            by="module, servlet",
                        ),
                    ),
                    "{{module}} {{servlet}}",
                ),
            ),
            panel(
                "Errors by servlet",
                "reqps",
                query(
                    top(
                        10,
                        total(
                            rate("tomcat_servlet_errorcount_total"),
                            by="module, servlet",
                        ),
                    ),
                    "{{module}} {{servlet}}",
                ),
            ),
        ),
    ),
    alerts=(
        Alert(
            "TomcatThreadsBusy",
            "tomcat_threadpool_currentthreadsbusy / (tomcat_threadpool_maxthreads > 0) > 0.9",
            minutes=5,
            severity="critical",
            summary="Port {{ $labels.port }} of {{ $labels.instance }} has {{ $value | humanizePercentage }} of its threads at work.",
            told="Port 8080 of i has 97.5% of its threads at work.",
            given=(
                seen(
                    "tomcat_threadpool_currentthreadsbusy",
                    "195x20",
                    port="8080",
                    protocol="http-nio",
                ),
                seen(
                    "tomcat_threadpool_maxthreads",
                    "200x20",
                    port="8080",
                    protocol="http-nio",
                ),
            ),
            labels={"port": "8080", "protocol": "http-nio"},
        ),
        Alert(
            "TomcatErrors",
            "sum by (job, instance) (rate(tomcat_errorcount_total[5m])) / sum by (job, instance) (rate(tomcat_requestcount_total[5m])) > 0.05",
            minutes=10,
            severity="warning",
            summary="{{ $value | humanizePercentage }} of the requests of {{ $labels.instance }} fail.",
            told="20% of the requests of i fail.",
            given=(
                seen("tomcat_errorcount_total", "0+20x40", port="8080"),
                seen("tomcat_requestcount_total", "0+100x40", port="8080"),
            ),
        ),
        Alert(
            "TomcatRefusesSessions",
            "increase(tomcat_session_rejectedsessions_total[15m]) > 0",
            minutes=0,
            severity="warning",
            summary="{{ $labels.context }} of {{ $labels.instance }} has too many sessions.",
            told="/ of i has too many sessions.",
            given=(
                seen(
                    "tomcat_session_rejectedsessions_total",
                    "0+1x30",
                    host="localhost",
                    context="/",
                ),
            ),
            labels={"host": "localhost", "context": "/"},
        ),
    ),
)

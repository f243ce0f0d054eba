"""What is watched of Apache Tomcat."""

from __future__ import annotations

from specs.words import NAMED, TARGET, Alert, Threshold, Way, seen

THRESHOLDS = {
    "busy_threads": Threshold(0.9, "share of a connector's maxThreads at work"),
    "error_answers": Threshold(
        0.2, "share of requests answered with status 400 or more"
    ),
    "connections": Threshold(0.9, "share of a connector's maxConnections that is open"),
    "database_connections": Threshold(
        0.9, "share of a data source's maxTotal that is in use"
    ),
}
HTTP = {"port": "8080", "protocol": "http-nio"}
SHOP = {"host": "localhost", "context": "/shop"}
DATABASE = {**SHOP, "datasource": "jdbc/shop"}

ALERTS = (
    Alert(
        "TomcatThreadsBusy",
        "tomcat_threadpool_currentthreadsbusy / (tomcat_threadpool_maxthreads > 0) > $busy_threads",
        minutes=5,
        severity="critical",
        summary=f"Port {{{{ $labels.port }}}} of {NAMED} has {{{{ $value | humanizePercentage }}}} of its threads at work.",
        description="{{ $value | humanizePercentage }} of maxThreads are at work on port {{ $labels.port }}. At 100 % requests wait until one is free, and users see a site that hangs.",
        value="97.5%",
        given=(
            seen("tomcat_threadpool_currentthreadsbusy", "195x20", **HTTP),
            seen("tomcat_threadpool_maxthreads", "200x20", **HTTP),
        ),
        healthy=(
            seen("tomcat_threadpool_currentthreadsbusy", "120x20", **HTTP),
            seen("tomcat_threadpool_maxthreads", "200x20", **HTTP),
            # On a shared executor.
            seen("tomcat_threadpool_currentthreadsbusy", "9x20", port="8443"),
            seen("tomcat_threadpool_maxthreads", "-1x20", port="8443"),
        ),
        labels=HTTP,
    ),
    Alert(
        "TomcatErrorAnswers",
        f"sum by ({TARGET}) (rate(tomcat_errorcount_total[5m])) / (sum by ({TARGET}) (rate(tomcat_requestcount_total[5m])) > 0) > $error_answers",
        minutes=10,
        severity="warning",
        summary=f"{NAMED} answers {{{{ $value | humanizePercentage }}}} of its requests with an error.",
        description="{{ $value | humanizePercentage }} of the requests were answered with a status of 400 or more. Tomcat counts clients' errors (4xx) and its own (5xx) together; the access log tells which they are.",
        value="40%",
        given=(
            seen("tomcat_errorcount_total", "0+40x40", port="8080"),
            seen("tomcat_requestcount_total", "0+100x40", port="8080"),
        ),
        healthy=(
            seen("tomcat_errorcount_total", "0+3x40", port="8080"),
            seen("tomcat_requestcount_total", "0+100x40", port="8080"),
        ),
    ),
    Alert(
        "TomcatRefusesSessions",
        "increase(tomcat_session_rejectedsessions_total[15m]) > 0",
        minutes=0,
        severity="warning",
        summary=f"{{{{ $labels.context }}}} of {NAMED} has too many sessions.",
        description="In the last quarter of an hour {{ $labels.context }} refused {{ $value | printf `%.0f` }} new sessions since it has maxActiveSessions; each is a visitor who got an error.",
        value="6",
        given=(seen("tomcat_session_rejectedsessions_total", "0+1x30", **SHOP),),
        healthy=(seen("tomcat_session_rejectedsessions_total", "7x30", **SHOP),),
        ways=(
            Way(
                "for a single session, which Prometheus takes for 1.07",
                (seen("tomcat_session_rejectedsessions_total", "0x10 1x10", **SHOP),),
                "1",
                at=17,
            ),
        ),
        labels=SHOP,
    ),
    Alert(
        "TomcatConnectionsFull",
        "tomcat_threadpool_connectioncount / (tomcat_threadpool_maxconnections > 0) > $connections",
        minutes=5,
        severity="warning",
        summary=f"Port {{{{ $labels.port }}}} of {NAMED} has {{{{ $value | humanizePercentage }}}} of its connections open.",
        description="{{ $value | humanizePercentage }} of maxConnections are open on port {{ $labels.port }}. At 100 % new clients wait in the operating system's backlog, and are then refused.",
        value="95%",
        given=(
            seen("tomcat_threadpool_connectioncount", "7600x20", **HTTP),
            seen("tomcat_threadpool_maxconnections", "8000x20", **HTTP),
        ),
        healthy=(
            seen("tomcat_threadpool_connectioncount", "300x20", **HTTP),
            seen("tomcat_threadpool_maxconnections", "8000x20", **HTTP),
            # Without a limit.
            seen("tomcat_threadpool_connectioncount", "9000x20", port="8443"),
            seen("tomcat_threadpool_maxconnections", "-1x20", port="8443"),
        ),
        labels=HTTP,
    ),
    Alert(
        "TomcatDataSourceFull",
        "tomcat_datasource_numactive / (tomcat_datasource_maxtotal > 0) > $database_connections",
        minutes=5,
        severity="critical",
        summary=f"{{{{ $labels.datasource }}}} of {NAMED} has {{{{ $value | humanizePercentage }}}} of its connections in use.",
        description="{{ $value | humanizePercentage }} of the connections that {{ $labels.datasource }} may have are in use. At 100 % requests wait for one, and then fail.",
        value="100%",
        given=(
            seen("tomcat_datasource_numactive", "8x20", **DATABASE),
            seen("tomcat_datasource_maxtotal", "8x20", **DATABASE),
        ),
        healthy=(
            seen("tomcat_datasource_numactive", "3x20", **DATABASE),
            seen("tomcat_datasource_maxtotal", "8x20", **DATABASE),
        ),
        labels=DATABASE,
    ),
)

"""What is drawn of Apache Tomcat."""

from __future__ import annotations

from specs.tomcat_alerts import ALERTS, THRESHOLDS
from specs.words import (
    Spec,
    graph,
    highest,
    now,
    or_none,
    query,
    rate,
    row,
    share,
    stat,
    top,
    total,
)

BUSY = share(
    now("tomcat_threadpool_currentthreadsbusy"), now("tomcat_threadpool_maxthreads")
)
CONNECTED = share(
    now("tomcat_threadpool_connectioncount"), now("tomcat_threadpool_maxconnections")
)
POOLS = share(now("tomcat_datasource_numactive"), now("tomcat_datasource_maxtotal"))
THREADS = THRESHOLDS["busy_threads"].value
ERRORS = THRESHOLDS["error_answers"].value
SERVLET = "module, servlet"

SPEC = Spec(
    "Apache Tomcat",
    needs="the pack tomcat",
    sign="tomcat_threadpool_maxthreads",
    thresholds=THRESHOLDS,
    alerts=ALERTS,
    rows=(
        row(
            "Overview",
            stat(
                "Requests",
                "reqps",
                total(rate("tomcat_requestcount_total")),
                about="Requests per second of all connectors. Compare with the same hour of another day: far fewer means that they stop before Tomcat.",
            ),
            stat(
                "Error answers",
                "percentunit",
                share(
                    total(rate("tomcat_errorcount_total")),
                    total(rate("tomcat_requestcount_total")),
                ),
                warn=ERRORS / 2,
                bad=ERRORS,
                about="The share of requests answered with a status of 400 or more. Tomcat counts clients' errors (404) and its own (500) together; the access log tells them apart. A few per cent are normal on a public site.",
            ),
            stat(
                "Time for a request",
                "ms",
                share(
                    total(rate("tomcat_processingtime_total")),
                    total(rate("tomcat_requestcount_total")),
                ),
                about="The mean time of the requests that ended. When it grows while the number of requests doesn't, something behind the application is slow.",
            ),
            stat(
                "Busy threads",
                "percentunit",
                highest(BUSY),
                warn=THREADS - 0.2,
                bad=THREADS,
                about="The busiest connector's threads at work, as a share of its maxThreads. Below 70 % is normal; at 100 % requests wait in the backlog.",
            ),
            stat(
                "Sessions",
                "short",
                total(now("tomcat_session_activesessions")),
                about="Sessions of all applications. They live on the heap until they expire: steady growth is memory, and often a robot without cookies.",
            ),
        ),
        row(
            "Connectors",
            graph(
                "Requests",
                "reqps",
                query(total(rate("tomcat_requestcount_total"), by="port"), "{{port}}"),
                about="Requests per second by connector. A sudden 0 with open connections means that requests hang: look at the busy threads.",
            ),
            graph(
                "Error answers",
                "reqps",
                query(total(rate("tomcat_errorcount_total"), by="port"), "{{port}}"),
                about="Answers with a status of 400 or more per second, by connector. Errors by servlet, below, say which part of which application.",
            ),
            graph(
                "Time for a request",
                "ms",
                query(
                    share(
                        total(rate("tomcat_processingtime_total"), by="port"),
                        total(rate("tomcat_requestcount_total"), by="port"),
                    ),
                    "{{port}}",
                ),
                about="The mean time of the requests that ended, by connector. One long request shows when it ends, not while it runs.",
            ),
            graph(
                "Traffic",
                "Bps",
                query(total(rate("tomcat_bytessent_total")), "sent"),
                query(total(rate("tomcat_bytesreceived_total")), "received"),
                about="Bytes of answers, and of requests' bodies, per second. It follows the requests; if it doesn't, answers became larger or smaller.",
            ),
        ),
        row(
            "Threads and connections",
            graph(
                "Threads",
                "short",
                query(total(now("tomcat_threadpool_currentthreadsbusy")), "busy"),
                query(total(now("tomcat_threadpool_currentthreadcount")), "all"),
                query(total(now("tomcat_threadpool_maxthreads") + " > 0"), "limit"),
                about="Threads of all connectors: at work, alive, and how many there may be. Busy ones at the limit for minutes means slow requests or too few threads; a thread dump says which.",
            ),
            graph(
                "Busy threads, by connector",
                "percentunit",
                query(BUSY, "{{pod}} {{instance}} {{port}}"),
                warn=THREADS - 0.2,
                bad=THREADS,
                about="Threads at work as a share of maxThreads. A connector on a shared executor has no limit of its own, and no line.",
            ),
            graph(
                "Connections, by connector",
                "percentunit",
                query(CONNECTED, "{{pod}} {{instance}} {{port}}"),
                bad=THRESHOLDS["connections"].value,
                about="Open connections as a share of maxConnections. At 100 % new ones wait in the operating system; many that are idle are clients' keep-alive.",
            ),
        ),
        row(
            "Applications",
            graph(
                "Sessions",
                "short",
                query(
                    top(
                        10,
                        total(now("tomcat_session_activesessions"), by="host, context"),
                    ),
                    "{{host}}{{context}}",
                ),
                about="Sessions by application, the ten with most. It follows the visitors; a line that only climbs means sessions that never expire.",
            ),
            graph(
                "Sessions refused",
                "cps",
                query(
                    total(
                        rate("tomcat_session_rejectedsessions_total"),
                        by="host, context",
                    ),
                    "{{host}}{{context}}",
                ),
                about="Sessions that an application refused since it had maxActiveSessions. Normal is 0: each is a visitor who got an error.",
            ),
            graph(
                "Database connections in use",
                "percentunit",
                query(
                    or_none(highest(POOLS, by="context, datasource")),
                    "{{context}} {{datasource}}",
                ),
                bad=THRESHOLDS["database_connections"].value,
                about="Connections in use as a share of maxTotal, for each data source that Tomcat keeps; 0 if it keeps none. At 100 % requests wait for a connection.",
            ),
            graph(
                "Requests by servlet",
                "reqps",
                query(
                    top(
                        10, total(rate("tomcat_servlet_requestcount_total"), by=SERVLET)
                    ),
                    "{{module}} {{servlet}}",
                ),
                about="Requests per second by servlet, the ten with most.",
            ),
            graph(
                "Errors by servlet",
                "reqps",
                query(
                    top(10, total(rate("tomcat_servlet_errorcount_total"), by=SERVLET)),
                    "{{module}} {{servlet}}",
                ),
                about="Requests that a servlet ended by an exception or sendError, per second, the ten with most. The application's log has the exceptions.",
            ),
            graph(
                "Time by servlet",
                "ms",
                query(
                    top(
                        10,
                        share(
                            total(
                                rate("tomcat_servlet_processingtime_total"), by=SERVLET
                            ),
                            total(
                                rate("tomcat_servlet_requestcount_total"), by=SERVLET
                            ),
                        ),
                    ),
                    "{{module}} {{servlet}}",
                ),
                about="The mean time of a servlet's requests, the ten slowest. The slow one here is where to look first.",
            ),
            graph(
                "Shared executors",
                "short",
                query(
                    or_none(total(now("tomcat_executor_activecount"), by="executor")),
                    "at work {{executor}}",
                ),
                query(
                    or_none(total(now("tomcat_executor_queuesize"), by="executor")),
                    "waiting {{executor}}",
                ),
                about="Threads at work and tasks that wait, where connectors share an executor; 0 if there is none. A queue that stays means too few threads.",
            ),
            graph(
                "Resources from cache",
                "percentunit",
                query(
                    share(
                        total(rate("tomcat_cache_hitcount_total"), by="host, context"),
                        total(
                            rate("tomcat_cache_lookupcount_total"), by="host, context"
                        ),
                    ),
                    "{{host}}{{context}}",
                ),
                about="Static files found in an application's cache. Near 100 % is normal; a low share of a busy site wants a larger cacheMaxSize.",
            ),
        ),
    ),
)

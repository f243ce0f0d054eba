"""
What our dashboards show and our alerts watch; make.py turns it into files.

A panel is title, unit, queries; a query is an expression with SEL for the selector of job
and instance, and a legend. The first row's panels are single numbers.
"""

from __future__ import annotations

from typing import NamedTuple


class Query(NamedTuple):
    """An expression, and what its lines are called."""

    expr: str
    legend: str = ""


class Panel(NamedTuple):
    """A graph, or in the first row a number."""

    title: str
    unit: str
    queries: tuple[Query, ...]
    warn: float | None = None
    bad: float | None = None


class Alert(NamedTuple):
    """A condition, and series that fulfil it, for its test."""

    name: str
    expr: str
    minutes: int
    severity: str
    summary: str
    series: dict[str, str]
    """Series with values as promtool writes them; one minute apart."""
    labels: dict[str, str]
    """What the alert has besides job and instance."""


class Spec(NamedTuple):
    """One dashboard and its alerts."""

    title: str
    needs: str
    """What has to be included."""
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]
    alerts: tuple[Alert, ...] = ()


def panel(
    title: str, unit: str, *queries: tuple[str, str] | str, warn=None, bad=None
) -> Panel:
    made = tuple(Query(*((q,) if isinstance(q, str) else q)) for q in queries)
    return Panel(title, unit, made, warn, bad)


AT = 'job="j", instance="i"'
RATE = "$__rate_interval"

BRIDGE = Spec(
    "JMX Bridge",
    "nothing: every bridge serves these",
    (
        (
            "Overview",
            (
                panel("Targets up", "short", "sum(jmx_up{SEL})"),
                panel("Targets down", "short", "count(jmx_up{SEL} == 0) or vector(0)", warn=1, bad=1),
                panel("Partial scrapes", "short", "sum(jmx_bridge_scrape_partial{SEL})", warn=1),
                panel("Slowest scrape", "s", "max(jmx_scrape_duration_seconds{SEL})", warn=3, bad=8),
            ),
        ),
        (
            "Scrapes",
            (
                panel("Duration", "s", ("jmx_scrape_duration_seconds{SEL}", "{{instance}}")),
                panel("Duration by phase", "s", ("avg by (phase) (jmx_bridge_scrape_phase_seconds{SEL})", "{{phase}}")),
                panel("Samples", "short", ("jmx_bridge_samples{SEL}", "{{instance}}")),
                panel("MBeans", "short", ("sum by (state) (jmx_bridge_mbeans{SEL})", "{{state}}")),
            ),
        ),
        (
            "What is missing, and why",
            (
                panel("MBeans that could not be read", "short", ("jmx_bridge_mbean_unread{SEL}", "{{mbean}} {{reason}}")),
                panel("Samples left out", "short", ("sum by (reason) (jmx_bridge_samples_dropped{SEL})", "{{reason}}")),
                panel("Failed connections", "short", (f"sum by (reason) (increase(jmx_bridge_connect_failures_total{{SEL}}[{RATE}]))", "{{reason}}")),
                panel("Rule file in use is the newest", "bool", ("jmx_bridge_config_last_reload_successful{SEL}", "{{instance}}")),
            ),
        ),
    ),
    (
        Alert("JmxTargetDown", "jmx_up == 0", 5, "critical", "The JVM behind {{ $labels.instance }} can't be read.",
              {f"jmx_up{{{AT}}}": "0x20"}, {}),
        Alert("JmxScrapePartial", "jmx_bridge_scrape_partial == 1", 15, "warning",
              "Scrapes of {{ $labels.instance }} miss MBeans or samples; its status page names them.",
              {f"jmx_bridge_scrape_partial{{{AT}}}": "1x30"}, {}),
        Alert("JmxRulesRefused", "jmx_bridge_config_last_reload_successful == 0", 5, "warning",
              "The newest rule file of {{ $labels.instance }} is wrong, and the one before is in use.",
              {f"jmx_bridge_config_last_reload_successful{{{AT}}}": "0x20"}, {}),
        Alert("JmxScrapeSlow", "jmx_scrape_duration_seconds > 8", 10, "warning",
              "Scrapes of {{ $labels.instance }} take {{ $value | humanizeDuration }}.",
              {f"jmx_scrape_duration_seconds{{{AT}}}": "9x20"}, {}),
    ),
)  # fmt: skip

JVM = Spec(
    "JVM over JMX",
    "nothing, or the pack jvm for the machine's load",
    (
        (
            "Overview",
            (
                panel("Uptime", "s", "time() - max(process_start_time_seconds{SEL})"),
                panel("Heap in use", "percentunit", 'sum(jvm_memory_used_bytes{SEL, area="heap"}) / sum(jvm_memory_max_bytes{SEL, area="heap"} > 0)', warn=0.8, bad=0.95),
                panel("Processors in use", "short", f"sum(rate(process_cpu_seconds_total{{SEL}}[{RATE}]))"),
                panel("Threads", "short", "sum(jvm_threads_current{SEL})"),
            ),
        ),
        (
            "Memory",
            (
                panel("Memory in use", "bytes", ("sum by (area) (jvm_memory_used_bytes{SEL})", "{{area}}")),
                panel("Memory pools", "bytes", ("sum by (pool) (jvm_memory_pool_used_bytes{SEL})", "{{pool}}")),
                panel("Buffers", "bytes", ("sum by (pool) (jvm_buffer_pool_used_bytes{SEL})", "{{pool}}")),
            ),
        ),
        (
            "Garbage collection",
            (
                panel("Time in collections", "percentunit", (f"sum by (gc) (rate(jvm_gc_collection_seconds_sum{{SEL}}[{RATE}]))", "{{gc}}")),
                panel("Collections", "cps", (f"sum by (gc) (rate(jvm_gc_collection_seconds_count{{SEL}}[{RATE}]))", "{{gc}}")),
            ),
        ),
        (
            "Threads, classes and files",
            (
                panel("Threads", "short", ("sum(jvm_threads_current{SEL})", "all"), ("sum(jvm_threads_daemon{SEL})", "daemon")),
                panel("Loaded classes", "short", ("sum(jvm_classes_currently_loaded{SEL})", "loaded")),
                panel("Open files", "short", ("process_open_fds{SEL}", "{{instance}}")),
            ),
        ),
    ),
    (
        Alert("JvmHeapFull",
              'sum by (job, instance) (jvm_memory_used_bytes{area="heap"}) / sum by (job, instance) (jvm_memory_max_bytes{area="heap"} > 0) > 0.95',
              15, "warning", "The heap of {{ $labels.instance }} is {{ $value | humanizePercentage }} full.",
              {f'jvm_memory_used_bytes{{{AT}, area="heap"}}': "97x30", f'jvm_memory_max_bytes{{{AT}, area="heap"}}': "100x30"}, {}),
        Alert("JvmCollectsAllTheTime",
              "sum by (job, instance) (rate(jvm_gc_collection_seconds_sum[5m])) > 0.3",
              10, "warning", "{{ $labels.instance }} spends {{ $value | humanizePercentage }} of its time on garbage.",
              {f'jvm_gc_collection_seconds_sum{{{AT}, gc="G1"}}': "0+30x40"}, {}),
    ),
)  # fmt: skip

TOMCAT = Spec(
    "Apache Tomcat",
    "the pack tomcat",
    (
        (
            "Overview",
            (
                panel("Requests", "reqps", f"sum(rate(tomcat_requestcount_total{{SEL}}[{RATE}]))"),
                panel("Errors", "percentunit", f"sum(rate(tomcat_errorcount_total{{SEL}}[{RATE}])) / sum(rate(tomcat_requestcount_total{{SEL}}[{RATE}]))", warn=0.01, bad=0.05),
                panel("Busy threads", "percentunit", "max(tomcat_threadpool_currentthreadsbusy{SEL} / (tomcat_threadpool_maxthreads{SEL} > 0))", warn=0.7, bad=0.9),
                panel("Sessions", "short", "sum(tomcat_session_activesessions{SEL})"),
            ),
        ),
        (
            "Connectors",
            (
                panel("Requests", "reqps", (f"sum by (port) (rate(tomcat_requestcount_total{{SEL}}[{RATE}]))", "{{port}}")),
                panel("Errors", "reqps", (f"sum by (port) (rate(tomcat_errorcount_total{{SEL}}[{RATE}]))", "{{port}}")),
                panel("Time for a request", "ms", (f"sum by (port) (rate(tomcat_processingtime_total{{SEL}}[{RATE}])) / sum by (port) (rate(tomcat_requestcount_total{{SEL}}[{RATE}]))", "{{port}}")),
                panel("Traffic", "Bps", (f"sum(rate(tomcat_bytessent_total{{SEL}}[{RATE}]))", "sent"), (f"sum(rate(tomcat_bytesreceived_total{{SEL}}[{RATE}]))", "received")),
            ),
        ),
        (
            "Threads and connections",
            (
                panel("Threads", "short", ("sum(tomcat_threadpool_currentthreadsbusy{SEL})", "busy"), ("sum(tomcat_threadpool_currentthreadcount{SEL})", "all"), ("sum(tomcat_threadpool_maxthreads{SEL})", "limit")),
                panel("Connections", "short", ("sum by (port) (tomcat_threadpool_connectioncount{SEL})", "{{port}}")),
            ),
        ),
        (
            "Applications",
            (
                panel("Sessions", "short", ("sum by (context) (tomcat_session_activesessions{SEL})", "{{context}}")),
                panel("Sessions refused", "cps", (f"sum by (context) (rate(tomcat_session_rejectedsessions_total{{SEL}}[{RATE}]))", "{{context}}")),
                panel("Requests by servlet", "reqps", (f"topk(10, sum by (module, servlet) (rate(tomcat_servlet_requestcount_total{{SEL}}[{RATE}])))", "{{module}} {{servlet}}")),
                panel("Errors by servlet", "reqps", (f"topk(10, sum by (module, servlet) (rate(tomcat_servlet_errorcount_total{{SEL}}[{RATE}])))", "{{module}} {{servlet}}")),
            ),
        ),
    ),
    (
        Alert("TomcatThreadsBusy", "tomcat_threadpool_currentthreadsbusy / (tomcat_threadpool_maxthreads > 0) > 0.9", 5, "critical",
              "Port {{ $labels.port }} of {{ $labels.instance }} has {{ $value | humanizePercentage }} of its threads at work.",
              {f'tomcat_threadpool_currentthreadsbusy{{{AT}, port="8080", protocol="http-nio"}}': "195x20", f'tomcat_threadpool_maxthreads{{{AT}, port="8080", protocol="http-nio"}}': "200x20"},
              {"port": "8080", "protocol": "http-nio"}),
        Alert("TomcatErrors", "sum by (job, instance) (rate(tomcat_errorcount_total[5m])) / sum by (job, instance) (rate(tomcat_requestcount_total[5m])) > 0.05", 10, "warning",
              "{{ $value | humanizePercentage }} of the requests of {{ $labels.instance }} fail.",
              {f'tomcat_errorcount_total{{{AT}, port="8080"}}': "0+20x40", f'tomcat_requestcount_total{{{AT}, port="8080"}}': "0+100x40"}, {}),
        Alert("TomcatRefusesSessions", "increase(tomcat_session_rejectedsessions_total[15m]) > 0", 0, "warning",
              "{{ $labels.context }} of {{ $labels.instance }} has too many sessions.",
              {f'tomcat_session_rejectedsessions_total{{{AT}, host="localhost", context="/"}}': "0+1x30"}, {"host": "localhost", "context": "/"}),
    ),
)  # fmt: skip

KAFKA = Spec(
    "Apache Kafka",
    "the pack kafka",
    (
        (
            "Overview",
            (
                panel("Active controllers", "short", "sum(kafka_controller_kafkacontroller_activecontrollercount{SEL})"),
                panel("Offline partitions", "short", "sum(kafka_controller_kafkacontroller_offlinepartitionscount{SEL})", warn=1, bad=1),
                panel("Under-replicated partitions", "short", "sum(kafka_server_replicamanager_underreplicatedpartitions{SEL})", warn=1, bad=10),
                panel("Messages in", "cps", f'sum(rate(kafka_server_brokertopicmetrics_messagesinpersec{{SEL, topic=""}}[{RATE}]))'),
            ),
        ),
        (
            "Traffic",
            (
                panel("Bytes", "Bps", (f'sum(rate(kafka_server_brokertopicmetrics_bytesinpersec{{SEL, topic=""}}[{RATE}]))', "in"), (f'sum(rate(kafka_server_brokertopicmetrics_bytesoutpersec{{SEL, topic=""}}[{RATE}]))', "out")),
                panel("Messages by topic", "cps", (f'topk(10, sum by (topic) (rate(kafka_server_brokertopicmetrics_messagesinpersec{{SEL, topic!=""}}[{RATE}])))', "{{topic}}")),
                panel("Size by topic", "bytes", ("topk(10, sum by (topic) (kafka_log_log_size{SEL}))", "{{topic}}")),
            ),
        ),
        (
            "Requests",
            (
                panel("Time of requests, 99th percentile", "ms", ('topk(10, kafka_network_requestmetrics_totaltimems{SEL, quantile="0.99"})', "{{request}}")),
                panel("Idle request handlers", "percentunit", (f"rate(kafka_server_kafkarequesthandlerpool_requesthandleravgidlepercent{{SEL}}[{RATE}]) / 1e9", "{{instance}}")),
                panel("Request queue", "short", ("kafka_network_requestchannel_requestqueuesize{SEL}", "{{instance}}")),
            ),
        ),
        (
            "Replication",
            (
                panel("Partitions", "short", ("sum by (instance) (kafka_server_replicamanager_partitioncount{SEL})", "{{instance}}")),
                panel("Leaders", "short", ("sum by (instance) (kafka_server_replicamanager_leadercount{SEL})", "{{instance}}")),
                panel("In-sync sets that change", "cps", (f"sum(rate(kafka_server_replicamanager_isrshrinkspersec{{SEL}}[{RATE}]))", "shrink"), (f"sum(rate(kafka_server_replicamanager_isrexpandspersec{{SEL}}[{RATE}]))", "expand")),
            ),
        ),
    ),
    (
        Alert("KafkaOfflinePartitions", "kafka_controller_kafkacontroller_offlinepartitionscount > 0", 2, "critical",
              "{{ $value }} partitions have no leader.", {f"kafka_controller_kafkacontroller_offlinepartitionscount{{{AT}}}": "2x10"}, {}),
        Alert("KafkaUnderReplicated", "kafka_server_replicamanager_underreplicatedpartitions > 0", 10, "warning",
              "{{ $value }} partitions of {{ $labels.instance }} have too few replicas.", {f"kafka_server_replicamanager_underreplicatedpartitions{{{AT}}}": "3x20"}, {}),
        Alert("KafkaNoController", "sum by (job) (kafka_controller_kafkacontroller_activecontrollercount) != 1", 5, "critical",
              "There are {{ $value }} active controllers.", {f"kafka_controller_kafkacontroller_activecontrollercount{{{AT}}}": "0x10"}, {"instance": ""}),
        Alert("KafkaUncleanElection", "increase(kafka_controller_controllerstats_uncleanleaderelectionspersec[10m]) > 0", 0, "critical",
              "A replica that was not in sync became leader; messages may be lost.", {f"kafka_controller_controllerstats_uncleanleaderelectionspersec{{{AT}}}": "0+1x20"}, {}),
    ),
)  # fmt: skip

CASSANDRA = Spec(
    "Apache Cassandra",
    "the pack cassandra",
    (
        (
            "Overview",
            (
                panel("Nodes down", "short", "max(cassandra_down_endpoint_count{SEL})", warn=1, bad=2),
                panel("Load", "bytes", "sum(cassandra_storage_load_count{SEL})"),
                panel("Pending compactions", "short", "sum(cassandra_compaction_pendingtasks{SEL})", warn=50, bad=200),
                panel("Timeouts", "cps", f'sum(rate(cassandra_clientrequest_timeouts_count{{SEL, clientrequest!~".+-.+"}}[{RATE}]))', warn=0.1, bad=1),
            ),
        ),
        (
            "Requests",
            (
                panel("Requests", "reqps", (f'sum by (clientrequest) (rate(cassandra_clientrequest_latency_seconds_count{{SEL, clientrequest!~".+-.+"}}[{RATE}]))', "{{clientrequest}}")),
                panel("Latency, 99th percentile", "s", ('max by (clientrequest) (cassandra_clientrequest_latency_seconds{SEL, quantile="0.99", clientrequest!~".+-.+"})', "{{clientrequest}}")),
                panel("Failures", "reqps", (f'sum by (clientrequest) (rate(cassandra_clientrequest_failures_count{{SEL, clientrequest!~".+-.+"}}[{RATE}]))', "{{clientrequest}}")),
            ),
        ),
        (
            "Storage",
            (
                panel("Disk space by keyspace", "bytes", ("sum by (keyspace) (cassandra_keyspace_totaldiskspaceused{SEL})", "{{keyspace}}")),
                panel("Hit rate of caches", "percentunit", ("cassandra_cache_hitrate{SEL} >= 0", "{{cache}}")),
                panel("Pending tasks", "short", ("topk(10, sum by (threadpools) (cassandra_threadpools_pendingtasks{SEL}))", "{{threadpools}}")),
                panel("Dropped messages", "cps", (f"topk(8, sum by (message) (rate(cassandra_droppedmessage_count{{SEL}}[{RATE}])))", "{{message}}")),
            ),
        ),
    ),
    (
        Alert("CassandraNodeDown", "max by (job) (cassandra_down_endpoint_count) > 0", 5, "critical", "{{ $value }} nodes are down.",
              {f"cassandra_down_endpoint_count{{{AT}}}": "1x10"}, {"instance": ""}),
        Alert("CassandraTimeouts", "sum by (job, instance, clientrequest) (rate(cassandra_clientrequest_timeouts_count[5m])) > 1", 5, "warning",
              "{{ $labels.clientrequest }} requests to {{ $labels.instance }} time out.",
              {f'cassandra_clientrequest_timeouts_count{{{AT}, clientrequest="Read"}}': "0+120x20"}, {"clientrequest": "Read"}),
        Alert("CassandraCompactionsPending", "cassandra_compaction_pendingtasks > 200", 30, "warning",
              "{{ $value }} compactions of {{ $labels.instance }} wait.", {f"cassandra_compaction_pendingtasks{{{AT}}}": "300x40"}, {}),
    ),
)  # fmt: skip

ACTIVEMQ = Spec(
    "Apache ActiveMQ Classic",
    "the pack activemq",
    (
        (
            "Overview",
            (
                panel("Memory", "percent", "max(activemq_memory_usage_ratio{SEL})", warn=70, bad=90),
                panel("Store", "percent", "max(activemq_store_usage_ratio{SEL})", warn=70, bad=90),
                panel("Messages", "short", "sum(activemq_message_total{SEL})"),
                panel("Connections", "short", "sum(activemq_open_connections{SEL})"),
            ),
        ),
        (
            "Queues",
            (
                panel("Messages in queues", "short", ("topk(10, activemq_queue_queue_size{SEL})", "{{destination}}")),
                panel("Sent", "cps", (f"topk(10, rate(activemq_queue_enqueue_count{{SEL}}[{RATE}]))", "{{destination}}")),
                panel("Acknowledged", "cps", (f"topk(10, rate(activemq_queue_dequeue_count{{SEL}}[{RATE}]))", "{{destination}}")),
                panel("Consumers", "short", ("topk(10, activemq_queue_consumer_count{SEL})", "{{destination}}")),
            ),
        ),
        (
            "Topics",
            (
                panel("Sent", "cps", (f'topk(10, rate(activemq_topic_enqueue_count{{SEL, destination!~"ActiveMQ.Advisory.*"}}[{RATE}]))', "{{destination}}")),
                panel("Expired", "cps", (f"sum(rate(activemq_topic_expired_count{{SEL}}[{RATE}]))", "topics"), (f"sum(rate(activemq_queue_expired_count{{SEL}}[{RATE}]))", "queues")),
            ),
        ),
    ),
    (
        Alert("ActiveMQMemoryFull", "activemq_memory_usage_ratio > 90", 5, "critical", "Producers of {{ $labels.broker }} are about to be blocked: {{ $value }} % of its memory is in use.",
              {f'activemq_memory_usage_ratio{{{AT}, broker="b"}}': "95x10"}, {"broker": "b"}),
        Alert("ActiveMQNobodyListens", "activemq_queue_queue_size > 1000 and on (job, instance, broker, destination) activemq_queue_consumer_count == 0", 15, "warning",
              "{{ $labels.destination }} has {{ $value }} messages and no consumer.",
              {f'activemq_queue_queue_size{{{AT}, broker="b", destination="d"}}': "2000x30", f'activemq_queue_consumer_count{{{AT}, broker="b", destination="d"}}': "0x30"}, {"broker": "b", "destination": "d"}),
    ),
)  # fmt: skip

ARTEMIS = Spec(
    "Apache ActiveMQ Artemis",
    "the pack artemis",
    (
        (
            "Overview",
            (
                panel("Messages", "short", "sum(artemis_messages{SEL})"),
                panel("Connections", "short", "sum(artemis_open_connections{SEL})"),
                panel("Disk", "percentunit", "max(artemis_disk_store_usage_ratio{SEL})", warn=0.7, bad=0.9),
                panel("Memory for addresses", "bytes", "sum(artemis_address_memory_usage_bytes{SEL})"),
            ),
        ),
        (
            "Queues",
            (
                panel("Messages in queues", "short", ("topk(10, artemis_queue_messages{SEL})", "{{queue}}")),
                panel("Sent", "cps", (f"topk(10, rate(artemis_queue_messages_added_total{{SEL}}[{RATE}]))", "{{queue}}")),
                panel("Acknowledged", "cps", (f"topk(10, rate(artemis_queue_messages_acknowledged_total{{SEL}}[{RATE}]))", "{{queue}}")),
                panel("Consumers", "short", ("topk(10, artemis_queue_consumers{SEL})", "{{queue}}")),
            ),
        ),
    ),
    (
        Alert("ArtemisDiskFull", "artemis_disk_store_usage_ratio > 0.9", 5, "critical", "The disk of {{ $labels.broker }} is {{ $value | humanizePercentage }} full.",
              {f'artemis_disk_store_usage_ratio{{{AT}, broker="b"}}': "0.95x10"}, {"broker": "b"}),
        Alert("ArtemisNobodyListens", "artemis_queue_messages > 1000 and on (job, instance, broker, address, queue) artemis_queue_consumers == 0", 15, "warning",
              "{{ $labels.queue }} has {{ $value }} messages and no consumer.",
              {f'artemis_queue_messages{{{AT}, broker="b", address="a", queue="q"}}': "2000x30", f'artemis_queue_consumers{{{AT}, broker="b", address="a", queue="q"}}': "0x30"}, {"broker": "b", "address": "a", "queue": "q"}),
    ),
)  # fmt: skip

ZOOKEEPER = Spec(
    "Apache ZooKeeper",
    "the pack zookeeper",
    (
        (
            "Overview",
            (
                panel("Connections", "short", "sum(zookeeper_numaliveconnections{SEL})"),
                panel("Requests that wait", "short", "sum(zookeeper_outstandingrequests{SEL})", warn=10, bad=100),
                panel("Average latency", "ms", "max(zookeeper_avgrequestlatency{SEL})", warn=20, bad=100),
                panel("Nodes", "short", "max(zookeeper_inmemorydatatree_nodecount{SEL})"),
            ),
        ),
        (
            "Requests",
            (
                panel("Latency", "ms", ("zookeeper_avgrequestlatency{SEL}", "average {{instance}}"), ("zookeeper_maxrequestlatency{SEL}", "longest {{instance}}")),
                panel("Packets", "pps", (f"sum(rate(zookeeper_packetsreceived_total{{SEL}}[{RATE}]))", "received"), (f"sum(rate(zookeeper_packetssent_total{{SEL}}[{RATE}]))", "sent")),
                panel("Watches", "short", ("zookeeper_inmemorydatatree_watchcount{SEL}", "{{instance}}")),
                panel("Size on disk", "bytes", ("zookeeper_datadirsize{SEL}", "snapshots {{instance}}"), ("zookeeper_logdirsize{SEL}", "logs {{instance}}")),
            ),
        ),
    ),
    (
        Alert("ZooKeeperRequestsWait", "zookeeper_outstandingrequests > 100", 5, "warning", "{{ $value }} requests wait at {{ $labels.instance }}.",
              {f"zookeeper_outstandingrequests{{{AT}}}": "200x10"}, {}),
        Alert("ZooKeeperSlow", "zookeeper_avgrequestlatency > 100", 10, "warning", "Requests to {{ $labels.instance }} take {{ $value }} ms.",
              {f"zookeeper_avgrequestlatency{{{AT}}}": "150x20"}, {}),
    ),
)  # fmt: skip

JETTY = Spec(
    "Eclipse Jetty",
    "the pack jetty",
    (
        (
            "Overview",
            (
                panel("Requests", "reqps", f"sum(rate(jetty_requests_total{{SEL}}[{RATE}]))"),
                panel("Requests under way", "short", "sum(jetty_requests_active{SEL})"),
                panel("Busy threads", "percentunit", "max(jetty_threads_utilization_ratio{SEL})", warn=0.7, bad=0.9),
                panel("Connections", "short", "sum(jetty_connections_current{SEL})"),
            ),
        ),
        (
            "Requests",
            (
                panel("Responses", "reqps", (f"sum by (code) (rate(jetty_responses_total{{SEL}}[{RATE}]))", "{{code}}")),
                panel("Time for a request", "s", (f"sum(rate(jetty_request_seconds_total{{SEL}}[{RATE}])) / sum(rate(jetty_requests_total{{SEL}}[{RATE}]))", "average")),
                panel("Threads", "short", ("sum(jetty_threads_busy{SEL})", "busy"), ("sum(jetty_threads_current{SEL})", "all"), ("sum(jetty_threads_max{SEL})", "limit")),
                panel("Tasks that wait", "short", ("sum(jetty_threads_queued{SEL})", "queued")),
            ),
        ),
    ),
    (
        Alert("JettyThreadsBusy", "jetty_threads_utilization_ratio > 0.9", 5, "critical", "{{ $labels.instance }} has {{ $value | humanizePercentage }} of its threads at work.",
              {f'jetty_threads_utilization_ratio{{{AT}, pool="0"}}': "0.95x10"}, {"pool": "0"}),
    ),
)  # fmt: skip

HIKARICP = Spec(
    "HikariCP",
    "the pack hikaricp",
    (
        (
            "Overview",
            (
                panel("Connections in use", "percentunit", "max(hikaricp_connections_active{SEL} / hikaricp_connections_max{SEL})", warn=0.8, bad=0.95),
                panel("Threads that wait", "short", "sum(hikaricp_connections_pending{SEL})", warn=1, bad=10),
            ),
        ),
        (
            "Pools",
            (
                panel("Connections", "short", ("hikaricp_connections_active{SEL}", "in use {{pool}}"), ("hikaricp_connections_idle{SEL}", "idle {{pool}}"), ("hikaricp_connections_max{SEL}", "limit {{pool}}")),
                panel("Threads that wait", "short", ("hikaricp_connections_pending{SEL}", "{{pool}}")),
            ),
        ),
    ),
    (
        Alert("HikariPoolExhausted", "hikaricp_connections_pending > 0", 2, "warning", "{{ $value }} threads of {{ $labels.instance }} wait for a connection of {{ $labels.pool }}.",
              {f'hikaricp_connections_pending{{{AT}, pool="p"}}': "5x10"}, {"pool": "p"}),
    ),
)  # fmt: skip

DBCP = Spec(
    "Apache Commons DBCP",
    "the pack dbcp",
    (
        (
            "Overview",
            (
                panel("Connections in use", "percentunit", "max(dbcp_connections_active{SEL} / (dbcp_connections_max{SEL} > 0))", warn=0.8, bad=0.95),
                panel("Threads that wait", "short", "sum(dbcp_connections_pending{SEL})", warn=1, bad=10),
            ),
        ),
        (
            "Pools",
            (
                panel("Connections", "short", ("dbcp_connections_active{SEL}", "in use {{pool}}"), ("dbcp_connections_idle{SEL}", "idle {{pool}}"), ("dbcp_connections_max{SEL}", "limit {{pool}}")),
                panel("Connections taken", "cps", (f"rate(dbcp_connections_borrowed_total{{SEL}}[{RATE}])", "{{pool}}")),
                panel("Waiting for a connection", "s", ("dbcp_connection_wait_seconds_avg{SEL}", "average {{pool}}"), ("dbcp_connection_wait_seconds_max{SEL}", "longest {{pool}}")),
                panel("Opened and closed", "cps", (f"rate(dbcp_connections_created_total{{SEL}}[{RATE}])", "opened {{pool}}"), (f"rate(dbcp_connections_closed_total{{SEL}}[{RATE}])", "closed {{pool}}")),
            ),
        ),
    ),
    (
        Alert("DbcpPoolExhausted", "dbcp_connections_pending > 0", 2, "warning", "{{ $value }} threads of {{ $labels.instance }} wait for a connection of {{ $labels.pool }}.",
              {f'dbcp_connections_pending{{{AT}, pool="p"}}': "5x10"}, {"pool": "p"}),
    ),
)  # fmt: skip

KAFKA_CONNECT = Spec(
    "Kafka Connect",
    "the pack kafka-connect",
    (
        (
            "Overview",
            (
                panel("Connectors", "short", "sum(kafka_connect_connect_worker_metrics_connector_count{SEL})"),
                panel("Tasks", "short", "sum(kafka_connect_connect_worker_metrics_task_count{SEL})"),
                panel("Failed tasks", "short", "sum(kafka_connect_connect_worker_metrics_connector_failed_task_count{SEL})", warn=1, bad=1),
                panel("Failed starts", "short", "sum(kafka_connect_connect_worker_metrics_connector_startup_failure_total{SEL} + kafka_connect_connect_worker_metrics_task_startup_failure_total{SEL})", warn=1, bad=5),
            ),
        ),
        (
            "Records",
            (
                panel("From sources", "cps", (f"sum by (connector) (rate(kafka_connect_source_task_metrics_source_record_write_total{{SEL}}[{RATE}]))", "{{connector}}")),
                panel("To sinks", "cps", (f"sum by (connector) (rate(kafka_connect_sink_task_metrics_sink_record_send_total{{SEL}}[{RATE}]))", "{{connector}}")),
                panel("Time of a batch", "ms", ("max by (connector) (kafka_connect_source_task_metrics_poll_batch_avg_time_ms{SEL})", "poll {{connector}}"), ("max by (connector) (kafka_connect_sink_task_metrics_put_batch_avg_time_ms{SEL})", "put {{connector}}")),
                panel("Errors", "cps", (f"sum by (connector) (rate(kafka_connect_task_error_metrics_total_record_errors{{SEL}}[{RATE}]))", "errors {{connector}}"), (f"sum by (connector) (rate(kafka_connect_task_error_metrics_total_records_skipped{{SEL}}[{RATE}]))", "skipped {{connector}}")),
            ),
        ),
        (
            "Worker",
            (
                panel("Tasks by state", "short", ("sum(kafka_connect_connect_worker_metrics_connector_running_task_count{SEL})", "running"), ("sum(kafka_connect_connect_worker_metrics_connector_paused_task_count{SEL})", "paused"), ("sum(kafka_connect_connect_worker_metrics_connector_unassigned_task_count{SEL})", "unassigned"), ("sum(kafka_connect_connect_worker_metrics_connector_failed_task_count{SEL})", "failed")),
                panel("Rebalances", "short", ("kafka_connect_connect_worker_rebalance_metrics_completed_rebalances_total{SEL}", "{{instance}}")),
            ),
        ),
    ),
    (
        Alert("ConnectTaskFailed", "kafka_connect_connect_worker_metrics_connector_failed_task_count > 0", 5, "critical", "{{ $value }} tasks of {{ $labels.connector }} failed.",
              {f'kafka_connect_connect_worker_metrics_connector_failed_task_count{{{AT}, connector="c"}}': "2x10"}, {"connector": "c"}),
    ),
)  # fmt: skip

KAFKA_CLIENT = Spec(
    "Kafka clients",
    "the pack kafka-client",
    (
        (
            "Overview",
            (
                panel("Sent", "cps", f"sum(rate(kafka_producer_producer_metrics_record_send_total{{SEL}}[{RATE}]))"),
                panel("Received", "cps", f'sum(rate(kafka_consumer_consumer_fetch_manager_metrics_records_consumed_total{{SEL, topic=""}}[{RATE}]))'),
                panel("Most records behind", "short", "max(kafka_consumer_consumer_fetch_manager_metrics_records_lag{SEL} >= 0)", warn=1000, bad=100000),
                panel("Errors of producers", "cps", f"sum(rate(kafka_producer_producer_metrics_record_error_total{{SEL}}[{RATE}]))", warn=0.01, bad=1),
            ),
        ),
        (
            "Producers",
            (
                panel("Records", "cps", (f"sum by (client_id) (rate(kafka_producer_producer_metrics_record_send_total{{SEL}}[{RATE}]))", "{{client_id}}")),
                panel("Latency of requests", "ms", ("kafka_producer_producer_metrics_request_latency_avg{SEL} >= 0", "{{client_id}}")),
            ),
        ),
        (
            "Consumers",
            (
                panel("Records", "cps", (f'sum by (client_id) (rate(kafka_consumer_consumer_fetch_manager_metrics_records_consumed_total{{SEL, topic=""}}[{RATE}]))', "{{client_id}}")),
                panel("Records behind", "short", ("max by (client_id, topic) (kafka_consumer_consumer_fetch_manager_metrics_records_lag{SEL} >= 0)", "{{topic}} {{client_id}}")),
                panel("Latency of fetches", "ms", ("kafka_consumer_consumer_fetch_manager_metrics_fetch_latency_avg{SEL} >= 0", "{{client_id}}")),
                panel("Partitions", "short", ("kafka_consumer_consumer_coordinator_metrics_assigned_partitions{SEL}", "{{client_id}}")),
            ),
        ),
        (
            "Streams",
            (
                panel("Records processed", "cps", (f"sum by (thread_id) (rate(kafka_streams_stream_thread_metrics_process_total{{SEL}}[{RATE}]))", "{{thread_id}}")),
                panel("Latency of processing", "ms", ("max by (thread_id) (kafka_streams_stream_thread_metrics_process_latency_avg{SEL} >= 0)", "{{thread_id}}")),
            ),
        ),
    ),
    (
        Alert("KafkaConsumerBehind", "kafka_consumer_consumer_fetch_manager_metrics_records_lag > 100000", 15, "warning", "{{ $labels.client_id }} is {{ $value }} records of {{ $labels.topic }} behind.",
              {f'kafka_consumer_consumer_fetch_manager_metrics_records_lag{{{AT}, client_id="k", topic="t", partition="0"}}': "200000x30"}, {"client_id": "k", "topic": "t", "partition": "0"}),
    ),
)  # fmt: skip

HADOOP = Spec(
    "Apache Hadoop HDFS",
    "the pack hadoop",
    (
        (
            "Overview",
            (
                panel("DataNodes down", "short", "max(hadoop_namenode_dead_datanodes{SEL})", warn=1, bad=2),
                panel("Missing blocks", "short", "max(hadoop_namenode_missing_blocks{SEL})", warn=1, bad=1),
                panel("Space in use", "percentunit", "max(hadoop_namenode_capacity_used_bytes{SEL} / hadoop_namenode_capacity_bytes{SEL})", warn=0.8, bad=0.9),
                panel("Files", "short", "max(hadoop_namenode_files{SEL})"),
            ),
        ),
        (
            "Traffic",
            (
                panel("DataNodes", "Bps", (f"sum(rate(hadoop_datanode_read_bytes_total{{SEL}}[{RATE}]))", "read"), (f"sum(rate(hadoop_datanode_written_bytes_total{{SEL}}[{RATE}]))", "written")),
                panel("Remote calls", "reqps", (f"sum by (service) (rate(hadoop_rpc_calls_total{{SEL}}[{RATE}]))", "{{service}}")),
                panel("Time of a remote call", "s", ("max by (service) (hadoop_rpc_processing_seconds_avg{SEL})", "{{service}}")),
                panel("Calls that wait", "short", ("sum by (service) (hadoop_rpc_call_queue_length{SEL})", "{{service}}")),
            ),
        ),
    ),
    (
        Alert("HdfsBlocksMissing", "hadoop_namenode_missing_blocks > 0", 5, "critical", "{{ $value }} blocks have no replica.",
              {f"hadoop_namenode_missing_blocks{{{AT}}}": "2x10"}, {}),
        Alert("HdfsDataNodeDown", "hadoop_namenode_dead_datanodes > 0", 10, "warning", "{{ $value }} DataNodes do not answer.",
              {f"hadoop_namenode_dead_datanodes{{{AT}}}": "1x20"}, {}),
    ),
)  # fmt: skip

WILDFLY = Spec(
    "WildFly",
    "the pack wildfly",
    (
        (
            "Overview",
            (
                panel("Requests", "reqps", f"sum(rate(wildfly_undertow_request_count_total{{SEL}}[{RATE}]))"),
                panel("Errors", "reqps", f"sum(rate(wildfly_undertow_error_count_total{{SEL}}[{RATE}]))", warn=0.1, bad=1),
                panel("Transactions under way", "short", "sum(wildfly_transactions_number_of_inflight_transactions{SEL})"),
            ),
        ),
        (
            "Details",
            (
                panel("Requests", "reqps", (f"sum by (listener) (rate(wildfly_undertow_request_count_total{{SEL}}[{RATE}]))", "{{listener}}")),
                panel("Traffic", "Bps", (f"sum(rate(wildfly_undertow_bytes_sent_total_bytes{{SEL}}[{RATE}]))", "sent"), (f"sum(rate(wildfly_undertow_bytes_received_total_bytes{{SEL}}[{RATE}]))", "received")),
                panel("Data sources", "short", ("sum by (data_source) (wildfly_datasources_pool_in_use_count{SEL})", "in use {{data_source}}"), ("sum by (data_source) (wildfly_datasources_pool_available_count{SEL})", "available {{data_source}}")),
                panel("Transactions", "cps", (f"sum(rate(wildfly_transactions_number_of_committed_transactions_total{{SEL}}[{RATE}]))", "committed"), (f"sum(rate(wildfly_transactions_number_of_aborted_transactions_total{{SEL}}[{RATE}]))", "rolled back")),
            ),
        ),
    ),
    (
        Alert("WildFlyDataSourceExhausted", "wildfly_datasources_pool_available_count == 0", 5, "warning", "{{ $labels.data_source }} of {{ $labels.instance }} has no connection left.",
              {f'wildfly_datasources_pool_available_count{{{AT}, data_source="d"}}': "0x10"}, {"data_source": "d"}),
    ),
)  # fmt: skip

SPECS = {
    "jmx-bridge": BRIDGE,
    "jvm": JVM,
    "tomcat": TOMCAT,
    "kafka": KAFKA,
    "cassandra": CASSANDRA,
    "activemq": ACTIVEMQ,
    "artemis": ARTEMIS,
    "zookeeper": ZOOKEEPER,
    "jetty": JETTY,
    "hikaricp": HIKARICP,
    "dbcp": DBCP,
    "kafka-connect": KAFKA_CONNECT,
    "kafka-client": KAFKA_CLIENT,
    "hadoop": HADOOP,
    "wildfly": WILDFLY,
}

TOLD = {
    "ActiveMQMemoryFull": "Producers of b are about to be blocked: 95 % of its memory is in use.",
    "ActiveMQNobodyListens": "d has 2000 messages and no consumer.",
    "ArtemisDiskFull": "The disk of b is 95% full.",
    "ArtemisNobodyListens": "q has 2000 messages and no consumer.",
    "CassandraNodeDown": "1 nodes are down.",
    "CassandraTimeouts": "Read requests to i time out.",
    "CassandraCompactionsPending": "300 compactions of i wait.",
    "ConnectTaskFailed": "2 tasks of c failed.",
    "DbcpPoolExhausted": "5 threads of i wait for a connection of p.",
    "KafkaConsumerBehind": "k is 200000 records of t behind.",
    "HdfsBlocksMissing": "2 blocks have no replica.",
    "HdfsDataNodeDown": "1 DataNodes do not answer.",
    "HikariPoolExhausted": "5 threads of i wait for a connection of p.",
    "JettyThreadsBusy": "i has 95% of its threads at work.",
    "JmxTargetDown": "The JVM behind i can't be read.",
    "JmxScrapePartial": "Scrapes of i miss MBeans or samples; its status page names them.",
    "JmxRulesRefused": "The newest rule file of i is wrong, and the one before is in use.",
    "JmxScrapeSlow": "Scrapes of i take 9s.",
    "JvmHeapFull": "The heap of i is 97% full.",
    "JvmCollectsAllTheTime": "i spends 50% of its time on garbage.",
    "KafkaOfflinePartitions": "2 partitions have no leader.",
    "KafkaUnderReplicated": "3 partitions of i have too few replicas.",
    "KafkaNoController": "There are 0 active controllers.",
    "KafkaUncleanElection": "A replica that was not in sync became leader; messages may be lost.",
    "TomcatThreadsBusy": "Port 8080 of i has 97.5% of its threads at work.",
    "TomcatErrors": "20% of the requests of i fail.",
    "TomcatRefusesSessions": "/ of i has too many sessions.",
    "WildFlyDataSourceExhausted": "d of i has no connection left.",
    "ZooKeeperRequestsWait": "200 requests wait at i.",
    "ZooKeeperSlow": "Requests to i take 150 ms.",
}
"""What each alert says in its test."""

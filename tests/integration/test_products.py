"""The packs on the real products, from Maven Central, with real traffic."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import yaml

from integration.support import Watcher, prometheus_path
from integration.targets import CACHE, ROOT, Target, compile_java, start_target
from jmx_bridge import jmx
from jmx_bridge.config import load_config

SOURCES = ROOT / "tests" / "products"
MAVEN = ("mvn", "-q", "-B", "-ntp")
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
SLF4J = "org.slf4j:slf4j-simple:2.0.17"
QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
KAFKA = ("org.apache.kafka:kafka_2.13:4.4.0", "org.slf4j:slf4j-simple:1.7.36")
CLIENTS = ("org.apache.kafka:kafka_2.13:4.3.0", "org.slf4j:slf4j-simple:1.7.36")
ZOOKEEPER = (
    "org.apache.zookeeper:zookeeper:3.9.5",
    "org.xerial.snappy:snappy-java:1.1.10.5",
    "io.dropwizard.metrics:metrics-core:4.1.12.1",
)
POOL = ("com.zaxxer:HikariCP:6.3.0", "com.h2database:h2:2.3.232", SLF4J)
HADOOP = (
    "org.apache.hadoop:hadoop-client-minicluster:3.4.2",
    "org.apache.hadoop:hadoop-client-runtime:3.4.2",
    "org.apache.hadoop:hadoop-client-api:3.4.2",
    "org.slf4j:slf4j-simple:1.7.36",
)
HADOOP_OPENS = (
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
)
NUMBER = re.compile(r"zz_rule=(\d+)")
# Seconds after which every product's values show its traffic; Hadoop takes them every ten.
SETTLES = 30.0
# What the node's own start script opens for it.
CASSANDRA_EXPORTS = (
    *("java.base/jdk.internal.misc", "java.base/jdk.internal.ref", "java.base/sun.nio.ch"),
    *("java.management.rmi/com.sun.jmx.remote.internal.rmi", "java.rmi/sun.rmi.registry"),
    *("java.rmi/sun.rmi.server", "java.rmi/sun.rmi.transport.tcp", "java.sql/java.sql"),
    *("java.base/java.lang.ref", "jdk.unsupported/sun.misc"),
)  # fmt: skip
CASSANDRA_OPENS = (
    *("java.base/java.lang.module", "java.base/jdk.internal.loader", "java.base/jdk.internal.ref"),
    *("java.base/jdk.internal.reflect", "java.base/jdk.internal.math", "java.base/java.nio"),
    *("java.base/jdk.internal.module", "java.base/jdk.internal.util.jar", "java.base/java.io"),
    *("jdk.management/com.sun.management.internal", "java.base/sun.nio.ch", "java.base/java.util"),
    *("java.base/java.lang", "java.base/java.lang.reflect", "java.rmi/sun.rmi.transport.tcp"),
)  # fmt: skip


@dataclass(frozen=True)
class Product:
    """A product and what its pack must show of it."""

    main: str
    artifacts: tuple[str, ...]
    moves: tuple[str, ...]
    """Beginnings of series of which one grows with the traffic."""
    has: tuple[str, ...]
    """Beginnings of series that are there."""
    sources: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    silent: frozenset[str] = frozenset()
    """Names of rules that match nothing here."""


PRODUCTS = {
    "tomcat": Product(
        "TomcatApp",
        (
            "org.apache.tomcat.embed:tomcat-embed-core:10.1.52",
            "org.apache.tomcat.embed:tomcat-embed-jasper:10.1.52",
            "org.apache.tomcat:tomcat-dbcp:10.1.52",
            "com.h2database:h2:2.3.232",
        ),
        moves=(
            "tomcat_requestcount_total",
            "tomcat_errorcount_total",
            "tomcat_session_sessioncounter_total",
            "tomcat_servlet_requestcount_total",
        ),
        has=("tomcat_threadpool_currentthreadsbusy", "tomcat_threadpool_connectioncount"),
        # Tomcat 9 and older.
        silent=frozenset({"tomcat_threadpool_pollerthreadcount"}),
    ),
    "kafka-client": Product(
        "StreamsApp",
        (*CLIENTS, "org.apache.kafka:kafka-streams:4.3.0"),
        sources=("Broker", "KafkaApp"),
        moves=(
            "kafka_producer_producer_metrics_record_send_total",
            "kafka_consumer_consumer_fetch_manager_metrics_records_consumed_total",
            "kafka_streams_stream_thread_metrics_process_total",
        ),
        has=(
            "kafka_consumer_consumer_fetch_manager_metrics_records_lag{",
            "kafka_consumer_consumer_coordinator_metrics_assigned_partitions",
            "kafka_streams_stream_metrics_state_info",
        ),
    ),
    "kafka-connect": Product(
        "ConnectApp",
        (
            *CLIENTS,
            "org.apache.kafka:connect-runtime:4.3.0",
            "org.apache.kafka:connect-file:4.3.0",
        ),
        sources=("Broker",),
        moves=(
            "kafka_connect_source_task_metrics_source_record_write_total",
            "kafka_connect_sink_task_metrics_sink_record_send_total",
        ),
        has=(
            "kafka_connect_connector_metrics{connector=sink,status=running",
            "kafka_connect_connect_worker_metrics_connector_count",
        ),
    ),
    "kafka": Product(
        "KafkaApp",
        KAFKA,
        sources=("Broker",),
        moves=(
            "kafka_server_brokertopicmetrics_bytesinpersec{topic=orders",
            "kafka_server_brokertopicmetrics_messagesinpersec{topic=orders",
            "kafka_network_requestmetrics_requestspersec",
            "kafka_log_log_logendoffset",
        ),
        has=(
            "kafka_server_replicamanager_underreplicatedpartitions",
            "kafka_controller_kafkacontroller_activecontrollercount",
            "kafka_network_requestmetrics_totaltimems",
        ),
        # No histogram of the broker alone has two more properties.
        silent=frozenset({"kafka_$1_$2_$3"}),
    ),
    "kafka-strimzi": Product(
        "KafkaApp",
        KAFKA,
        sources=("Broker",),
        moves=(
            "kafka_server_brokertopicmetrics_bytesin_total",
            "kafka_server_brokertopicmetrics_messagesin_total",
        ),
        has=(
            "kafka_server_replicamanager_partitioncount",
            "kafka_network_socketserver_networkprocessoravgidle_percent",
            "kafka_server_raftmetrics_current_state{state=leader",
        ),
        # Meters with one or two more properties, and what the broker counted before 4.0.
        silent=frozenset(
            {
                "kafka_$1_$2_$3",
                "kafka_$1_$2_$3_count",
                "kafka_$1_$2_$3_percent",
                "kafka_server_raftmetrics_$1_total",
                "kafka_server_brokermetadatametrics_$1_total",
            }
        ),
    ),
    "zookeeper": Product(
        "ZooKeeperApp",
        ZOOKEEPER,
        moves=("zookeeper_packetsreceived_total", "zookeeper_inmemorydatatree_nodecount"),
        has=("zookeeper_avgrequestlatency", "zookeeper_numaliveconnections"),
        # An ensemble.
        silent=frozenset({"zookeeper_status_quorumsize"}),
    ),
    "zookeeper-native": Product(
        "ZooKeeperApp",
        ZOOKEEPER,
        moves=("packets_received", "znode_count"),
        has=("avg_latency", "num_alive_connections"),
        # An ensemble.
        silent=frozenset({"quorum_size"}),
    ),
    "activemq": Product(
        "ActiveMqApp",
        (
            "org.apache.activemq:activemq-broker:6.2.7",
            "org.apache.activemq:activemq-kahadb-store:6.2.7",
            "org.apache.activemq:activemq-client:6.2.7",
            SLF4J,
        ),
        sources=("Orders",),
        moves=(
            "activemq_message_total",
            "activemq_queue_enqueue_count",
            "activemq_queue_dequeue_count",
            "activemq_queue_queue_size",
            "activemq_topic_enqueue_count",
        ),
        has=("activemq_memory_usage_ratio", "activemq_store_usage_ratio"),
    ),
    "artemis": Product(
        "ArtemisApp",
        (
            "org.apache.activemq:artemis-server:2.56.0",
            "org.apache.activemq:artemis-jakarta-client:2.56.0",
            SLF4J,
        ),
        sources=("Orders",),
        moves=(
            "artemis_messages",
            "artemis_messages_added_total",
            "artemis_messages_acknowledged_total",
            "artemis_queue_messages_added_total",
        ),
        has=("artemis_open_connections", "artemis_address_memory_usage_ratio"),
    ),
    "jetty": Product(
        "JettyApp",
        (
            "org.eclipse.jetty:jetty-server:12.1.12",
            "org.eclipse.jetty:jetty-jmx:12.1.12",
            SLF4J,
        ),
        moves=("jetty_requests_total", "jetty_responses_total{code=4xx"),
        has=("jetty_threads_current",),
    ),
    "hikaricp": Product(
        "PoolApp",
        POOL,
        moves=("hikaricp_connections_active{pool=shop",),
        has=("hikaricp_connections_max{pool=shop", "hikaricp_connections_pending"),
    ),
    "dbcp": Product(
        "DbcpApp",
        ("org.apache.commons:commons-dbcp2:2.13.0", "com.h2database:h2:2.3.232"),
        moves=("dbcp_connections_borrowed_total{pool=shop", "dbcp_connections_returned_total"),
        has=(
            "dbcp_connections_active{pool=shop",
            "dbcp_connections_max{pool=shop",
            "dbcp_connections_opened_total{pool=shop",
        ),
    ),
    "jvm": Product(
        "PoolApp",
        POOL,
        moves=("jvm_uptime_seconds",),
        has=("jvm_process_cpu_load", "jvm_physical_memory_bytes"),
    ),
    "jvm-0.x": Product(
        "PoolApp",
        POOL,
        moves=(),
        has=("jvm_memory_bytes_used{area=heap", "jvm_memory_pool_bytes_used{pool=G1"),
        flags=("-XX:+UseG1GC",),
    ),
    "jvm-grafana-cloud": Product(
        "PoolApp",
        POOL,
        moves=(),
        has=("jvm_memory_usage_used_bytes{area=Heap", "jvm_gc_collection_count{name=G1"),
        flags=("-XX:+UseG1GC",),
    ),
    "hadoop": Product(
        "HdfsApp",
        HADOOP,
        moves=(
            "hadoop_namenode_files",
            "hadoop_rpc_calls_total",
            "hadoop_datanode_written_bytes_total",
        ),
        has=("hadoop_namenode_capacity_bytes", "hadoop_namenode_live_datanodes"),
        flags=HADOOP_OPENS,
    ),
    "hadoop-grafana-cloud": Product(
        "HdfsApp",
        HADOOP,
        moves=("hadoop_namenode_filestotal{name=FSNamesystem", "hadoop_datanode_byteswritten"),
        has=("hadoop_namenode_capacitytotal{name=FSNamesystem", "hadoop_namenode_numlivedatanodes"),
        flags=HADOOP_OPENS,
    ),
    "cassandra": Product(
        "CassandraApp",
        ("org.apache.cassandra:cassandra-all:5.0.9",),
        moves=(
            "cassandra_clientrequest_latency_seconds_count{clientrequest=Write",
            "cassandra_clientrequest_latency_seconds_count{clientrequest=Read",
        ),
        has=("cassandra_storage_load_count", "cassandra_cache_size"),
        flags=(
            *(f"--add-exports={package}=ALL-UNNAMED" for package in CASSANDRA_EXPORTS),
            *(f"--add-opens={package}=ALL-UNNAMED" for package in CASSANDRA_OPENS),
            "-Djdk.attach.allowAttachSelf=true",
        ),
        # A second node.
        silent=frozenset({"cassandra_connection_$2", "cassandra_connection_timeouts_count"}),
    ),
}  # fmt: skip


class Packed(Watcher):
    """A watcher whose rules are a file, which may include others."""

    def _load(self):
        return load_config(self.rules, syntax=jmx.JavaSyntax(), environ={})


@pytest.fixture
def product(request, tmp_path) -> Iterator[tuple[str, Target]]:
    if not shutil.which("mvn"):
        # On a new machine `.ci/run` installs it.
        assert not os.environ.get("CI"), "Maven is not installed"
        pytest.skip("Maven is not installed")
    name = request.param
    log = CACHE / "products" / f"{name}.log"
    target = start(PRODUCTS[name], tmp_path, log)
    try:
        yield name, target
    finally:
        target.stop()


def start(product: Product, folder: Path, log: Path, *flags: str) -> Target:
    """Start a product; *flags* are its JVM's."""
    jars = libraries(product)
    classpath = f"{jars}/*"
    sources = [
        SOURCES / f"{name}.java" for name in ("Product", *product.sources, product.main)
    ]
    classes = compile_java(
        sources, CACHE / "products" / product.main, "-cp", classpath, needs=()
    )
    every = [QUIET, *flags, *product.flags]
    every += [f"-javaagent:{jar}" for jar in jars.glob("jamm-*.jar")]
    return start_target(
        f"{classes}:{classpath}", product.main, str(folder), flags=tuple(every), log=log
    )


def libraries(product: Product) -> Path:
    """Return a folder with a product's jars, fetched the first time."""
    folder = CACHE / "products" / f"{product.main}-lib"
    wanted = "\n".join(product.artifacts)
    stamp = folder / ".artifacts"
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pom = folder / "pom.xml"
        pom.write_text(project(product.artifacts), "utf-8")
        subprocess.run(
            [*MAVEN, "-f", pom, COPY, "-DincludeScope=runtime", f"-DoutputDirectory={folder}"],
            check=True,
        )  # fmt: skip
        stamp.write_text(wanted, "utf-8")
    return folder


def project(artifacts: tuple[str, ...]) -> str:
    """Return a Maven project that depends on some artifacts."""
    keys = ("groupId", "artifactId", "version")
    depend = "".join(
        "<dependency>"
        + "".join(
            f"<{key}>{escape(value)}</{key}>"
            for key, value in zip(keys, artifact.split(":"), strict=True)
        )
        + "</dependency>"
        for artifact in artifacts
    )
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>t</groupId><artifactId>t</artifactId>"
        f"<version>1</version><dependencies>{depend}</dependencies></project>"
    )


@pytest.mark.parametrize("product", PRODUCTS, indirect=True)
def test_a_pack_follows_its_product(jvm, product, tmp_path):
    name, target = product
    wanted = PRODUCTS[name]
    rules = numbered(name)
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump(rules, sort_keys=False), "utf-8")
    watcher = Packed(target, str(file))
    try:
        before = watcher.page(30)
        assert target.tell("go") == "done"
        end = time.monotonic() + SETTLES
        while True:
            after = watcher.page(30)
            still = [one for one in wanted.moves if not grew(before, after, one)]
            if not still or time.monotonic() > end:
                break
            time.sleep(0.2)
        accepted(watcher.text(30))
    finally:
        watcher.bridge.close()

    there = [*wanted.has, *wanted.moves]
    assert [one for one in there if not some(after, one)] == []
    assert still == []
    matched = {int(one[1]) for series in after if (one := NUMBER.search(series))}
    silent = {rule["name"] for i, rule in enumerate(rules["rules"]) if i not in matched}
    assert silent == wanted.silent


def numbered(pack: str) -> dict[str, Any]:
    """Return a pack whose samples have a label with the number of their rule."""
    rules = yaml.safe_load((ROOT / "rules" / f"{pack}.yml").read_text("utf-8"))
    del rules["pack"]
    for number, rule in enumerate(rules["rules"]):
        rule.setdefault("labels", {})["zz_rule"] = str(number)
    return rules | {"excludeJvmMetrics": True}


def grew(before: dict[str, float], after: dict[str, float], beginning: str) -> bool:
    return sum(some(after, beginning)) > sum(some(before, beginning))


def some(page: dict[str, float], beginning: str) -> list[float]:
    return [value for series, value in page.items() if series.startswith(beginning)]


def accepted(page: str) -> None:
    """Let promtool parse a page; its remarks on names are the dashboards'."""
    promtool = shutil.which("promtool", path=prometheus_path())
    if promtool:
        done = subprocess.run(
            [promtool, "check", "metrics"],
            input=page.encode(),
            capture_output=True,
            check=False,
        )
        assert b"error while linting" not in done.stderr, done.stderr.decode()

"""What our dashboards show and our alerts watch: a file for each product."""

from __future__ import annotations

from specs import (
    activemq,
    artemis,
    cassandra,
    dbcp,
    fleet,
    hadoop,
    hikaricp,
    jetty,
    jmx_bridge,
    jvm,
    kafka,
    kafka_client,
    kafka_connect,
    tomcat,
    webhook,
    wildfly,
    zookeeper,
)

PRODUCTS = {
    "activemq": activemq.SPEC,
    "artemis": artemis.SPEC,
    "cassandra": cassandra.SPEC,
    "dbcp": dbcp.SPEC,
    "hadoop": hadoop.SPEC,
    "hikaricp": hikaricp.SPEC,
    "jetty": jetty.SPEC,
    "jmx-bridge": jmx_bridge.SPEC,
    "jvm": jvm.SPEC,
    "kafka": kafka.SPEC,
    "kafka-client": kafka_client.SPEC,
    "kafka-connect": kafka_connect.SPEC,
    "tomcat": tomcat.SPEC,
    "wildfly": wildfly.SPEC,
    "zookeeper": zookeeper.SPEC,
}
SPECS = {
    **PRODUCTS,
    "fleet": fleet.spec({name: spec.sign for name, spec in PRODUCTS.items()}),
    "webhook": webhook.SPEC,
}

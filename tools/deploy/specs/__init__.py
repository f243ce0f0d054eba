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
    wildfly,
    zookeeper,
)
from specs.words import Spec

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
NOT_YET: frozenset[str] = frozenset()
"""Specs without descriptions, runbooks and healthy series; those that are done are taken out here."""


def sign(spec: Spec) -> str:
    """The metric that tells the product's targets."""
    if spec.sign:
        return spec.sign
    first = spec.rows[0].panels[0].queries[0].expr
    return first[: first.index("{SEL")].split("(")[-1].split()[-1]


SPECS = {
    **PRODUCTS,
    "fleet": fleet.spec({name: sign(spec) for name, spec in PRODUCTS.items()}),
}

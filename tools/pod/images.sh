#!/usr/bin/env bash
# Builds every image that the pod of examples/kubernetes/shop.yaml needs, and those that stand beside it, Kafka and
# Prometheus, without a Docker engine. usage: tools/pod/images.sh [bridge|tomcat|shop|logs|kafka|prometheus]...
# Tomcat and Kafka come from Maven Central, the rest from Debian's packages; ours from their own Dockerfiles.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/tools/image/engine.sh"
tomcat=${TOMCAT_VERSION:-10.1.59}
kafka=${KAFKA_VERSION:-4.4.0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$STORE/images.log

build() { # TAG FOLDER [ARGUMENTS]
  echo "building $1 ..."
  buildah bud -q --isolation oci --runtime runc --network host --pull-never --format docker --layers --ignorefile /dev/null \
    "${@:3}" -t "$1" "$2" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}
maven() { mvn -q -B -ntp "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }; }
command -v mvn >/dev/null || { echo "Maven is needed for Tomcat and Kafka: apt-get install maven" >&2; exit 1; }

make_bridge() {
  echo "building localhost/jmx-bridge:dev ..."
  "$root/tools/image/build.sh" localhost/jmx-bridge:dev >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}
# What the official image has of Tomcat, as far as those who use it see it.
make_tomcat() {
  copy=org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy
  maven "$copy" "-Dartifact=org.apache.tomcat:tomcat:$tomcat:tar.gz" "-DoutputDirectory=$work"
  mkdir -p "$work/tomcat/home"
  tar -xzf "$work/tomcat-$tomcat.tar.gz" -C "$work/tomcat/home" --strip-components 1
  cat >"$work/tomcat/Dockerfile" <<'DOCKERFILE'
ARG BASE
FROM ${BASE}
ARG JAVA
RUN apt-get update && apt-get install -y --no-install-recommends "$JAVA" && rm -rf /var/lib/apt/lists/*
COPY home /usr/local/tomcat
RUN chmod -R a+rX /usr/local/tomcat && cd /usr/local/tomcat && rm -rf webapps/* && chmod 1777 logs temp work
ENV CATALINA_HOME=/usr/local/tomcat PATH=/usr/local/tomcat/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["catalina.sh", "run"]
DOCKERFILE
  for kind in jdk jre; do
    build "docker.io/library/tomcat:10.1-${kind}17" "$work/tomcat" --build-arg "BASE=$BASE" --build-arg "JAVA=openjdk-17-$kind-headless"
  done
}
make_shop() {
  build localhost/shop:dev "$root/examples/java-app"
}
make_logs() {
  for form in rsyslog kcat; do
    build "localhost/shop-logs-$form:dev" "$root/examples/kubernetes/logs/$form" --build-arg "BASE=$BASE"
  done
}
make_kafka() {
  mkdir -p "$work/kafka"
  cp "$here/kafka.properties" "$here/kafka.sh" "$work/kafka"
  cat >"$work/kafka/pom.xml" <<POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>pod</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$kafka</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
POM
  maven -f "$work/kafka/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$work/kafka/lib"
  cat >"$work/kafka/Dockerfile" <<'DOCKERFILE'
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless kcat && rm -rf /var/lib/apt/lists/*
COPY lib /opt/kafka/lib
COPY kafka.properties kafka.sh /opt/kafka/
RUN chmod -R a+rX /opt/kafka && install -d -o 10010 -g 10010 /var/lib/kafka
USER 10010:10010
CMD ["bash", "/opt/kafka/kafka.sh"]
DOCKERFILE
  build localhost/kafka:dev "$work/kafka" --build-arg "BASE=$BASE"
}
make_prometheus() {
  mkdir -p "$work/prometheus"
  cat >"$work/prometheus/Dockerfile" <<'DOCKERFILE'
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends prometheus && rm -rf /var/lib/apt/lists/* \
 && install -d -o 10011 -g 10011 /var/lib/prom
USER 10011:10011
ENTRYPOINT ["prometheus", "--storage.tsdb.path=/var/lib/prom", "--web.console.templates=", "--web.console.libraries="]
DOCKERFILE
  build localhost/prometheus:dev "$work/prometheus" --build-arg "BASE=$BASE"
}

[ $# -gt 0 ] || set -- bridge tomcat shop logs kafka prometheus
for one in "$@"; do
  "make_$one"
done
echo "all images are there"

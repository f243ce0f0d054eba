# syntax=docker/dockerfile:1
# JMX Bridge as a sidecar image: the wheel and a small Java runtime are built first, then copied into a slim stage.
# For several platforms: docker buildx build --platform linux/amd64,linux/arm64 . The archive of classes is made by the
# platform's own Java, so each stage runs on the platform that it is for; tools/image/arm64.sh shows what arm64 has.
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS build
# Where pip finds certificates, for builds behind a proxy of their own.
ARG PIP_CERT=/etc/ssl/certs/ca-certificates.crt
# A package's version is the distribution's affair: a pinned one is gone with its next security update.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends binutils ca-certificates openjdk-17-jdk-headless python3-venv \
 && rm -rf /var/lib/apt/lists/*
# What an embedded JVM needs to speak JMX over RMI and TLS, and no more; jdk.naming.rmi is for URLs that name a JNDI path.
# The package that it is of stays known to those who look for vulnerable ones.
RUN jlink --add-modules java.base,java.logging,java.management,java.management.rmi,java.naming,java.rmi,java.security.sasl,jdk.crypto.ec,jdk.management,jdk.naming.rmi,jdk.unsupported \
      --strip-debug --no-header-files --no-man-pages --compress=2 --output /opt/java \
 && mkdir /opt/packages && dpkg-query --status openjdk-17-jre-headless >/opt/packages/openjdk-17-jre-headless
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md CHANGELOG.md LICENSE ./
COPY java java
# With the workbench's page, if `make page` built it; `make image` does.
COPY jmx_bridge jmx_bridge
COPY rules rules
COPY docs/configuration.md docs/inject.md docs/rules.md docs/troubleshooting.md docs/workbench.md docs/
COPY tools/image/requirements.txt tools/image/archive.py ./
# With -P the installed package is taken, not the source's: an archive is good only for its own jars' paths.
# It costs 13 MB, and saves 7 MiB of resident memory; the pods of a node share most of it.
RUN python3 -m venv /opt/tools \
 && /opt/tools/bin/pip install -q --upgrade 'pip>=25.1' \
 && /opt/tools/bin/pip wheel -q --no-deps --wheel-dir /wheels . \
 && python3 -m venv --without-pip /opt/jmx-bridge \
 && /opt/tools/bin/pip --python /opt/jmx-bridge/bin/python install -q --no-compile --require-hashes -r requirements.txt \
 && /opt/tools/bin/pip --python /opt/jmx-bridge/bin/python install -q --no-compile --no-deps /wheels/*.whl \
 && find /opt/jmx-bridge -name tests -type d -prune -exec rm -rf {} + \
 && find /opt/jmx-bridge -name '*.so' -exec strip --strip-unneeded {} + \
 && /opt/jmx-bridge/bin/python -m compileall -q /opt/jmx-bridge/lib \
 && JAVA_HOME=/opt/java PYTHONDONTWRITEBYTECODE=1 /opt/jmx-bridge/bin/python -P archive.py /usr/bin/java

FROM ${BASE} AS run
# Nothing is installed later, so what installs, converts or documents goes: 40 MB. Licences and dpkg's list of packages stays
# for those who look for vulnerable ones. A shell stays for people; nothing here runs one.
WORKDIR /
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 \
 && find usr/share/doc -type f ! -name copyright -delete \
 && rm -rf var/lib/apt var/cache/* var/log/* \
      usr/share/man usr/share/info usr/share/locale usr/share/lintian usr/share/zoneinfo usr/share/perl5 \
      usr/share/bash-completion usr/share/debconf usr/share/gcc usr/share/gdb usr/share/applications usr/share/pixmaps \
      usr/lib/*/perl-base usr/lib/*/gconv usr/lib/*/libapt-* usr/lib/apt usr/lib/udev usr/lib/systemd \
      usr/bin/perl* usr/bin/apt* usr/bin/dpkg* usr/bin/deb* usr/bin/gpgv usr/bin/localedef usr/sbin/*fs* usr/sbin/*swap* \
      usr/lib/python3.*/pydoc_data usr/lib/python3.*/lib2to3 usr/lib/python3.*/idlelib usr/lib/python3.*/ensurepip \
      usr/lib/python3.*/unittest usr/lib/python3.*/distutils usr/lib/python3.*/tkinter usr/lib/python3.*/turtle*

# One layer of all: what was removed above would else be in a layer below, and be pulled.
FROM scratch
# hadolint ignore=DL3067
COPY --from=run / /
COPY --from=build /opt/java /opt/java
COPY --from=build /opt/jmx-bridge /opt/jmx-bridge
COPY --from=build /opt/packages /var/lib/dpkg/status.d
ENV JAVA_HOME=/opt/java \
    PATH=/opt/jmx-bridge/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# Any user will do: nothing is written anywhere.
USER 10001:10001
EXPOSE 12346
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s CMD ["python", "-m", "jmx_bridge.health"]
ENTRYPOINT ["jmx-bridge"]
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="jmx-bridge" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim" \
      org.opencontainers.image.description="Serves a JVM's MBeans as Prometheus metrics, in jmx_exporter's rule language." \
      org.opencontainers.image.licenses="Apache-2.0"

"""What is measured against: JVMs with many MBeans and a remote JMX port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from java_tools import HERE, compile_java, kafka_jars, tool
from processes import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from processes import Process, Processes

WARM_UP_PASSES = 2
WARM_UP_SECONDS = 40
LARGE = 50_000
"""MBeans from which a target gets the larger heap."""

KAFKA_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
"""
KAFKA_CLUSTER_ID = "YmVuY2gtYmVuY2gtYmVuYw"


@dataclass(frozen=True, slots=True)
class TargetJvm:
    """A running target."""

    process: Process
    jmx_port: int

    @property
    def pid(self) -> int:
        return self.process.pid


class Target(Protocol):
    """A kind of target that can be started any number of times."""

    @property
    def name(self) -> str: ...

    def start(
        self, processes: Processes, name: str, javaagent: str | None
    ) -> TargetJvm: ...


@dataclass(frozen=True, slots=True)
class Synthetic:
    """ManyBeans: MBeans in Kafka's style of names, eight attributes each."""

    mbeans: int

    @property
    def name(self) -> str:
        return f"synthetic-{self.mbeans}"

    def start(
        self, processes: Processes, name: str, javaagent: str | None
    ) -> TargetJvm:
        classes = compile_java(processes, HERE / "java" / "ManyBeans.java")
        port = free_port()
        java = jvm(port, heap="2g" if self.mbeans >= LARGE else "1g", agent=javaagent)
        program = ["-cp", str(classes), "ManyBeans", str(self.mbeans)]
        process = processes.start(name, [*java, *program])
        process.wait_for_line("ready", seconds=60)
        return TargetJvm(process, port)


@dataclass(frozen=True, slots=True)
class Replay:
    """Somebody's recording of a real product's MBeans, served again by *program*."""

    program: Path
    """A Java file that takes inventories as arguments and prints "ready"."""
    inventory: Path

    @property
    def name(self) -> str:
        return f"replay-{self.inventory.name.removesuffix('.tsv.gz')}"

    def start(
        self, processes: Processes, name: str, javaagent: str | None
    ) -> TargetJvm:
        classes = compile_java(processes, self.program)
        port = free_port()
        java = jvm(port, heap="1g", agent=javaagent)
        program = ["-cp", str(classes), self.program.stem, str(self.inventory)]
        process = processes.start(name, [*java, *program])
        process.wait_for_line("ready", seconds=60)
        return TargetJvm(process, port)


@dataclass(frozen=True, slots=True)
class Kafka:
    """A real broker with one topic."""

    partitions: int

    @property
    def name(self) -> str:
        return f"kafka-{self.partitions}"

    def start(
        self, processes: Processes, name: str, javaagent: str | None
    ) -> TargetJvm:
        jars = kafka_jars(processes)
        port, broker = free_port(), free_port()
        properties = processes.directory / f"{name}.properties"
        data = processes.directory / f"{name}-data"
        properties.write_text(
            KAFKA_PROPERTIES.format(broker=broker, controller=free_port(), data=data)
        )
        storage = ["kafka.tools.StorageTool", "format", "-t", KAFKA_CLUSTER_ID]
        processes.run(
            f"{name}-format", [tool("java"), "-cp", jars, *storage, "-c", properties]
        )

        java = jvm(port, heap="1g", agent=javaagent)
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        broker_main = [quiet, "-cp", jars, "kafka.Kafka", properties]
        process = processes.start(name, [*java, *broker_main])
        process.wait_for_port(broker, seconds=90)
        fill = [HERE / "java" / "FillKafka.java", f"127.0.0.1:{broker}"]
        processes.run(
            f"{name}-fill",
            [tool("java"), quiet, "-cp", jars, *fill, str(self.partitions)],
        )
        return TargetJvm(process, port)


def jvm(jmx_port: int, *, heap: str, agent: str | None) -> list[str]:
    """Return the beginning of a target's command line."""
    prefix = "-Dcom.sun.management.jmxremote"
    return [
        tool("java"),
        f"-Xmx{heap}",
        f"{prefix}.port={jmx_port}",
        f"{prefix}.rmi.port={jmx_port}",
        f"{prefix}.host=127.0.0.1",
        f"{prefix}.authenticate=false",
        f"{prefix}.ssl=false",
        "-Djava.rmi.server.hostname=127.0.0.1",
        *([f"-javaagent:{agent}"] if agent else []),
    ]


def warm_up(processes: Processes, target: TargetJvm) -> int:
    """Read all of *target* with the JDK's client, and return its number of MBeans."""
    classes = compile_java(processes, HERE / "java" / "WarmUp.java")
    target.process.wait_for_port(target.jmx_port, seconds=30)
    limits = [str(WARM_UP_PASSES), str(WARM_UP_SECONDS)]
    command = [tool("java"), "-cp", classes, "WarmUp", str(target.jmx_port), *limits]
    lines = processes.run(f"{target.process.name}-warm-up", command)
    return int(lines[-1])

"""The JDK and Maven: compiled programs and downloaded jars, kept in .cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from processes import BenchError

if TYPE_CHECKING:
    from processes import Processes

HERE = Path(__file__).parent
CACHE = HERE.parent / ".cache" / "bench"
CLASSES = CACHE / "classes"
JARS = CACHE / "jars"
KAFKA_JARS = CACHE / "kafka"


def tool(name: str) -> str:
    """Return the path of one of the JDK's programs, or of Maven."""
    home = os.environ.get("JAVA_HOME")
    if home and (path := Path(home, "bin", name)).exists():
        return str(path)
    if found := shutil.which(name):
        return found
    raise BenchError(f"{name}: not found; the benchmark needs a JDK 17+ and Maven")


def java_version() -> str:
    """Return the version of the Java that runs targets and peers."""
    shown = subprocess.run(
        [tool("java"), "--version"], capture_output=True, text=True, check=True
    )
    return shown.stdout.split()[1]


def compile_java(processes: Processes, source: Path) -> Path:
    """Compile one file unless that is done already, and return the class path."""
    made = CLASSES / source.stem / f"{source.stem}.class"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        javac = [tool("javac"), "-nowarn", "-d", made.parent, source]
        processes.run(f"javac-{source.stem}", javac)
    return made.parent


def maven_jar(processes: Processes, group: str, artifact: str, version: str) -> Path:
    """Return a jar of Maven Central's, downloaded once."""
    jar = JARS / f"{artifact}-{version}.jar"
    if not jar.exists():
        goal = ["dependency:copy", f"-Dartifact={group}:{artifact}:{version}"]
        command = [tool("mvn"), "-q", "-B", *goal, f"-DoutputDirectory={JARS}"]
        processes.run(f"maven-{artifact}", command, seconds=300)
    return jar


def kafka_jars(processes: Processes) -> str:
    """Return the class path of a Kafka broker, downloaded once."""
    pom = HERE / "kafka" / "pom.xml"
    done = KAFKA_JARS / "done"
    if not done.exists() or done.stat().st_mtime < pom.stat().st_mtime:
        shutil.rmtree(KAFKA_JARS, ignore_errors=True)
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
        command = [tool("mvn"), "-q", "-B", "-f", pom, *goal]
        processes.run(
            "maven-kafka", [*command, f"-DoutputDirectory={KAFKA_JARS}"], seconds=600
        )
        done.touch()
    return f"{KAFKA_JARS}/*"

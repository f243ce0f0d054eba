"""
Compile the Java helper into the package, whenever a wheel or an editable install is built.

`python hatch_build.py` does the same by itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "java" / "src"
JAR = ROOT / "jmx_bridge" / "jmx" / "_java" / "jmx-bridge.jar"
# Strings put together at run time by generated classes would cost half a megabyte.
FLAGS = (
    "--release",
    "17",
    "-Xlint:all",
    "-Werror",
    "-proc:none",
    "-XDstringConcat=inline",
)
# A fixed moment, so that the same sources give the same bytes.
EPOCH = (2020, 1, 1, 0, 0, 0)


def find_javac() -> str:
    """Return the compiler of JAVA_HOME, or the one on PATH."""
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "javac").is_file():
        return str(Path(home) / "bin" / "javac")
    javac = shutil.which("javac")
    if javac is None:
        raise SystemExit(
            "jmx-bridge: building from source needs a JDK 17 or newer, and no javac was "
            "found\n  hint: install one (apt-get install openjdk-17-jdk-headless), or set "
            "JAVA_HOME; a wheel needs no JDK"
        )
    return javac


def build_jar() -> None:
    """Compile java/src into the package's jar, unless the jar is newer."""
    sources = sorted(SOURCES.rglob("*.java"))
    if not sources:
        return  # an unpacked wheel: the jar is there
    newest = max(path.stat().st_mtime for path in (*sources, Path(__file__)))
    if JAR.exists() and JAR.stat().st_mtime > newest:
        return
    with tempfile.TemporaryDirectory() as folder:
        command = [find_javac(), *FLAGS, "-d", folder, *map(str, sources)]
        if subprocess.run(command, check=False).returncode:  # noqa: S603
            raise SystemExit("jmx-bridge: the Java helper does not compile")
        JAR.parent.mkdir(exist_ok=True)
        fresh = JAR.with_suffix(".new")
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as jar:
            for path in sorted(Path(folder).rglob("*.class")):
                name = path.relative_to(folder).as_posix()
                jar.writestr(zipfile.ZipInfo(name, EPOCH), path.read_bytes())
        fresh.replace(JAR)


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script, where no build is going on
    pass
else:

    class JavaHelper(BuildHookInterface):  # type: ignore[type-arg]
        """Builds the jar before the files of a wheel are gathered."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Build the jar."""
            del version, build_data
            if self.target_name == "wheel":
                build_jar()


if __name__ == "__main__":
    build_jar()
    sys.stdout.write(f"{JAR.relative_to(ROOT)}\n")

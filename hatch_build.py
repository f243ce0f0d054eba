"""
Compile the Java helper into the package, whenever a wheel or an editable install is built.

The workbench's page is built for an sdist; a wheel takes what is there, so that nobody needs Node
to install. `python hatch_build.py` does the first by itself, `python hatch_build.py page` both.
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


PAGE = ROOT / "page"
ASSETS = ROOT / "jmx_bridge" / "web" / "assets"
NO_NODE = (
    "jmx-bridge: the workbench's page is not built, for which Node 20 or newer and npm are "
    "needed\n  hint: `make page` brings them into .cache"
)


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


def page_is_built() -> bool:
    """Whether the page's built files are there, and newer than what they are made of."""
    index = ASSETS / "index.html"
    sources = [path for path in PAGE.glob("*") if path.is_file()]
    sources += (PAGE / "src").rglob("*")
    newest = max((path.stat().st_mtime for path in sources), default=0.0)
    return index.is_file() and index.stat().st_mtime >= newest


def build_page() -> None:
    """Bundle page/ into the package's assets by Node, unless they are newer."""
    if page_is_built():
        return
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise SystemExit(NO_NODE)
    lock, modules = PAGE / "package-lock.json", PAGE / "node_modules"
    stamp = modules / ".package-lock.json"
    commands = [[node, "build.mjs", str(ASSETS)]]
    if not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        # Scripts of packages are not run; esbuild's own program is a package for each system.
        commands.insert(0, [npm, "ci", "--ignore-scripts"])
    for command in commands:
        if subprocess.run(command, check=False, cwd=PAGE).returncode:  # noqa: S603
            raise SystemExit("jmx-bridge: the workbench's page does not build")
    if stamp.exists():
        stamp.touch()


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script, where no build is going on
    pass
else:

    class Built(BuildHookInterface):  # type: ignore[type-arg]
        """Builds the jar for a wheel, and the page for an sdist, before files are gathered."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Build what this target needs."""
            del build_data
            if self.target_name == "sdist":
                build_page()
            if self.target_name == "wheel":
                build_jar()
                if version != "editable" and not (ASSETS / "index.html").is_file():
                    self.app.display_warning(NO_NODE)


if __name__ == "__main__":
    build_jar()
    sys.stdout.write(f"{JAR.relative_to(ROOT)}\n")
    if sys.argv[1:] == ["page"]:
        build_page()
        sys.stdout.write(f"{ASSETS.relative_to(ROOT)}\n")

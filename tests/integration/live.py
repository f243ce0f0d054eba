"""Real products under load, for scripts that read them by `jmx-bridge` as a user would."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from integration.support import COMMAND
from integration.targets import CACHE, ROOT, Target
from integration.test_products import PRODUCTS, start

NAMES = ("tomcat", "activemq", "zookeeper", "kafka", "cassandra")
PAUSE = 0.5
"""Seconds between two bursts of traffic."""
MOST = 600.0
"""Seconds that one command may take."""


@dataclass(frozen=True)
class Live:
    """A product that runs, and the pack for it."""

    pack: str
    address: str

    @property
    def rules(self) -> Path:
        return ROOT / "rules" / f"{self.pack}.yml"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command on this product."""
        target = f"--jmx.target={self.address}"
        return subprocess.run(
            [*COMMAND, *arguments, target, "--scrape.timeout=120s"],
            capture_output=True,
            text=True,
            check=False,
            timeout=MOST,
            cwd=ROOT,
        )

    def output(self, *arguments: str) -> str:
        """Run a command that has to end well, and return what it prints."""
        done = self.run(*arguments)
        assert done.returncode == 0, (arguments, done.returncode, done.stderr[-2000:])
        return done.stdout

    def page(self, rules: Path) -> str:
        return self.output("scrape", f"--config.file={rules}")

    def lines(self, rules: Path, *arguments: str) -> list[dict[str, Any]]:
        """Return what `list` says of every line, secrets included, as a page has them."""
        flags = (f"--config.file={rules}", "--format=json", "--show-secrets")
        return json.loads(self.output("list", *arguments, *flags))["lines"]


@contextlib.contextmanager
def under_load(argument: str) -> Iterator[Live]:
    """
    Yield the product that an argument names.

    "kafka" is started here and gets traffic all the time; "kafka=localhost:7199" runs already.
    """
    name, _, address = argument.partition("=")
    if address:
        yield Live(name, address)
        return
    log = CACHE / "products" / f"{name}-live.log"
    with tempfile.TemporaryDirectory() as folder:
        target = start(PRODUCTS[name], Path(folder), log)
        ended = threading.Event()
        traffic = threading.Thread(target=_drive, args=(target, ended))
        traffic.start()
        try:
            yield Live(name, target.address)
        finally:
            ended.set()
            traffic.join(60)
            target.stop()


def _drive(target: Target, ended: threading.Event) -> None:
    while not ended.wait(PAUSE):
        target.tell("go")


def wanted(arguments: Sequence[str]) -> Sequence[str]:
    """Return the products that a script's arguments ask for: all five without any."""
    return arguments or NAMES

"""What integration tests watch with: a bridge in this process, and `jmx-bridge` as another one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from integration.targets import CACHE, ROOT, Target, compile_java, free_port, wait_until
from jmx_bridge import jmx
from jmx_bridge.bridge import Bridge
from jmx_bridge.config import parse_config
from jmx_bridge.exposition import negotiate, render
from jmx_bridge.settings import LimitSettings, TargetSettings

COMMAND = [sys.executable, "-m", "jmx_bridge"]
ALL = "excludeJvmMetrics: true\nincludeObjectNames: ['t:*']\n"
MANY = "t:type=M,n=#"
"""MovingApp's name for many MBeans at once, with a number in place of "#"."""


class Finding(Exception):
    """An input that did what no input may do."""


def moving() -> Path:
    """The classes of MovingApp."""
    return compile_java([ROOT / "tests" / "java" / "MovingApp.java"], CACHE / "moving")


def put(app: Target, name: str, attribute: str, kind: str, value: object) -> None:
    assert app.tell(f"put\t{name}\t{attribute}\t{kind}\t{value}") == "done"


def reads(app: Target, name: str = "t:type=A") -> int:
    """How often the one attribute of that MBean was read."""
    return int(app.tell(f"reads\t{name}").strip("{}").partition("=")[2])


def asleep(app: Target) -> bool:
    """Whether a slow MBean holds up a reading, so that a scrape is under way."""
    return app.tell("asleep") != "0"


class Watcher:
    """A bridge on a target, and what its pages say."""

    def __init__(
        self,
        target: Target | None,
        rules: str,
        wire: str = "auto",
        limits: LimitSettings | None = None,
        **access,
    ) -> None:
        self.rules = rules
        self.bridge = Bridge(
            TargetSettings(
                host_port=target.address if target else None, wire=wire, **access
            ),
            limits or LimitSettings(),
            self._load,
            "rules.yml",
        )

    def _load(self):
        return parse_config(
            self.rules, "rules.yml", syntax=jmx.JavaSyntax(), environ={}
        )

    def page(self, seconds: float = 10.0) -> dict[str, float]:
        """Scrape; return values by series, as "name{label=value}"."""
        return {
            series(sample): sample.value
            for family in text_string_to_metric_families(self.text(seconds))
            for sample in family.samples
        }

    def text(self, seconds: float = 10.0) -> str:
        """Scrape; return the page as it is."""
        snapshot = self.bridge.scrape(deadline=time.monotonic() + seconds)
        return render(snapshot, negotiate(None)).decode()


def series(sample) -> str:
    labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
    return f"{sample.name}{{{labels}}}" if labels else sample.name


def ours(page: dict[str, float]) -> dict[str, float]:
    """What rules made of a page."""
    own = ("jmx_", "jvm_", "process_")
    return {name: value for name, value in page.items() if not name.startswith(own)}


class Served:
    """A running `jmx-bridge serve`; *within* is the beginning of a command that starts it."""

    def __init__(
        self,
        *arguments: str,
        environ: dict[str, str] | None = None,
        within: Sequence[str] = (),
    ) -> None:
        self.port = free_port()
        self.log = CACHE / f"bridge-{self.port}.log"
        CACHE.mkdir(exist_ok=True)
        self._out = self.log.open("w", encoding="utf-8")
        listen = f"--web.listen-address=127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [*within, *COMMAND, "serve", listen, *arguments],
            stdout=self._out,
            stderr=self._out,
            cwd=ROOT,
            env={**os.environ, **(environ or {})},
        )
        wait_until(self._listening, 30)

    def _listening(self) -> bool:
        assert self.process.poll() is None, self.logged()
        return "web.listening" in self.logged()

    def logged(self) -> str:
        return self.log.read_text("utf-8")

    def get(self, path: str, method: str = "GET", **headers: str):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def metrics(self) -> str:
        return self.get("/metrics")[2]

    def stop(self) -> int:
        self.process.terminate()
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait(10)
            self._out.close()
            self.log.unlink(missing_ok=True)


@contextlib.contextmanager
def serving(
    *arguments: str,
    environ: dict[str, str] | None = None,
    within: Sequence[str] = (),
) -> Iterator[Served]:
    served = Served(*arguments, environ=environ, within=within)
    try:
        yield served
    finally:
        served.stop()


def one_number(app: Target, value: int = 1, name: str = "t:type=A") -> None:
    app.tell(f"put\t{name}\tCount\tlong\t{value}")


def run(*arguments: str, environ: dict[str, str] | None = None):
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
        env={**os.environ, **(environ or {})},
    )


def prometheus_path() -> str:
    return f"{os.environ['PATH']}:{CACHE / 'prometheus' / 'usr' / 'bin'}"

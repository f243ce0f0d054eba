"""The API server, by its kubectl, and what a proof says that doesn't hold."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Failed(Exception):
    """A proof that didn't hold, in words."""


class Cluster:
    """The API server."""

    def __init__(self, folder: Path) -> None:
        self._kubectl = str(folder / "kubectl")

    def run(
        self, *arguments: str, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self._kubectl, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def do(self, *arguments: str, stdin: str | None = None) -> str:
        done = self.run(*arguments, stdin=stdin)
        if done.returncode:
            raise Failed(f"kubectl {' '.join(arguments[:3])}: {done.stderr.strip()}")
        return done.stdout

    def create(
        self, pod: dict[str, Any], namespace: str, *more: str
    ) -> tuple[dict[str, Any], str]:
        """Return a pod as it came back, and what was said about it."""
        done = self.run(
            "create",
            "-n",
            namespace,
            "-f",
            "-",
            "-o",
            "json",
            *more,
            stdin=json.dumps(pod),
        )
        if done.returncode:
            raise Failed(
                f"the pod {pod['metadata']['name']} is refused: {done.stderr.strip()}"
            )
        return json.loads(done.stdout), done.stderr


def expect(holds: object, otherwise: object) -> None:
    if not holds:
        raise Failed(str(otherwise))


def wait_until(true: Callable[[], Any], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        expect(time.monotonic() < end, f"not there after {seconds:g} s")
        time.sleep(0.2)

"""Workbenches as processes of their own, and recordings for them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jmx_bridge.jmx.moment import JvmReading, RecordedMBean
from jmx_bridge.jmx.recording import write_recording

ASSETS = Path(__file__).parents[2] / "jmx_bridge" / "web" / "assets"


@dataclass
class Served:
    """A workbench that runs; its address lets one browser in, which then has a cookie."""

    process: subprocess.Popen[str]
    address: str
    cookies: Any = None

    @property
    def base(self) -> str:
        return self.address.partition("/workbench")[0]

    def entrance(self) -> str:
        """Where a page begins: the address that was printed, or the page for who has the cookie."""
        return self.address if self.cookies is None else f"{self.base}/workbench"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)
        assert self.process.stdout
        self.process.stdout.close()


def recorded(mbeans: Sequence[RecordedMBean], path: Path) -> Path:
    """Write a recording of MBeans."""
    found = sorted(mbeans, key=lambda mbean: mbean.name)
    write_recording(str(path), [JvmReading(found, taken_at=1.8e9)], "a test")
    return path


def serve(folder: Path, rules: str, *target: str) -> Served:
    """Start `jmx-bridge workbench` in a folder, and wait until it prints its address."""
    (folder / "rules.yml").write_text(rules)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jmx_bridge",
            "workbench",
            "--config.file=rules.yml",
            *target,
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("JMX_BRIDGE")},
    )
    assert process.stdout
    address = process.stdout.readline().strip()
    assert address.startswith("http://127.0.0.1:"), address
    return Served(process, address)

"""
Makes the pictures of our dashboards: `pictures.py --python PYTHON [NAME ...]`.

Starts each product with traffic that varies, the bridge with its pack, and a Prometheus;
then draw.py draws the product's dashboard into docs/packs. PYTHON is one with matplotlib.

The data differs each time, and so does every picture. So without names only those are drawn
whose dashboard has other panels than when it was drawn last, which drawn.json remembers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from integration.support import Served  # noqa: E402
from integration.targets import Target, free_port, wait_until  # noqa: E402
from integration.test_products import PRODUCTS, start  # noqa: E402

OUT = ROOT / "docs" / "packs"
BOARDS = ROOT / "deploy" / "dashboards"
DRAWN = Path(__file__).with_name("drawn.json")
# Drawn beside a product's own, from the same run.
ALSO = {"tomcat": ("jvm", "jmx-bridge")}
SECONDS = 100
G1 = ("-XX:+UseG1GC",)
SMALL = ("-XX:+UseSerialGC", "-Xmx20m")


class Member(NamedTuple):
    """A product with a bridge beside it, and where they would be in a cluster."""

    product: str
    namespace: str = ""
    flags: tuple[str, ...] = G1
    gone: bool = False
    """The bridge is there, and the product isn't."""


FLEET = (
    Member("tomcat", "shop"),
    Member("tomcat", "shop", SMALL),
    Member("jetty", "search"),
    Member("hikaricp", "billing", SMALL),
    Member("jetty", "billing", gone=True),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--python", required=True)
    options = parser.parse_args()
    boards = {path.stem for path in BOARDS.glob("*.json")}
    for name in options.names or sorted(boards & {*PRODUCTS, "fleet"}):
        wanted = [name, *ALSO.get(name, ())]
        if not options.names:
            wanted = [one for one in wanted if stale(one)]
        if wanted:
            members = FLEET if name == "fleet" else (Member(name),)
            picture(members, wanted, options.python)
            remember(wanted)
    return 0


def drawn() -> dict[str, str]:
    """What each picture was drawn from."""
    return json.loads(DRAWN.read_text("utf-8"))


def digest(name: str) -> str:
    """What a picture shows of its dashboard: the panels."""
    panels = json.loads((BOARDS / f"{name}.json").read_text("utf-8"))["panels"]
    return hashlib.sha256(json.dumps(panels, sort_keys=True).encode()).hexdigest()[:16]


def stale(name: str) -> bool:
    return not (OUT / f"{name}.png").exists() or drawn().get(name) != digest(name)


def remember(names: list[str]) -> None:
    all_of_them = drawn() | {name: digest(name) for name in names}
    text = json.dumps(all_of_them, indent=2, sort_keys=True)
    DRAWN.write_text(f"{text}\n", "utf-8")


def picture(members: tuple[Member, ...], dashboards: list[str], python: str) -> None:
    """Let *members* work for a while, and draw the dashboards of that time."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        started = [begun(one, home, stack) for one in members]
        targets = [target for target, _ in started if target]
        url = prometheus(home, members, [served.port for _, served in started], stack)
        begin = time.monotonic()
        while (at := time.monotonic() - begin) < SECONDS:
            for target in targets:
                assert target.tell("go") == "done"
            time.sleep(0.25 + 0.2 * math.sin(at / 12))
        files = [str(BOARDS / f"{one}.json") for one in dashboards]
        draw = Path(__file__).with_name("draw.py")
        subprocess.run([python, draw, url, OUT, *files], check=True)


def begun(one: Member, home: Path, stack: ExitStack) -> tuple[Target | None, Served]:
    """Start a product, unless it is gone, and its bridge."""
    target = None
    address = f"127.0.0.1:{free_port()}"
    if not one.gone:
        base = Path(tempfile.mkdtemp(dir=home))
        target = start(PRODUCTS[one.product], base, base / "log", *one.flags)
        stack.callback(target.stop)
        address = target.address
    served = Served(
        f"--jmx.target={address}",
        f"--config.include={one.product},jvm",
        "--jmx.thread-states",
    )
    stack.callback(served.stop)
    wait_until(lambda: served.get("/metrics")[0] == 200)
    return target, served


def prometheus(
    home: Path, members: tuple[Member, ...], ports: list[int], stack: ExitStack
) -> str:
    """Start a Prometheus that scrapes the bridges every other second; return its address."""
    port = free_port()
    jobs = []
    for index, (one, bridge) in enumerate(zip(members, ports, strict=True)):
        labels = {"namespace": one.namespace, "pod": f"{one.product}-{index}"}
        jobs.append(
            {
                "targets": [f"127.0.0.1:{bridge}"],
                "labels": labels if one.namespace else {},
            }
        )
    config = {
        "global": {"scrape_interval": "2s", "scrape_timeout": "2s"},
        "scrape_configs": [{"job_name": "shop", "static_configs": jobs}],
    }
    (home / "p.yml").write_text(yaml.safe_dump(config), "utf-8")
    log = stack.enter_context((home / "prometheus.log").open("w"))
    process = subprocess.Popen(
        ["prometheus", f"--config.file={home}/p.yml", f"--storage.tsdb.path={home}/db",
         f"--web.listen-address=127.0.0.1:{port}"],
        stdout=log, stderr=log,
    )  # fmt: skip
    stack.callback(process.wait, 10)
    stack.callback(process.terminate)
    return f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    sys.exit(main())

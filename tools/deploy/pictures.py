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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from integration.support import Served  # noqa: E402
from integration.targets import free_port, wait_until  # noqa: E402
from integration.test_products import PRODUCTS, start  # noqa: E402

OUT = ROOT / "docs" / "packs"
BOARDS = ROOT / "deploy" / "dashboards"
DRAWN = Path(__file__).with_name("drawn.json")
# Shown beside a product's own, from the same run.
ALSO = {"tomcat": ("jvm", "jmx-bridge")}
SECONDS = 100
G1 = "-XX:+UseG1GC"
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - {{job_name: shop, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--python", required=True)
    options = parser.parse_args()
    boards = {path.stem for path in BOARDS.glob("*.json")}
    for name in options.names or sorted(boards & PRODUCTS.keys()):
        wanted = [name, *ALSO.get(name, ())]
        if not options.names:
            wanted = [one for one in wanted if stale(one)]
        if wanted:
            picture(name, wanted, options.python)
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


def picture(name: str, dashboards: list[str], python: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        target = start(PRODUCTS[name], home, home / "log", G1)
        served = Served(
            f"--jmx.target={target.address}", f"--config.include={name},jvm"
        )
        port = free_port()
        (home / "p.yml").write_text(CONFIG.format(port=served.port))
        with (home / "prometheus.log").open("w") as log:
            prometheus = subprocess.Popen(
                ["prometheus", f"--config.file={home}/p.yml", f"--storage.tsdb.path={home}/db",
                 f"--web.listen-address=127.0.0.1:{port}"],
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            wait_until(lambda: served.get("/metrics")[0] == 200)
            begin = time.monotonic()
            while (at := time.monotonic() - begin) < SECONDS:
                assert target.tell("go") == "done"
                time.sleep(0.25 + 0.2 * math.sin(at / 12))
            files = [str(BOARDS / f"{one}.json") for one in dashboards]
            subprocess.run(
                [python, Path(__file__).with_name("draw.py"), f"http://127.0.0.1:{port}", OUT, *files],
                check=True,
            )  # fmt: skip
        finally:
            prometheus.terminate()
            prometheus.wait(10)
            served.stop()
            target.stop()


if __name__ == "__main__":
    sys.exit(main())

"""
Measures `jmx-bridge list` beside a first scrape of the same JVM: `listing.py [--mbeans 10000] [--rounds 5]`.

Both read every MBean once and end; the two take turns, so that what else the machine does
burdens both. What is printed are medians, and of each round's quotients the median.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from java_tools import CACHE, HERE
from processes import Processes
from targets import Synthetic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from targets import TargetJvm

RULES = ("kafka-style", "catch-all")
VERBS = ("scrape", "list")


class Cost(NamedTuple):
    """What one run took, in seconds."""

    wall: float
    cpu: float


def cost_of(verb: str, target: TargetJvm, rules: str) -> Cost:
    """Run a command to its end and return what it took."""
    command = [
        *(sys.executable, "-m", "jmx_bridge", verb),
        f"--jmx.target=127.0.0.1:{target.jmx_port}",
        f"--config.file={HERE / 'rules' / rules}.yml",
        "--scrape.timeout=300s",
        "--log.level=error",
    ]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=HERE.parent) as one:
        _, status, usage = os.wait4(one.pid, 0)
        one.returncode = os.waitstatus_to_exitcode(status)
    if one.returncode:
        sys.exit(f"{verb} ended with status {one.returncode}")
    return Cost(time.monotonic() - began, usage.ru_utime + usage.ru_stime)


def told(rules: str, rounds: Sequence[dict[str, Cost]]) -> str:
    """Return a row: of each verb the medians, and the medians of the quotients."""
    words = [f"{rules:12}"]
    for number, what in enumerate(Cost._fields):
        scrape, listing = ([one[verb][number] for one in rounds] for verb in VERBS)
        times = median(b / a for a, b in zip(scrape, listing, strict=True))
        words.append(
            f"{what} {median(scrape):6.2f} s {median(listing):6.2f} s {times:5.2f} times"
        )
    return "   ".join(words)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--mbeans", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    target = Synthetic(options.mbeans)
    print(f"{target.name}, {options.rounds} rounds: scrape, list, list by scrape")
    with Processes(CACHE / "logs" / "listing") as processes:
        running = target.start(processes, "target", None)
        for verb in VERBS:
            cost_of(verb, running, RULES[0])  # warms the target up
        for rules in RULES:
            rounds = [
                {verb: cost_of(verb, running, rules) for verb in VERBS}
                for _ in range(options.rounds)
            ]
            print(told(rules, rounds), flush=True)


if __name__ == "__main__":
    main()

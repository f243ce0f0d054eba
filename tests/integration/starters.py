"""
How good generated rules are on recorded JVMs: `python tests/integration/starters.py RECORDING=PACK...`.

For each it prints how many numbers, rules and remarks there are, and how many of the
counters of a pack (values that both serve) are counters in the generated file, too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jmx_bridge.config import load_config
from jmx_bridge.config.load import parse_config
from jmx_bridge.jmx import JavaPatterns, JavaSyntax, start_jvm
from jmx_bridge.jmx.recording import read_recording
from jmx_bridge.mapping import Ruleset
from jmx_bridge.model import MetricType
from jmx_bridge.workbench.pages import page_of
from jmx_bridge.workbench.secrets import Redactor
from jmx_bridge.workbench.starter.generate import Java, Starter, generate
from jmx_bridge.workbench.survey import survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jmx_bridge.config import Config
    from jmx_bridge.jmx.moment import JvmReading

COLUMNS = ("recording", "numbers", "rules", "once", "remarks", "counters", "seconds")


@dataclass(frozen=True)
class Tried:
    """A generated file, and how it compares with a pack."""

    starter: Starter
    remarks: list[str]
    """What promtool says of its page."""
    counters: int
    """Values that are counters by the pack."""
    missed: list[str]
    """Of those, lines of the ones that are none in the generated file."""
    seconds: float

    @property
    def agreement(self) -> float:
        return 1.0 if not self.counters else 1 - len(self.missed) / self.counters


def counters(reading: JvmReading, config: Config) -> dict[str, bool]:
    """Return of each line that rules serve whether it is a counter."""
    lines = survey(reading, Ruleset(config, JavaPatterns)).lines
    return {
        line.full: any(one.type is MetricType.COUNTER for one in line.samples)
        for line in lines
        if any(one.rule for one in line.samples)
    }


def tried(readings: Sequence[JvmReading], pack: str) -> Tried:
    """Generate rules from readings, and compare them with a pack."""
    last, syntax = readings[-1], JavaSyntax()
    begun = time.monotonic()
    redactor = Redactor(last.mbeans)
    starter = generate(readings, (), Java(JavaPatterns, syntax), redactor)
    seconds = time.monotonic() - begun
    config = parse_config(starter.text, "t.yml", syntax=syntax, environ={}, strict=True)
    packed = load_config(None, syntax=syntax, environ={}, extra=(pack,))
    by_pack, by_starter = counters(last, packed), counters(last, config)
    wanted = [line for line, counts in by_pack.items() if counts and line in by_starter]
    missed = [line for line in wanted if not by_starter[line]]
    page = page_of(survey(last, Ruleset(config, JavaPatterns)))
    return Tried(starter, remarks(page), len(wanted), missed, seconds)


def remarks(page: str) -> list[str]:
    """Return what promtool says of a page."""
    promtool = shutil.which("promtool")
    assert promtool, "promtool is not on the path"
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=page,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).splitlines()


def main(arguments: Sequence[str]) -> None:
    """Print a row for each recording."""
    start_jvm(None)
    print("\t".join(COLUMNS))
    for argument in arguments:
        path, _, pack = argument.partition("=")
        one = tried(read_recording(path), pack)
        made = one.starter
        met = one.counters - len(one.missed)
        row = (
            path.rpartition("/")[2],
            made.numbers,
            made.rules,
            made.numbers - len(made.wrong),
            len(one.remarks),
            f"{met}/{one.counters} {one.agreement:.1%}",
            f"{one.seconds:.1f}",
        )
        print("\t".join(map(str, row)))
        for line in (*one.remarks[:20], *one.missed[:40]):
            print(f"    {line}")


if __name__ == "__main__":
    main(sys.argv[1:])

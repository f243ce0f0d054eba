"""Whether a page is one that Prometheus takes: by two parsers that aren't ours, and by a count of series."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

from integration.support import prometheus_path

LEGACY = r"[a-zA-Z_][a-zA-Z0-9_]*"
QUOTED = r'"(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(
    rf"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{(?P<labels>(?:(?:{LEGACY}|{QUOTED})={QUOTED},?)*)\}})?"
    r" (?P<value>NaN|[+-]Inf|-?[0-9.]+(?:e[+-]?[0-9]+)?)"
)
LABEL = re.compile(rf"({LEGACY}|{QUOTED})=({QUOTED})")
NOT_A_NUMBER = re.compile(r"^(\S+_total(?:\{.*\})?) NaN$", re.MULTILINE)
PROMTOOL = shutil.which("promtool", path=prometheus_path())


def samples(page: str) -> Iterator[tuple[str, frozenset[tuple[str, str]], float]]:
    """
    Yield name, labels and value of each sample of a page.

    A label without a value is none, as for Prometheus. Raises AssertionError for a line that
    is no sample, and for one that has a label twice.
    """
    for line in page.split("\n"):
        if not line or line.startswith("#"):
            continue
        match = SAMPLE.fullmatch(line)
        assert match, f"no sample: {line!r}"
        found = LABEL.findall(match["labels"] or "")
        names = [name.strip('"') for name, _ in found]
        assert len(set(names)) == len(names), f"a label twice: {line!r}"
        labels = [pair for pair in found if pair[1] != '""']
        yield match["name"], frozenset(labels), float(match["value"])


def check_page(page: str, *, openmetrics: bool, foreign: bool = True) -> int:
    """
    Look at one page; return how many samples it has. Raises AssertionError or ValueError.

    *foreign*: by another parser, too.
    """
    seen = set()
    count = 0
    for name, labels, _ in samples(page):
        assert (name, labels) not in seen, f"twice: {name} {sorted(labels)}"
        seen.add((name, labels))
        count += 1
    kinds = [line.split(" ")[2] for line in page.split("\n") if line[:7] == "# TYPE "]
    assert len(set(kinds)) == len(kinds), "a family twice"
    if not foreign:
        return count
    if openmetrics:
        # A counter that is no number is served, as jmx_exporter does; only this parser minds.
        families = list(parse_openmetrics(NOT_A_NUMBER.sub(r"\1 0.0", page)))
    else:
        families = list(parse_text(page))
    parsed = sum(len(family.samples) for family in families)
    assert parsed == count, f"{count} samples, and the parser found {parsed}"
    return count


def by_promtool(pages: list[str], *, openmetrics: bool) -> str:
    """Let Prometheus' own parser read *pages*; return what it says of the first bad one, or ""."""
    if PROMTOOL is None or not pages:
        return ""
    said = _told(pages, openmetrics=openmetrics)
    if not said or len(pages) == 1:
        return f"{said}\n{pages[0]}" if said else ""
    half = len(pages) // 2
    return by_promtool(pages[:half], openmetrics=openmetrics) or by_promtool(
        pages[half:], openmetrics=openmetrics
    )


def _told(pages: list[str], *, openmetrics: bool) -> str:
    both = "".join(_apart(f"p{at}_", page) for at, page in enumerate(pages))
    if not openmetrics:
        told = subprocess.run(
            [str(PROMTOOL), "check", "metrics"], input=both.encode(),
            capture_output=True, check=False,
        )  # fmt: skip
        # 3: it would name something otherwise.
        return "" if told.returncode in {0, 3} else told.stderr.decode()[-2000:]
    with tempfile.TemporaryDirectory() as folder:
        # What it makes of a file of samples from the past is the one way to its parser.
        past = "".join(_dated(both.split("\n")))
        file = Path(folder, "page")
        file.write_text(f"{past}# EOF\n", "utf-8", newline="\n")
        to = ["tsdb", "create-blocks-from", "openmetrics", str(file), folder]
        told = subprocess.run([str(PROMTOOL), *to], capture_output=True, check=False)
        return "" if told.returncode == 0 else told.stderr.decode()[-2000:]


def _apart(prefix: str, page: str) -> str:
    """Return a page's text with another name for each family, so that many are one page."""
    lines = []
    for line in page.split("\n"):
        if line.startswith("# ") and line != "# EOF":
            lines.append(f"{line[:7]}{prefix}{line[7:]}\n")
        elif line and line != "# EOF":
            lines.append(f"{prefix}{line}\n")
    return "".join(lines)


def _dated(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if line:
            yield f"{line}\n" if line.startswith("#") else f"{line} 1700000000\n"

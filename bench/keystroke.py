"""
How long the workbench takes from a keystroke to its effect: `keystroke.py RECORDING RULES`.

Chromium opens `jmx-bridge workbench` on a recording, types into a rule of the rule file, and
waits until what its rules make is drawn. `make browser` brings what it needs.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser.serving import serve  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE = 120_000
"""Milliseconds."""
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", type=Path)
    parser.add_argument("rules", type=Path)
    parser.add_argument("--keystrokes", type=int, default=20)
    options = parser.parse_args()
    recording = f"--recording={options.recording.resolve()}"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        served = serve(Path(folder), with_a_rule(options.rules), recording)
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(served.entrance())
        page.locator(".changes .told b").wait_for()
        page.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        times = [keystroke(page) for _ in range(options.keystrokes + 2)][2:]
        chromium.close()
        served.stop()
    print(
        f"{options.recording.stem}: median {statistics.median(times):.0f} ms,"
        f" from {min(times):.0f} to {max(times):.0f}, of {len(times)} keystrokes"
    )
    return 0


def with_a_rule(file: Path) -> str:
    """Return the rules of *file*, and one more at the end, whose name is typed on."""
    text = file.read_text("utf-8").rstrip()
    indent = re.findall(r"(?m)^( *)- pattern", text)[-1]
    return f"{text}\n{indent}- pattern: nothing\n{indent}  name: x"


def keystroke(page: Page) -> float:
    """Press a letter, and return the milliseconds until its effect is drawn."""
    begin = time.perf_counter()
    with page.expect_response(lambda one: one.url.endswith("/api/try")) as answer:
        page.keyboard.press("y")
    answer.value.finished()
    page.evaluate(DRAWN)
    taken = (time.perf_counter() - begin) * 1000
    assert answer.value.json()["valid"], answer.value.text()
    return taken


if __name__ == "__main__":
    sys.exit(main())

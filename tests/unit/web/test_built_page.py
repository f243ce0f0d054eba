"""The workbench's page as it is built: small, complete, and without another host in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ASSETS = ROOT / "jmx_bridge" / "web" / "assets"
MOST_BYTES = 400_000
"""Compressed, all of it together."""

built = pytest.mark.skipif(
    not (ASSETS / "index.html").is_file(), reason="the page is not built: `make page`"
)


@built
def test_what_a_browser_loads_is_small():
    packed = [path.stat().st_size for path in ASSETS.glob("*.gz")]

    assert len(packed) == 3
    assert sum(packed) < MOST_BYTES


@built
def test_the_page_names_the_files_that_are_there():
    named = re.findall(
        r'"workbench/assets/([^"]+)"', (ASSETS / "index.html").read_text()
    )

    assert sorted(named) == sorted(
        path.name for path in ASSETS.iterdir() if path.suffix in {".js", ".css"}
    )


@built
def test_nothing_in_it_is_loaded_from_elsewhere():
    """Names of namespaces and of CodeMirror's own documentation are all that looks like an address."""
    texts = [
        path.read_text() for path in ASSETS.glob("*.[jch]*") if path.suffix != ".gz"
    ]
    hosts = {host for text in texts for host in re.findall(r"https?://([\w.-]+)", text)}

    assert hosts <= {"www.w3.org", "codemirror.net"}
    assert not [text for text in texts if "eval(" in text or "new Function" in text]


def test_the_lock_file_names_no_registry():
    lock = json.loads((ROOT / "page" / "package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}

    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert all("integrity" in one for one in packages.values())


def test_no_text_becomes_html():
    unsafe = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser"
    )
    sources = (ROOT / "page" / "src").glob("*.ts")

    assert [path.name for path in sources if unsafe.search(path.read_text())] == []

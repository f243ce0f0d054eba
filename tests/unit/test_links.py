"""tools/docs/links.py, which refuses links inside the docs that lead nowhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tools" / "docs" / "links.py"
sys.path.append(str(PROGRAM.parent))

import links  # noqa: E402

OTHER = """\
# Other page
## `config.refused` and *more*, at last!
## Twice
## Twice
<a id="by-hand"></a>
```
# no heading
```
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other.md").write_text(OTHER)
    (tmp_path / "docs" / "with space.md").write_text("# Title\n")
    (tmp_path / "picture.svg").write_text("<svg/>")
    return tmp_path


def problems(project, text):
    page = project / "page.md"
    page.write_text(text)
    return list(links.problems(project, [page]))


@pytest.mark.parametrize(
    "text",
    [
        "[a](docs/other.md)",
        "[a](docs/other.md#configrefused-and-more-at-last)",
        "[a](docs/other.md#twice) [a](docs/other.md#twice-1)",
        "[a](docs/other.md#by-hand)",
        "[a](docs) [root](/picture.svg) ![p](picture.svg)",
        "[a](<docs/with space.md#title>) [a](docs/with%20space.md)",
        '<img src="picture.svg">',
        "# Here\n[a](#here)",
        "[a][b] and [b]\n\n[b]: docs/other.md",
        "[a](https://example.org/gone) <https://example.org> [m](mailto:a@b.c)",
        "`[a](gone.md)`, `jmx_bridge[name][0]` and `docs/other.md#twice`",
        "```\n[a](gone.md)\n```",
        "<!-- [a](gone.md) -->",
    ],
)
def test_what_leads_somewhere_is_good(project, text):
    assert problems(project, text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("\n\n[a](gone.md)", "3: gone.md: there is no such file"),
        ("x\n[a](gone.md)", "2: gone.md: there is no such file"),
        ("![p](gone.svg)", "1: gone.svg: there is no such file"),
        ('<p>\n<img src="gone.svg">\n</p>', "1: gone.svg: there is no such file"),
        ('x <a href="gone.md">y</a>', "1: gone.md: there is no such file"),
        ("[a][b]\n\n[b]: gone.md", "1: gone.md: there is no such file"),
        ("[a][b]", "1: [b]: is defined nowhere"),
        ("| a |\n|---|\n| [a](gone.md) |", "3: gone.md: there is no such file"),
        ("[a](#gone)", "1: #gone: it has no such heading"),
        (
            "[a](docs/other.md#no-heading)",
            "1: docs/other.md#no-heading: it has no such heading",
        ),
        ("[a](picture.svg#x)", "1: picture.svg#x: it has no such heading"),
        ("[a](../away.md)", "1: ../away.md: is not in the project"),
        ("see `docs/gone.md`", "1: /docs/gone.md: there is no such file"),
    ],
)
def test_what_leads_nowhere_is_told(project, text, problem):
    assert problems(project, text) == [f"page.md:{problem}"]


def test_the_program_looks_at_all_pages_but_ignored_ones(project):
    def run():
        return subprocess.run(
            [sys.executable, PROGRAM, project],
            check=False,
            capture_output=True,
            text=True,
        )

    subprocess.run(["git", "init", "-q", project], check=True)
    (project / ".gitignore").write_text("built/\n")
    (project / "built").mkdir()
    (project / "built" / "page.md").write_text("[a](gone.md)\n")
    assert (run().returncode, run().stdout) == (0, "all links lead somewhere\n")

    (project / "docs" / "bad.md").write_text("[a](gone.md)\n")
    assert run().returncode == 1
    assert run().stdout == "docs/bad.md:1: gone.md: there is no such file\n"

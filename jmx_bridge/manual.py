"""Where a page of the docs tells more about a message: the one short form in which messages name it."""

from __future__ import annotations

from pathlib import Path

PAGE = "docs/troubleshooting.md"
PACKAGE = Path(__file__).parent
FOLDERS = (PACKAGE / "docs", PACKAGE.parent / "docs")
"""Where these pages are: in a wheel, and in a checkout."""


def see(heading: str) -> str:
    """
    Return where the page tells more below *heading*, such as "config.refused".

    That is "docs/troubleshooting.md#configrefused": an anchor has no dots.
    """
    return f"{PAGE}#{heading.replace('.', '')}"


def folder() -> Path:
    """Return the folder that has the pages."""
    return next((path for path in FOLDERS if path.is_dir()), FOLDERS[0])

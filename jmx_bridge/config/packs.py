"""The rule packs that come with this program, by name."""

from __future__ import annotations

from pathlib import Path

from ..advice import nearest

PACKAGE = Path(__file__).resolve().parents[1]
FOLDERS = (PACKAGE / "rules", PACKAGE.parent / "rules")
"""In a wheel, and in a checkout."""


def folder() -> Path:
    """Return where the packs are."""
    return next((path for path in FOLDERS if path.is_dir()), FOLDERS[0])


def names() -> list[str]:
    """Return all packs' names."""
    return sorted(path.stem for path in folder().glob("*.yml"))


def find(name: str, place: Path) -> Path | None:
    """Return the file of a pack, or the one at a path from *place*; None: no such pack."""
    if "/" in name or name.endswith((".yml", ".yaml")):
        return place / name
    return folder() / f"{name}.yml" if name in names() else None


def known(name: str) -> str:
    """Return the way out for somebody who wrote a name that no pack has."""
    return nearest(name, names()) or f"packs are: {', '.join(names())}"

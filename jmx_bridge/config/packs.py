"""The rule packs that come with this program, by name."""

from __future__ import annotations

from pathlib import Path

from ..advice import nearest

PACKAGE = Path(__file__).resolve().parents[1]
FOLDERS = (PACKAGE / "rules", PACKAGE.parent / "rules")
"""Where packs are: in a wheel, and in a checkout."""
LONGEST_PATH = 4096
"""Linux' own limit."""


def folder() -> Path:
    """Return the folder that has the packs."""
    return next((path for path in FOLDERS if path.is_dir()), FOLDERS[0])


def names() -> list[str]:
    """Return all packs' names, sorted."""
    return sorted(path.stem for path in folder().glob("*.yml"))


def find(name: str, place: Path) -> Path | None:
    """
    Return the path of the pack *name*, or of a file if *name* has a "/" or ends in .yml.

    A file's path begins at the folder *place*; it need not exist. None: there is no such pack, and
    no file can have such a name.
    """
    if "\0" in name or len(name) > LONGEST_PATH:
        return None
    if "/" in name or name.endswith((".yml", ".yaml")):
        return place / name
    return folder() / f"{name}.yml" if name in names() else None


def is_pack(path: str) -> bool:
    """Whether a file is one that comes with this program."""
    return Path(path).parent == folder()


def shown(path: Path) -> str:
    """Return how messages call an included file: a pack by its name alone, "tomcat.yml"."""
    return path.name if path.parent == folder() else str(path)


def known(name: str) -> str:
    """Return a hint for *name*, which no pack has: the nearest name, or all of them."""
    return nearest(name, names()) or f"packs are: {', '.join(names())}"

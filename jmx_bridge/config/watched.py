"""What is read from files, and whether one of them is another since."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


class Watched(Generic[T]):
    """
    Reads files, and tells whether they are others than those that were read.

    What they are is looked at before they are read, so that no change can fall between.
    """

    def __init__(
        self,
        load: Callable[[], T],
        files: Iterable[str],
        named: Callable[[T], Iterable[str]],
    ) -> None:
        """*load* reads *files* and all that are *named* by what it returns."""
        self._load = load
        self._files = tuple(files)
        self._named = named
        self._seen: dict[str, object] = {}

    def changed(self) -> bool:
        """Whether a file was written, replaced or removed, or its symlink swapped."""
        return any(_state(file) != seen for file, seen in self._seen.items())

    def read(self) -> T:
        """
        Return what is in the files.

        Which they are is only known when they have been read: if there are others than
        before, these are looked at, too, and all are read once more. Raises what loading
        raises; the files that are at fault are watched then.
        """
        files = dict.fromkeys((*self._files, *self._seen))
        while True:
            self._seen = {file: _state(file) for file in files}
            try:
                made = self._load()
            except ConfigError as exc:
                faulty = {problem.file for problem in exc.problems}
                if faulty <= self._seen.keys():
                    raise
                files |= dict.fromkeys(faulty)
                continue
            found = dict.fromkeys((*self._files, *self._named(made)))
            if found.keys() <= self._seen.keys():
                self._seen = {file: self._seen[file] for file in found}
                return made
            files |= found


def _state(file: str) -> object:
    """Return what is another when a file is."""
    try:
        stat = Path(file).stat()
    except OSError as exc:
        return exc.errno
    except ValueError:
        return None  # no file can have such a name
    # Whoever writes a file may say when that was; not so of st_ctime, which also tells of a chmod.
    times = stat.st_mtime_ns, stat.st_ctime_ns
    return os.path.realpath(file), stat.st_ino, *times, stat.st_size

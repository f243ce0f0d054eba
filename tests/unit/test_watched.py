"""Which changes of files are seen: all that come after the reading that counts began."""

import os
from pathlib import Path

import pytest

from jmx_bridge.config.watched import Watched
from jmx_bridge.errors import ConfigError, Problem


class Files:
    """A file whose words name other files to read, as a rule file's includes do."""

    def __init__(self, folder):
        self.main = folder / "main"
        self.main.write_text("")
        self.readings = 0
        self.meanwhile = lambda: None
        self.watched = Watched(self._load, (str(self.main),), lambda made: made)

    def _load(self):
        self.readings += 1
        others = [
            str(self.main.parent / word) for word in self.main.read_text().split()
        ]
        self.meanwhile()
        for other in others:
            if "wrong" in Path(other).read_text():
                raise ConfigError((Problem(other, 1, 1, "is wrong"),))
        return others

    def write(self, name, text):
        (self.main.parent / name).write_text(text)


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


def test_nothing_changes_by_itself(files):
    files.watched.read()

    assert not files.watched.changed()
    assert files.readings == 1


def test_a_change_while_it_is_read_is_seen(files):
    files.meanwhile = lambda: files.write("main", "\n")

    files.watched.read()

    assert files.watched.changed()


def test_a_change_of_a_file_that_was_not_known_before_is_seen(files):
    """Whatever the moment: the file is known when it has been read, and looked at before."""
    files.write("main", "other")
    files.write("other", "old")
    files.watched.read()
    assert not files.watched.changed()

    files.write("other", "newer")

    assert files.watched.changed()


def test_a_file_is_read_again_that_changed_before_it_was_looked_at(files):
    files.write("main", "other")
    files.write("other", "")
    texts = []

    def meanwhile():
        texts.append((files.main.parent / "other").read_text())
        files.meanwhile = lambda: texts.append(
            (files.main.parent / "other").read_text()
        )
        files.write("other", "newer")

    files.meanwhile = meanwhile
    files.watched.read()

    assert texts[-1] == "newer"


def test_a_file_that_is_included_no_more_is_watched_no_more(files):
    files.write("main", "other")
    files.write("other", "")
    files.watched.read()
    files.write("main", "")
    files.watched.read()

    files.write("other", "newer")

    assert not files.watched.changed()


def test_a_file_whose_fault_made_all_of_it_useless_is_watched(files):
    files.watched.read()
    files.write("main", "other")
    files.write("other", "wrong")
    with pytest.raises(ConfigError):
        files.watched.read()
    assert not files.watched.changed()

    files.write("other", "mended")

    assert files.watched.changed()
    assert files.watched.read()


def test_a_swapped_link_a_vanished_file_and_a_new_one_are_changes(tmp_path, files):
    for name in ("one", "two"):
        (tmp_path / name).write_text("")
    files.main.unlink()
    files.main.symlink_to("one")
    files.watched.read()

    link = tmp_path / "link"
    link.symlink_to("two")
    link.replace(files.main)
    assert files.watched.changed()
    files.watched.read()

    files.main.unlink()
    assert files.watched.changed()
    with pytest.raises(FileNotFoundError):
        files.watched.read()
    assert not files.watched.changed()

    files.write("main", "")
    assert files.watched.changed()


def test_a_file_of_the_same_size_and_time_is_another(files):
    def write(text):
        files.write("main", text)
        os.utime(files.main, (1, 1))

    for name in "ab":
        files.write(name, "")
    write("a b")
    files.watched.read()
    read = files.main.stat()

    # The clock that dates files moves once in some milliseconds.
    while (now := files.main.stat()).st_ctime_ns == read.st_ctime_ns:
        write("b a")

    assert (now.st_size, now.st_mtime) == (read.st_size, read.st_mtime)
    assert files.watched.changed()

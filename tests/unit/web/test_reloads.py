"""Files are read again when they changed or somebody asks: one reading at a time, the newest last."""

import asyncio
import threading

import pytest
from fake_source import PATIENCE, until

from jmx_bridge.config.watched import Watched
from jmx_bridge.errors import ConfigError, Problem
from jmx_bridge.web.reloads import Reloads

WRONG = ConfigError((Problem("r.yml", 1, 2, "is wrong"),))


class FakePart:
    """Made of a file; takes as long to read it as the text in it says to the test."""

    def __init__(self, file):
        self.file = file
        self.error = None
        self.texts = []
        self.running = self.most = 0
        self.held = {}
        self._watched = Watched(self._load, (str(file),), lambda _: ())
        self.changed = self._watched.changed
        self._watched.read()
        self.texts.clear()

    def _load(self):
        text = self.file.read_text() if self.file.exists() else ""
        self.running += 1
        self.most = max(self.most, self.running)
        if text in self.held:
            assert self.held[text].wait(PATIENCE)
        self.running -= 1
        self.texts.append(text)

    def reload(self):
        self._watched.read()
        if self.error:
            raise self.error


@pytest.fixture
def part(tmp_path):
    file = tmp_path / "rules.yml"
    file.write_text("first")
    return FakePart(file)


def talk_with(part, talk, *, follow=True):
    async def run():
        reloads = Reloads(part)
        task = asyncio.create_task(reloads.follow(0.002 if follow else PATIENCE))
        try:
            async with asyncio.timeout(PATIENCE):
                await talk(reloads)
        finally:
            task.cancel()
            reloads.close()

    asyncio.run(run())


def write_anew(file, text):
    """Replace a file as editors and Kubernetes do, at once."""
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(file)


# -- one after the other -------------------------------------------------------------------------


def test_a_slow_reading_of_old_rules_never_ends_after_one_of_newer_ones(part):
    part.held["slow"] = threading.Event()

    async def talk(reloads):
        part.file.write_text("slow")
        first = asyncio.create_task(reloads.reload())
        await until(lambda: part.running)
        part.file.write_text("quick")
        second = asyncio.create_task(reloads.reload())
        await asyncio.sleep(0.02)
        part.held["slow"].set()
        await asyncio.gather(first, second)

    talk_with(part, talk, follow=False)

    assert part.texts == ["slow", "quick"]
    assert part.most == 1


def test_all_who_ask_while_one_reading_runs_share_the_next(part):
    part.held["slow"] = threading.Event()

    async def talk(reloads):
        part.file.write_text("slow")
        tasks = [asyncio.create_task(reloads.reload())]
        await until(lambda: part.running)
        part.file.write_text("newest")
        tasks += [asyncio.create_task(reloads.reload()) for _ in range(30)]
        await asyncio.sleep(0)
        part.held["slow"].set()
        await asyncio.gather(*tasks)

    talk_with(part, talk, follow=False)

    assert part.texts == ["slow", "newest"]


def test_one_who_gives_up_waiting_takes_nothing_from_the_others(part):
    part.held["slow"] = threading.Event()

    async def talk(reloads):
        part.file.write_text("slow")
        first = asyncio.create_task(reloads.reload())
        await until(lambda: part.running)
        part.file.write_text("newest")
        second = asyncio.create_task(reloads.reload())
        await asyncio.sleep(0)
        first.cancel()
        part.held["slow"].set()
        await second

    talk_with(part, talk, follow=False)

    assert part.texts == ["slow", "newest"]
    assert part.most == 1


def test_everybody_hears_what_is_wrong_and_the_log_says_it_once_a_reading(part, caplog):
    part.error = WRONG
    part.held["slow"] = threading.Event()

    async def talk(reloads):
        part.file.write_text("slow")
        tasks = [asyncio.create_task(reloads.reload()) for _ in range(5)]
        await until(lambda: part.running)
        part.held["slow"].set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert outcomes == [WRONG] * 5

    talk_with(part, talk, follow=False)

    assert caplog.text.count("config.refused") == 2


# -- following -----------------------------------------------------------------------------------


def test_a_file_that_changed_is_read_again_once(part):
    async def talk(_):
        await asyncio.sleep(0.02)
        assert part.texts == []
        write_anew(part.file, "two")
        await until(lambda: part.texts == ["two"])
        await asyncio.sleep(0.02)

    talk_with(part, talk)

    assert part.texts == ["two"]


def test_a_change_between_the_first_reading_and_the_first_look_is_seen(part):
    write_anew(part.file, "two")

    async def talk(_):
        await until(lambda: part.texts == ["two"])

    talk_with(part, talk)


def test_a_change_during_a_reading_is_seen(part):
    part.held["slow"] = threading.Event()

    async def talk(_):
        write_anew(part.file, "slow")
        await until(lambda: part.running)
        write_anew(part.file, "newest")
        part.held["slow"].set()
        await until(lambda: part.texts == ["slow", "newest"])

    talk_with(part, talk)


def test_a_file_that_was_read_for_somebody_is_not_another_any_more(part):
    async def talk(reloads):
        write_anew(part.file, "two")
        assert part.changed()
        await reloads.reload()

    talk_with(part, talk, follow=False)

    assert not part.changed()


@pytest.mark.parametrize(
    ("error", "event"),
    [(WRONG, "config.refused"), (RuntimeError("a bug"), "config.reload_failed")],
    ids=["refused", "bug"],
)
def test_files_are_followed_on_after_a_reload_that_failed(error, event, part, caplog):
    part.error = error

    async def talk(_):
        for text in ("one", "two"):
            write_anew(part.file, text)
            await until(lambda text=text: text in part.texts)
        await until(lambda: caplog.text.count(event) == 2)

    talk_with(part, talk)


def test_a_signal_reloads_whether_a_file_changed_or_not(part):
    async def talk(reloads):
        reloads.soon()
        await until(lambda: part.texts)

    talk_with(part, talk, follow=False)

    assert part.texts == ["first"]


def test_looking_goes_on_after_it_failed(part, caplog):
    looks, look = [], part.changed

    def fails_at_first():
        looks.append(1)
        if len(looks) < 3:
            raise RuntimeError("can't start new thread")
        return look()

    part.changed = fails_at_first

    async def talk(_):
        await until(lambda: len(looks) > 3)
        part.file.write_text("another")
        await until(lambda: part.texts == ["another"])

    talk_with(part, talk)

    assert caplog.text.count("config.look_failed") == 1

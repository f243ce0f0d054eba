"""Which pages are held for whom."""

from __future__ import annotations

import asyncio
from typing import Any

from jmx_bridge.web.sending import FEW, Sending

PATIENCE = 60.0
PAGE = 100


class Reader:
    """A client that reads only when it is told to: request, response and transport in one."""

    def __init__(self) -> None:
        self.transport = self
        self.reads = asyncio.Event()
        self.gone = False

    def abort(self) -> None:
        self.gone = True
        self.reads.set()

    async def prepare(self, _: object) -> None:
        pass

    async def write(self, _: object) -> None:
        await self.reads.wait()
        if self.gone:
            raise ConnectionResetError

    async def write_eof(self) -> None:
        pass


def sent(most_bytes: int, bodies: list[bytes]) -> list[bool]:
    """Send each of *bodies* to a reader that waits until all are under way."""

    async def run() -> list[bool]:
        sending = Sending(most_bytes)
        readers: list[Any] = [Reader() for _ in bodies]
        tasks = []
        for reader, body in zip(readers, bodies, strict=True):
            send = sending.send(reader, reader, body, PATIENCE)
            tasks.append(asyncio.create_task(send))
            await asyncio.sleep(0)
        for reader in readers:
            reader.reads.set()
        done = await asyncio.gather(*tasks)
        assert not sending._held
        return done

    return asyncio.run(run())


def pages(count: int) -> list[bytes]:
    return [bytes([n]) * PAGE for n in range(count)]


def test_who_reads_the_oldest_page_slowly_is_cut_off_where_much_is_held():
    assert sent(FEW * PAGE, pages(FEW + 2)) == [False, False] + [True] * FEW


def test_a_few_pages_are_held_whatever_their_size():
    assert sent(1, pages(FEW)) == [True] * FEW


def test_many_small_pages_are_held():
    assert sent(20 * PAGE, pages(20)) == [True] * 20


def test_all_who_want_the_same_page_share_it():
    (page,) = pages(1)

    assert sent(1, [page] * 20) == [True] * 20

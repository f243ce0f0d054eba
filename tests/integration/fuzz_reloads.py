"""
Rule files that change while targets start, stop and hang, and clients scrape all the time.

Each good rule file has a number, which its series have as a label, and names one of two
targets, which their value tells. What a client may see follows from what was answered before
it asked: never a replaced number, never the other target, never an answer that is late.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from integration.support import Finding, Served, moving
from integration.targets import CACHE, Target, free_port, start_target, wait_until

CLIENTS = 5
# Of the bridge, with those of its Java, when all is well again; there are 26 then.
MOST_THREADS = 40
# How much later than its time an answer may come; this machine has other things to do, too.
GRACE = 5.0
# The follower looks every second.
FOLLOWED = 6.0
DEFAULT, OFFSET, SHORTEST, LONGEST = 10.0, 0.5, 0.1, 120.0
HEADERS = [
    *(None, None, "0.05", "0.3", "1", "1", "2", "3", "5", "5", "10", "15"),
    *("nan", "-1", "abc", "", "0", "inf"),
]
SELDOM = ["60", "1e9"]
OURS = re.compile(
    r'^(moved|counted|included)\{(?:gen|inc)="(\d+)"(?:,n="\d+")?\} (\S+)$',
    re.MULTILINE,
)
SIGNS = ("Traceback", "web.failed", "config.reload_failed", "error of the bridge")
BROKEN = [
    "rules: [{pattern: '('}]\n",
    "rules: [",
    "\t",
    "",
    "rules: [{name: x}]\n",
    "include: [./missing.yml]\n",
    "include: [../up.yml]\n",
    "include: [./fifo]\n",
    "[" * 3000,
    "x" * (4 << 20),
]


@dataclass
class Known:
    """What clients may see; whoever reads or writes it holds the lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: dict[int, int] = field(default_factory=dict)
    """Each good file's number to its target's."""
    least: dict[str, int] = field(default_factory=lambda: {"gen": 0, "inc": 0})
    """Numbers below these were replaced before now."""
    found: list[str] = field(default_factory=list)
    scrapes: int = 0
    hung_up: int = 0
    whole: int = 0
    reloads: int = 0
    refused: int = 0
    moves: int = 0
    latest: float = 0.0
    """By how many seconds the latest answer was late."""

    def report(self, text: str) -> None:
        with self.lock:
            self.found.append(text)


@dataclass
class Slot:
    """A target's place: its port stays, whatever runs there."""

    number: int
    port: int
    target: Target | None = None
    hangs: bool = False

    def start(self) -> None:
        self.target = start_target(moving(), "MovingApp", port=self.port)
        for kind in "WIS":
            self.target.tell(f"put\tt:type={kind}\tWho\tlong\t{self.number}")
        self.target.tell("many\tt:type=N,n=#\t0\t60")

    def stop(self) -> None:
        if self.target:
            self.target.stop()
        self.target, self.hangs = None, False

    def hang(self, *, on: bool) -> None:
        if self.target and self.hangs is not on:
            sign = signal.SIGSTOP if on else signal.SIGCONT
            os.kill(self.target.process.pid, sign)
            self.hangs = on

    def tell(self, line: str) -> str:
        return self.target.tell(line) if self.target and not self.hangs else ""


def budget(header: str | None) -> float:
    """The seconds that a scrape with this header may take, as the docs say it."""
    try:
        named = float(header or "")
    except ValueError:
        return DEFAULT
    if not 0 < named < float("inf"):
        return DEFAULT
    return max(SHORTEST, min(LONGEST, named - OFFSET if named > OFFSET else named))


class Client(threading.Thread):
    """Scrapes until the end, and looks at what it gets."""

    def __init__(
        self, chance: random.Random, port: int, known: Known, end: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self._chance = chance
        self._port = port
        self._known = known
        self._end = end

    def run(self) -> None:
        while not self._end.wait(self._chance.uniform(0.0, 0.4)):
            header = self._chance.choice(
                SELDOM if self._chance.random() < 0.01 else HEADERS
            )
            if self._chance.random() < 0.05:
                self._hang_up(header)
            else:
                self.scrape(header)

    def scrape(self, header: str | None) -> str:
        """Ask once; return the page."""
        known, allowed = self._known, budget(header)
        with known.lock:
            least = dict(known.least)
        start = time.monotonic()
        try:
            status, page = _ask(self._port, "GET", "/metrics", header, allowed + 40)
        except (OSError, http.client.HTTPException) as exc:
            known.report(
                f"no answer to {header!r} after {time.monotonic() - start:.1f} s: {exc!r}"
            )
            return ""
        late = time.monotonic() - start - allowed
        with known.lock:
            known.scrapes += 1
            known.latest = max(known.latest, late)
            known.whole += "\njmx_scrape_error 0.0\n" in page
            numbers = dict(known.numbers)
        if late > GRACE:
            known.report(f"{header!r}: {late:.1f} s late")
        if status != 200:
            known.report(f"{header!r}: status {status}: {page[:200]}")
        for problem in _wrong(page, least, numbers):
            known.report(problem)
        return page

    def _hang_up(self, header: str | None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("GET", "/metrics", headers=_headers(header))
            self._end.wait(self._chance.uniform(0.0, 0.3))
        except OSError as exc:
            self._known.report(f"can't connect: {exc!r}")
        finally:
            connection.close()
        with self._known.lock:
            self._known.hung_up += 1


def _wrong(page: str, least: dict[str, int], numbers: dict[int, int]) -> list[str]:
    """What may not be on a page that was asked for when *least* held; each thing once."""
    found = {}
    ours = list(OURS.finditer(page))
    for match in ours:
        name, number, value = match[1], int(match[2]), float(match[3])
        kind = "inc" if name == "included" else "gen"
        if number < least[kind]:
            found[kind] = f"{match[0]!r} although {kind} {least[kind]} was in force"
        if kind == "gen" and number not in numbers:
            found["bad"] = f"{match[0]!r} is of a file that was never good"
        if name == "moved" and value != numbers.get(number):
            found["other"] = f"{match[0]!r} is the other target's"
    if "\njmx_up 0.0\n" in page and ours:
        found["down"] = "series beside jmx_up 0"
    if len({match[2] for match in ours if match[1] != "included"}) > 1:
        found["two"] = "series of two rule files on one page"
    return list(found.values())


def _headers(header: str | None) -> dict[str, str]:
    return {} if header is None else {"X-Prometheus-Scrape-Timeout-Seconds": header}


def _ask(
    port: int, method: str, path: str, header: str | None, timeout: float
) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, headers=_headers(header))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Operator:
    """Writes files, has them read, and does things to the targets."""

    def __init__(
        self, chance: random.Random, folder: Path, slots: list[Slot], known: Known
    ) -> None:
        self.chance = chance
        self.folder = folder
        self.slots = slots
        self.known = known
        self.served: Served | None = None
        self._next = 0
        self._posts = ThreadPoolExecutor(4)
        # What the two files hold: their number, 0 for one that is broken.
        self.written = {"gen": 0, "inc": 0}
        self.current = slots[0]

    # -- files -----------------------------------------------------------------------------

    def good(self, slot: Slot | None = None) -> None:
        """Write a good rule file."""
        slot = slot or self.chance.choice(self.slots)
        self._next += 1
        number = self._next
        with self.known.lock:
            self.known.numbers[number] = slot.number
        self.current = slot
        rules = (
            f"hostPort: 127.0.0.1:{slot.port}\n"
            f"excludeJvmMetrics: {self.chance.choice(['true', 'false'])}\n"
            "include: [./inc.yml]\n"
            "rules:\n"
            f"- {{pattern: 't<type=W><>Who: ', name: moved, labels: {{gen: '{number}'}}}}\n"
            f"- {{pattern: 't<type=N, n=(.+)><>Count: ', name: counted, labels: {{gen: '{number}', n: $1}}}}\n"
        )
        self._write("rules.yml", rules)
        self.written["gen"] = number

    def broken(self) -> None:
        self._write("rules.yml", self.chance.choice(BROKEN))
        self.written["gen"] = 0

    def include(self, *, good: bool) -> None:
        self._next += 1
        if good:
            rule = f"{{pattern: 't<type=I><>Who: ', name: included, labels: {{inc: '{self._next}'}}}}"
            self._write("inc.yml", f"rules: [{rule}]\n")
        elif self.chance.random() < 0.5:
            (self.folder / "inc.yml").unlink(missing_ok=True)
        else:
            self._write("inc.yml", self.chance.choice(BROKEN[:3]))
        self.written["inc"] = self._next if good else 0

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        if self.chance.random() < 0.3:
            path.write_text(text)
        else:
            new = self.folder / "new"
            new.write_text(text)
            new.replace(path)

    # -- reading them ----------------------------------------------------------------------

    def post(self) -> None:
        """Have the files read, by a few requests at once."""
        assert self.served
        written, port = dict(self.written), self.served.port
        good = all(written.values())
        asked = [
            self._posts.submit(_ask, port, "POST", "/-/reload", None, 60)
            for _ in range(self.chance.randrange(1, 4))
        ]
        for one in asked:
            try:
                status, text = one.result()
            except (OSError, http.client.HTTPException) as exc:
                self.known.report(f"no answer to a reload: {exc!r}")
                continue
            with self.known.lock:
                self.known.reloads += 1
                self.known.refused += status != 200
            if status == 503:
                # It took more than 30 s, so nothing is known of it.
                continue
            if status != (200 if good else 500):
                self.known.report(
                    f"a {'good' if good else 'broken'} file: {status} {text[:300]}"
                )
            elif good:
                self._in_force(written)

    def follow(self) -> None:
        """Give the follower the time to see what was written."""
        time.sleep(FOLLOWED)
        if all(self.written.values()):
            self._in_force(self.written)

    def _in_force(self, written: dict[str, int]) -> None:
        with self.known.lock:
            for kind, number in written.items():
                self.known.least[kind] = max(self.known.least[kind], number)

    # -- moves -----------------------------------------------------------------------------

    def move(self) -> None:
        """Do one thing, the likely ones more often."""
        with self.known.lock:
            self.known.moves += 1
        slot = self.chance.choice(self.slots)
        moves: dict[Callable[[], None], int] = {
            self._replace: 4,
            self.well: 4,
            self._break: 1,
            self._include: 1,
            slot.stop: 1,
            lambda: self._hang(slot): 1,
            lambda: self._sleep(slot): 1,
            lambda: self._churn(slot): 1,
            lambda: time.sleep(self.chance.uniform(0.5, 2.0)): 1,
        }
        (do,) = self.chance.choices(list(moves), list(moves.values()))
        do()
        time.sleep(self.chance.uniform(0.0, 0.5))

    def _replace(self) -> None:
        self.good()
        self._read()

    def _break(self) -> None:
        self.broken()
        self._read()
        if self.chance.random() < 0.7:
            self._replace()

    def _include(self) -> None:
        self.include(good=self.chance.random() < 0.7)
        self._read()
        if not self.written["inc"]:
            self.include(good=True)
            self._read()

    def _hang(self, slot: Slot) -> None:
        slot.hang(on=True)
        # A file that names it or the other one, while connecting or a scrape hangs.
        self._replace()

    def _sleep(self, slot: Slot) -> None:
        slot.tell(f"sleep\tt:type=S\t{self.chance.choice([0, 200, 3000, 3000])}")

    def _churn(self, slot: Slot) -> None:
        at = self.chance.randrange(100, 1000)
        slot.tell(f"many\tt:type=N,n=#\t{at}\t{at + 30}")
        slot.tell(f"few\tt:type=N,n=#\t{at}\t{at + 30}")

    def _read(self) -> None:
        match self.chance.randrange(8):
            case 0:
                self.follow()
            case 1:
                assert self.served
                self.served.process.send_signal(signal.SIGHUP)
                self.post()
            case _:
                self.post()

    def well(self) -> None:
        """Let both targets live and answer."""
        for slot in self.slots:
            slot.hang(on=False)
            if slot.target is None:
                slot.start()
            slot.tell("sleep\tt:type=S\t0")


def _threads(served: Served) -> int:
    return len(list(Path(f"/proc/{served.process.pid}/task").iterdir()))


def _resident(served: Served) -> int:
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) >> 10 if found else 0


def fuzz_reloads(chance: random.Random, end: float) -> int:
    """Reloads that race with targets and scrapes: what clients get is never old, wrong or late."""
    seconds = end - time.monotonic()
    folder = CACHE / f"reloads-{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fifo").unlink(missing_ok=True)
    os.mkfifo(folder / "fifo")
    known = Known()
    slots = [Slot(number, free_port()) for number in (1, 2)]
    operator = Operator(chance, folder, slots, known)
    try:
        operator.well()
        operator.include(good=True)
        operator.good()
        served = operator.served = Served(f"--config.file={folder / 'rules.yml'}")
        try:
            operator._in_force(operator.written)
            _run(operator, chance, seconds)
            _at_the_end(operator, served)
        finally:
            log = served.logged()
            if status := served.stop():
                known.report(f"the bridge ended with status {status}")
        wait_until(lambda: [slot.tell("clients") for slot in slots] == ["0", "0"], 30)
        known.found += [log[log.index(s) - 300 :][:2500] for s in SIGNS if s in log]
    finally:
        for slot in slots:
            slot.stop()
    print(
        f"reloads: {known.scrapes:,} scrapes ({known.whole:,} whole, {known.hung_up:,} hung up),"
        f" {known.reloads:,} reloads ({known.refused:,} refused), {known.moves:,} moves;"
        f" the latest answer was {known.latest:.1f} s late"
    )
    if known.found:
        raise Finding(f"{len(known.found)} findings\n" + "\n".join(known.found[:40]))
    return known.scrapes


def _run(operator: Operator, chance: random.Random, seconds: float) -> None:
    """Let clients scrape and the operator move for so many seconds."""
    assert operator.served
    stop = threading.Event()
    clients = [
        Client(
            random.Random(chance.random()), operator.served.port, operator.known, stop
        )
        for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        operator.move()
        if operator.served.process.poll() is not None:
            raise Finding(f"the bridge ended: {operator.served.logged()[-4000:]}")
    operator.well()
    stop.set()
    for client in clients:
        client.join(LONGEST + 60)
        if client.is_alive():
            operator.known.report("a client still waits")


def _at_the_end(operator: Operator, served: Served) -> None:
    """When all is well again, nothing is left over."""
    operator.include(good=True)
    operator.good(operator.slots[0])
    operator.post()
    client = Client(operator.chance, served.port, operator.known, threading.Event())
    wait_until(lambda: "\njmx_scrape_error 0.0\n" in client.scrape("10"), 60)
    left: list[str] = []

    def ended() -> bool:
        client.scrape("10")
        left[:] = [slot.tell("clients") for slot in operator.slots]
        return left == ["1", "0"]

    try:
        # One that was given up in mid-connect ends when the JDK's own limits are over.
        wait_until(ended, 90)
    except AssertionError:
        operator.known.report(f"sessions left at the targets: {left}")
    print(f"reloads: {_threads(served)} threads and {_resident(served)} MiB at the end")
    if _threads(served) > MOST_THREADS:
        operator.known.report(f"{_threads(served)} threads are left")

"""JVMs without a JMX port are attached to, and none is ever hurt by that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.support import COMMAND, moving, put
from integration.targets import Target, java, wait_until
from jmx_bridge.bridge import Bridge
from jmx_bridge.errors import ConnectFailed
from jmx_bridge.exposition import negotiate, render
from jmx_bridge.jmx.attach import listener, stub_of
from jmx_bridge.jmx.attach.choice import MAY_TRACE
from jmx_bridge.jmx.attach.processes import ourselves
from jmx_bridge.settings import LimitSettings, TargetSettings

A = "t:type=A"
DUMP = "Full thread dump"
OFF = "-XX:+DisableAttachMechanism"
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be others")
TRACING_ONLY = pytest.mark.skipif(
    not ourselves().capabilities & MAY_TRACE, reason="this root may not trace others"
)
MINE = f"attached-{os.getpid()}"
"""In the commands of JVMs that are found by it: others may test here, too."""
STARTS = 6
"""Of each kind of start; `tests/integration/attempts.py` makes hundreds."""


@contextmanager
def plain(
    *flags: str,
    within: tuple[str, ...] = (),
    classes: Path | None = None,
    **popen,
) -> Iterator[Target]:
    """Run MovingApp without a JMX port; *within* is the beginning of its command."""
    command = [java(), "-Xmx64m", *flags, "-cp", str(classes or moving()), "MovingApp"]
    process = subprocess.Popen(
        [*within, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **popen,
    )
    target = Target(process, 0)
    try:
        yield target
    finally:
        target.stop()


def ready(target: Target) -> Target:
    assert target.process.stdout
    for line in target.process.stdout:
        if line.startswith("ready"):
            return target
    raise AssertionError("it ended")


def grown(target: Target) -> Target:
    """Wait until it is old enough to be woken."""
    ready(target)
    time.sleep(listener.YOUNGEST_SECONDS)
    return target


def page(bridge: Bridge) -> str:
    snapshot = bridge.scrape(deadline=time.monotonic() + 10)
    return render(snapshot, negotiate(None)).decode()


def values(text: str) -> dict[str, float]:
    pairs = (line.rsplit(" ", 1) for line in text.splitlines() if line[:1] != "#")
    return {name: float(value) for name, value in pairs}


@contextmanager
def bridge_on(which: str, wire: str = "auto") -> Iterator[Bridge]:
    bridge = Bridge(TargetSettings(attach=which, wire=wire), LimitSettings())
    try:
        yield bridge
    finally:
        bridge.close()


def refusal(which: object, seconds: float = 5.0) -> str:
    with pytest.raises(ConnectFailed) as caught:
        stub_of(str(which), seconds)
    return str(caught.value)


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_a_jvm_without_a_port_is_read(wire):
    with plain() as app:
        put(grown(app), A, "Count", "long", 7)
        with bridge_on(str(app.process.pid), wire) as bridge:
            text = page(bridge)

    page_values = values(text)
    assert page_values["jmx_up"] == 1.0
    assert page_values["t_A_Count"] == 7.0
    assert any(name.startswith("jvm_memory_used_bytes") for name in page_values)


def test_where_a_jvm_listens_is_told_nowhere(caplog):
    caplog.set_level("DEBUG")
    with plain() as app:
        grown(app)
        with bridge_on(str(app.process.pid)) as bridge:
            text = page(bridge)
            status = repr(bridge.status())

    assert "jmx_up 1" in text
    for told in (text, status, caplog.text, repr([r.__dict__ for r in caplog.records])):
        assert "rO0AB" not in told
    assert f"attach:{app.process.pid}" in status


def test_a_restarted_application_is_found_again():
    with bridge_on(f"/-Dname={MINE} /") as bridge:
        for count in (1, 2):
            with plain(f"-Dname={MINE}") as app:
                put(ready(app), A, "Count", "long", count)
                wait_until(lambda: "jmx_up 1" in page(bridge), 20)
                found = values(page(bridge))
            assert found["t_A_Count"] == count
            assert "jmx_up 0" in page(bridge)


@pytest.mark.parametrize("form", ["", "nested"])
def test_a_jvm_with_another_number_inside_is_read(form):
    within = ("unshare", "--pid", "--fork", "--kill-child") if form else ()
    probe = [*within, "true"] if form else ["true"]
    if subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("no PID namespace can be made here")
    with plain(f"-Dname={MINE}", within=within) as app:
        grown(app)
        assert stub_of(f"/-Dname={MINE} /", 5.0)


# -- it never hurts --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["plain", "-Xrs", "sh"])
def test_no_start_ends_by_an_attempt(kind, monkeypatch):
    # Only what /proc says of the signal keeps it from being sent now.
    monkeypatch.setattr(listener, "YOUNGEST_SECONDS", 0.0)
    flags = ("-Xrs",) if kind == "-Xrs" else ()
    within = ("sh", "-c", 'sleep 0.1; "$@"; exit', "sh") if kind == "sh" else ()
    for i in range(STARTS):
        name = f"start-{os.getpid()}-{kind}-{i}".replace("/", "")
        with plain(f"-Dname={name}", *flags, within=within) as app:
            over = threading.Event()
            said: list[str] = []
            which = f"/-Dname={name} /" if kind == "sh" else str(app.process.pid)
            asking = threading.Thread(target=attempts, args=(which, over, said))
            asking.start()
            ready(app)
            time.sleep(0.5)
            over.set()
            asking.join(20)
            put(app, A, "Count", "long", i)
            assert app.process.poll() is None
            assert said[-1] == "attached"


def attempts(which: str, over: threading.Event, said: list[str]) -> None:
    """Attach over and over, and say how it went."""
    while not over.is_set():
        try:
            stub_of(which, 3.0)
        except ConnectFailed as exc:
            said.append(str(exc))
        else:
            said.append("attached")


def test_one_that_has_just_started_is_left_alone():
    with plain() as app:
        wait_until(
            lambda: "libjvm" in Path(f"/proc/{app.process.pid}/maps").read_text()
        )
        message = refusal(app.process.pid)

        assert "it is left alone while it starts" in message
        ready(app)


def test_one_without_a_handler_gets_no_signal(monkeypatch):
    monkeypatch.setattr(listener, "YOUNGEST_SECONDS", 0.0)
    with plain("-Xrs") as app:
        ready(app)
        socket = Path(f"/tmp/.java_pid{app.process.pid}")
        wait_until(socket.exists)
        socket.unlink()

        assert "would end from SIGQUIT" in refusal(app.process.pid)
        put(app, A, "Count", "long", 1)


@pytest.mark.parametrize("variable", [False, True])
def test_one_that_may_not_be_attached_to_prints_nothing(monkeypatch, variable):
    monkeypatch.setattr(listener, "YOUNGEST_SECONDS", 0.0)
    environ = {**os.environ, "JAVA_TOOL_OPTIONS": OFF} if variable else None
    with plain(*([] if variable else [OFF]), env=environ) as app:
        ready(app)

        assert f"has {OFF}" in refusal(app.process.pid)
        assert app.tell(f"put\t{A}\tCount\tlong\t1") == "done"


def test_one_that_does_not_listen_is_woken_once(monkeypatch):
    monkeypatch.setattr(listener, "YOUNGEST_SECONDS", 0.0)
    monkeypatch.setattr(listener, "disabled_by", lambda _: "")
    with plain(OFF) as app:
        ready(app)
        first = refusal(app.process.pid, 0.5)
        second = refusal(app.process.pid, 0.5)
        output = until(app, f"put\t{A}\tCount\tlong\t1", "done")

    assert "it was asked to listen and does not" in first
    assert "it is asked again in " in second
    assert output.count(DUMP) == 1
    assert not list(Path("/tmp").glob(f".attach_pid{app.process.pid}"))


def until(app: Target, line: str, last: str) -> str:
    """Send *line*, and return what the target prints up to *last*."""
    assert app.process.stdout
    answer, lines = app.tell(line), []
    while answer != last:
        lines.append(answer)
        answer = app.process.stdout.readline().rstrip("\n")
    return "\n".join(lines)


def test_what_is_no_jvm_gets_no_signal():
    process = subprocess.Popen(["sleep", "60"])
    try:
        assert "is no JVM" in refusal(process.pid)
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_a_socket_that_others_can_write_to_is_not_used():
    with plain() as app:
        ready(app)
        wait_until(lambda: attached(app.process.pid), 10)
        Path(f"/tmp/.java_pid{app.process.pid}").chmod(0o666)

        assert "is no socket of its user alone" in refusal(app.process.pid)


def attached(pid: int) -> bool:
    try:
        return bool(stub_of(str(pid), 5.0))
    except ConnectFailed:
        return False


# -- whose it is ---------------------------------------------------------------------------------

AS_ANOTHER = """
import os, sys
from jmx_bridge.errors import ConnectFailed
from jmx_bridge.jmx.attach import stub_of
user, group, pid = map(int, sys.argv[1:])
os.setgroups([])
os.setresgid(group, group, group)
os.setresuid(user, user, user)
try:
    print("stub", len(stub_of(str(pid), 5.0)) > 100)
except ConnectFailed as exc:
    print(exc)
"""


@pytest.fixture
def theirs() -> Iterator[Target]:
    """A JVM of user and group 1000."""
    folder = Path(tempfile.mkdtemp(prefix="attach-"))
    folder.chmod(0o755)
    classes = shutil.copytree(moving(), folder / "classes")
    try:
        with plain(classes=classes, user=1000, group=1000, extra_groups=[]) as app:
            yield grown(app)
    finally:
        shutil.rmtree(folder)


@ROOT_ONLY
@pytest.mark.parametrize(
    ("user", "group", "expected"),
    [
        (1000, 1000, "stub True"),
        (1001, 1000, "it runs as user 1000, this program as 1001"),
        (1000, 1001, "its group is 1000, this program's 1001"),
        pytest.param(0, 0, "stub True", marks=TRACING_ONLY),
    ],
)
def test_user_and_group_have_to_be_the_targets(theirs, user, group, expected):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            AS_ANOTHER,
            *map(str, (user, group, theirs.process.pid)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert expected in done.stdout
    if "stub" not in expected:
        assert "\n  hint: runAs" in done.stdout
    put(theirs, A, "Count", "long", 1)


# -- as a user has it ----------------------------------------------------------------------------


def test_the_workbench_attaches_too():
    with plain(f"-Dname={MINE}") as app:
        put(grown(app), A, "Count", "long", 7)
        done = subprocess.run(
            [*COMMAND, "list", f"--jmx.attach=/-Dname={MINE} /", "t:*"],
            capture_output=True,
            text=True,
            check=True,
        )

    assert "t<type=A><>Count: 7" in done.stdout

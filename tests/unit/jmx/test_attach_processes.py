"""What is read of a process in /proc."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from jmx_bridge.jmx.attach import flags
from jmx_bridge.jmx.attach.flags import OFF, disabled_by
from jmx_bridge.jmx.attach.processes import (
    Runtime,
    has_begun,
    ourselves,
    process,
    processes,
)

STATUS = """Name:	java
Uid:	1000	1001	1002	1001
Gid:	2000	2001	2001	2001
NSpid:	%(pid)d	1
SigIgn:	%(ignored)016x
SigCgt:	%(caught)016x
CapPrm:	0000000000000400
"""
QUIT = 1 << (signal.SIGQUIT - 1)


class Proc:
    """A folder like /proc."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "self").mkdir()

    def add(
        self,
        pid: int,
        *command: str,
        maps: str = "",
        caught: int = QUIT,
        ignored: int = 0,
    ) -> Path:
        folder = self.path / str(pid)
        folder.mkdir()
        filled = {"pid": pid, "caught": caught, "ignored": ignored}
        (folder / "status").write_text(STATUS % filled)
        stat = f"{pid} (a) b) S {' '.join(str(n) for n in range(4, 23))}"
        (folder / "stat").write_text(stat)
        (folder / "cmdline").write_bytes(b"".join(w.encode() + b"\0" for w in command))
        (folder / "maps").write_text(maps)
        return folder


@pytest.fixture
def proc(tmp_path) -> Proc:
    return Proc(tmp_path)


def test_a_process_is_read(proc):
    proc.add(7, "java", "-jar", "x.jar", maps="7f00 r-xp 00 /usr/lib/libjvm.so\n")

    found = process(7, proc.path)

    assert (found.pid, found.inner_pid) == (7, 1)
    assert found.owner.users == {1000, 1001, 1002}
    assert (found.owner.user, found.owner.group) == (1001, 2001)
    assert found.owner.capabilities == 0x400
    assert found.catches_quit
    assert found.started == 22
    assert found.runtime is Runtime.HOTSPOT
    assert found.label == "7 (x.jar)"


@pytest.mark.parametrize(
    ("maps", "runtime"),
    [
        ("/opt/lib/server/libjvm.so", Runtime.HOTSPOT),
        ("/opt/lib/default/libj9vm29.so /opt/lib/j9vm/libjvm.so", Runtime.OPENJ9),
        ("/usr/lib/libc.so.6", Runtime.NO_JVM),
    ],
)
def test_the_libraries_tell_the_runtime(proc, maps, runtime):
    proc.add(7, "x", maps=maps)

    assert process(7, proc.path).runtime is runtime


@pytest.mark.parametrize(
    ("caught", "ignored"), [(0, 0), (QUIT, QUIT), (~QUIT & 0xFFFF, 0)]
)
def test_sigquit_without_a_handler_is_seen(proc, caught, ignored):
    proc.add(7, "java", caught=caught, ignored=ignored)

    assert not process(7, proc.path).catches_quit


def test_all_processes_come_by_number_without_the_kernels(proc):
    proc.add(10, "b")
    proc.add(9, "a")
    proc.add(2)
    (proc.path / "11").mkdir()

    assert [one.pid for one in processes(proc.path)] == [9, 10]
    assert process(12, proc.path) is None


@pytest.mark.parametrize(
    ("words", "main"),
    [
        (("-Dpassword=x", "-cp", "a.jar", "org.Main", "x"), "org.Main"),
        (("-jar", "/opt/app.jar", "x"), "app.jar"),
        (("@flags", "-m", "shop/org.Main"), "org.Main"),
        (("--class-path", "a", "--add-modules", "b", "Main"), "Main"),
        ((), "java"),
    ],
)
def test_a_label_has_the_main_class_alone(proc, words, main):
    proc.add(7, "/opt/bin/java", *words)

    assert process(7, proc.path).label == f"7 ({main})"


def test_this_process_is_seen():
    assert ourselves().user == os.geteuid()
    assert process(os.getpid()).age() < 3600
    assert process(os.getpid()).runtime in {Runtime.NO_JVM, Runtime.HOTSPOT}


@pytest.mark.parametrize(
    ("command", "environ", "expected"),
    [
        (("java", OFF), b"", OFF),
        (
            ("java",),
            f"A=b\0JAVA_TOOL_OPTIONS=-Xmx1g {OFF}\0".encode(),
            f"{OFF} in JAVA_TOOL_OPTIONS",
        ),
        (("java", "@opts/file"), b"", f"{OFF} in @opts/file"),
        (("java", "@/opts/file"), b"", f"{OFF} in @/opts/file"),
        (("java", "@fifo", "@missing", f"-Dx={OFF}"), f"OTHER={OFF}\0".encode(), ""),
    ],
)
def test_where_attach_is_turned_off_is_told(
    proc, monkeypatch, command, environ, expected
):
    monkeypatch.setattr(flags, "PROC", proc.path)
    folder = proc.add(7, *command)
    (folder / "environ").write_bytes(environ)
    for base in ("cwd", "root"):
        (folder / base / "opts").mkdir(parents=True)
        (folder / base / "opts" / "file").write_text(f"-Xmx1g\n{OFF}\n")
    os.mkfifo(folder / "cwd" / "fifo")

    assert disabled_by(process(7, proc.path)) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), False),
        (("java", "Signal Dispatch"), False),
        (("java", "VM Periodic Tas"), True),
    ],
)
def test_a_jvm_has_begun_when_its_last_thread_is_there(proc, names, expected):
    folder = proc.add(7, "java")
    for number, name in enumerate(names, 7):
        (folder / "task" / str(number)).mkdir(parents=True)
        (folder / "task" / str(number) / "comm").write_text(f"{name}\n")

    assert has_begun(7, proc.path) is expected

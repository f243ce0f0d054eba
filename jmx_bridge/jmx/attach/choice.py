"""Which of the processes that we see is the target."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import ConnectFailed
from .processes import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .processes import Owner, Process

AUTO = "auto"
BRIDGES = frozenset({"jmx-bridge", "jmx_bridge"})
MOST_NAMED = 5
# So much of a command is looked at.
LONGEST_COMMAND = 1 << 16
SHARE = "set shareProcessNamespace: true in the pod, or give the JVM a JMX port and name it by --jmx.target"
NAME_ONE = "name one by --jmx.attach=PID, or by --jmx.attach=/part of its command/"
FLAGS = (
    "start it with -Dcom.sun.management.jmxremote.port=7199, and name that port by"
    " --jmx.target"
)
# CAP_SYS_PTRACE in capability.h: whoever has it may look into others' processes.
MAY_TRACE = 1 << 19


def chosen(wanted: str, there: Iterable[Process], mine: Owner) -> Process:
    """
    Return the HotSpot JVM that *wanted* means: auto, a PID, or /a regular expression/.

    Raises ConnectFailed, with what there is and the way out.
    """
    others = [one for one in there if one.pid != os.getpid()]
    if wanted == AUTO:
        return _only(others, mine)
    if wanted.isdecimal():
        found = [one for one in others if one.pid == int(wanted)]
    else:
        pattern = re.compile(wanted[1:-1])
        found = [
            one
            for one in others
            if pattern.search(" ".join(one.command)[:LONGEST_COMMAND])
        ]
    if not found:
        raise ConnectFailed(f"no process is meant by {wanted}{_there(others)}")
    matching = [one for one in found if one.is_jvm or one.looks_like_java] or found
    if len(matching) > 1:
        raise ConnectFailed(
            f"{wanted} means {len(matching)} processes: {_named(matching)}"
            f"\n  hint: {NAME_ONE}"
        )
    return _checked(matching[0], mine)


def _only(others: Sequence[Process], mine: Owner) -> Process:
    jvms = [one for one in others if one.is_jvm and not _is_bridge(one)]
    if len(jvms) > 1:
        raise ConnectFailed(f"{len(jvms)} JVMs: {_named(jvms)}\n  hint: {NAME_ONE}")
    if jvms:
        return _checked(jvms[0], mine)
    hidden = [one for one in others if one.runtime is Runtime.HIDDEN]
    for one in sorted(hidden, key=lambda one: not one.looks_like_java):
        if one.looks_like_java or len(hidden) == 1:
            return _checked(one, mine)
    if not others:
        raise ConnectFailed(f"no process but this one is to be seen\n  hint: {SHARE}")
    raise ConnectFailed(f"no JVM is to be seen{_there(others)}")


def _is_bridge(process: Process) -> bool:
    names = {Path(word).name for word in process.command[:3]}
    return bool(names & BRIDGES)


def _checked(process: Process, mine: Owner) -> Process:
    """Return *process* if it is a HotSpot JVM."""
    if process.runtime is Runtime.HIDDEN:
        raise ConnectFailed(
            f"process {process.label} can't be looked into{barrier(process.owner, mine)}"
        )
    if process.runtime is Runtime.OPENJ9:
        raise ConnectFailed(
            f"process {process.label} runs OpenJ9, whose attach is another\n  hint: {FLAGS}"
        )
    if process.runtime is Runtime.NO_JVM:
        raise ConnectFailed(f"process {process.label} is no JVM\n  hint: {NAME_ONE}")
    return process


def barrier(owner: Owner, mine: Owner) -> str:
    """Return what keeps us from a process of *owner*, with the way out, as the end of a message."""
    if owner.users != {mine.user}:
        return (
            f": it runs as user {owner.user}, this program as {mine.user}"
            f"\n  hint: runAsUser: {owner.user} and runAsGroup: {owner.group} in the"
            " securityContext of this container"
        )
    if owner.groups != {mine.group}:
        return (
            f": its group is {owner.group}, this program's {mine.group}"
            f"\n  hint: runAsGroup: {owner.group} in the securityContext of this container"
        )
    if owner.capabilities & ~mine.capabilities and not mine.capabilities & MAY_TRACE:
        return (
            f": it has capabilities that this program has not ({owner.capabilities:#x},"
            f" {mine.capabilities:#x})"
            "\n  hint: capabilities: {drop: [ALL]} in the securityContext of its container"
        )
    return ": the kernel doesn't say why; is a security module in the way?"


def _there(others: Sequence[Process]) -> str:
    if not others:
        return f"; no process but this one is to be seen\n  hint: {SHARE}"
    return f"; there are {_named(others)}"


def _named(some: Sequence[Process]) -> str:
    more = len(some) - MOST_NAMED
    names = ", ".join(one.label for one in some[:MOST_NAMED])
    return f"{names} and {more} more" if more > 0 else names

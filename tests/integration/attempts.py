"""
Attaches to JVMs while they start, over and over, and counts those that end by it.

usage: attempts.py [ATTEMPTS]; plain ones, with -Xrs, and behind a shell, in turns. The guard by
age is off, so that what /proc says of the signal is all that keeps it from being sent.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from integration.support import moving
from integration.targets import java
from jmx_bridge.errors import TargetError
from jmx_bridge.jmx.attach import listener, stub_of

KINDS = {
    "plain": ((), ()),
    "-Xrs": ((), ("-Xrs",)),
    "behind sh": (("sh", "-c", 'sleep 0.05; "$@"; exit', "sh"), ()),
}
SECONDS = 15
SIGNS = (
    "would end from SIGQUIT",
    "left alone",
    "no process is meant",
    "is no JVM",
    "it is asked again in",
)


def main(attempts: int) -> int:
    listener.YOUNGEST_SECONDS = 0.0
    said: Counter[str] = Counter()
    ended = starts = 0
    while said.total() < attempts:
        kind = list(KINDS)[starts % len(KINDS)]
        starts += 1
        ended += not survives(kind, f"attempt-{os.getpid()}-{starts}", said)
    print(f"{said.total()} attempts at {starts} starting JVMs, {ended} of which ended")
    for words, count in said.most_common():
        print(f"{count:6} {words}")
    return min(ended, 1)


def survives(kind: str, name: str, said: Counter[str]) -> bool:
    """Attach to a JVM from its first moment on until that works; return whether it still runs."""
    within, flags = KINDS[kind]
    command = [*within, java(), "-Xmx64m", f"-Dname={name}", *flags]
    process = subprocess.Popen(
        [*command, "-cp", str(moving()), "MovingApp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    which = f"/-Dname={name} /" if within else str(process.pid)
    end, attached = time.monotonic() + SECONDS, False
    while not attached and time.monotonic() < end:
        try:
            attached = bool(stub_of(which, 3.0))
            said["attached"] += 1
        except TargetError as exc:
            said[reason(str(exc))] += 1
            if "asked to listen" in str(exc):
                break
    alive = process.poll() is None
    said["a JVM was not attached to in time"] += not attached
    process.kill()
    process.communicate()
    return alive


def reason(message: str) -> str:
    """Return the words of a refusal without what differs each time."""
    words = message.partition("\n")[0]
    for sign in (
        "would end from SIGQUIT",
        "left alone",
        "no process is meant",
        "is no JVM",
    ):
        if sign in words:
            return sign
    return words


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if sys.argv[1:] else 500))

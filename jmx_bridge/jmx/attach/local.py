"""The stub of a JVM's local management agent, which the JVM starts when it is asked to."""

from __future__ import annotations

import re
import time

from ...errors import ConnectFailed
from .choice import FLAGS, chosen
from .listener import Listener
from .processes import ourselves, process, processes

START = ("jcmd", "ManagementAgent.start_local")
ADDRESS = "com.sun.management.jmxremote.localConnectorAddress"
STUB = re.compile(r"service:jmx:rmi://[^/]*/stub/([A-Za-z0-9+/=]+)")
# java.util.Properties escapes what would end a key, and all that isn't Latin-1.
ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
LONGEST_WORDS = 300


def stub_of(wanted: str, timeout: float) -> str:
    """
    Return the stub, in base64, of the JVM that *wanted* means: auto, a PID, or /regular expression/.

    Whoever has it reaches all MBeans of the JVM without a password: it belongs into no log.
    Asks the JVM to start its agent if it has not, within *timeout* seconds. Raises
    ConnectFailed or DeadlinePassed.
    """
    end = time.monotonic() + timeout
    mine = ourselves()
    named = process(int(wanted)) if wanted.isdecimal() else None
    target = chosen(wanted, [named] if named else processes(), mine)
    with Listener(target, mine, end) as listener:
        stub = _stub(listener)
        if stub:
            return stub
        said = listener.ask(*START)
        stub = _stub(listener)
    if not stub:
        words = " ".join(said.split())[:LONGEST_WORDS]
        raise ConnectFailed(
            f"process {target.label} did not start its management agent:"
            f" {words or 'it says nothing'}"
            "\n  hint: its Java runtime needs the module jdk.management.agent"
        )
    return stub


def _stub(listener: Listener) -> str:
    """Return the stub that the JVM's properties have; "" if they have none."""
    for line in listener.ask("agentProperties").splitlines():
        key, _, value = line.partition("=")
        if key == ADDRESS:
            found = STUB.fullmatch(ESCAPED.sub(_unescaped, value.strip()))
            if not found:
                raise ConnectFailed(
                    "the JVM's local address is of a kind that is not known"
                    f"\n  hint: {FLAGS}"
                )
            return found[1]
    return ""


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2]

"""
Looks for inputs that break something: `python tests/integration/fuzz.py --minutes 30`.

A parser may refuse an input in its own way, and must do nothing else: no other exception, no
hang, no process that dies. What pages and reloads must hold to, their modules say. A finding
is printed with what caused it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from integration.fuzz_reloads import fuzz_reloads
from integration.fuzz_rendering import fuzz_rendering
from integration.support import Finding, Served
from integration.targets import CACHE, FUZZER, ROOT, compile_java, java
from jmx_bridge import jmx
from jmx_bridge.config import parse_config
from jmx_bridge.config.web.toolkit import parse_web_config
from jmx_bridge.errors import ConfigError
from jmx_bridge.exposition import negotiate
from jmx_bridge.mapping import parse_name

SLOWEST = 5.0  # seconds of CPU for one input
JAR = ROOT / "jmx_bridge" / "jmx" / "_java" / "jmx-bridge.jar"
PIECES = [
    *("pattern: ", "name: ", "rules:\n", "- ", "labels: {", "}", "[", "]", "'", '"', "\n", "  "),
    *(": ", "&a ", "*a", "<<: ", "!!binary ", "!!python/object:os.system ", "\t", "\x00", "\u2028"),
    *("(", ")", "(?<x>", "\\", "$1", "${x}", ".*", "{1,99999}", "(a+)+b", "😀", "0x7f", "1e999"),
    *("httpServer: ", "ssl: ", "tls_server_config: ", "basic_auth_users: ", "null", "true", "~"),
    *("domain:type=a,", "*", "?", ",*", "=", ":", "rate_limit: ", "interval: 1s", "- - - -"),
]  # fmt: skip
REQUEST = (
    b"GET /metrics?name[]=jmx_up HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain;version=0.0.4;q=0.5,*/*\r\n"
    b"Accept-Encoding: gzip;q=0.5, br\r\nX-Prometheus-Scrape-Timeout-Seconds: 1\r\n"
    b"Authorization: Basic YTpi\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
)


def texts() -> list[str]:
    """Files to begin with."""
    files = [
        *(ROOT / "tests" / "config").glob("*.yml"),
        *(ROOT / "examples").rglob("*.yml"),
        *(ROOT / "rules").glob("*.yml"),
    ]
    return [file.read_text("utf-8", "replace") for file in files]


def damaged(chance: random.Random, text: str) -> str:
    """Return *text* with a few pieces in it, out of it, or twice."""
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text = text[:at] + chance.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[at + chance.randrange(1, 20) :]
            case 2:
                text = text[:at] + text[at : at + chance.randrange(1, 80)] + text[at:]
            case _:
                text = text[:at] + chr(chance.randrange(1, 0x3000)) + text[at + 1 :]
    return text


def fuzz_rules(chance: random.Random, end: float) -> int:
    """Rule files: a ConfigError with a place and a message, or a Config."""
    return fuzz_texts(
        chance,
        end,
        lambda text: parse_config(text, "f.yml", syntax=jmx.JavaSyntax(), environ={}),
    )


def fuzz_web(chance: random.Random, end: float) -> int:
    """Web configuration files, likewise."""
    return fuzz_texts(chance, end, lambda text: parse_web_config(text, "web.yml"))


def fuzz_texts(
    chance: random.Random, end: float, parse: Callable[[str], object]
) -> int:
    known = [*texts(), "tls_server_config: {cert_file: a, key_file: b}\n", ""]
    done = 0
    while time.monotonic() < end:
        text = damaged(chance, chance.choice(known))
        start = time.process_time()
        try:
            parse(text)
        except ConfigError as exc:
            if not exc.problems or not all(one.message for one in exc.problems):
                raise Finding(f"a refusal without a message: {text!r}") from exc
        except Exception as exc:
            raise Finding(f"{exc!r} with {text!r}") from exc
        if time.process_time() - start > SLOWEST:
            raise Finding(f"slow: {text!r}")
        done += 1
    return done


def fuzz_names(chance: random.Random, end: float) -> int:
    """ObjectNames and headers: what a target or a client sends, whatever it is."""
    syntax = jmx.JavaSyntax()
    known = ["java.lang:type=Memory", 'a:b="c,d=\\"e",f=*', "d:k=v,*", "text/plain;q=0.5"]  # fmt: skip
    done = 0
    while time.monotonic() < end:
        text = damaged(chance, chance.choice(known))
        try:
            negotiate(text)
            if syntax.object_name_problem(text, is_pattern=False) is None:
                parse_name(text)
        except Exception as exc:
            raise Finding(f"{exc!r} with {text!r}") from exc
        done += 1
    return done


def fuzz_http(chance: random.Random, end: float) -> int:
    """Requests: some answer or none, and the server goes on."""
    seconds = end - time.monotonic()
    served = Served("--jmx.target=127.0.0.1:1", "--scrape.timeout=500ms")
    end = time.monotonic() + seconds
    done = 0
    try:
        while time.monotonic() < end:
            data = bytearray(REQUEST)
            for _ in range(chance.randrange(1, 8)):
                at = chance.randrange(len(data))
                match chance.randrange(3):
                    case 0:
                        data[at] = chance.randrange(256)
                    case 1:
                        del data[at : at + chance.randrange(1, 30)]
                    case _:
                        data[at:at] = bytes(data[at : at + 40]) * chance.randrange(
                            1, 50
                        )
            with contextlib.suppress(OSError):
                send(served.port, bytes(data))
            done += 1
            if done % 200 == 0 and served.get("/-/healthy")[0] != 200:
                raise Finding(f"not healthy after {bytes(data)!r}")
        log = served.logged()
        for sign in ("Traceback", "web.failed"):
            if sign in log:
                raise Finding(f"{sign} in the log: {log[log.index(sign) :][:2000]}")
    finally:
        if status := served.stop():
            raise Finding(f"the server ended with status {status}")
    return done


def send(port: int, data: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=0.3) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass


def fuzz_wire(chance: random.Random, end: float) -> int:
    """Serialization streams; in a JVM of its own with a small heap."""
    classes = compile_java(FUZZER, CACHE / "fuzz", "-cp", str(JAR), needs=(JAR,))
    seconds = max(1, int(end - time.monotonic()))
    command = [java(), "-Xmx128m", "-Xss512k", "-cp", f"{JAR}:{classes}"]
    seed = str(chance.randrange(1 << 30))
    done = subprocess.run(
        [*command, "jmxbridge.FuzzReader", str(seconds), str(10**12), seed],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Finding(done.stderr[-4000:])
    return int(done.stdout.split(" inputs")[0].split()[-1])


FUZZERS = {
    "rules": fuzz_rules,
    "web": fuzz_web,
    "names": fuzz_names,
    "http": fuzz_http,
    "wire": fuzz_wire,
    "rendering": fuzz_rendering,
    "reloads": fuzz_reloads,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0, help="for each of them")
    parser.add_argument("--only", nargs="+", choices=FUZZERS, default=list(FUZZERS))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    jmx.start_jvm()
    status = 0
    for name in options.only:
        chance = random.Random(options.seed)
        try:
            done = FUZZERS[name](chance, time.monotonic() + options.minutes * 60)
            print(f"{name}: {done:,} inputs, seed {options.seed}", flush=True)
        except Finding as exc:
            print(f"{name}: FINDING, seed {options.seed}: {exc}", flush=True)
            status = 1
    return status


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)

"""A recording is read as what a stranger sent: one message, bounded time and memory, no traceback."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import resource
import stat
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.jmx.mbeans import Opaque, Table, Throws, mbean
from unit.workbench.shop import Plain, ruleset

from jmx_bridge.errors import RecordingError
from jmx_bridge.jmx import recording
from jmx_bridge.jmx.abc import TOO_MUCH, Failure
from jmx_bridge.jmx.moment import JvmReading
from jmx_bridge.jmx.recording import read_recording, write_recording
from jmx_bridge.workbench.listing import print_lines, print_tree, to_json
from jmx_bridge.workbench.paint import Paint
from jmx_bridge.workbench.secrets import Redactor
from jmx_bridge.workbench.survey import survey

MBEANS = (
    mbean("a:type=All", {"N": 1, "T": "x", "C": {"u": 1.5}, "B": True}),
    mbean("a:type=Rows", {"R": Table((("k", 2),))}),
    mbean("b:type=Odd", {"Null": None, "List": Opaque()}),
    mbean("c:type=Late", {"N": Throws()}, unanswered=Failure.LATE),
    mbean("c:type=Broken", undescribed=Failure.BROKEN),
)
RUNTIME = ("name", "vendor", "version")
HEADER = {"format": "jmx-bridge-recording", "version": 1, "by": "x", "runtime": []}
MOMENT = {"moment": 1.5}
DESCRIBED = {"description": 0, "attributes": [["N", "long", None]]}
LEAF = [0, "NUMBER", [], "N", None, []]
SHAPED = {"shape": 0, "leaves": [LEAF]}
ONE = {"mbean": "a:b=c", "description": 0, "shape": 0, "texts": ["1"]}
GOOD = [HEADER, MOMENT, DESCRIBED, SHAPED, ONE]


def packed(documents, end=b"\n") -> bytes:
    lines = (
        one if isinstance(one, bytes) else json.dumps(one).encode() for one in documents
    )
    return gzip.compress(b"\n".join(lines) + end, 1)


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "good.rec"
    readings = [JvmReading(MBEANS, RUNTIME, at) for at in (1.0, 2.0)]
    write_recording(str(path), readings, "a test")
    return path.read_bytes()


def outcome(path: Path, data: bytes) -> str:
    """Return what reading and showing *data* says: "" if all went well; anything else raises."""
    path.write_bytes(data)
    try:
        reading = read_recording(str(path))[-1]
    except RecordingError as exc:
        assert str(exc).startswith(str(path))
        return str(exc).removeprefix(str(path))
    lines = survey(reading, ruleset("rules: [{pattern: 'N|T', name: m}]")).lines
    redactor, output = Redactor(reading.mbeans), StringIO()
    print_lines(lines, redactor, Paint(Plain(), "never"), output)
    print_tree(lines, redactor, output)
    to_json(lines, redactor, output)
    return ""


def test_what_was_written_is_read(tmp_path, good):
    file = tmp_path / "x.rec"
    file.write_bytes(good)

    first, last = read_recording(str(file))

    assert (first.taken_at, last.taken_at) == (1.0, 2.0)
    assert list(last.mbeans) == sorted(MBEANS, key=lambda one: one.name)
    assert last.runtime == RUNTIME
    assert outcome(file, good) == ""


def test_a_text_that_had_no_room_is_none(tmp_path):
    path = str(tmp_path / "x.rec")
    write_recording(path, [JvmReading([mbean("a:b=c", {"T": TOO_MUCH})])], "a test")

    ((one,),) = [reading.mbeans for reading in read_recording(path)]

    assert one.values[0].text is None


def test_only_its_owner_may_read_what_is_written(tmp_path):
    path = tmp_path / "x.rec"
    before = os.umask(0)
    try:
        write_recording(str(path), [JvmReading(MBEANS)], "a test")
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "make", [Path.touch, Path.mkdir, lambda one: one.symlink_to("/dev/null")]
)
def test_nothing_that_is_there_is_written_to(tmp_path, make):
    path = tmp_path / "x.rec"
    make(path)

    with pytest.raises(RecordingError, match="is there"):
        write_recording(str(path), [JvmReading(MBEANS)], "a test")
    assert Path("/dev/null").exists()


def test_a_link_that_leads_nowhere_is_not_followed(tmp_path):
    (tmp_path / "x.rec").symlink_to(tmp_path / "other")

    with pytest.raises(RecordingError, match="is there"):
        write_recording(str(tmp_path / "x.rec"), [], "a test")
    assert not (tmp_path / "other").exists()


def test_what_breaks_off_leaves_no_file(tmp_path):
    path = tmp_path / "x.rec"
    with pytest.raises(AttributeError):
        write_recording(str(path), [JvmReading([None])], "a test")
    assert not path.exists()
    with pytest.raises(RecordingError, match="can't be written"):
        write_recording(str(tmp_path / "no" / "x.rec"), [], "a test")


def test_a_full_disk_is_told(tmp_path):
    path = tmp_path / "x.rec"
    program = (
        "import resource, signal, sys\n"
        "from jmx_bridge.errors import RecordingError\n"
        "from jmx_bridge.jmx.moment import *\n"
        "from jmx_bridge.jmx.recording import write_recording\n"
        "import random\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))\n"
        "many = [RecordedMBean(f'a:b={random.random()}', ()) for _ in range(9999)]\n"
        "try: write_recording(sys.argv[1], [JvmReading(many)], 'x')\n"
        "except RecordingError as exc: print(exc)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "can't be written: File too large" in done.stdout
    assert not path.exists()


# -- files that are none ---------------------------------------------------------------------------


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(RecordingError, match=r"no\.rec: can't be read: No such file"):
        read_recording(str(tmp_path / "no.rec"))


@pytest.mark.parametrize("kind", ["directory", "fifo", "zero", "link to zero", "loop"])
def test_what_is_no_regular_file_is_not_opened(tmp_path, kind):
    path = tmp_path / "x.rec"
    match kind:
        case "directory":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "zero":
            path = Path("/dev/zero")
        case "link to zero":
            path.symlink_to("/dev/zero")
        case "loop":
            path.symlink_to(path)

    with pytest.raises(RecordingError) as caught:
        read_recording(str(path))
    assert "Traceback" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", ": "),
        (b"plain text\n", "can't be read: Not a gzipped file"),
        (b"\x1f\x8b", "can't be read"),
        (gzip.compress(b""), "is no recording"),
        (gzip.compress(b"\xff\xfe\n"), "can't be read"),
        (packed([b"nonsense"]), ":1: is no JSON"),
        (packed([b"[1]"]), ":1: is no JSON object"),
        (packed([{}]), ":1: is no recording"),
        (packed([{"format": "other"}]), ":1: is no recording"),
        (packed([{**HEADER, "version": 2}]), ":1: has version 2, and this program knows 1"),
        (packed([{**HEADER, "version": "x" * 99999}]), ":1: has version"),
        (packed([{**HEADER, "version": None}]), ":1: has version None"),
        (packed([{**HEADER, "runtime": 3}, MOMENT]), ":1: is not as a recording has it"),
        (packed([HEADER]), "has no moment"),
        (packed([HEADER, ONE]), ":2: is not as a recording has it"),
        (packed([HEADER, {"moment": "x"}]), ":2: is not as"),
        (packed([HEADER, {"moment": 1e400}]), ":2: is not as"),
        (packed([HEADER, {"moment": None}]), ":2: is not as"),
        (packed([HEADER, {"attributes": [["N"]]}]), ":2: is not as"),
        (packed([HEADER, {"attributes": 5}]), ":2: is not as"),
        (packed([HEADER, {"leaves": [[-1, "NUMBER", [], "N", None, []]]}]), ":2: is not as"),
        (packed([HEADER, {"leaves": [[0, "NOPE", [], "N", None, []]]}]), ":2: is not as"),
        (packed([HEADER, {"leaves": [[0, "NUMBER", "x", "N", None, [["a", "b"]]]]}]), ":2: "),
        (packed([*GOOD[:4], {**ONE, "shape": 9}]), ":5: is not as"),
        (packed([*GOOD[:4], {**ONE, "shape": True}]), ":5: is not as"),
        (packed([*GOOD[:4], {**ONE, "shape": 1e308}]), ":5: is not as"),
        (packed([*GOOD[:4], {**ONE, "texts": ["x"]}]), ":5: is not as"),
        (packed([*GOOD[:4], {**ONE, "texts": [1]}]), ":5: is not as"),
        (packed([*GOOD[:4], {**ONE, "texts": []}]), ":5: is not as"),
        (packed([*GOOD[:4], {**ONE, "mbean": "no name"}]), ":5: is not as"),
        (packed([*GOOD[:4], {**ONE, "mbean": None}]), ":5: is not as"),
        (packed([*GOOD[:4], {**ONE, "failed": "NOPE"}]), ":5: is not as"),
        (packed([*GOOD[:4], {**ONE, "failed": []}]), ":5: is not as"),
        (packed([b"[" * 100_000]), ":1: is no JSON"),
        (packed([HEADER, b'{"moment": ' + b"[" * 100_000]), ":2: is no JSON"),
        (packed([HEADER, b'{"moment": ' + b"9" * 100_000 + b"}"]), ":2: is no"),
        (packed([HEADER, b'{"x": "\\ud800"}', MOMENT, {"x": 1}]), ""),
    ],
    # Not the bytes: gzip puts the time of day among them.
    ids=itertools.count(),
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path, data, said):
    found = outcome(tmp_path / "x.rec", data)

    assert said in found
    assert len(found) < 300


def test_kinds_of_a_later_version_are_left_out(tmp_path):
    assert outcome(tmp_path / "x.rec", packed([*GOOD, {"new": 1}])) == ""


@pytest.mark.parametrize(
    "documents",
    [
        # Two attributes of one name, an attribute without values, the same MBean twice.
        [
            HEADER,
            MOMENT,
            {"attributes": [["N", "long", None], ["N", "int", None]]},
            {"leaves": [LEAF, [1, *LEAF[1:]]]},
            {**ONE, "texts": ["1", "2"]},
        ],
        [*GOOD[:3], {"leaves": []}, {**ONE, "texts": []}],
        [*GOOD, ONE],
        [*GOOD[:3], {"leaves": [[0, "NUMBER", [], "N", None, [["a", "", "b"]]]]}, ONE],
        [*GOOD[:4], {**ONE, "mbean": "a:b=c\n<x>,\u202e"}],
        [*GOOD[:4], {**ONE, "texts": [None]}],
        [*GOOD[:4], {**ONE, "texts": ["\u0000"]}],
        [*GOOD[:4], {**ONE, "texts": ["1e999"]}],
        [*GOOD[:3], {"leaves": [[0, "TABLE", ["N"] * 500, "", "", []]]}, ONE],
    ],
)
def test_what_is_odd_and_allowed_is_shown(tmp_path, documents):
    assert outcome(tmp_path / "x.rec", packed(documents)) == ""


# -- broken files ----------------------------------------------------------------------------------


@given(st.data())
def test_a_file_that_breaks_off_or_has_other_bits_is_told_or_shown(
    good, tmp_path_factory, data
):
    path = tmp_path_factory.getbasetemp() / "broken.rec"
    whole = bytearray(good)
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] ^= 1 << data.draw(st.integers(0, 7))
    end = data.draw(st.integers(0, len(whole)))

    outcome(path, bytes(whole[:end]))


@given(st.data())
def test_a_text_with_other_characters_is_told_or_shown(good, tmp_path_factory, data):
    """Past gzip's checksum, which hides most from the test above."""
    path = tmp_path_factory.getbasetemp() / "changed.rec"
    text = bytearray(gzip.decompress(good))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    outcome(path, gzip.compress(bytes(text), 1))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from([MOMENT, DESCRIBED, SHAPED, ONE]),
    st.sampled_from(
        ["moment", "attributes", "leaves", "mbean", "description", "shape", "texts"]
    ),
    JSON,
)
def test_a_field_that_is_anything_is_told_or_shown(
    tmp_path_factory, document, key, value
):
    path = tmp_path_factory.getbasetemp() / "field.rec"

    outcome(path, packed([*GOOD[:4], {**document, key: value}, ONE]))


# -- bombs -----------------------------------------------------------------------------------------


def bounded(path: Path, megabytes: int, seconds: float) -> str:
    """Read a file in a process with little memory; return what it said."""
    program = (
        "import sys\n"
        "from jmx_bridge.errors import RecordingError\n"
        "from jmx_bridge.jmx.recording import read_recording\n"
        "try: read_recording(sys.argv[1]); print('read')\n"
        "except RecordingError as exc: print(exc)\n"
    )
    limit = megabytes << 20
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert time.monotonic() - begin < seconds
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout


def bomb(path: Path, begin: bytes, chunk: bytes, times: int) -> None:
    with gzip.open(path, "wb", 1) as file:
        file.write(begin)
        for _ in range(times):
            file.write(chunk)


HEAD = json.dumps(HEADER).encode() + b"\n" + json.dumps(MOMENT).encode() + b"\n"


def test_a_line_without_an_end_is_not_unpacked_whole(tmp_path):
    path = tmp_path / "bomb.rec"
    bomb(path, b"", b" " * (1 << 20), 200)

    assert ":1: is too large" in bounded(path, 400, 60)


@pytest.mark.parametrize(
    ("most", "begin", "chunk"),
    [
        ("MOST_BYTES", HEAD, b'{"x": 1}\n' * 1000),
        ("MOST_VALUES", HEAD + b"\n".join(json.dumps(one).encode() for one in GOOD[2:4]) + b"\n", json.dumps(ONE).encode() + b"\n"),
        ("MOST_MBEANS", HEAD, b'{"mbean": "a:b=c", "description": null, "failed": "LATE"}\n'),
        ("MOST_NODES", HEAD, b'{"attributes": [["N", "long", null]]}\n'),
        ("MOST_NODES", HEAD, b'{"leaves": [[0, "NUMBER", ["a"], "N", null, []]]}\n'),
        ("MOST_NODES", HEAD, b'{"moment": 1}\n'),
    ],
)  # fmt: skip
def test_too_much_of_anything_is_too_much(tmp_path, monkeypatch, most, begin, chunk):
    path = tmp_path / "bomb.rec"
    bomb(path, begin, chunk, 3000)
    monkeypatch.setattr(recording, most, 1000)

    with pytest.raises(RecordingError, match=r"is too large|has too many"):
        read_recording(str(path))

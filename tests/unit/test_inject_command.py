"""`jmx-bridge inject`: files in, files out, and a word on each workload."""

from __future__ import annotations

import io
import os
from types import SimpleNamespace

import pytest
import yaml

from jmx_bridge.cli import run
from jmx_bridge.commands import inject as injecting
from jmx_bridge.settings import parse_settings

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers: [{name: web}] # one
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "web.yaml"
    path.write_bytes(f"{SERVICE}---\n{DEPLOYMENT}".encode())
    return path


@pytest.fixture
def ran(monkeypatch, capsysbinary):
    """Run the command; return its status, what it printed, and what it said."""

    def call(*argv, stdin=b""):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        status = run(["inject", *map(str, argv)], {})
        out, err = capsysbinary.readouterr()
        return status, out.decode(), err.decode()

    return call


def test_it_prints_the_file_with_the_sidecar_and_says_so(ran, file):
    status, out, err = ran(file, "--packs=tomcat", "--image=a:1")

    (pod,) = [
        one["spec"] for one in yaml.safe_load_all(out) if one["kind"] == "Deployment"
    ]
    (ours,) = pod["template"]["spec"]["initContainers"]
    assert status == 0
    assert ours["image"] == "a:1"
    assert {"name": "JMX_BRIDGE_CONFIG_INCLUDE", "value": "tomcat"} in ours["env"]
    assert err == f"{file}: Deployment shop/web: injected (native, 127.0.0.1:7199)\n"


def test_standard_input_comes_back_byte_for_byte(ran, file):
    before = b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n").rstrip()

    _, out, _ = ran("-", "--podmonitor", stdin=before)
    _, again, told = ran("-", "--podmonitor", stdin=out.encode())
    _, back, _ = ran("-", "--remove", stdin=out.encode())

    assert "PodMonitor" in out
    assert "  namespace: shop\r\n" in out
    assert again == out
    assert told == "<stdin>: Deployment shop/web: unchanged (native, 127.0.0.1:7199)\n"
    assert back.encode() == before


def test_files_are_written_in_place_with_their_rights(ran, file):
    before = file.read_bytes()
    file.chmod(0o640)

    status, out, _ = ran("--in-place", file)
    new = file.read_bytes()
    ran("--in-place", "--remove", file)

    assert (status, out) == (0, "")
    assert b"jmx-bridge" in new
    assert file.read_bytes() == before
    assert file.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_a_file_that_nothing_changes_is_not_written(ran, file):
    ran("--in-place", file)
    os.utime(file, (1, 1))

    ran("--in-place", file)

    assert file.stat().st_mtime == 1


def test_check_says_whether_something_would_change(ran, file):
    assert ran("--check", file)[:2] == (1, "")
    ran("--in-place", file)
    assert ran("--check", file)[:2] == (0, "")


def test_several_files_are_one_stream(ran, file, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(SERVICE.rstrip())

    _, out, _ = ran(other, file, other)

    kinds = [one["kind"] for one in yaml.safe_load_all(out)]
    assert kinds == ["Service", "Service", "Deployment", "Service"]


def test_what_is_skipped_is_told_with_the_reason(ran, file):
    status, out, err = ran(file, "--attach=auto")

    assert status == 0
    assert out.encode() == file.read_bytes()
    assert err == (
        f"{file}: Deployment shop/web: skipped (nothing says which user container 'web' runs as)\n"
    )


def test_warnings_are_told(ran, file):
    _, _, err = ran(file, "--attach=auto", "--user=5")

    assert "injected (native, attach auto)\n  warning: nothing says which group" in err


def test_a_name_does_nothing_to_a_terminal(ran):
    text = DEPLOYMENT.replace("name: web,", 'name: "\\e[2J",').encode()

    assert "Deployment shop/?[2J: injected" in ran("-", stdin=text)[2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "FILE:1:1: is not UTF-8"),
        (b"a: b\nkind: \xff", "FILE:2:7: is not UTF-8"),
        (b"a: 1\n---\ncontainers: [\n", "FILE:4:1: invalid YAML: "),
        (b" " * ((64 << 20) + 1), "FILE: larger than 64 MiB"),
    ],
)
def test_a_file_that_can_not_be_used_is_told(ran, file, content, message):
    file.write_bytes(content)

    status, out, err = ran(file)

    assert (status, out) == (1, "")
    assert f"error: {message}".replace("FILE", str(file)) in err
    assert "docs/troubleshooting.md#manifest" in err


def test_a_path_that_is_no_file_is_told(ran, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert (
        f"{tmp_path}: is a directory\n  hint: name the files in it" in ran(tmp_path)[2]
    )
    assert f'{pipe}: is no regular file\n  hint: give a pipe by "-"' in ran(pipe)[2]
    assert "no.yaml: can't be read (No such file or directory)" in ran("no.yaml")[2]


def test_json_takes_no_podmonitor(ran):
    text = (
        b'{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a"}]}}'
    )

    status, _, err = ran("--podmonitor", "-", stdin=text)

    assert status == 1
    assert "--podmonitor: JSON has no place for a second document" in err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "inject: names nothing to look at"),
        (["--in-place", "-"], "--in-place: standard input can't be written anew"),
        (["--attach=auto", "--target=a:1", "x"], "--attach: --target names a JVM, too"),
        (["--packs=tomcta", "x"], "--packs: there is no pack 'tomcta'"),
        (["--namespace=A", "x"], "--namespace: must be the name of a namespace"),
    ],
)
def test_what_makes_no_sense_is_refused(ran, argv, message):
    status, _, err = ran(*argv)

    assert status == 2
    assert message in err


def test_the_flags_of_other_commands_mean_the_same_and_their_variables_nothing():
    variables = {"JMX_BRIDGE_JMX_TARGET": "a:1"}

    wish = parse_settings(["inject", "x"], variables).inject
    attached = parse_settings(["inject", "--jmx.attach=auto", "x"], variables).inject
    ported = parse_settings(["inject", "--jmx.target=b:1", "x"], variables).inject

    assert (wish.attach, wish.target) == (None, None)
    assert (attached.attach, attached.target) == ("auto", None)
    assert (ported.attach, ported.target) == (None, "b:1")


def test_a_file_whose_folder_can_not_be_written_stays(ran, file, monkeypatch):
    def fails(self, target):
        raise OSError(28, "No space left on device")

    before = file.read_bytes()
    monkeypatch.setattr("pathlib.Path.replace", fails)

    with pytest.raises(OSError, match="No space"):
        injecting.write_anew(injecting.Manifests(str(file), "", "new"))

    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == [file.name]

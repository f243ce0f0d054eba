"""`jmx-bridge` as a process: what an operator does with it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)

from integration.support import (
    COMMAND,
    Served,
    moving,
    one_number,
    prometheus_path,
    reads,
    run,
    serving,
)
from integration.targets import (
    ROOT,
    Target,
    free_port,
    java,
    start_target,
    wait_until,
)

PROMETHEUS_ACCEPT = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


def test_it_serves_before_the_target_is_there_and_follows_its_coming(moving_app):
    one_number(moving_app)
    port = moving_app.port
    absent = free_port()
    with serving(f"--jmx.target=127.0.0.1:{absent}") as served:
        ready, healthy = served.get("/-/ready"), served.get("/-/healthy")
        status, headers, text = served.get("/metrics")
        assert (ready[0], healthy[0], status) == (200, 200, 200)
        assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "jmx_up 0.0\n" in text
        assert "Connection refused" in served.get("/")[2]

        late = start_target(
            moving(),
            "MovingApp",
            port=absent,
        )
        try:
            wait_until(lambda: "jmx_up 1.0\n" in served.metrics(), 20)
        finally:
            late.stop()
        assert served.stop() == 0
    assert port != absent


def test_sigterm_ends_it_with_status_zero_and_the_session_is_closed(moving_app):
    one_number(moving_app)
    served = Served(f"--jmx.target={moving_app.address}")
    assert "t_A_Count 1.0\n" in served.metrics()

    assert served.stop() == 0

    wait_until(lambda: moving_app.tell("threads") == "0", 20)


def test_nobody_can_attach_to_it_and_nothing_is_left_in_tmp(moving_app):
    with serving(f"--jmx.target={moving_app.address}") as served:
        assert "jmx_up 1.0\n" in served.metrics()
        pid = served.process.pid
        names = [
            task.read_text().strip()
            for task in Path(f"/proc/{pid}/task").glob("*/comm")
        ]

        assert not [name for name in names if name.startswith("Attach")]
        # A file of that name may be another's, who had this number before.
        assert f".java_pid{pid}" not in Path("/proc/net/unix").read_text()


def test_a_rule_file_is_read_again_when_its_symlink_is_swapped(moving_app, tmp_path):
    one_number(moving_app)
    for name, metric in (("one", "first"), ("two", "second"), ("bad", "[")):
        (tmp_path / name).mkdir()
        text = f"rules: [{{pattern: 't<type=A><>Count', name: {metric}}}]\n"
        (tmp_path / name / "rules.yml").write_text(text)
    data = tmp_path / "..data"
    data.symlink_to("one")
    (tmp_path / "rules.yml").symlink_to("..data/rules.yml")

    def swap(name: str) -> None:
        (tmp_path / "new").symlink_to(name)
        (tmp_path / "new").rename(data)

    with serving(
        f"--jmx.target={moving_app.address}", f"--config.file={tmp_path / 'rules.yml'}"
    ) as served:
        assert "\nfirst 1.0\n" in served.metrics()
        swap("two")
        wait_until(lambda: "\nsecond 1.0\n" in served.metrics(), 10)
        swap("bad")
        wait_until(
            lambda: "jmx_config_reload_failure_total 1.0\n" in served.metrics(), 10
        )
        text = served.metrics()
        assert "\nsecond 1.0\n" in text
        assert "jmx_bridge_config_last_reload_successful 0.0\n" in text
        assert "rules.yml:1:" in served.get("/")[2]
        status, _, answer = served.get("/-/reload", "POST")
        assert (status, "rules.yml:1:" in answer) == (500, True)


def test_sighup_reads_the_rule_file_again(moving_app, tmp_path):
    one_number(moving_app)
    rules = tmp_path / "rules.yml"
    rules.write_text("rules: [{pattern: 't<type=A><>Count', name: first}]\n")
    with serving(
        f"--jmx.target={moving_app.address}", f"--config.file={rules}"
    ) as served:
        assert "\nfirst 1.0\n" in served.metrics()
        served.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "jmx_config_reload_success_total 1.0\n" in served.metrics())


def test_the_format_is_the_one_that_prometheus_asks_for(moving_app):
    one_number(moving_app)
    with serving(f"--jmx.target={moving_app.address}") as served:
        _, headers, text = served.get("/metrics", Accept=PROMETHEUS_ACCEPT)
        filtered = served.get("/metrics?name[]=t_A_Count")[2]
        status, head, body = served.get("/metrics", "HEAD")
    assert headers["Content-Type"] == (
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
    )
    assert any(family.name == "t_A_Count" for family in parse_openmetrics(text))
    assert [line for line in filtered.splitlines() if line[0] != "#"] == [
        "t_A_Count 1.0"
    ]
    assert (status, body) == (200, "")
    assert int(head["Content-Length"]) > 1000


@pytest.mark.parametrize("accept", ["", PROMETHEUS_ACCEPT], ids=["text", "openmetrics"])
def test_promtool_accepts_the_page(moving_app, accept):
    promtool = shutil.which("promtool", path=prometheus_path())
    if not promtool:
        pytest.skip("promtool is not installed")
    with serving(f"--jmx.target={moving_app.address}", "--jmx.thread-states") as served:
        text = served.get("/metrics?name[]=x", Accept=accept)[2]
        whole = served.get("/metrics", Accept=accept)[2]
    own = [line for line in whole.splitlines() if "java_" not in line]
    checked = subprocess.run(
        [promtool, "check", "metrics"],
        input="\n".join(own).replace("# EOF", "") + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if accept:  # promtool reads the text format only; the parser above reads the other
        assert text.endswith("# EOF\n")
        return
    complaints = [
        line
        for line in checked.stderr.splitlines()
        # Names of the Java client and of the JVM's own packages, which are not ours to choose.
        if line.strip()
        and not line.startswith(("com_sun_", "jdk_"))
        and "jvm_memory_objects_pending" not in line
    ]
    assert complaints == []


@pytest.mark.parametrize("protocol", ["openmetrics", "text"])
def test_a_real_prometheus_scrapes_it(moving_app, tmp_path, protocol):
    prometheus = shutil.which("prometheus", path=prometheus_path())
    if not prometheus:
        pytest.skip("prometheus is not installed")
    one_number(moving_app, 7)
    version = subprocess.run(
        [prometheus, "--version"], capture_output=True, text=True, check=True
    )
    modern = "version 2." not in version.stdout + version.stderr
    names = {"openmetrics": "OpenMetricsText1.0.0", "text": "PrometheusText0.0.4"}
    with serving(f"--jmx.target={moving_app.address}") as served:
        config = (
            "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
            "scrape_configs:\n- job_name: jvm\n"
            f"  static_configs: [{{targets: ['127.0.0.1:{served.port}']}}]\n"
        )
        if modern:
            config += f"  scrape_protocols: [{names[protocol]}]\n"
        (tmp_path / "prometheus.yml").write_text(config)
        port = free_port()
        process = subprocess.Popen(
            [
                prometheus,
                f"--config.file={tmp_path / 'prometheus.yml'}",
                f"--storage.tsdb.path={tmp_path / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            value = wait_until(lambda: query(port, "t_A_Count and on() up == 1"), 60)
        finally:
            process.terminate()
            process.wait(20)
    assert value == "7"


def query(port: int, expression: str) -> str | None:
    url = f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(expression)}"
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            found = json.load(response)["data"]["result"]
    except OSError:
        return None
    return found[0]["value"][1] if found else None


def test_jmx_exporters_arguments_work(moving_app, tmp_path):
    one_number(moving_app)
    rules = tmp_path / "rules.yml"
    rules.write_text(
        f"hostPort: {moving_app.address}\nrules: [{{pattern: 'Count', name: n}}]\n"
    )
    port = free_port()
    process = subprocess.Popen(
        [*COMMAND, f"127.0.0.1:{port}", str(rules)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:

        def page() -> str | None:
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/metrics"
                ) as answer:
                    return answer.read().decode()
            except OSError:
                return None

        assert "\nn{" in wait_until(page, 20) or "\nn " in page()
    finally:
        process.terminate()
        assert process.wait(20) == 0


def test_scrape_prints_one_page(moving_app):
    one_number(moving_app)

    done = run("scrape", f"--jmx.target={moving_app.address}")

    assert done.returncode == 0
    assert "\nt_A_Count 1.0\n" in done.stdout


def test_scrape_fails_when_nobody_is_there():
    done = run("scrape", f"--jmx.target=127.0.0.1:{free_port()}")

    assert done.returncode == 1
    assert "Connection refused" in done.stderr


def test_without_a_target_it_says_how_to_name_one():
    done = run("serve")

    assert done.returncode == 2
    assert "--jmx.target" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["--version"], 1), (["serve"], 2), (["scrape", "--jmx.target=127.0.0.1:1"], 1)],
    ids=["output lost", "misuse", "no target"],
)
def test_the_exit_status_is_right_on_a_full_disk(arguments, status):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *arguments],
            stdout=full,
            stderr=full,
            cwd=ROOT,
            check=False,
            timeout=60,
        )
    assert done.returncode == status


# What a starting bridge has loaded by then.
MOMENTS = {"python loads": "_jpype", "java starts": "libjvm", "it waits": "libjvm"}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_scrape_that_waits(number, moment):
    """At any moment, the start of Java among them; Java's own way out would crash or hang."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(30)
        target = f"--jmx.target=127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen([*COMMAND, "scrape", target], cwd=ROOT)
        wait_until(lambda: MOMENTS[moment] in mapped(process.pid), 30)
        # Held open, for the bridge waits for what is said on it.
        held = silent.accept() if moment == "it waits" else None
        process.send_signal(number)
        status = process.wait(15)
        if held:
            held[0].close()
    assert status in (128 + number, -number)
    assert not list(ROOT.glob("hs_err_*"))


def mapped(pid: int) -> str:
    """The files that a process has mapped into its memory."""
    return Path(f"/proc/{pid}/maps").read_text()


def test_check_tells_all_mistakes_at_once(tmp_path):
    file = tmp_path / "rules.yml"
    file.write_text(
        "lowercaseOutputNames: true\nrules:\n- pattern: 'a(b'\n  name: x\n- nme: y\n"
    )

    done = run("check", str(file))

    assert done.returncode == 1
    assert f"{file}:1:1:" in done.stdout
    assert "lowercaseOutputName" in done.stdout
    assert f"{file}:3:" in done.stdout
    assert f"{file}:5:" in done.stdout


def test_a_port_in_use_is_one_clear_sentence(moving_app):
    with serving(f"--jmx.target={moving_app.address}") as served:
        done = run(
            "serve",
            f"--jmx.target={moving_app.address}",
            f"--web.listen-address=127.0.0.1:{served.port}",
        )
    assert done.returncode == 2
    assert "can't listen there" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[Target, Path]]:
    """A target with a password and TLS, registry included, and the store to trust."""
    store = tmp_path / "store.p12"
    subprocess.run(
        [java("keytool"), "-genkeypair", "-alias", "a", "-keyalg", "RSA", "-storetype", "PKCS12",
         "-keystore", str(store), "-storepass", "changeit", "-dname", "CN=localhost",
         "-ext", "SAN=dns:localhost,ip:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    (tmp_path / "access").write_text("monitor readonly\n")
    passwords = tmp_path / "password"
    passwords.write_text("monitor s3cr3t-word\n")
    passwords.chmod(0o600)
    prefix = "-Dcom.sun.management.jmxremote"
    target = start_target(
        moving(),
        "MovingApp",
        flags=(
            f"{prefix}.authenticate=true",
            f"{prefix}.access.file={tmp_path / 'access'}",
            f"{prefix}.password.file={passwords}",
            f"{prefix}.ssl=true",
            f"{prefix}.registry.ssl=true",
            f"-Djavax.net.ssl.keyStore={store}",
            "-Djavax.net.ssl.keyStorePassword=changeit",
        ),
    )
    yield target, store
    target.stop()


def test_a_read_only_user_over_tls_is_enough(secured, tmp_path):
    target, store = secured
    one_number(target)
    rules = tmp_path / "rules.yml"
    rules.write_text(
        f"ssl:\n  enabled: true\n  trustStore: {{filename: {store}, type: PKCS12, password: changeit}}\n"
    )
    arguments = (
        "scrape",
        f"--jmx.target={target.address}",
        "--jmx.username=monitor",
        f"--config.file={rules}",
    )
    good = run(*arguments, environ={"JMX_BRIDGE_JMX_PASSWORD": "s3cr3t-word"})
    bad = run(*arguments, environ={"JMX_BRIDGE_JMX_PASSWORD": "wrong-w0rd"})
    plain = run("scrape", f"--jmx.target={target.address}")

    assert good.returncode == 0, good.stderr
    assert "\nt_A_Count 1.0\n" in good.stdout
    assert bad.returncode == 1
    assert "refused the login" in bad.stderr
    assert "wrong-w0rd" not in bad.stderr + bad.stdout
    assert plain.returncode == 1
    assert "s3cr3t-word" not in good.stdout + good.stderr


def test_one_fetch_serves_all_who_ask_at_once(moving_app):
    one_number(moving_app)
    with serving(f"--jmx.target={moving_app.address}") as served:
        served.metrics()
        before = reads(moving_app)
        moving_app.tell("sleep\tt:type=A\t1000")
        clients = [
            subprocess.Popen(
                [sys.executable, "-c",
                 f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{served.port}/metrics').read().decode())"],
                stdout=subprocess.PIPE, text=True,
            )
            for _ in range(8)
        ]  # fmt: skip
        pages = [client.communicate(timeout=30)[0] for client in clients]
        after = reads(moving_app)
    assert all("t_A_Count 1.0" in page for page in pages)
    assert after - before <= 3


def test_health_answers_while_the_target_hangs(moving_app):
    one_number(moving_app)
    with serving(f"--jmx.target={moving_app.address}") as served:
        served.metrics()
        os.kill(moving_app.process.pid, signal.SIGSTOP)
        try:
            scrape = asked_for(served, timeout="3")
            # Requests are taken in their order, so with this answer the scrape is under way.
            served.get("/-/healthy")
            start = time.monotonic()
            healthy = served.get("/-/healthy")[0]
            took = time.monotonic() - start
            page = answer(scrape)
        finally:
            os.kill(moving_app.process.pid, signal.SIGCONT)
        assert (healthy, took < 1.0) == (200, True)
        assert "jmx_up 0.0" in page
        wait_until(lambda: "t_A_Count 1.0" in served.metrics(), 30)


def asked_for(served: Served, timeout: str) -> socket.socket:
    """A connection on which a scrape was asked for, and not answered yet."""
    sock = socket.create_connection(("127.0.0.1", served.port), timeout=30)
    sock.sendall(
        b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        b"X-Prometheus-Scrape-Timeout-Seconds: " + timeout.encode() + b"\r\n\r\n"
    )
    return sock


def answer(sock: socket.socket) -> str:
    with sock, sock.makefile("rb") as stream:
        return stream.read().decode()


REFUSE = """
import resource
from jmx_bridge.config.document import Problems
from jmx_bridge.config.parse import read_document

def mebibytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

before = mebibytes()
problems = Problems("f.yml")
read_document("- {}\\n" * 250_000, problems)
print(mebibytes() - before, *problems.all(), sep="|")
"""


def test_a_megabyte_of_small_values_is_refused_in_little_memory():
    done = subprocess.run(
        [sys.executable, "-c", REFUSE], capture_output=True, text=True, check=True
    )

    took, problems = done.stdout.strip().split("|")
    assert float(took) < 60
    assert problems == "f.yml: more than 50,000 keys and values"

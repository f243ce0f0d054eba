"""What each command does once Java runs."""

import io
import sys
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from fake_matcher import FakeMatcher
from fake_syntax import FakeSyntax

from jmx_bridge import web
from jmx_bridge.commands import check as checking
from jmx_bridge.commands import scrape as scraping
from jmx_bridge.commands import serve as serving
from jmx_bridge.commands import start as starting
from jmx_bridge.config.web.schema import (
    MUST_CLIENT,
    OPEN,
    Secret,
    ServerTls,
    WebConfig,
)
from jmx_bridge.errors import ConfigError, UsageError
from jmx_bridge.model import Layout, Snapshot
from jmx_bridge.observe import Status
from jmx_bridge.settings import (
    LimitSettings,
    RuleSettings,
    ScrapeSettings,
    Settings,
    WebSettings,
)
from jmx_bridge.workbench.checked import write_text

DEADLINE = "docs/troubleshooting.md#deadline"


class FakeServer:
    """What load_server() would load; keeps what it was told."""

    AccessControl = web.AccessControl
    Limits = web.Limits
    ListenAddress = web.ListenAddress

    def __init__(self):
        self.served = []
        self.openssl = None

    def load(self, *, openssl):
        self.openssl = openssl
        return self

    def serve(self, *given):
        self.served.append(given)


class FakeBridge:
    """Has nothing, and says what *state* it is in."""

    def __init__(self, state="up", detail="", section=OPEN):
        self.state, self.detail = state, detail
        self.config = SimpleNamespace(http_server=section)
        self.deadlines, self.closed = [], 0

    def scrape(self, *, deadline):
        self.deadlines.append(deadline)
        return Snapshot(Layout(()), (), ())

    def status(self):
        now = datetime.now(UTC)
        return Status(
            "0", "url", self.state, self.detail, DEADLINE, now,
            None, None, (), 0, now, (), "", "",
        )  # fmt: skip

    def close(self):
        self.closed += 1


def checked(tmp_path, **files):
    output = io.StringIO()
    for name, text in files.items():
        (tmp_path / f"{name}.yml").write_text(text)
    paths = [str(tmp_path / f"{name}.yml") for name in files]
    found = [checking.check_file(path, FakeSyntax()) for path in paths]
    write_text(found, output)
    good = all(checking.good(one, strict=False) for one in found)
    return good, output.getvalue().replace(f"{tmp_path}/", "")


def test_check_names_a_rule_that_can_take_too_many_steps(tmp_path):
    wild = "rules:\n- pattern: 'x'\n- pattern: 'N: (.+),(.+),(.+),(.+),(.+),(.+);'\n"

    good, said = checked(tmp_path, wild=wild)

    assert good
    assert said.startswith("wild.yml:3:12: warning: rules[1].pattern: takes more steps")


def test_a_good_file_is_called_good(tmp_path):
    one, two = "rules: [{pattern: 'a'}]\n", "rules: [{pattern: 'a'}, {pattern: 'b'}]\n"

    assert checked(tmp_path, a=one, b=two) == (
        True,
        "a.yml: good, 1 rule\nb.yml: good, 2 rules\n",
    )


def test_all_files_are_checked_and_one_that_is_bad_is_enough(tmp_path):
    assert checked(tmp_path, a="ruls: []\n", b="hostPort: a:1\n") == (
        False,
        (
            "a.yml:1:1: unknown key 'ruls'\n  hint: did you mean \"rules\"?\n"
            "b.yml: good, 1 rule\n"
        ),
    )


def test_warnings_of_a_good_file_are_told(tmp_path):
    assert checked(tmp_path, a="rules: []\n") == (
        True,
        (
            "a.yml:1:8: warning: rules: an empty list exports nothing"
            "\n  hint: remove the key for default names\na.yml: good, 0 rules\n"
        ),
    )


@pytest.mark.parametrize(
    ("status", "rules"),
    [
        (0, RuleSettings(check_files=("good.yml",))),
        (0, RuleSettings(file="good.yml", check_only=True)),
        (1, RuleSettings(check_files=("good.yml", "missing.yml"))),
    ],
)
def test_check_takes_its_files_from_the_settings(
    monkeypatch, tmp_path, capsys, status, rules
):
    (tmp_path / "good.yml").write_text("rules: []\n")
    monkeypatch.chdir(tmp_path)
    started = []
    monkeypatch.setattr(checking, "start_jvm", started.append)
    monkeypatch.setattr(checking, "JavaSyntax", FakeSyntax)

    assert checking.check(Settings(jvm="/java", rules=rules)) == status
    assert started == ["/java"]
    out, err = capsys.readouterr()
    assert "good.yml: good, 0 rules\n" in out
    assert err == "see: docs/troubleshooting.md#rule-file\n" * status


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        (0, "", ("up", "")),
        (1, f"jmx-bridge: error: url: late\n  see: {DEADLINE}\n", ("partial", "late")),
        (1, f"jmx-bridge: error: url: gone\n  see: {DEADLINE}\n", ("down", "gone")),
    ],
)
def test_scrape_prints_a_page_and_tells_what_is_missing(
    monkeypatch, capsysbinary, status, message, told
):
    bridge = FakeBridge(*told)
    monkeypatch.setattr(scraping, "start_bridge", lambda _: bridge)

    assert scraping.scrape(Settings(scrape=ScrapeSettings(timeout=7))) == status

    assert capsysbinary.readouterr().err == message.encode()
    assert bridge.closed == 1
    assert bridge.deadlines[0] == pytest.approx(time.monotonic() + 7, abs=5)


def test_a_bridge_is_closed_even_if_nobody_reads_the_page():
    class Broken(io.BytesIO):
        def write(self, data):
            raise BrokenPipeError

    bridge = FakeBridge()

    with pytest.raises(BrokenPipeError):
        scraping.print_scrape(bridge, 1, Broken(), sys.stderr)
    assert bridge.closed == 1


def test_serve_hands_over_where_how_long_and_to_whom(monkeypatch):
    bridge, server = FakeBridge(), FakeServer()
    monkeypatch.setattr(serving, "start_bridge", lambda _: bridge)
    monkeypatch.setattr(serving, "load_server", server.load)
    settings = Settings(
        web=WebSettings("::1", 9404, "/m"),
        limits=LimitSettings(bytes=1000),
        scrape=ScrapeSettings(7, 1),
    )

    assert serving.serve(settings) == 0

    ((what, place, limits, _, workbench),) = server.served
    assert workbench is None
    assert what is bridge
    assert place == web.ListenAddress("::1", 9404, "/m")
    assert limits == web.Limits(7, 1, 1000)
    assert server.openssl is False
    assert bridge.closed == 1


def test_a_rule_files_path_beats_the_flags(monkeypatch):
    server = FakeServer()
    bridge = FakeBridge(section=WebConfig(path="/other"))
    monkeypatch.setattr(serving, "start_bridge", lambda _: bridge)
    monkeypatch.setattr(serving, "load_server", server.load)

    serving.serve(Settings())

    assert server.served[0][1].telemetry_path == "/other"


@pytest.mark.parametrize(
    ("host", "config", "refused"),
    [
        ("", OPEN, True),
        ("0.0.0.0", OPEN, True),
        ("10.0.0.7", OPEN, True),
        ("bridge.example.com", OPEN, True),
        ("127.0.0.1", OPEN, False),
        ("::1", OPEN, False),
        ("localhost", OPEN, False),
        ("", WebConfig(users=(("a", Secret("plaintext", "b")),)), False),
        ("", WebConfig(tls=ServerTls(client=MUST_CLIENT)), False),
        ("", WebConfig(tls=ServerTls()), True),
    ],
)
def test_the_workbench_is_served_to_this_machine_or_to_who_is_known(
    monkeypatch, host, config, refused
):
    server = FakeServer()
    monkeypatch.setattr(serving, "start_bridge", lambda _: FakeBridge())
    monkeypatch.setattr(serving, "load_server", server.load)
    monkeypatch.setattr(serving, "web_config", lambda *_: (config, None))
    monkeypatch.setattr(server, "AccessControl", lambda *_, **__: None)
    settings = Settings(web=WebSettings(host, workbench=True))

    if refused:
        with pytest.raises(UsageError, match="shows all values"):
            serving.serve(settings)
        assert server.served == []
    else:
        serving.serve(settings)
        assert server.served[0][4] is not None


@pytest.mark.parametrize("text", ["", "basic_auth_users: {}\n"])
def test_a_web_configuration_that_may_change_has_openssl_at_hand(
    monkeypatch, tmp_path, text
):
    server = FakeServer()
    monkeypatch.setattr(serving, "start_bridge", lambda _: FakeBridge())
    monkeypatch.setattr(serving, "load_server", server.load)
    file = tmp_path / "web.yml"
    file.write_text(text)

    serving.serve(Settings(web=WebSettings(config_file=str(file))))

    assert server.openssl is True


def test_passwords_in_the_rule_file_have_openssl_at_hand(monkeypatch):
    server = FakeServer()
    section = WebConfig(users=(("a", Secret("plaintext", "b")),))
    monkeypatch.setattr(serving, "start_bridge", lambda _: FakeBridge(section=section))
    monkeypatch.setattr(serving, "load_server", server.load)

    serving.serve(Settings())

    assert server.openssl is True


def test_without_a_web_configuration_the_rule_files_section_counts():
    section = WebConfig(users=(("a", Secret("plaintext", "b")),))

    assert serving.web_config(WebSettings(), section) == (section, None)


@pytest.mark.parametrize(
    ("warned", "section"),
    [(0, OPEN), (1, WebConfig(tls=ServerTls())), (0, WebConfig(path="/m"))],
)
def test_the_web_configuration_hides_that_section(
    monkeypatch, tmp_path, warned, section
):
    told = []
    monkeypatch.setattr(
        serving, "log", SimpleNamespace(warning=lambda _, **fields: told.append(fields))
    )
    file = tmp_path / "web.yml"
    file.write_text("rate_limit: {interval: 1s, burst: 3}\n")

    config, watched = serving.web_config(WebSettings(config_file=str(file)), section)

    assert config.rate is not None
    assert watched is not None
    assert watched.read() == config
    assert told == [{"problem": f"httpServer is ignored beside {file}"}] * warned
    file.write_text("rate_limit: 7\n")
    with pytest.raises(ConfigError):
        watched.read()


def test_a_bridge_is_started_with_the_settings(monkeypatch, tmp_path):
    file = tmp_path / "rules.yml"
    file.write_text("rules: []\n")
    settings = Settings(rules=RuleSettings(str(file)), jvm="/java")
    started = []
    monkeypatch.setattr(starting, "start_jvm", started.append)
    monkeypatch.setattr(starting, "JavaSyntax", FakeSyntax)
    monkeypatch.setattr(starting, "Bridge", lambda *given: given)

    target, limits, load, name, _ = starting.start_bridge(settings)

    assert started == ["/java"]
    assert (target, limits, name) == (settings.target, settings.limits, str(file))
    assert load().rules == ()


@pytest.mark.parametrize("asked", [True, False])
def test_patterns_are_measured_when_rules_are_told_of(monkeypatch, asked):
    settings = Settings(scrape=ScrapeSettings(rule_metrics=asked))
    monkeypatch.setattr(starting, "start_jvm", lambda _: None)
    monkeypatch.setattr(starting, "JavaPatterns", FakeMatcher)
    monkeypatch.setattr(starting, "Bridge", lambda *given: given)

    *_, compile_patterns = starting.start_bridge(settings)

    assert bool(compile_patterns([("a", ())]).seconds()) is asked


def test_without_file_and_packs_there_is_nothing_to_load():
    assert starting.rule_loader(RuleSettings()) is None

"""What commands of the workbench do with a reading: hide secrets, and keep names apart."""

from types import SimpleNamespace

from unit.offline import config_of
from unit.workbench.shop import mbeans_of

from jmx_bridge.commands.reading import redactor_of
from jmx_bridge.commands.record import without_secrets
from jmx_bridge.jmx.moment import JvmReading
from jmx_bridge.settings import TargetSettings, WorkbenchSettings
from jmx_bridge.workbench.secrets import SECRET, Redactor

CANARY = "c4nary-7f3e91"


def settings(*, show=False, **target):
    workbench = WorkbenchSettings(show_secrets=show)
    return SimpleNamespace(target=TargetSettings(**target), workbench=workbench)


def test_passwords_of_target_and_rule_files_are_hidden():
    config = config_of(f"hostPort: a:1\nusername: u\npassword: {CANARY}-rules\n")
    given = settings(password=f"{CANARY}-flag", key_store_password=f"{CANARY}-store")
    text = f"{CANARY}-rules {CANARY}-flag {CANARY}-store"

    assert redactor_of(given, [], config).text(text) == " ".join([SECRET] * 3)
    shown = redactor_of(settings(show=True, password=CANARY), [], config)
    assert shown.text(text) == text


def test_mbeans_whose_names_are_equal_without_secrets_stay_apart():
    mbeans = mbeans_of(
        "- {name: 'a:sessionId=1x', attributes: {N: 1}}\n"
        "- {name: 'a:sessionId=2x', attributes: {N: 2}}\n"
    )

    kept = without_secrets(JvmReading(mbeans), Redactor(mbeans))

    assert [one.name for one in kept.mbeans] == [
        "a:sessionId=<secret>",
        "a:sessionId=<secret 2>",
    ]

"""`jmx-bridge test`: run unit tests of rules."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from ..config import load_config
from ..config.packs import names
from ..errors import ConfigError
from ..jmx import JavaPatterns, JavaSyntax, start_jvm
from ..mapping import Ruleset
from ..signals import interrupt, on_signals
from ..workbench.ruletests import read_tests, run_test
from ..workbench.secrets import hide_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import TextIO

    from ..settings import Settings
    from ..workbench.ruletests import LoadRules


def test(settings: Settings) -> int:
    """Run the tests in the files that *settings* name; return the exit status."""
    start_jvm(settings.jvm)
    on_signals(interrupt)
    load = partial(load_rules, settings)
    show = str if settings.workbench.show_secrets else hide_inside
    files = settings.workbench.what
    results = [run_file(path, load, sys.stdout, show) for path in files]
    return 0 if all(results) else 1


test.__test__ = False  # type: ignore[attr-defined]  # it is no test of this program


def load_rules(settings: Settings, files: Sequence[str], folder: Path) -> Ruleset:
    """Return the rules of files and packs, in their order; raises ConfigError."""
    packs = names()
    found = [one if one in packs else str(folder / one) for one in files]
    # A first file may have keys besides rules; a pack has none.
    path = None if files[0] in packs else found[0]
    config = load_config(
        path,
        syntax=JavaSyntax(),
        environ=os.environ,
        extra=found if path is None else found[1:],
        include_root=settings.rules.include_root,
    )
    return Ruleset(config, JavaPatterns)


def run_file(
    path: str,
    load: LoadRules,
    output: TextIO,
    show: Callable[[str], str] = hide_inside,
) -> bool:
    """
    Run a file's tests, write how each went, and return whether all passed.

    *show* returns a line as it may be shown.
    """
    try:
        file = read_tests(path)
        rules = load(file.rule_files, file.path.parent)
    except ConfigError as exc:
        output.write(f"{exc}\n")
        return False
    failed = 0
    for one in file.tests:
        diff = run_test(one, rules)
        if diff:
            failed += 1
            output.write(f"FAILED {path}:{one.line}: {one.name}\n")
            output.writelines(f"  {show(line)}\n" for line in diff)
    passed = len(file.tests) - failed
    output.write(
        f"{path}: {passed} passed" + (f", {failed} failed\n" if failed else "\n")
    )
    return not failed

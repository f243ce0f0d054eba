"""`jmx-bridge check`: tell all that is wrong with rule files."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from ..config import load_config
from ..errors import ConfigError
from ..jmx import JavaSyntax, start_jvm
from ..signals import interrupt, on_signals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from ..config import Syntax
    from ..settings import Settings


def check(settings: Settings) -> int:
    """Check the files that *settings* name; return the exit status."""
    start_jvm(settings.jvm)
    on_signals(interrupt)
    files = settings.rules.check_files or (settings.rules.file or "",)
    return (
        0
        if check_files(files, JavaSyntax(), sys.stdout, settings.rules.include_root)
        else 1
    )


def check_files(
    files: Sequence[str], syntax: Syntax, output: TextIO, root: str | None = None
) -> bool:
    """
    Write what is wrong with each file, or that it is good; return whether all are.

    They may include what is below their own folders, and below *root*.
    """
    good = True
    for path in files:
        try:
            config = load_config(
                path,
                syntax=syntax,
                environ=os.environ,
                strict=True,
                include_root=root,
            )
        except ConfigError as exc:
            output.write(f"{exc}\n")
            good = False
            continue
        output.writelines(f"{problem}\n" for problem in config.warnings)
        rules = len(config.rules)
        output.write(f"{path}: good, {rules} rule{'s' * (rules != 1)}\n")
    return good

"""The rules in force: those of the rule file that was read last and was good."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .. import jmx
from ..config import DEFAULT
from ..config.packs import is_pack
from ..config.watched import Watched
from ..errors import BridgeError, ConfigError, Problem
from ..log import get_log
from ..mapping import Ruleset
from .address import address

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..config import Config
    from ..mapping.rule import Compile
    from ..observe.telemetry import Telemetry
    from ..settings import TargetSettings


log = get_log(__name__)
EMPTIED = ("was emptied while in use", "write rules: [{}] to serve everything")


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A rule file, ready to run; compared by identity."""

    config: Config
    rules: Ruleset
    address: jmx.TargetAddress
    """Of the target, by flags, variables and this file."""
    at: datetime


class RulesInForce:
    """Reads the rule file, and keeps what was good."""

    def __init__(
        self,
        settings: TargetSettings,
        telemetry: Telemetry,
        load: Callable[[], Config] | None,
        file: str | None,
        compile_patterns: Compile = jmx.JavaPatterns,
    ) -> None:
        """
        *load* reads the rule file *file*; None: the defaults. *compile_patterns*: see Ruleset.

        Raises ConfigError or UsageError.
        """
        self._settings = settings
        self._telemetry = telemetry
        self._file = file
        self._compile = compile_patterns
        self._watched = Watched(
            load or (lambda: DEFAULT), (file,) if file else (), followed
        )
        # A reading that began before another must not end after it.
        self._reading = threading.Lock()
        self.problem = ""
        """Why the newest rule file is not the one in force; "" if it is."""
        self.loaded = self._read()

    def _read(self) -> Loaded:
        config = self._watched.read()
        for problem in config.warnings:
            log.warning("config.warning", problem=str(problem))
        rules = Ruleset(config, self._compile)
        where = address(self._settings, config)
        return Loaded(config, rules, where, datetime.now(UTC))

    def reload(self) -> None:
        """Read the rule file again; raises BridgeError, and the old rules stay."""
        with self._reading:
            self._reload()

    def _reload(self) -> None:
        try:
            loaded = self._reread()
        except Exception as exc:
            # Whatever it is, the newest file is not the one in force.
            self.problem = str(exc) if isinstance(exc, BridgeError) else repr(exc)
            self._telemetry.reloaded(ok=False)
            raise
        self.loaded = loaded
        self.problem = ""
        self._telemetry.reloaded(ok=True)
        rules = len(loaded.config.rules)
        log.info("config.loaded", file=loaded.config.file, rules=rules)

    def _reread(self) -> Loaded:
        """Read the rule file, which may be blank only if it was."""
        loaded = self._read()
        if loaded.config.blank and not self.loaded.config.blank:
            raise ConfigError((Problem(self._file or "", 0, 0, *EMPTIED),))
        return loaded

    def changed(self) -> bool:
        """Whether a file is another than the one that was read last."""
        return self._watched.changed()


def followed(config: Config) -> list[str]:
    """Return the included files that may change; packs come with this program."""
    return [file for file in config.included_files if not is_pack(file)]

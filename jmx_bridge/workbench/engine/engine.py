"""
Answers what the workbench's page asks; blocking, and safe for threads.

Secrets are left out of a reading before anything is made of it, as `record` does: so no rule
that is tried, and no question, can tell one.
"""

from __future__ import annotations

import gc
import secrets
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..._version import __version__
from ...config.json_schema import rule_file_schema_text
from ...config.packs import names as pack_names
from ...errors import BridgeError, NotAnswered, Problem
from ...mapping import Ruleset
from ..checked import problem_as_dict
from ..explain import Explainer
from ..explained import explanation_as_dict
from ..secrets import Redactor, secrets_of, without_secrets
from ..survey import Surveyor
from .budget import BudgetedSyntax, Busy, Stopped, Turns
from .drafts import EDITOR, Packs, read_draft
from .in_force import InForce
from .kept import STATES, Kept
from .trial import Outcome, compared, unmatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ...config import Config, Syntax
    from ...jmx.moment import JvmReading
    from ..lines import Line
    from .budget import Budget, LimitedMatcher, Patterns
    from .drafts import Draft

MOST_BYTES = 256 << 10
"""Of a text that is tried; twice the largest rule file that we know."""
MOST_SECONDS = 30.0
"""Of one evaluation, with the time that it waits for its turn."""
LONGEST_QUESTION = 4096
"""Characters of what is searched for or explained."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where an engine has its reading and its rules from."""

    target: str
    """What the page calls it."""
    recording: bool
    """It is always the same."""
    read: Callable[[Config], JvmReading]
    """Reads the target, which a rule file may name; raises BridgeError."""
    load: Callable[[], Config] | None
    """Reads the rules in force; None: the defaults."""
    file: str | None
    """The rule file."""
    flagged: Sequence[str]
    """Packs and files that flags include."""
    secrets: Sequence[str | None]
    """The passwords that flags and variables have."""
    compile_patterns: Callable[[Patterns], LimitedMatcher]
    syntax: Syntax
    settled: Callable[[], object] = bool
    """Called when there is another reading, which stays for a while."""


class Engine:
    """One target, its newest reading, and the rules in force."""

    def __init__(self, sources: Sources, seconds: float = MOST_SECONDS) -> None:
        """One evaluation may take so many *seconds*."""
        self._sources = sources
        self._seconds = seconds
        self._rules = InForce(sources.load, sources.file)
        self._packs = Packs(sources.syntax)
        self._turns = Turns(seconds)
        self._reading = threading.Lock()
        self._kept: Kept | None = None
        self._base: Outcome | None = None
        # The text that was tried last, and what came of it.
        self._tried: tuple[str, str, Surveyor] | None = None

    # -- one reading -------------------------------------------------------------------------

    def kept(self) -> Kept:
        """Return the newest reading, made now if there is none; raises NotAnswered."""
        with self._reading:
            kept = self._kept
            if kept is None:
                return self._read()
            if self._rules.changed():
                self._rules.read()
                return self._keep(kept.reading, kept.redactor)
            return kept

    def refresh(self) -> dict[str, Any]:
        """Read the JVM anew; raises NotAnswered."""
        if self._sources.recording:
            raise NotAnswered(409, "a recording is always the same")
        with self._reading:
            self._rules.read()
            return {"reading": self._read().about()}

    def _read(self) -> Kept:
        try:
            told = self._sources.read(self._rules.config)
        except BridgeError as exc:
            raise NotAnswered(502, str(exc)) from exc
        known = [*self._sources.secrets, *secrets_of(self._rules.config)]
        redactor = Redactor(told.mbeans, known=known)
        kept = self._keep(without_secrets(told, redactor), redactor)
        self._sources.settled()
        return kept

    def _keep(self, reading: JvmReading, redactor: Redactor) -> Kept:
        self._kept = self._base = self._tried = None
        rules = Ruleset(self._rules.config, self._sources.compile_patterns)
        number = secrets.token_hex(4)
        kept = self._kept = Kept(number, reading, rules, redactor)
        self._base = Outcome(kept.surveyor, redactor)
        return kept

    def _named(self, reading: object) -> Kept:
        """Return the reading of that name; raises NotAnswered if it is no more."""
        kept = self.kept()
        if reading != kept.id:
            gone = "that reading is no more"
            raise NotAnswered(410, gone, reading=kept.about())
        return kept

    # -- questions about it --------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return what a page begins with."""
        kept, rules = self.kept(), self._rules
        text = rules.text()
        hide = kept.redactor.text
        return {
            "version": __version__,
            "target": self._sources.target,
            "recording": self._sources.recording,
            "mayRefresh": not self._sources.recording,
            "rules": {
                "text": None if text is None else hide(text),
                "file": rules.file,
                "why": hide(rules.why) or None,
            },
            "packs": pack_names(),
            "limits": {"bytes": MOST_BYTES, "seconds": self._seconds},
            "reading": kept.about(),
        }

    def tree(self) -> dict[str, Any]:
        """Return all MBeans by domain."""
        return self.kept().tree()

    def mbean(self, reading: str, name: str) -> dict[str, Any]:
        """Return one MBean with its values."""
        found = self._named(reading).mbean(name)
        if found is None:
            raise NotAnswered(404, "no MBean has that name in this reading")
        return found

    def search(
        self, reading: str, text: str, state: str, offset: int
    ) -> dict[str, Any]:
        """Return the values that have a piece of text."""
        if state not in STATES or offset < 0 or len(text) > LONGEST_QUESTION:
            raise NotAnswered(400, f"state is one of {', '.join(STATES)}")
        return self._named(reading).search(text, state, offset)

    def schema(self) -> str:
        """Return the JSON Schema of rule files."""
        return rule_file_schema_text()

    # -- evaluations -----------------------------------------------------------------------------

    def explain(
        self, client: str, reading: object, what: object, rules: object
    ) -> dict[str, Any]:
        """Tell why a metric is there or isn't; *rules* None: by the rules in force."""
        kept = self._named(reading)
        if not isinstance(what, str) or not 0 < len(what) <= LONGEST_QUESTION:
            raise NotAnswered(400, '"what" must be a text that is not too long')
        text = None if rules is None else self._bounded(rules)
        with self._evaluating(client) as budget:
            lines, ruleset = self._lines(kept, text, budget)
            compile_patterns = budget.compiler(self._sources.compile_patterns)
            count = self._sources.syntax.group_count
            explainer = Explainer(lines, ruleset, compile_patterns, count)
            return explanation_as_dict(explainer.explain(what), kept.redactor)

    def attempt(self, client: str, reading: object, rules: object) -> dict[str, Any]:
        """Return what *rules* would make of the reading, beside the rules in force."""
        begun = time.monotonic()
        kept, text = self._named(reading), self._bounded(rules)
        with self._evaluating(client) as budget:
            draft, surveyor = self._try(kept, text, budget)
            told = {
                "findings": [self._finding(kept, one) for one in draft.problems],
                "valid": surveyor is not None,
            }
            if surveyor is not None and draft.config is not None:
                told |= self._outcome(kept, surveyor, draft.config, budget)
        return {**told, "took": round(time.monotonic() - begun, 4)}

    def tidy(self) -> None:
        """Give back what an evaluation left; nobody waits for it."""
        gc.collect()

    def _finding(self, kept: Kept, problem: Problem) -> dict[str, Any]:
        told = problem_as_dict(problem)
        hide = kept.redactor.text
        hint = told["hint"] and hide(told["hint"])
        return {**told, "message": hide(told["message"]), "hint": hint}

    def _outcome(
        self, kept: Kept, surveyor: Surveyor, config: Config, budget: Budget
    ) -> dict[str, Any]:
        now = Outcome(surveyor, kept.redactor)
        budget.check()
        base = self._base or Outcome(kept.surveyor, kept.redactor)
        series = compared(base, now)
        budget.check()
        left = unmatched(surveyor, kept.redactor)
        budget.check()
        return {
            "samples": len(surveyor.page.values),
            "series": series,
            "rules": now.samples_of(config, EDITOR),
            "unmatched": left,
            "page": now.page(),
        }

    def _lines(
        self, kept: Kept, text: str | None, budget: Budget
    ) -> tuple[Sequence[Line], Ruleset]:
        if text is None:
            return kept.lines, kept.rules
        tried = self._tried
        if tried is None or tried[:2] != (kept.id, text):
            draft, surveyor = self._try(kept, text, budget)
            if surveyor is None:
                findings = [self._finding(kept, one) for one in draft.problems]
                raise NotAnswered(422, "these rules can't be used", findings=findings)
        else:
            surveyor = tried[2]
        return surveyor.survey().lines, surveyor.rules

    def _try(
        self, kept: Kept, text: str, budget: Budget
    ) -> tuple[Draft, Surveyor | None]:
        """Return a text as rules, and what they make of the reading; None where it can't be used."""
        syntax = BudgetedSyntax(self._sources.syntax, budget)
        draft = read_draft(text, syntax, self._packs, self._sources.flagged)
        budget.check()
        if draft.too_large:
            findings = [self._finding(kept, one) for one in draft.problems]
            raise NotAnswered(422, "the text has too many values", findings=findings)
        if draft.config is None:
            return draft, None
        compile_patterns = budget.compiler(self._sources.compile_patterns)
        rules = Ruleset(draft.config, compile_patterns)
        surveyor = Surveyor(kept.prepared, rules, budget.check)
        surveyor.judge()
        self._tried = (kept.id, text, surveyor)
        return draft, surveyor

    @contextmanager
    def _evaluating(self, client: str) -> Iterator[Budget]:
        """Wait for a turn; raises NotAnswered where the evaluation doesn't come to its end."""
        try:
            with self._turns.turn(client) as budget:
                yield budget
        except Busy:
            raise NotAnswered(503, "too many ask at once", busy=True) from None
        except Stopped as exc:
            if exc.newer:
                raise NotAnswered(
                    409, "a newer one took its place", busy=True
                ) from None
            message = f"takes longer than {self._seconds:g} s, and is not tried further"
            late = Problem(EDITOR, 0, 0, message, "narrow the patterns")
            findings = [problem_as_dict(late)]
            raise NotAnswered(422, message, findings=findings) from None

    def _bounded(self, rules: object) -> str:
        if not isinstance(rules, str):
            raise NotAnswered(400, '"rules" must be a text')
        if len(rules.encode("utf-8", "replace")) > MOST_BYTES:
            raise NotAnswered(413, f"the rules are more than {MOST_BYTES >> 10} KiB")
        return rules

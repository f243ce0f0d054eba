"""What is kept of one reading: the JVM's values, what the rules in force make of them, and a tree."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...mapping import parse_name
from ..lines import Fate
from ..listing import as_dict, shown, written
from ..prepared import Prepared
from ..survey import Surveyor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...jmx.moment import JvmReading
    from ...mapping import Ruleset
    from ..lines import Line
    from ..secrets import Redactor

MOST_FOUND = 200
"""Lines of one answer."""
STATES = {
    "all": frozenset(Fate),
    "served": frozenset({Fate.SERVED}),
    "dropped": frozenset({Fate.DROPPED, Fate.EMPTIED}),
    "unmatched": frozenset({Fate.UNMATCHED, Fate.TEXT}),
}
"""Which lines a search looks at, as the flags of `list` have it."""


class Kept:
    """One reading under the rules in force; what is asked often is worked out once."""

    def __init__(
        self, number: str, reading: JvmReading, rules: Ruleset, redactor: Redactor
    ) -> None:
        """*reading* has no secrets any more; *redactor* knows those that it had."""
        self.id = number
        self.reading = reading
        self.rules = rules
        self.redactor = redactor
        self.prepared = Prepared(reading)
        self.surveyor = Surveyor(self.prepared, rules)
        self.surveyor.judge()
        self.lines: Sequence[Line] = self.surveyor.survey().lines

    def about(self) -> dict[str, Any]:
        """Return when it was read, and how much."""
        at = datetime.fromtimestamp(self.reading.taken_at, UTC)
        return {
            "id": self.id,
            "at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "mbeans": len(self.reading.mbeans),
            "values": len(self.lines),
        }

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        """By ObjectName, as it is shown, the places of its lines."""
        found: dict[str, list[int]] = {}
        for index, line in enumerate(self.lines):
            found.setdefault(line.mbean, []).append(index)
        return found

    @cached_property
    def _haystacks(self) -> list[str]:
        """Of each line what a search looks at, in lower case."""
        redactor, found = self.redactor, []
        for line in self.lines:
            series = [written(shown(one, line, redactor)) for one in line.samples]
            value = redactor.line(line)
            text = redactor.text(line.subject)
            text = text if value is None else f"{text}: {value}"
            found.append("\n".join((text, *series)).lower())
        return found

    def tree(self) -> dict[str, Any]:
        """Return domains and their MBeans, each with the number of its values."""
        domains: dict[str, list[dict[str, Any]]] = {}
        for name, places in sorted(self._by_name.items()):
            parsed = parse_name(name)
            domains.setdefault(parsed.domain, []).append(
                {
                    "name": name,
                    "properties": [list(one) for one in parsed.properties],
                    "values": len(places),
                    "served": sum(self.lines[i].fate is Fate.SERVED for i in places),
                }
            )
        return {
            "reading": self.id,
            "domains": [
                {"domain": domain, "mbeans": domains[domain]}
                for domain in sorted(domains)
            ],
        }

    def mbean(self, name: str) -> dict[str, Any] | None:
        """Return an MBean with its lines; None if there is none of that name."""
        places = self._by_name.get(name)
        if places is None:
            return None
        return {
            "name": name,
            # Neither a session nor a recording tells them.
            "className": None,
            "description": None,
            "lines": [as_dict(self.lines[i], self.redactor) for i in places],
        }

    def search(self, text: str, state: str, offset: int) -> dict[str, Any]:
        """Return the lines that have a piece of text, in what they are or become."""
        fates, piece = STATES[state], text.lower()
        found = [
            line
            for line, haystack in zip(self.lines, self._haystacks, strict=True)
            if line.fate in fates and piece in haystack
        ]
        some = found[offset : offset + MOST_FOUND]
        return {
            "total": len(found),
            "offset": offset,
            "lines": [as_dict(line, self.redactor) for line in some],
        }

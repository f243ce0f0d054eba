"""
Everything that can go wrong, as one tree.

BridgeError
 +-- UsageError         a flag, variable or argument is wrong
 +-- ConfigError        a rule file is wrong; carries every problem found in it
 +-- RecordingError     a recording can't be written, or is wrong
 +-- ManifestError      a file of manifests can't be read, changed or written
 +-- NotAnswered        a request of the workbench's page is not answered
 +-- PageError          another exporter's page can't be fetched or read
 +-- JvmError           no Java runtime, or it would not start
 +-- TargetError        the JVM that is watched; `reason` is a metric label
      +-- ConnectFailed     nobody there, or it does not speak JMX
      +-- LoginFailed       the target refused the credentials
      +-- SessionLost       an open session ended
      +-- DeadlinePassed    the target did not answer in time
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class BridgeError(Exception):
    """What this program raises on purpose; *heading* is where docs/troubleshooting.md tells more."""

    heading: ClassVar[str]


class UsageError(BridgeError):
    """A flag, an environment variable or an argument is wrong."""

    heading = "usage"


class JvmError(BridgeError):
    """No Java runtime was found, or it would not start."""

    heading = "java"


LONGEST_WORDS = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One thing wrong in a file: where, what, and the way out.

    Messages quote the file, whose texts may be megabytes: of message and hint the beginning is
    kept.
    """

    file: str
    line: int
    """First line is 1; 0 when the problem has no place in the file."""
    column: int
    message: str
    hint: str = ""
    warning: bool = False

    def __post_init__(self) -> None:
        """Cut what is too long for a log or a page."""
        for name, text in (("message", self.message), ("hint", self.hint)):
            if len(text) > LONGEST_WORDS:
                object.__setattr__(self, name, f"{text[:LONGEST_WORDS]}...")

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        level = "warning: " if self.warning else ""
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{place}: {level}{self.message}{hint}"


class ConfigError(BridgeError):
    """A rule file is wrong."""

    heading = "rule-file"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class RecordingError(BridgeError):
    """A recording can't be read or written."""

    heading = "recording"

    def __init__(self, file: str, line: int, message: str, hint: str = "") -> None:
        """*line* begins with 1; 0 where the problem has no place in the file."""
        place = f"{file}:{line}" if line else file
        super().__init__(f"{place}: {message}" + (f"\n  hint: {hint}" if hint else ""))


class ManifestError(BridgeError):
    """A file of Kubernetes manifests can't be read, changed or written."""

    heading = "manifest"

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))


class NotAnswered(BridgeError):
    """A request of the workbench's page is not answered."""

    heading = "refused-request"

    def __init__(self, status: int, message: str, **more: object) -> None:
        """*status* is HTTP's; *more* stands beside the message in the answer."""
        super().__init__(message)
        self.status = status
        self.document = {"error": message, **more}


class PageError(BridgeError):
    """Another exporter's page can't be fetched, or is no page of metrics."""

    heading = "page"


class TargetError(BridgeError):
    """The watched JVM could not be asked; its heading is its reason."""

    reason: ClassVar[str] = "target"
    heading = "target"

    def __init_subclass__(cls) -> None:
        cls.heading = cls.reason


class ConnectFailed(TargetError):
    """Nobody listens there, or it does not speak JMX."""

    reason = "connect"


class LoginFailed(TargetError):
    """The target refused the credentials."""

    reason = "login"


class SessionLost(TargetError):
    """An open session ended."""

    reason = "session_lost"


class DeadlinePassed(TargetError):
    """The target did not answer in time."""

    reason = "deadline"

"""The rules in force, as the page knows them: their configuration, and the text of their file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import yaml

from ...config import DEFAULT
from ...config.load import read_text
from ...config.packs import is_pack
from ...config.parse import Loader
from ...config.watched import Watched
from ...errors import ConfigError
from ..secrets import SECRET, is_secrets_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...config import Config

NONE = replace(DEFAULT, rules=())
"""What is in force while the file can't be used."""


@dataclass(slots=True)
class InForce:
    """Reads the rule file, and follows it."""

    file: str | None
    config: Config
    why: str
    """What is wrong with the file; "" for nothing."""
    _watched: Watched[Config]

    def __init__(self, load: Callable[[], Config] | None, file: str | None) -> None:
        """*load* reads the rules, of which *file* is the first; None: the defaults."""
        self.file = file
        files = (file,) if file else ()
        self._watched = Watched(load or (lambda: DEFAULT), files, _followed)
        self.config, self.why = NONE, ""
        self.read()

    def read(self) -> None:
        """Read the rules again; wrong ones never replace good ones."""
        try:
            self.config, self.why = self._watched.read(), ""
        except ConfigError as exc:
            self.why = str(exc)

    def changed(self) -> bool:
        """Whether a file is another than the one that was read last."""
        return self._watched.changed()

    def text(self) -> str | None:
        """Return the rule file's text without passwords; None where there is none."""
        if self.file is None:
            return None
        try:
            return without_passwords(read_text(self.file))
        except ConfigError:
            return None


def _followed(config: Config) -> list[str]:
    return [file for file in config.included_files if not is_pack(file)]


def without_passwords(text: str) -> str:
    """Return a rule file's text with every value hidden whose key is called like a secret's."""
    loader = Loader(text)
    try:
        root = loader.get_single_node()
    except (yaml.YAMLError, RecursionError):
        # Nobody knows what is where in it.
        return "# the file is not shown: it is no YAML that can be read\n"
    finally:
        loader.dispose()
    spans = sorted(set(_secret(root, set()))) if root is not None else []
    for start, end in reversed(spans):
        behind = "\n" if text[start:end].endswith("\n") else ""
        text = f"{text[:start]}{SECRET!r}{behind}{text[end:]}"
    return text


def _secret(node: Any, seen: set[int]) -> Iterator[tuple[int, int]]:
    """Yield where in the text values stand whose keys are called like secrets."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _secret(item, seen)
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        both_texts = isinstance(key, yaml.ScalarNode) and isinstance(
            value, yaml.ScalarNode
        )
        if both_texts and is_secrets_name(str(key.value)):
            yield value.start_mark.index, value.end_mark.index
        else:
            yield from _secret(value, seen)

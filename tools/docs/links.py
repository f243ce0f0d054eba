"""
Links inside the project's pages that lead nowhere: to no file, or to no heading.

    links.py [ROOT]

Prints each as PAGE:LINE, and exits with 1 if there is one. Links to the web are not followed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
ABROAD = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
IN_HTML = re.compile(r"""\b(?:href|src|srcset)\s*=\s*["']([^"'\s]+)""", re.IGNORECASE)
NAMED = re.compile(r"""<[a-z]+\b[^>]*\b(?:id|name)\s*=\s*["']([^"']+)""", re.IGNORECASE)
# A link in brackets whose definition is missing is text to a parser, and a mistake to its writer.
UNDEFINED = re.compile(r"\[[^\[\]]+\]\[([^\[\]]*)\]")
# Pages that are named and not linked to: `docs/rules.md`, from the project's root.
PAGE = re.compile(r"docs/[\w./-]+\.md(?:#[\w-]+)?")
parser = MarkdownIt("gfm-like", {"linkify": False})


class Link(NamedTuple):
    """Where a page leads to."""

    line: int
    """In the page; the first is 1."""
    to: str
    """As it is written: a path, an anchor behind a "#", or both."""


def problems(root: Path, pages: list[Path]) -> Iterator[str]:
    """Yield what is wrong with the links of *pages*, each as one line."""
    for page in pages:
        for link in links(page.read_text("utf-8")):
            if reason := misses(root, page, link.to):
                yield f"{page.relative_to(root)}:{link.line}: {link.to}: {reason}"


def misses(root: Path, page: Path, to: str) -> str:
    """Return why a link of *page* leads nowhere in *root*; "" if it leads somewhere, or abroad."""
    if to.startswith("["):
        return "is defined nowhere"
    if ABROAD.match(to):
        return ""
    path, _, anchor = unquote(to).partition("#")
    folder = root if path.startswith("/") else page.parent
    target = (folder / path.lstrip("/")).resolve() if path else page.resolve()
    if not target.is_relative_to(root.resolve()):
        return "is not in the project"
    if not target.exists():
        return "there is no such file"
    known = not anchor or (target.suffix == ".md" and anchor in anchors(target))
    return "" if known else "it has no such heading"


def links(text: str) -> Iterator[Link]:
    """Yield a page's links and pictures, those in HTML and undefined references included."""
    for token in parser.parse(text):
        line = token.map[0] + 1 if token.map else 0
        if token.type == "html_block":
            yield from (Link(line, to) for to in IN_HTML.findall(token.content))
        for one in token.children or ():
            if one.type in {"softbreak", "hardbreak"}:
                line += 1
            yield from (Link(line, to) for to in written_in(one))


def written_in(token: Token) -> list[str]:
    """Where a piece of a paragraph leads to; nothing for most."""
    if token.type == "link_open":
        return [str(token.attrs["href"])]
    if token.type == "image":
        return [str(token.attrs["src"])]
    if token.type == "html_inline":
        return IN_HTML.findall(token.content)
    if token.type == "code_inline":
        return [f"/{token.content}"] if PAGE.fullmatch(token.content) else []
    if token.type == "text":
        return [f"[{name}]" for name in UNDEFINED.findall(token.content)]
    return []


@cache
def anchors(page: Path) -> frozenset[str]:
    """What a page's headings are called in links, as GitHub does it, and what HTML names."""
    text = page.read_text("utf-8")
    tokens = parser.parse(text)
    heads = [
        heading(inside)
        for opening, inside in pairwise(tokens)
        if opening.type == "heading_open"
    ]
    return frozenset([*numbered(map(slug, heads)), *NAMED.findall(text)])


def heading(inline: Token) -> str:
    """A heading's text, without what marks it."""
    return "".join(
        one.content
        for one in inline.children or ()
        if one.type in {"text", "code_inline"}
    )


def slug(text: str) -> str:
    """What GitHub makes of a heading: `config.refused` is "configrefused"."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def numbered(slugs: Iterator[str]) -> Iterator[str]:
    """Yield *slugs*; the second of two that are equal has a "-1" at its end."""
    seen: Counter[str] = Counter()
    for one in slugs:
        yield f"{one}-{seen[one]}" if seen[one] else one
        seen[one] += 1


def pages_of(root: Path) -> list[Path]:
    """All pages of a checkout, but for those that git ignores."""
    command = ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "*.md"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [path for name in names.splitlines() if (path := root / name).exists()]


def main() -> int:
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    found = list(problems(root, pages_of(root)))
    print("\n".join(found) if found else "all links lead somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

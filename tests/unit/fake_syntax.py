"""What the embedded JVM says of patterns and ObjectNames, made with Python's re."""

import re

MESSAGES = {
    "missing ), unterminated subpattern": "Unclosed group",
    "unbalanced parenthesis": "Unmatched closing ')'",
    "nothing to repeat": "Dangling meta character '*'",
}


class FakeSyntax:
    """Knows what the tests ask; an index in UTF-16 units, as Java counts."""

    def pattern_problem(self, pattern):
        try:
            compiled(pattern)
        except re.error as exc:
            before = pattern[: exc.pos].encode("utf-16-le")
            index = -1 if exc.pos is None else len(before) // 2
            # As Java does it.
            index -= exc.msg == "unbalanced parenthesis"
            return MESSAGES.get(exc.msg, exc.msg), index
        return None

    def group_count(self, pattern):
        return compiled(pattern).groups

    def gives_up(self, pattern, text):
        return pattern.count(".+") > 5 and len(text) > 300

    def object_name_problem(self, name, *, is_pattern):
        if ":" not in name:
            return "Domain part must be specified"
        if not is_pattern and re.search(r"[*?]", name):
            return "patterns are not possible here"
        return None


def compiled(pattern):
    return re.compile(re.sub(r"\(\?<(?=[a-zA-Z])", "(?P<", pattern))

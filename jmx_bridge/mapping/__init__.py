"""The rule language: what the rules of a file make of a value."""

from .naming import snake_case
from .rule import Claim, Drop, Rule, Ruleset, Verdict
from .subject import BeanName, parse_name

__all__ = [
    "BeanName",
    "Claim",
    "Drop",
    "Rule",
    "Ruleset",
    "Verdict",
    "parse_name",
    "snake_case",
]

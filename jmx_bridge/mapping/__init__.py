"""The rule language: what the rules of a file make of a value."""

from .naming import safe_value, snake_case
from .rule import Rule, Ruleset
from .subject import BeanName, parse_name
from .verdict import Claim, Drop, ValueOrigin, Verdict

__all__ = [
    "BeanName",
    "Claim",
    "Drop",
    "Rule",
    "Ruleset",
    "ValueOrigin",
    "Verdict",
    "parse_name",
    "safe_value",
    "snake_case",
]

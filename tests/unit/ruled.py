"""What rules of a test make of one value."""

import yaml
from fake_matcher import FakeMatcher
from fake_matcher import verdict as verdict_on
from fake_syntax import FakeSyntax

from jmx_bridge.config import parse_config
from jmx_bridge.mapping import (
    Claim,
    Ruleset,
    parse_name,
)

BEAN = "kafka.server:type=Topics,name=BytesIn,topic=orders"
COUNT = ("Count", "12")


def ruleset(*rules, **top):
    text = yaml.safe_dump({**top, "rules": list(rules)}, allow_unicode=True)
    config = parse_config(text, "f.yml", syntax=FakeSyntax(), environ={})
    return Ruleset(config, FakeMatcher)


def verdict(rules, bean=BEAN, attribute=COUNT, path=(), **options):
    return verdict_on(rules, parse_name(bean), attribute, path, **options)


def claim(rule, *args, top=None, **options):
    found = verdict(ruleset(rule, **(top or {})), *args, **options)
    assert isinstance(found, Claim), found
    return found

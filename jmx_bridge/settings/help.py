"""The help pages, made from the table of options."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from .option import (
    CHECK,
    COMMANDS,
    DIFF,
    EXPLAIN,
    GENERATE,
    INJECT,
    LIST,
    RECORD,
    SCRAPE,
    SERVE,
    TEST,
    WEBHOOK,
    WORKBENCH,
    Option,
)
from .options import OPTIONS, OTHER_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 80
NO_GROUP = "java"
"""The heading of the options that stand in no group of Settings."""
FOR_ALL = """\
usage: jmx-bridge [serve] [OPTION...]     serve /metrics until told to stop
       jmx-bridge scrape [OPTION...]      print one scrape and exit
       jmx-bridge check FILE...           validate rule files and exit
       jmx-bridge list [WHAT...]          show values, and what becomes of each
       jmx-bridge explain WHAT...         tell why a metric is there, or isn't
       jmx-bridge record FILE             keep what a JVM tells, for the others
       jmx-bridge test FILE...            run unit tests of rules
       jmx-bridge diff OLD NEW            compare what two rule files make
       jmx-bridge generate [PATTERN...]   write rules to start from
       jmx-bridge webhook [OPTION...]     add the bridge to new pods
       jmx-bridge inject FILE...          add the bridge to Kubernetes manifests
       jmx-bridge workbench               try rules on a page in a browser
       jmx-bridge [OPTION...] [HOST:]PORT FILE
                                          serve, with jmx_exporter's arguments

JMX Bridge serves the MBeans of a running JVM as metrics for Prometheus.

examples:
  Serve everything that a JVM with remote JMX on port 7199 has:
      jmx-bridge --jmx.target=127.0.0.1:7199
  Serve what a rule file selects, on an address of your choice:
      jmx-bridge --jmx.target=127.0.0.1:7199 --config.file=rules.yml \\
                 --web.listen-address=127.0.0.1:9404
  See what a rule file makes of a JVM, without serving it:
      jmx-bridge scrape --jmx.target=127.0.0.1:7199 --config.file=rules.yml

The options that a command takes: jmx-bridge COMMAND --help
"""
FOR_SERVE = """\
usage: jmx-bridge [serve] [OPTION...]
       jmx-bridge [OPTION...] [HOST:]PORT FILE

Serves the MBeans of a running JVM as metrics for Prometheus until it is told to
stop. PORT and FILE are the arguments of jmx_exporter's standalone server: they
stand for --web.listen-address and --config.file.

example:
  jmx-bridge --jmx.target=127.0.0.1:7199 --config.file=rules.yml \\
             --web.listen-address=127.0.0.1:9404
"""
FOR_SCRAPE = """\
usage: jmx-bridge scrape [OPTION...]

Reads the MBeans of a running JVM once, prints the metrics, and exits: with 0 if
the JVM answered in full, else with 1; with --strict with 3 if none of the rules
of a file matches (check with a JVM looks at each rule).

example:
  jmx-bridge scrape --jmx.target=127.0.0.1:7199 --config.file=rules.yml
"""
FOR_CHECK = """\
usage: jmx-bridge check [OPTION...] FILE...

Prints all that is wrong with rule files, with line and column, and exits: with
0 if all can be used, with 1 if one has an error. A key that nobody knows is an
error. Without FILE it checks what --config.file names. With a JVM or recording,
named by a flag, it also says which rules match nothing, and counts series.

examples:
  jmx-bridge check rules.yml
  jmx-bridge check --jmx.target=127.0.0.1:7199 rules.yml
"""
FOR_LIST = """\
usage: jmx-bridge list [OPTION...] [WHAT...]

Prints every value of a running JVM as the line that rules see, and behind each
what it becomes and by which rule, or why nothing. WHAT is an ObjectName pattern,
or a piece of a line or of a metric's name.

examples:
  jmx-bridge list --jmx.target=127.0.0.1:7199 --tree
  jmx-bridge list --jmx.target=127.0.0.1:7199 'Catalina:type=Manager,*'
  jmx-bridge list --jmx.target=127.0.0.1:7199 --config.file=rules.yml --unmatched
"""
FOR_EXPLAIN = """\
usage: jmx-bridge explain [OPTION...] WHAT...

Tells why a metric is there: its line, rule, groups, and how name, labels, type
and value were made. Or why it isn't: which rules were tried, where in pattern
and line each stops, and what would have matched. WHAT is a metric, a series with
labels, a line, an ObjectName, or a piece of one.

examples:
  jmx-bridge explain --jmx.target=127.0.0.1:7199 --config.file=rules.yml \\
             tomcat_requests_total
  jmx-bridge explain --jmx.target=127.0.0.1:7199 --config.file=rules.yml \\
             'Catalina<type=Manager, host=localhost, context=/><>activeSessions'
"""
FOR_RECORD = """\
usage: jmx-bridge record [OPTION...] FILE

Writes all that a JVM tells, at two moments, to a file that only you may read:
descriptions, values, tables. What smells of a secret is left out. Every command
that reads a JVM reads such a file instead, with --recording=FILE.

example:
  jmx-bridge record --jmx.target=127.0.0.1:7199 shop.rec
  jmx-bridge list --recording=shop.rec --config.file=rules.yml --unmatched
"""
FOR_TEST = """\
usage: jmx-bridge test [OPTION...] FILE...

Runs unit tests of rules: MBeans that are written out or recorded, and the page
that the rules should make of them. A test that fails is shown as a diff. Exits
with 0 if all pass, else with 1. docs/workbench.md describes the files.

example:
  jmx-bridge test rules.test.yml
"""
FOR_DIFF = """\
usage: jmx-bridge diff [OPTION...] OLD NEW
       jmx-bridge diff [OPTION...] --url=URL [FILE]

Tells which series differ: between two rule files on one reading of a JVM, or
between another exporter's page and ours on the same JVM (values where two
readings of ours agree). Exits with 0 if none does, else with 1.

examples:
  jmx-bridge diff --jmx.target=127.0.0.1:7199 old.yml new.yml
  jmx-bridge diff --jmx.target=127.0.0.1:7199 rules.yml \\
             --url=http://127.0.0.1:5556/metrics
"""
FOR_GENERATE = """\
usage: jmx-bridge generate [OPTION...] [PATTERN...]

Writes rules for the MBeans that ObjectName patterns find, without one for all
but the platform's: a rule for each group of alike values, with units, labels and
a line that it matches. It reads a JVM twice to tell counters from gauges. Then
it tries the file, and exits with 1 if a number is not served exactly once.

examples:
  jmx-bridge generate --jmx.target=127.0.0.1:7199 -o rules.yml
  jmx-bridge generate --recording=shop.rec 'Catalina:type=Manager,*'
"""
FOR_WEBHOOK = """\
usage: jmx-bridge webhook [OPTION...]

Answers a Kubernetes API server that asks about new pods: those whose annotation
jmx-bridge.io/inject is "true", or whose namespace wants it, get the bridge as a
sidecar. It serves over TLS, never refuses a pod, and needs no Java and no rights
in the cluster. docs/webhook.md describes it; the chart sets it up.

example:
  jmx-bridge webhook --tls.cert=tls.crt --tls.key=tls.key \\
             --web.listen-address=:10250
"""
FOR_INJECT = """\
usage: jmx-bridge inject [OPTION...] FILE...

Adds the bridge as a sidecar to each pod template in manifests, and prints them;
"-" is standard input. What it doesn't add stays as it is written. What is there
already is made anew, and --remove gives the original back. Standard error tells
what became of each workload. docs/inject.md tells more. A pod's annotations
jmx-bridge.io/packs, /rules, /port and so on beat the options with these names.

examples:
  helm template shop | jmx-bridge inject --attach=auto --packs=tomcat - |
             kubectl apply -f -
  jmx-bridge inject --in-place --target=127.0.0.1:9999 deployment.yaml
"""
FOR_WORKBENCH = """\
usage: jmx-bridge workbench [OPTION...]

Serves a page on the loopback address, and prints where: all values of a JVM with
what becomes of each, and an editor that shows what the rules in it would make of
them now. It writes nothing to disk. The address can be used once, by one browser.

examples:
  jmx-bridge workbench --jmx.target=127.0.0.1:7199 --config.file=rules.yml
  jmx-bridge workbench --recording=shop.rec
"""
INTRODUCTIONS = {
    SERVE: FOR_SERVE,
    SCRAPE: FOR_SCRAPE,
    CHECK: FOR_CHECK,
    LIST: FOR_LIST,
    EXPLAIN: FOR_EXPLAIN,
    RECORD: FOR_RECORD,
    TEST: FOR_TEST,
    DIFF: FOR_DIFF,
    GENERATE: FOR_GENERATE,
    WEBHOOK: FOR_WEBHOOK,
    INJECT: FOR_INJECT,
    WORKBENCH: FOR_WORKBENCH,
}
PRECEDENCE = "A flag beats its variable, and both beat the rule file."
TIMES = 'A time is written as "500ms", "5s", "1m" or a plain number of seconds.'
CLOSING = """\
documentation, in the folder that --version names:
  docs/configuration.md has every option and every key of a rule file.
  docs/rules.md explains the rules.
  docs/troubleshooting.md tells what to do about each message.
"""


def help_page(command: str = "") -> str:
    """Return the text of --help, in lines of 80 characters; "" is for all commands."""
    commands = (command,) if command in INTRODUCTIONS else tuple(COMMANDS)
    options = [one for one in OPTIONS if {*one.commands} & {*commands}]
    others = [one for one in OTHER_VARIABLES if {*one.commands} & {*commands}]
    parts = [INTRODUCTIONS.get(command, FOR_ALL)]
    if command != INJECT:
        parts.append(PRECEDENCE)
    if any(option.metavar == "TIME" for option in options):
        parts.append(TIMES)
    parts.append("")
    for group in dict.fromkeys(option.group for option in options):
        parts.append(f"{group or NO_GROUP}:")
        parts += [_described(option) for option in options if option.group == group]
        parts.append("")
    parts += [
        *["variables without a flag:"][: len(others)],
        *(_entry(variable.name, variable.help) for variable in others),
        *[""][: len(others)],
        "information:",
        _entry("--version", "Print the version and where the docs are, and exit."),
        _entry("-h, --help", "Print this page and exit."),
        "",
        CLOSING,
    ]
    return "\n".join(parts)


def _described(option: Option) -> str:
    head = ", ".join(filter(None, (option.short, option.flag or option.variable)))
    if option.metavar:
        head += f"={option.metavar}"
    else:
        head += f", --no-{option.flag.removeprefix('--')}"
    facts = [option.variable] * bool(option.flag and option.variable)
    if option.default:
        facts.append(f"default {option.default}")
    return _entry(head, option.help + _bracketed(facts))


def _bracketed(facts: Sequence[str]) -> str:
    return f" [{', '.join(facts)}]" if facts else ""


def _entry(head: str, text: str) -> str:
    indent = " " * 6
    body = textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
    return f"  {head}\n{body}"

"""MBeans and rules that the page is looked at with."""

from __future__ import annotations

from dataclasses import replace

from unit.workbench.shop import mbeans_of

from jmx_bridge.jmx.moment import RecordedMBean

MBEANS = mbeans_of("""
- name: "Catalina:type=Manager,host=localhost,context=/shop"
  attributes:
  - {name: activeSessions, type: int, value: 3, description: Sessions now}
  - {name: expiredSessions, type: long, value: 12, description: Sessions that ended}
  - {name: stateName, type: string, value: STARTED}
  - {name: broken, type: long, fails: NullPointerException}
- name: "Catalina:type=Manager,host=localhost,context=/docs"
  attributes:
  - {name: activeSessions, type: int, value: 0, description: Sessions now}
  - {name: expiredSessions, type: long, value: 4, description: Sessions that ended}
- name: 'Catalina:type=ThreadPool,name="http-nio-8080"'
  attributes: {maxThreads: 200, currentThreadsBusy: 1}
- name: "java.lang:type=Memory"
  attributes: {HeapMemoryUsage: {used: 10, max: 100}}
- name: "shop:type=Orders,currency=EUR"
  attributes: {Open: 7, Paid: 31}
""")
RULES = """\
# Sessions of each application.
excludeJvmMetrics: true
rules:
  - pattern: 'Catalina<type=Manager, host=(.+), context=(.+)><>activeSessions:'
    name: app_sessions
    type: GAUGE
    labels:
      host: '$1'
      context: '$2'
  - pattern: 'Catalina<type=Manager,host=(.+), context=(.+)><>expiredSessions:'
    name: app_expired_sessions_total
    type: COUNTER
    labels:
      context: '$2'
"""

MARKUP = "<img src=x onerror=window.hacked=1>"
HOSTILE = (
    mbeans_of(f"""
- name: 'evil:type="{MARKUP}",name="<script>window.hacked=1</script>"'
  attributes:
  - {{name: "{MARKUP}", type: string, value: "</script><script>window.hacked=1</script>", description: "{MARKUP}"}}
  - {{name: javascript, type: string, value: "javascript:window.hacked=1"}}
  - {{name: count, type: long, value: 3, description: "line\\nbreak {MARKUP}"}}
"""),
    f"""\
rules:
  - pattern: 'evil<type="(.+)", name="(.+)"><>count:'
    name: hostile
    help: '{MARKUP}'
    type: '{MARKUP}'
    labels:
      text: '$1'
  - pattern: 'evil<type="nothing{MARKUP}"><>count:'
    name: hostile_too
    '{MARKUP}': true
""",
)

ATTRIBUTES = ", ".join(f"a{i}: {i}" for i in range(25))


def many() -> list[RecordedMBean]:
    """4,000 MBeans with 100,000 values."""
    (one,) = mbeans_of(f"- name: 'many:type=Table'\n  attributes: {{{ATTRIBUTES}}}\n")
    names = (f"many:type=Table,keyspace=k{i % 20},scope=t{i}" for i in range(4000))
    return [replace(one, name=name) for name in names]

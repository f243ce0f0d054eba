"""Rules to start from: written from recorded readings, and tried on them."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.fake_matcher import FakeMatcher
from unit.fake_syntax import FakeSyntax
from unit.jmx.mbeans import Holds, Table, mbean

from jmx_bridge.config.load import parse_config
from jmx_bridge.jmx.moment import JvmReading
from jmx_bridge.mapping import Ruleset
from jmx_bridge.workbench.secrets import Redactor
from jmx_bridge.workbench.starter.generate import Java, generate
from jmx_bridge.workbench.survey import survey

JAVA = Java(FakeMatcher, FakeSyntax())
DATE = "java.util.Date"


def reading(mbeans) -> JvmReading:
    """Return a reading of MBeans, each a name with its attributes."""
    return JvmReading([mbean(name, held) for name, held in sorted(mbeans.items())])


def made(last, first=None, asked=(), java=JAVA):
    """Return the starter of one reading, or of two."""
    readings = [reading(one) for one in (first, last) if one is not None]
    return generate(readings, asked, java, Redactor(readings[-1].mbeans))


def page(text, mbeans):
    """Return what a file makes of MBeans: type and value of each series."""
    config = parse_config(text, "t.yml", syntax=FakeSyntax(), environ={}, strict=True)
    assert config.warnings == ()
    lines = survey(reading(mbeans), Ruleset(config, FakeMatcher)).lines
    return {
        one.name + "".join(f",{k}={v}" for k, v in one.labels): (
            str(one.type),
            one.value,
        )
        for line in lines
        for one in line.samples
    }


def served(last, first=None, asked=()):
    """Return the page of the file that is made of readings, which must serve every number."""
    starter = made(last, first, asked)
    assert starter.wrong == []
    return page(starter.text, last)


def test_each_number_and_boolean_is_a_sample_with_its_properties_as_labels():
    mbeans = {
        "Catalina:type=Manager,host=localhost,context=/": {
            "activeSessions": 3,
            "distributable": True,
            "stateName": "STARTED",
        },
        "Catalina:type=Manager,host=localhost,context=/shop": {
            "activeSessions": 4,
            "distributable": False,
            "stateName": "STARTED",
        },
    }

    assert served(mbeans) == {
        "catalina_manager_active_sessions,context=/,host=localhost": ("gauge", 3.0),
        "catalina_manager_active_sessions,context=/shop,host=localhost": ("gauge", 4.0),
        "catalina_manager_distributable,context=/,host=localhost": ("gauge", 1.0),
        "catalina_manager_distributable,context=/shop,host=localhost": ("gauge", 0.0),
    }


def test_alike_attributes_share_one_rule():
    starter = made(
        {"shop:type=Cart": {"size": 1, "maxSize": 2, "hits": 3, "misses": 4}}
    )

    assert starter.rules == 2
    assert "'^shop<type=Cart><>(max_size|size):'" in starter.text


def test_patterns_keep_the_order_in_which_properties_were_registered():
    mbeans = {"a:z=1,type=T,b=2": {"X": 1}, "a:b=3,z=2,type=T": {"X": 2}}

    assert served(mbeans) == {
        "a_t_x,b=2,z=1": ("gauge", 1.0),
        "a_t_x,b=3,z=2": ("gauge", 2.0),
    }


def test_mbeans_are_selected_by_name():
    text = made(
        {"a:type=T,x=1": {"X": 1}, "b:x=1": {"X": 1}, "c:x=1": {"S": "no"}}
    ).text

    assert "  - 'a:type=T,*'\n  - 'b:*'\nrules:" in text


def test_only_what_is_asked_for_gets_rules():
    mbeans = {"a:type=T,x=1": {"X": 1}, "a:type=T,x=2": {"X": 2}, "b:x=1": {"X": 1}}

    assert list(served(mbeans, asked=["a:x=2,*"])) == ["a_t_x,x=2"]


def test_the_platform_is_left_out_unless_it_is_asked_for():
    mbeans = {"java.lang:type=New": {"X": 1}, "a:x=1": {"X": 1}}

    assert list(served(mbeans)) == ["a_x,x=1"]
    assert list(served(mbeans, asked=["java.lang:*"])) == ["java_lang_new_x"]


def test_what_is_a_jvm_metric_already_gets_no_rule():
    mbeans = {"java.lang:type=Threading": {"ThreadCount": 1, "Fancy": 2}}

    text = made(mbeans, asked=["java.lang:*"]).text

    assert "fancy" in text
    assert "ThreadCount" not in text
    assert "thread_count" not in text


@pytest.mark.parametrize(
    ("name", "before", "now", "kind"),
    [
        ("requestCount", 1, 5, "counter"),
        ("requestCount", 5, 5, "counter"),
        ("requestCount", 5, 4, "gauge"),
        ("requestCount", -1, -1, "gauge"),
        ("requestCount", 1.5, 2.5, "gauge"),
        ("sessionCounter", 0, 0, "counter"),
        ("FsyncThresholdExceedCount", 0, 0, "counter"),
        ("TotalEnqueueCount", 0, 0, "counter"),
        ("bytesReceived", 0, 0, "counter"),
        ("processingTime", 0, 9, "counter"),
        ("event-processing-time-ms-p50", 0, 9, "gauge"),
        ("event-processing-time-ms-p999", 1.0, 1.0, "gauge"),
        ("BytesCompacted", 1, 1, "counter"),
        ("request-total", 1.0, 1.0, "counter"),
        ("request-rate", 1.0, 2.0, "gauge"),
        ("JobsStarted", 0, 0, "counter"),
        ("started", 1_700_000_000_000, 1_700_000_000_000, "gauge"),
        ("startedThreadCount", 1, 2, "gauge"),
        ("widgetCount", 1, 2, "counter"),
        ("widgetCount", 1, 1, "gauge"),
        ("threadCount", 1, 2, "gauge"),
        ("TotalQueuesCount", 3, 3, "gauge"),
        ("messageSentTime", 3, 3, "gauge"),
        ("inFlightCount", 1, 2, "gauge"),
        ("maxTime", 1, 2, "gauge"),
        ("QueueSize", 1, 2, "gauge"),
        ("widgets", 1, 2, "gauge"),
        ("sent", True, True, "gauge"),
    ],
)
def test_counters_are_told_by_two_readings_and_by_name(name, before, now, kind):
    found = served({"a:type=T": {name: now}}, {"a:type=T": {name: before}})

    assert [one for one, _ in found.values()] == [kind]


def test_one_that_fell_makes_all_of_its_metric_gauges():
    first = {"a:type=T,x=1": {"hits": 1}, "a:type=T,x=2": {"hits": 5}}
    last = {"a:type=T,x=1": {"hits": 2}, "a:type=T,x=2": {"hits": 4}}

    assert {kind for kind, _ in served(last, first).values()} == {"gauge"}


def test_a_comment_names_what_nothing_says_of_whether_it_counts():
    text = made({"a:type=T": {"widgets": 1, "size": 2}}).text

    assert "# gauges, since nothing says that they count: widgets\n" in text


@pytest.mark.parametrize(
    ("name", "value", "series", "number"),
    [
        ("idleTimeMs", 1500, "a_t_idle_time_seconds", 1.5),
        ("idleMillis", 1500, "a_t_idle_seconds", 1.5),
        ("idle-time-ms", 1500.0, "a_t_idle_time_seconds", 1.5),
        ("idleNanos", 2_000_000_000, "a_t_idle_seconds", 2.0),
        ("idleSeconds", 3, "a_t_idle_seconds", 3.0),
        ("retentionDays", 2, "a_t_retention_seconds", 172800.0),
        ("size_kb", 2, "a_t_size_bytes", 2048.0),
        ("heapUsedBytes", 2, "a_t_heap_used_bytes", 2.0),
        ("cpuPercent", 50, "a_t_cpu_ratio", 0.5),
        ("cpuPercent", 0.5, "a_t_cpu_ratio", 0.5),
        ("startTime", 1_700_000_000_000, "a_t_start_timestamp_seconds", 1.7e9),
        ("started", 1_700_000_000, "a_t_started_timestamp_seconds", 1.7e9),
        ("idle", Holds(1500, "long", "Time in milliseconds"), "a_t_idle_seconds", 1.5),
        ("size", Holds(15, "long", "in bytes"), "a_t_size_bytes", 15.0),
        ("since", Holds(1.7e9, DATE), "a_t_since_timestamp_seconds", 1.7e9),
        ("bytesPerSec", 1.5, "a_t_bytes_per_second", 1.5),
        ("throughputMbPerSec", 2, "a_t_throughput_bytes_per_second", 2097152.0),
        ("throughput_mb_per_day", 2, "a_t_throughputmb_per_day", 2.0),
    ],
)
def test_units_are_base_units_and_stand_in_a_name_once(name, value, series, number):
    assert served({"a:type=T": {name: value}}) == {
        series: ("gauge", pytest.approx(number))
    }


@pytest.mark.parametrize(
    ("held", "names"),
    [
        ({"requestCount": 1}, {"a_t_requests_total"}),
        ({"hits": 1, "hitsTotal": 2}, {"a_t_hits_total", "a_t_hits_2_total"}),
        ({"threadCount": 1}, {"a_t_threads"}),
        ({"count": 1}, {"a_tcount"}),
        ({"maxTotal": 1}, {"a_t_max"}),
        ({"sessionsCreated": 1}, {"a_t_sessionscreated_total"}),
        ({"gauge": 1}, {"a_tgauge"}),
        ({"loadSummary": 1}, {"a_t_loadsummary"}),
        ({"daysSinceGC": 1}, {"a_tdays_since_gc"}),
        ({"a:c": 1, "a": 2}, {"a_t_a_c", "a_t_a"}),
        ({"Size": 1, "size": 2}, {"a_t_size", "a_t_size_2"}),
        ({"größe": 1}, {"a_t_gr_e"}),
        ({"数": 1, "値": 2}, {"a_t", "a_t_2"}),
        ({"hitInfo": 5}, {"a_t_hitinfo_total"}),
    ],
)
def test_names_are_what_promtool_likes_and_differ(held, names):
    found = served({"a:type=T": held})

    assert {name.partition(",")[0] for name in found} == names


def test_labels_that_prometheus_reserves_are_renamed():
    found = served({"a:type=T,job=x,le=y,quantile=z,instance=i,brokerName=b": {"X": 1}})

    assert list(found) == [
        "a_t_x,broker_name=b,mbean_instance=i,mbean_job=x,mbean_le=y,mbean_quantile=z"
    ]


def test_kinds_with_other_labels_get_other_names():
    found = served(
        {
            "k:type=Meter,name=In": {"Count": 7, "MeanRate": 1.0},
            "k:type=Meter,name=In,topic=t": {"Count": 3, "MeanRate": 1.0},
        }
    )

    assert set(found) == {
        "k_meter_in_total",
        "k_meter_in_mean_rate",
        "k_meter_topic_in_total,topic=t",
        "k_meter_topic_in_mean_rate,topic=t",
    }


def test_the_kind_with_the_fewest_properties_is_called_by_its_type_alone():
    found = served({"a:type=T,b=1": {"X": 1}, "a:type=T,b=1,someName=2": {"Y": 2}})

    assert list(found) == ["a_t_x,b=1", "a_t_some_y,b=1,some_name=2"]


def test_the_property_name_becomes_part_of_the_name_where_attributes_are_generic():
    names = ["BytesInPerSec", "BytesOutPerSec", "MessagesInPerSec", "ErrorsPerSec"]
    starter = made(
        {
            f"k:type=Meter,name={name}": {"Count": 7, "OneMinuteRate": 1.0}
            for name in names
        }
        | {"k:type=Meter,name=WaitTimeMs": {"Count": 7, "Mean": 2.0, "Max": 4.0}}
        | {"k:type=Meter,name=Leaders": {"Value": 2}}
    )

    assert starter.wrong == []
    assert re.findall(r"  - pattern: '(.*)'\n    name: '(.*)'", starter.text) == [
        ("^k<type=Meter, name=WaitTimeMs><>Count:", "k_meter_waittime_total"),
        ("^k<type=Meter, name=Leaders><>Value:", "k_meter_leaders"),
        ("^k<type=Meter, name=WaitTimeMs><>(max|mean):", "k_meter_waittime_$1_seconds"),
        ("^k<type=Meter, name=([^,>]+)PerSec><>Count:", "k_meter_$1_total"),
        (
            "^k<type=Meter, name=([^,>]+)PerSec><>OneMinuteRate:",
            "k_meter_$1_one_minute_rate",
        ),
    ]


def test_a_timer_has_the_unit_that_it_names():
    held = {"Count": 1, "Mean": 2000.0, "DurationUnit": "microseconds"}
    held |= {"MeanRate": 1.0}

    assert served({"k:type=Meter,name=Latency": held}) == {
        "k_meter_latency_total": ("counter", 1.0),
        "k_meter_latency_mean_seconds": ("gauge", pytest.approx(0.002)),
        "k_meter_latency_mean_rate": ("gauge", 1.0),
    }


def test_composites_and_tables_are_served():
    found = served(
        {
            "a:type=T,name=n": {
                "Heap": {"used": 1, "max": {"soft": 2}},
                "Sizes": Table((("k,1", 3), ("k2", 4))),
            }
        }
    )

    assert set(found.values()) == {("gauge", float(n)) for n in (1, 2, 3, 4)}


@pytest.mark.parametrize(
    "name",
    [
        'a:type="x,y",name="q\\"uo\\*te"',
        "a.b[c]:type=T(1),k$=v^+{2}",
        "a b:type=T#1,k=ü'ö|",
        "a:type=T,k=",
        "a:type=<>,k=a>b",
        "größe:типа=значение",
        'a:type="line\\nend",k=tab\there',
        "jvm:type=T",
        "1a:2b=3",
        "a:type=T,Null=x,yes=y",
        "a:type=\U00018d09,k=\x85",
    ],
)
def test_hostile_names_are_served(name):
    found = served({name: {"X y:z": 1, "ok": 2, 'quo"te': True, "a\u2028b": 3}})

    assert sorted(number for _, number in found.values()) == [1.0, 1.0, 2.0, 3.0]


def test_comments_show_no_secret():
    starter = made(
        {
            "a:type=T,url=http://u:hunter2secret@h/": {
                "X": 1,
                "password": "tell-nobody",
            },
            "a:type=T,url=tell-nobody": {"X": 1},
            "a:type=tell-nobody,name=b": {"X": 1},
            "b:type=U,name=tell-nobody": {"Value": 1},
        }
    )

    assert starter.wrong == []
    assert "hunter2secret" not in starter.text
    assert "tell-nobody" not in starter.text


def test_a_value_that_is_not_served_once_is_told(monkeypatch):
    monkeypatch.setattr(
        "jmx_bridge.workbench.starter.rules.label_names", lambda _keys: {}
    )

    starter = made({"a:type=T,x=1": {"X": 1}, "a:type=T,x=2": {"X": 2}})

    assert [(line.full, why) for line, why in starter.wrong] == [
        ("a<type=T, x=1><>X: 1", "a_t_x is served with _objectname"),
        ("a<type=T, x=2><>X: 2", "a_t_x is served with _objectname"),
    ]


# -- whatever MBeans there are ---------------------------------------------------------------

PLAIN = st.text("abAB_-. 1", min_size=1, max_size=6)
ODD = st.text(
    st.characters(codec="utf-8", exclude_characters=',=:"*?\n\0<>'),
    min_size=1,
    max_size=5,
)
SPECIAL = """Count Value Mean MeanRate hitCount hits totalTime bytes Ms sizeBytes created
info job le name type _ Total size Size"""
WORDS = st.sampled_from(SPECIAL.split())
TEXTS = st.one_of(WORDS, PLAIN, ODD)
QUOTED = TEXTS.map(lambda text: '"' + text.replace("\\", "\\\\") + '"')
NUMBERS = st.one_of(
    st.booleans(),
    st.integers(-3, 2**40),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9),
)
HELD = st.one_of(
    NUMBERS,
    NUMBERS,
    st.just("text"),
    st.dictionaries(TEXTS, NUMBERS, max_size=3),
)
PROPERTIES = st.dictionaries(
    st.one_of(st.sampled_from(["type", "name", "topic", "j2eeType"]), TEXTS),
    st.one_of(TEXTS, TEXTS, QUOTED),
    min_size=1,
    max_size=3,
)
NAMES = st.builds(
    lambda domain, keys: f"{domain}:" + ",".join(f"{k}={v}" for k, v in keys.items()),
    st.one_of(st.sampled_from(["a", "A", "org.apache.a", "jvm"]), TEXTS),
    PROPERTIES,
)
INVENTORIES = st.dictionaries(
    NAMES, st.dictionaries(TEXTS, HELD, min_size=1, max_size=4), max_size=8
)


@settings(suppress_health_check=list(HealthCheck))
@given(INVENTORIES, st.randoms(use_true_random=False))
def test_every_number_is_served_exactly_once(mbeans, random):
    known = {}
    for name, held in mbeans.items():
        domain, _, rest = name.partition(":")
        # The same MBean is the same in any order.
        known.setdefault((domain, frozenset(rest.split(","))), (name, held))
    last = dict(known.values())
    first = {
        name: {
            key: value + random.choice([-1, 0, 1]) if type(value) is int else value
            for key, value in held.items()
        }
        for name, held in last.items()
    }

    starter = made(last, first)

    assert [(line.full, why) for line, why in starter.wrong] == []

"""Metrics as Prometheus reads them."""

import platform
import re
from importlib.resources import files

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from alpine_service.adapters.observers.metric_tables import (
    COUNTED,
    METRICS,
    SHOWN,
    TIMED,
    Kind,
    Metric,
)
from alpine_service.adapters.observers.metrics import Build, Metrics
from alpine_service.ports.health import Condition, Finding
from alpine_service.ports.observing import Fact, Weight

NOTHING: frozenset[str] = frozenset()


def samples(metrics: Metrics) -> dict[tuple[str, frozenset[str]], float]:
    families = text_string_to_metric_families(metrics.written().text.decode())
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_a_request_is_counted_and_timed_by_its_route() -> None:
    metrics = Metrics()
    facts: dict[str, Fact] = {"method": "GET", "route": "/v1/signals", "status": 200}
    metrics.tell("http.answered", Weight.INFO, seconds=0.004, address="192.0.2.1", **facts)
    metrics.tell("http.answered", Weight.INFO, seconds=0.2, principal="usr_1", **facts)

    found = samples(metrics)
    label = frozenset({"GET", "/v1/signals", "200"})
    assert found["alpine_http_request_seconds_count", label] == 2
    assert found["alpine_http_request_seconds_sum", label] == pytest.approx(0.204)
    assert found["alpine_http_request_seconds_bucket", label | {"0.005"}] == 1
    assert "192.0.2.1" not in metrics.written().text.decode()
    assert "usr_1" not in metrics.written().text.decode()


def test_a_happening_counts_what_the_table_says() -> None:
    metrics = Metrics()
    metrics.tell("ingest.accepted", entries=5, events=3, size=9, behind=0)
    metrics.tell("ingest.accepted", entries=2, events=0, size=11, behind=0)
    metrics.tell("tries.refused", Weight.WARNING, deed="login", by="account")
    metrics.tell("nobody.knows", Weight.ALERT)

    found = samples(metrics)
    assert found["alpine_ingest_entries_total", NOTHING] == 7
    assert found["alpine_ingest_events_total", NOTHING] == 3
    assert found["alpine_tries_refused_total", frozenset({"login"})] == 1
    assert found["alpine_alerts_total", frozenset({"nobody.knows"})] == 1


def test_what_probes_found_is_shown() -> None:
    metrics = Metrics()
    metrics.found(
        {
            "ingest": Finding(Condition.DEGRADED, {"size": 9, "silent_s": None, "halted": True}),
            "database": Finding(Condition.DOWN, problem="gone"),
        }
    )

    found = samples(metrics)
    assert found["alpine_ingest_size", NOTHING] == 9
    assert found["alpine_ingest_halted", NOTHING] == 1
    assert str(found["alpine_ingest_silent_seconds", NOTHING]) == "nan"
    # Nobody told of it.
    assert str(found["alpine_secrets_age_seconds", NOTHING]) == "nan"
    assert found["alpine_health", frozenset({"ingest"})] == 0.5
    assert found["alpine_health", frozenset({"database"})] == 0


def test_what_only_grows_is_told_as_what_it_is_by_now() -> None:
    metrics = Metrics()
    for total in (3, 5, None, 5):
        metrics.found({"traces": Finding(facts={"exported": total, "dropped": 0})})

    found = samples(metrics)
    assert found["alpine_spans_exported_total", NOTHING] == 5
    assert found["alpine_spans_dropped_total", NOTHING] == 0


def test_what_runs_is_said() -> None:
    found = samples(Metrics(Build("1.2", "abc", "blue")))

    labels = frozenset({"1.2", "abc", "blue", platform.python_version()})
    assert found["alpine_build_info", labels] == 1


def test_no_label_is_one_that_prometheus_gives_to_all_that_it_reads() -> None:
    assert not [each.name for each in METRICS if {"job", "instance", "colour"} & {*each.labels}]


def test_openmetrics_has_the_trace_of_what_was_timed() -> None:
    current = "a" * 32
    metrics = Metrics(trace_id=lambda: current)
    metrics.tell("http.answered", method="GET", route="/", status=200, seconds=0.004)
    metrics.tell("delivery.attempted", state="delivered", took_s=0.2, trace_id="b" * 32)

    written = metrics.written("application/openmetrics-text; version=1.0.0")

    assert written.content_type.startswith("application/openmetrics-text; version=1.0.0")
    families = openmetrics(written.text.decode())  # type: ignore[no-untyped-call]
    exemplars = {
        (sample.name, sample.exemplar.labels["trace_id"], sample.exemplar.value)
        for family in families
        for sample in family.samples
        if sample.exemplar
    }
    assert exemplars == {
        ("alpine_http_request_seconds_bucket", current, 0.004),
        ("alpine_delivery_attempt_seconds_bucket", "b" * 32, 0.2),
    }
    assert current not in metrics.written("text/plain").text.decode()


def test_the_list_of_metrics_is_complete() -> None:
    """What is made is what is listed, by name, type and labels."""
    metrics = Metrics()
    for what in {**COUNTED, **TIMED}:
        counted, timed = COUNTED.get(what, ()), TIMED.get(what, ())
        facts: dict[str, Fact] = {}
        for labels in [each.labels for each in counted] + [each.labels for each in timed]:
            facts |= dict.fromkeys(labels.values(), "x")
        facts |= {each.seconds: 1.0 for each in timed}
        facts |= {each.amount: 1.0 for each in counted if each.amount}
        metrics.tell(what, Weight.ALERT, **facts)
    metrics.lagged(0.001)
    facts_of = {probe: {f: 1 for p, f in SHOWN if p == probe} for probe, _ in SHOWN}
    metrics.found({probe: Finding(facts=facts) for probe, facts in facts_of.items()})

    made = set()
    for family in text_string_to_metric_families(metrics.written().text.decode()):
        if family.name.endswith("_created"):
            continue
        name = f"{family.name}_total" if family.type == "counter" else family.name
        used = {label for sample in family.samples for label in sample.labels} - {"le"}
        made.add((name, Kind(family.type), frozenset(used), family.documentation))

    assert made == {(m.name, m.kind, frozenset(m.labels), m.meaning) for m in METRICS}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_is_named_as_prometheus_wants_it(metric: Metric) -> None:
    assert re.fullmatch("alpine_[a-z_]+", metric.name)
    assert metric.name.endswith("_total") is (metric.kind is Kind.COUNTER)
    assert metric.meaning.endswith(".")
    if metric.kind is Kind.HISTOGRAM:
        assert metric.name.endswith("_seconds")


def test_there_is_one_of_each_name() -> None:
    assert len(METRICS) == len({each.name for each in METRICS})


def source() -> str:
    places = [files("alpine_service")]
    text = ""
    while places:
        place = places.pop()
        for each in place.iterdir():
            if each.is_dir():
                places.append(each)
            elif each.name.endswith(".py") and each.name != "metric_tables.py":
                text += each.read_text()
    return text


def test_everything_that_is_counted_is_told_somewhere() -> None:
    told = source()

    assert [what for what in {**COUNTED, **TIMED} if f'"{what}"' not in told] == []

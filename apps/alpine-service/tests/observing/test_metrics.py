"""Metrics as Prometheus reads them."""

import re
from importlib.resources import files

import pytest
from prometheus_client.parser import text_string_to_metric_families

from alpine_service.adapters.observers.metrics import COUNTED, SHOWN, Metrics
from alpine_service.ports.health import Condition, Finding
from alpine_service.ports.observing import Fact, Weight

NOTHING: frozenset[str] = frozenset()


def samples(metrics: Metrics) -> dict[tuple[str, frozenset[str]], float]:
    families = text_string_to_metric_families(metrics.text().decode())
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
    assert "192.0.2.1" not in metrics.text().decode()
    assert "usr_1" not in metrics.text().decode()


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
    assert found["alpine_health", frozenset({"ingest"})] == 0.5
    assert found["alpine_health", frozenset({"database"})] == 0


def test_every_name_is_ours_and_there_is_one_of_each() -> None:
    names = [each.name for counted in COUNTED.values() for each in counted]
    names += [each.name for each in SHOWN.values()]

    assert len(names) == len(set(names))
    assert all(re.fullmatch("alpine_[a-z_]+", name) for name in names)


def source() -> str:
    places = [files("alpine_service")]
    text = ""
    while places:
        place = places.pop()
        for each in place.iterdir():
            if each.is_dir():
                places.append(each)
            elif each.name.endswith(".py") and each.name != "metrics.py":
                text += each.read_text()
    return text


def test_everything_that_is_counted_is_told_somewhere() -> None:
    told = source()

    assert [what for what in COUNTED if f'"{what}"' not in told] == []

"""The list of metrics is what is exposed, no more and no less."""

import sys

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from argo_adapters.observers.metric_book import Described, Kind, MetricBook
from argo_adapters.observers.prometheus import PrometheusMetrics, catalogue
from argo_core.errors import InvalidInput
from argo_core.testing.every_event import EVERY_EVENT


def told() -> PrometheusMetrics:
    """Metrics in which everything has a value."""
    metrics = PrometheusMetrics()
    for event in EVERY_EVENT.values():
        metrics.notice(event)
    metrics.saw_witnesses({"witness.example": 0.5})
    metrics.service.requested("GET", "/health", 200, 0.01)
    metrics.service.lagged(0.001)
    metrics.service.stands(1.0, 2.0, 3.0)
    metrics.service.built("1.0")
    metrics.service.spans("exported", 3)
    return metrics


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at on Linux alone")
def test_what_is_exposed_is_in_the_catalogue_with_its_type_and_its_labels() -> None:
    exposed = {}
    for family in text_string_to_metric_families(told().exposition().decode()):
        if family.name.endswith("_created"):
            continue
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        name = f"{family.name}_total" if family.type == "counter" else family.name
        exposed[name] = (family.type, labels, family.documentation)
    listed = {one.name: (one.kind.value, set(one.labels), one.meaning) for one in catalogue()}
    ours = {name: what for name, what in exposed.items() if name.startswith("argo_")}
    assert ours == {name: what for name, what in listed.items() if name.startswith("argo_")}
    # What the library says of processes is worded by itself.
    assert {name: what[:2] for name, what in exposed.items()} == {
        name: what[:2] for name, what in listed.items()
    }


def test_the_metrics_that_operations_are_built_on_are_there() -> None:
    wanted = {
        "argo_signal_generation_duration_seconds",
        "argo_data_source_requests_total",
        "argo_data_source_errors_total",
        "argo_data_source_latency_seconds",
        "argo_data_source_status",
        "argo_cache_hits_total",
        "argo_cache_misses_total",
        "argo_skipped_symbols_total",
        "argo_circuit_breaker_state",
        "argo_rate_limiter_tokens",
        "argo_rate_limiter_queue_depth",
        "argo_rate_limiter_wait_seconds",
        "argo_signals_total",
        "argo_budget_dollars",
        "argo_log_size",
        "argo_witness_lag_seconds",
        "argo_orders_total",
        "argo_risk_denials_total",
        "argo_equity_dollars",
    }
    assert wanted <= {one.name for one in catalogue()}


def test_no_label_is_an_id() -> None:
    labels = {label for one in catalogue() for label in one.labels}
    assert not [label for label in labels if label == "symbol" or label.endswith("id")]


def test_a_histogram_is_three_series_and_anything_else_is_one() -> None:
    lag = Described("lag_seconds", Kind.HISTOGRAM, (), "Lag.")
    assert lag.series == ("lag_seconds_bucket", "lag_seconds_count", "lag_seconds_sum")
    assert Described("size", Kind.GAUGE, (), "Size.").series == ("size",)


@pytest.mark.parametrize("name", ["seen_total", "seen"])
def test_a_counter_of_a_name_that_is_taken_or_misleads_is_refused(name: str) -> None:
    book = MetricBook(CollectorRegistry())
    book.counter("seen_total", "Seen.")
    with pytest.raises(InvalidInput, match="name"):
        book.counter(name, "Seen.")


def test_a_gauge_is_not_named_like_a_counter() -> None:
    with pytest.raises(InvalidInput, match="counters alone"):
        MetricBook(CollectorRegistry()).gauge("size_total", "Size.")

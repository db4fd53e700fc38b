"""The metrics count what happened, and only that."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from argo_adapters.observers.prometheus import CONTENT_TYPE, PrometheusMetrics
from argo_core.consensus.opinion import GROK, MASSIVE
from argo_core.consensus.reasons import Direction
from argo_core.events import (
    AskSpared,
    BeatMissed,
    CycleFailed,
    CycleFinished,
    SignalPublished,
    SourceAnswered,
    SourceFailed,
)
from argo_core.market.instrument import Symbol

AT = datetime(2026, 11, 20, 15, tzinfo=UTC)


def value(metrics: PrometheusMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_an_answered_ask_counts_its_calls_dollars_latency_and_gaps() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(SourceAnswered(GROK, AT, 0.9, 2, Decimal("0.005"), items=4, missing=1))

    assert value(metrics, "argo_data_source_requests_total", source="grok") == 1
    assert value(metrics, "argo_data_source_calls_total", source="grok") == 2
    assert value(metrics, "argo_data_source_dollars_total", source="grok") == 0.005
    assert value(metrics, "argo_data_source_missing_symbols_total", source="grok") == 1
    assert value(metrics, "argo_data_source_latency_seconds_sum", source="grok") == 0.9
    assert value(metrics, "argo_data_source_status", source="grok") == 1


def test_a_failed_ask_is_a_request_and_an_error_and_costs_all_the_same() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(SourceAnswered(MASSIVE, AT, 0.1, 1, Decimal(0), items=4, missing=0))
    metrics.notice(SourceFailed(MASSIVE, AT, 4.0, 1, Decimal("0.01"), "VendorUnavailable", "late"))

    assert value(metrics, "argo_data_source_requests_total", source="massive") == 2
    errors = value(
        metrics, "argo_data_source_errors_total", source="massive", error="VendorUnavailable"
    )
    assert errors == 1
    assert value(metrics, "argo_data_source_dollars_total", source="massive") == 0.01
    assert value(metrics, "argo_data_source_status", source="massive") == 0


def test_a_cycle_counts_its_time_holds_and_skips() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(CycleFinished(7, AT, 0.28, signals=1, holds=2, skips=3, absent=()))

    name = "argo_signal_generation_duration_seconds"
    assert value(metrics, f"{name}_count") == 1
    assert value(metrics, f"{name}_bucket", le="0.3") == 1
    assert value(metrics, f"{name}_bucket", le="0.2") == 0
    assert value(metrics, "argo_held_symbols_total") == 2
    assert value(metrics, "argo_skipped_symbols_total") == 3


def test_published_signals_are_counted_by_direction() -> None:
    metrics = PrometheusMetrics()
    for direction in (Direction.BUY, Direction.BUY, Direction.SELL):
        metrics.notice(SignalPublished(Symbol("AAPL"), direction, 7_600, 12, AT))

    assert value(metrics, "argo_signals_total", direction="BUY") == 2
    assert value(metrics, "argo_signals_total", direction="SELL") == 1


def test_lost_batches_dropped_beats_and_spared_asks_are_counted() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(CycleFailed(8, AT, "LogUnavailable", "locked"))
    metrics.notice(BeatMissed(AT, 2))
    metrics.notice(AskSpared(GROK, AT, 6))

    assert value(metrics, "argo_cycle_failures_total") == 1
    assert value(metrics, "argo_missed_beats_total") == 2
    assert value(metrics, "argo_data_source_spared_symbols_total", source="grok") == 6


def test_the_log_size_is_what_was_seen_last() -> None:
    metrics = PrometheusMetrics()
    metrics.saw_log(10)
    metrics.saw_log(12)
    assert value(metrics, "argo_log_size") == 12


def test_a_symbol_never_becomes_a_label() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(SignalPublished(Symbol("AAPL"), Direction.BUY, 7_600, 12, AT))
    families = list(text_string_to_metric_families(metrics.exposition().decode()))
    labels = {name for family in families for sample in family.samples for name in sample.labels}
    assert labels <= {"source", "error", "direction", "le"}
    assert "AAPL" not in metrics.exposition().decode()


@pytest.mark.parametrize(
    "name",
    [
        "argo_signal_generation_duration_seconds",
        "argo_data_source_requests",
        "argo_data_source_errors",
        "argo_data_source_latency_seconds",
        "argo_data_source_status",
        "argo_skipped_symbols",
        "argo_signals",
        "argo_log_size",
    ],
)
def test_the_names_dashboards_use_exist_before_anything_happened(name: str) -> None:
    families = text_string_to_metric_families(PrometheusMetrics().exposition().decode())
    assert name in {family.name for family in families}


def test_two_services_in_one_process_count_apart() -> None:
    one, other = PrometheusMetrics(), PrometheusMetrics(CollectorRegistry())
    one.notice(BeatMissed(AT, 1))
    assert value(one, "argo_missed_beats_total") == 1
    assert value(other, "argo_missed_beats_total") == 0


def test_the_content_type_names_the_format_that_is_written() -> None:
    assert CONTENT_TYPE.startswith("text/plain; version=0.0.4")
    assert PrometheusMetrics().exposition().startswith(b"# HELP ")

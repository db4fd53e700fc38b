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
    BreakerChanged,
    BudgetBooked,
    BudgetRefused,
    CacheLooked,
    CallAdmitted,
    CallRejected,
    CheckpointPublished,
    CycleFailed,
    CycleFinished,
    Event,
    OrderDenied,
    OrderFilled,
    OutcomeResolved,
    PublicationFailed,
    ReasoningFormed,
    Reconciled,
    ShardMissed,
    ShardMoved,
    SharedStateChanged,
    SignalPublished,
    SourceAnswered,
    SourceFailed,
    TradingStateChanged,
    WitnessFailed,
    WorkersChanged,
)
from argo_core.market.instrument import Symbol
from argo_core.resilience.breaker_table import State
from argo_core.resilience.budget import Amount, DayLimit
from argo_core.testing.every_event import EVERY_EVENT
from argo_core.trading.denial import Denial
from argo_core.trading.order import Leg, Side
from argo_core.trading.state import Cause, TradingState

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


def test_published_signals_are_counted_by_direction_unless_they_are_sealed() -> None:
    metrics = PrometheusMetrics()
    for direction in (Direction.BUY, Direction.BUY, Direction.SELL):
        metrics.notice(SignalPublished(Symbol("AAPL"), direction, 7_600, 12, AT))

    metrics.notice(SignalPublished(Symbol("AAPL"), Direction.BUY, 7_600, 12, AT, sealed=True))

    assert value(metrics, "argo_signals_total", direction="BUY") == 2
    assert value(metrics, "argo_signals_total", direction="sealed") == 1
    assert value(metrics, "argo_signals_total", direction="SELL") == 1


def test_lost_batches_dropped_beats_and_spared_asks_are_counted() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(CycleFailed(8, AT, "LogUnavailable", "locked"))
    metrics.notice(BeatMissed(AT, 2))
    metrics.notice(AskSpared(GROK, AT, 6))

    assert value(metrics, "argo_cycle_failures_total") == 1
    assert value(metrics, "argo_missed_beats_total") == 2
    assert value(metrics, "argo_data_source_spared_symbols_total", source="grok") == 6


def test_late_shards_are_counted_by_symbols_and_moved_ones_by_where_they_went() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(WorkersChanged(AT, 4))
    metrics.notice(WorkersChanged(AT, 3))
    for shard in (1, 2):
        metrics.notice(ShardMissed(AT, shard, "paused", symbols=625))
    for after in ("another", "", ""):
        metrics.notice(ShardMoved(AT, 1, "paused", after, "it is gone"))

    assert value(metrics, "argo_cluster_workers") == 3
    assert value(metrics, "argo_missed_symbols_total") == 1_250
    assert value(metrics, "argo_shard_moves_total", to="worker") == 1
    assert value(metrics, "argo_shard_moves_total", to="coordinator") == 2


def test_the_log_size_is_what_was_seen_last() -> None:
    metrics = PrometheusMetrics()
    metrics.saw_log(10)
    metrics.saw_log(12)
    assert value(metrics, "argo_log_size") == 12


def test_a_symbol_never_becomes_a_label() -> None:
    metrics = PrometheusMetrics()
    for event in EVERY_EVENT.values():
        metrics.notice(event)
    families = list(text_string_to_metric_families(metrics.exposition().decode()))
    labels = {name for family in families for sample in family.samples for name in sample.labels}
    assert labels == {
        *("source", "error", "direction", "le", "found", "part", "measure", "limit", "by"),
        *("state", "before", "after", "writer", "pending", "witness", "result"),
        *("leg", "status", "code", "to", "role"),
    }
    assert "AAPL" not in metrics.exposition().decode()


@pytest.mark.parametrize("kind", list(Event.__args__), ids=lambda kind: kind.__name__)
def test_every_kind_of_event_is_counted(kind: type[Event]) -> None:
    metrics = PrometheusMetrics()
    before = metrics.exposition()
    metrics.notice(EVERY_EVENT[kind])
    assert metrics.exposition() != before


def test_a_fresh_answer_is_a_hit_and_a_stale_or_absent_one_a_miss() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(CacheLooked(MASSIVE, AT, fresh=5, stale=2, missed=1))

    assert value(metrics, "argo_cache_hits_total", source="massive") == 5
    assert value(metrics, "argo_cache_misses_total", source="massive", found="stale") == 2
    assert value(metrics, "argo_cache_misses_total", source="massive", found="nothing") == 1


def test_an_admitted_call_shows_its_wait_and_what_each_limit_has_left() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(CallAdmitted(GROK, AT, 0.2, (0.5, 24.0), waiting=3))

    assert value(metrics, "argo_rate_limiter_wait_seconds_sum", source="grok") == 0.2
    assert value(metrics, "argo_rate_limiter_tokens", source="grok", limit="0") == 0.5
    assert value(metrics, "argo_rate_limiter_tokens", source="grok", limit="1") == 24.0
    assert value(metrics, "argo_rate_limiter_queue_depth", source="grok") == 3


def states(metrics: PrometheusMetrics) -> dict[str, float | None]:
    name = "argo_circuit_breaker_state"
    return {each: value(metrics, name, source="grok", state=each) for each in State}


def test_a_breaker_that_never_changed_is_closed_once_a_call_passed() -> None:
    metrics = PrometheusMetrics()
    assert set(states(metrics).values()) == {None}
    metrics.notice(CallAdmitted(GROK, AT, 0.0, (1.0,)))
    assert states(metrics) == {each: float(each is State.CLOSED) for each in State}


def test_a_breaker_is_in_one_state_at_a_time_and_a_call_changes_none() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(BreakerChanged(GROK, AT, State.CLOSED, State.OPEN, 5.0))
    metrics.notice(BreakerChanged(GROK, AT, State.OPEN, State.HALF_OPEN, None))
    metrics.notice(CallAdmitted(GROK, AT, 0.0, (1.0,)))

    assert states(metrics) == {each: float(each is State.HALF_OPEN) for each in State}
    name = "argo_circuit_breaker_transitions_total"
    assert value(metrics, name, source="grok", before="CLOSED", after="OPEN") == 1


def test_a_call_that_was_not_made_says_who_rejected_it() -> None:
    metrics = PrometheusMetrics()
    for by in ("breaker", "breaker", "limiter"):
        metrics.notice(CallRejected(GROK, AT, by, 1.0))

    name = "argo_data_source_rejected_calls_total"
    assert value(metrics, name, source="grok", by="breaker") == 2
    assert value(metrics, name, source="grok", by="limiter") == 1


def test_a_budget_shows_what_is_spent_and_reserved_of_what_is_allowed() -> None:
    metrics = PrometheusMetrics()
    spent, reserved = Amount(Decimal("1.25"), 900, 7), Amount(Decimal("0.25"))
    metrics.notice(BudgetBooked(GROK, AT, spent, reserved, DayLimit(usd=Decimal(5))))
    metrics.notice(BudgetRefused(GROK, AT, "usd", AT))

    parts = {
        part: value(metrics, "argo_budget_dollars", source="grok", part=part)
        for part in ("spent", "reserved", "allowed")
    }
    assert parts == {"spent": 1.25, "reserved": 0.25, "allowed": 5}
    assert value(metrics, "argo_budget_calls", source="grok", part="spent") == 7
    assert value(metrics, "argo_budget_refusals_total", source="grok", measure="usd") == 1


def test_a_measure_without_a_limit_shows_no_allowance() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(BudgetBooked(MASSIVE, AT, Amount(calls=9), Amount(), DayLimit(calls=25)))

    assert value(metrics, "argo_budget_calls", source="massive", part="allowed") == 25
    assert value(metrics, "argo_budget_dollars", source="massive", part="allowed") is None


def test_the_cost_of_a_signal_is_all_dollars_by_all_signals() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(SourceAnswered(GROK, AT, 0.9, 1, Decimal("0.03"), items=4, missing=0))
    assert value(metrics, "argo_signal_cost_dollars") == 0
    metrics.notice(SignalPublished(Symbol("AAPL"), Direction.BUY, 7_600, 12, AT))
    metrics.notice(SourceFailed(GROK, AT, 4.0, 1, Decimal("0.01"), "VendorGarbled", "cut off"))
    metrics.notice(SignalPublished(Symbol("AAPL"), Direction.HOLD, 100, 13, AT))

    assert value(metrics, "argo_signal_cost_dollars") == 0.02


def test_words_are_counted_by_who_wrote_them() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(ReasoningFormed(Symbol("AAPL"), AT, "grok"))
    metrics.notice(ReasoningFormed(Symbol("AAPL"), AT, "fallback", "no answer"))

    assert value(metrics, "argo_reasoning_total", writer="grok") == 1
    assert value(metrics, "argo_reasoning_total", writer="fallback") == 1


def test_shared_state_is_within_reach_or_was_lost() -> None:
    name = "argo_shared_state_within_reach"
    assert value(PrometheusMetrics(), name) == 0
    metrics = PrometheusMetrics(shared=True)
    assert value(metrics, name) == 1
    metrics.notice(SharedStateChanged(AT, within_reach=True))
    assert value(metrics, name) == 1
    metrics.notice(SharedStateChanged(AT, within_reach=False, problem="down"))
    assert value(metrics, name) == 0
    assert value(metrics, "argo_shared_state_losses_total") == 1


def test_a_cycle_counts_its_lookups_and_hits() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(CycleFinished(1, AT, 0.1, 0, 6, 0, (), lookups=24, hits=20))
    assert value(metrics, "argo_opinion_lookups_total") == 24
    assert value(metrics, "argo_opinion_hits_total") == 20


@pytest.mark.parametrize(
    "name",
    [
        "argo_signal_generation_duration_seconds",
        "argo_data_source_requests",
        "argo_data_source_errors",
        "argo_data_source_latency_seconds",
        "argo_data_source_status",
        "argo_skipped_symbols",
        "argo_cache_hits",
        "argo_cache_misses",
        "argo_circuit_breaker_state",
        "argo_rate_limiter_tokens",
        "argo_rate_limiter_queue_depth",
        "argo_rate_limiter_wait_seconds",
        "argo_budget_dollars",
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


def test_a_checkpoint_is_counted_with_its_size_its_delay_and_whether_it_is_pending() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(CheckpointPublished(12, AT, 2.0, 0, pending=True))
    cosigned_at = "argo_newest_cosigned_timestamp_seconds"
    assert value(metrics, cosigned_at) == 0
    metrics.notice(CheckpointPublished(12, AT, 2.5, 1, pending=False))

    name = "argo_checkpoints_published_total"
    assert [value(metrics, name, pending=one) for one in ("true", "false")] == [1, 1]
    assert value(metrics, "argo_published_size") == 12
    assert value(metrics, "argo_publish_delay_seconds_sum") == 4.5
    assert value(metrics, cosigned_at) == AT.timestamp()


def test_what_came_between_a_batch_and_its_publication_is_counted() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(WitnessFailed("witness.example", AT, "WitnessAway", "no answer"))
    metrics.notice(WitnessFailed("witness.example", AT, "WitnessAway", "no answer"))
    metrics.notice(PublicationFailed(AT, "LogUnavailable", "locked"))

    name, witness = "argo_witness_failures_total", "witness.example"
    assert value(metrics, name, witness=witness, error="WitnessAway") == 2
    assert value(metrics, "argo_publication_failures_total", error="LogUnavailable") == 1


def test_outcomes_are_counted_by_result() -> None:
    metrics = PrometheusMetrics()
    for result, return_bp in (("target", 120), ("target", 80), ("void", None)):
        metrics.notice(OutcomeResolved(Symbol("AAPL"), AT, 12, result, return_bp))

    assert value(metrics, "argo_outcomes_total", result="target") == 2
    assert value(metrics, "argo_outcomes_total", result="void") == 1


def trading_states(metrics: PrometheusMetrics) -> dict[str, float | None]:
    return {each: value(metrics, "argo_trading_state", state=each) for each in TradingState}


def test_trading_is_in_no_state_until_somebody_says_so_and_in_one_from_then_on() -> None:
    metrics = PrometheusMetrics()
    assert set(trading_states(metrics).values()) == {0}
    active, halted = TradingState.ACTIVE, TradingState.HALTED
    metrics.notice(TradingStateChanged(AT, active, halted, (Cause.OPERATOR,), "a storm"))

    assert trading_states(metrics) == {"ACTIVE": 0, "REDUCING": 0, "HALTED": 1}
    name = "argo_trading_state_transitions_total"
    assert value(metrics, name, before="ACTIVE", after="HALTED") == 1


def test_where_trading_stands_is_shown_though_no_event_says_it() -> None:
    metrics = PrometheusMetrics()
    metrics.saw_trading(TradingState.ACTIVE, Decimal("100250.50"), Decimal("-249.50"))

    assert trading_states(metrics)["ACTIVE"] == 1
    assert value(metrics, "argo_equity_dollars") == 100_250.5
    assert value(metrics, "argo_trading_day_pnl_dollars") == -249.5


def test_a_denied_order_counts_once_and_each_of_its_reasons_too() -> None:
    metrics = PrometheusMetrics()
    denials = (Denial.STATE, Denial.SPREAD)
    for _ in range(2):
        metrics.notice(OrderDenied(Symbol("AAPL"), AT, "A", Side.BUY, denials))

    assert value(metrics, "argo_orders_denied_total") == 2
    assert value(metrics, "argo_risk_denials_total", code="SPREAD") == 2


def test_a_rebate_leaves_the_fees_where_they_are() -> None:
    metrics = PrometheusMetrics()
    for fee in ("0.02", "-0.01"):
        fill = (Symbol("AAPL"), AT, "A", Side.SELL, Leg.STOP, Decimal(1), Decimal(9), Decimal(fee))
        metrics.notice(OrderFilled(*fill))

    assert value(metrics, "argo_fills_total", leg="stop") == 2
    assert value(metrics, "argo_trading_fees_dollars_total") == 0.02


def test_the_newest_comparison_of_the_books_says_how_many_differences_are_left() -> None:
    metrics = PrometheusMetrics()
    metrics.notice(Reconciled(AT, 0.2, differences=2, problem="AAPL: 20 against 0"))
    metrics.notice(Reconciled(AT, 0.1, differences=0))

    assert value(metrics, "argo_reconciliation_differences") == 0
    assert value(metrics, "argo_last_reconciliation_timestamp_seconds") == AT.timestamp()
    assert value(metrics, "argo_reconciliation_seconds_count") == 2


def test_what_is_traded_can_be_left_out_and_everything_else_stays() -> None:
    metrics = PrometheusMetrics()
    for event in EVERY_EVENT.values():
        metrics.notice(event)

    def names(text: bytes) -> set[str]:
        return {family.name for family in text_string_to_metric_families(text.decode())}

    every, others = names(metrics.exposition()), names(metrics.exposition(trading=False))
    assert others < every
    assert {name for name in every - others if "trading" in name} >= {"argo_trading_state"}
    assert "argo_orders" in every - others
    assert {"argo_signals", "argo_cycle_failures", "argo_log_size"} <= others
    assert not [name for name in others if "trading" in name or "order" in name]

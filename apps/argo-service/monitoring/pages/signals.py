"""How quickly signals are made, how many, and what becomes of them."""

from typing import Final

from monitoring.asking import CHOSEN, happened, mean, per_second, quantile, share, total
from monitoring.parts import Ask, Limits, Page, Row, lines, number

_CYCLE = "argo_signal_generation_duration_seconds"
_DAY = 86_400
_BEATS = Row(
    "The beat",
    (
        number(
            "A cycle, on the average",
            "From the beat to the durable batch. 0.3 s is the figure to keep, 0.5 s an alert.",
            Ask(mean(_CYCLE)),
            unit="s",
            limits=Limits(0.3, 0.5),
        ),
        number(
            "95 % of cycles within",
            "One cycle in twenty takes longer than this. A beat has five seconds.",
            Ask(quantile(0.95, _CYCLE)),
            unit="s",
            limits=Limits(0.5, 1),
        ),
        number(
            "Cycles a minute",
            "Whole cycles. With a beat of five seconds there are twelve; a standby has none.",
            Ask(f"60 * {per_second(f'{_CYCLE}_count')}"),
            unit="short",
            limits=Limits(10, 1, low=True),
        ),
        number(
            "Beats missed",
            "Beats in the time shown that were dropped because the cycle before still ran.",
            Ask(happened("argo_missed_beats_total")),
            unit="short",
            limits=Limits(1, 10),
        ),
        number(
            "Cycles failed",
            "Cycles in the time shown whose batch was not stored; nothing of them is published.",
            Ask(happened("argo_cycle_failures_total")),
            unit="short",
            limits=Limits(bad=1),
        ),
        number(
            "Since the last cycle",
            "How long ago the newest cycle began, by the clock of Prometheus; nothing in a demo,"
            " which lives on a recorded day.",
            Ask(f"time() - max(argo_last_cycle_timestamp_seconds{{{CHOSEN}}}) < {_DAY}"),
            unit="s",
            limits=Limits(15, 60),
        ),
        lines(
            "How long cycles take",
            "The slowest of two, of twenty and of a hundred. A point with a mark leads to a trace.",
            Ask(quantile(0.5, _CYCLE), "half within", exemplars=True),
            Ask(quantile(0.95, _CYCLE), "95 % within", exemplars=True),
            Ask(quantile(0.99, _CYCLE), "99 % within", exemplars=True),
            unit="s",
            limits=Limits(0.3, 0.5),
        ),
        lines(
            "Cycles, and beats without one",
            "How many a minute were whole, failed, or never begun.",
            Ask(f"60 * {per_second(f'{_CYCLE}_count')}", "whole"),
            Ask(f"60 * {per_second('argo_cycle_failures_total')}", "failed"),
            Ask(f"60 * {per_second('argo_missed_beats_total')}", "missed"),
            unit="short",
        ),
    ),
)
_SIGNALS = Row(
    "What was decided",
    (
        lines(
            "Signals by direction",
            "Signals that became durable, a minute. Whatever is still sealed has no direction.",
            Ask(f"60 * {per_second('argo_signals_total', 'direction')}", "{{direction}}"),
            unit="short",
            stacked=True,
        ),
        lines(
            "Symbols by what became of them",
            "Each trading symbol is a signal, a hold or a skip once a cycle; here, a minute.",
            Ask(f"60 * {per_second('argo_signals_total')}", "signal"),
            Ask(f"60 * {per_second('argo_held_symbols_total')}", "hold"),
            Ask(f"60 * {per_second('argo_skipped_symbols_total')}", "skip"),
            unit="short",
            stacked=True,
        ),
        lines(
            "Outcomes",
            "Signals whose horizon is over, by the registered rule, since the processes began.",
            Ask(total("argo_outcomes_total", "result"), "{{result}}"),
            unit="short",
            stacked=True,
        ),
        lines(
            "Who wrote the words",
            "Words for signals a minute. `fallback` is the template, where no model answered.",
            Ask(f"60 * {per_second('argo_reasoning_total', 'writer')}", "{{writer}}"),
            unit="short",
            stacked=True,
        ),
    ),
)
_AT_HAND = Row(
    "What decisions rested on",
    (
        lines(
            "Opinions at hand",
            "Of the opinions that cycles looked up, how many were there and counted.",
            Ask(
                share(
                    per_second("argo_opinion_hits_total"), per_second("argo_opinion_lookups_total")
                ),
                "at hand",
            ),
            unit="percentunit",
            limits=Limits(0.7, 0.5, low=True),
        ),
        lines(
            "Sources that answered",
            "How many sources answered when they were last asked. Below a quorum all is HOLD.",
            Ask(f"sum(max by (source) (argo_data_source_status{{{CHOSEN}}}))", "answered"),
            Ask(f"count(max by (source) (argo_data_source_status{{{CHOSEN}}}))", "asked"),
            unit="short",
        ),
    ),
)
PAGE: Final = Page(
    "argo-signals",
    "Argo · Signals",
    "How quickly signals are made, how many, and on what they rest.",
    (_BEATS, _SIGNALS, _AT_HAND),
)

"""How the vendors answer, and what guards them."""

from typing import Final

from monitoring.asking import CHOSEN, happened, mean, most, per_second, quantile, share
from monitoring.parts import Ask, Limits, Page, Row, bars, lines, number, states

_ASKS = "argo_data_source_requests_total"
_ERRORS = "argo_data_source_errors_total"
_LATENCY = "argo_data_source_latency_seconds"
_STATE = "argo_circuit_breaker_state"
# Their places are what the expression below makes of them.
_BREAKER = {
    "CLOSED": "green",
    "HALF_OPEN": "orange",
    "OPEN": "red",
    "FORCED_OPEN": "dark-red",
    "DISABLED": "blue",
    "METRICS_ONLY": "purple",
}
_PLACES = " + ".join(
    f'{place} * max by (source) ({_STATE}{{{CHOSEN},state="{state}"}})'
    for place, state in enumerate(_BREAKER)
)
_ANSWERS = Row(
    "Answers",
    (
        states(
            "Was the last ask answered?",
            "By source; `failed` until it answers again.",
            Ask(most("argo_data_source_status", "source"), "{{source}}"),
            colours={"failed": "red", "answered": "green"},
        ),
        lines(
            "Asks that fail",
            "Failed asks as a share of all, by source. Above 10 % for five minutes is an alert.",
            Ask(
                share(
                    f"({per_second(_ERRORS, 'source')} or 0 * {per_second(_ASKS, 'source')})",
                    per_second(_ASKS, "source"),
                ),
                "{{source}}",
            ),
            unit="percentunit",
            limits=Limits(0.05, 0.1),
        ),
        lines(
            "Why asks fail",
            "Failed asks a minute, by source and kind of error.",
            Ask(f"60 * {per_second(_ERRORS, 'source, error')}", "{{source}} {{error}}"),
            unit="short",
            stacked=True,
        ),
        lines(
            "Asks and calls",
            "Asks a minute and the HTTP calls that they took.",
            Ask(f"60 * {per_second(_ASKS, 'source')}", "{{source}} asks"),
            Ask(f"60 * {per_second('argo_data_source_calls_total', 'source')}", "{{source}} calls"),
            unit="short",
        ),
        lines(
            "Symbols without an answer",
            "Symbols a minute that a source was asked for and said nothing of.",
            Ask(
                f"60 * {per_second('argo_data_source_missing_symbols_total', 'source')}",
                "{{source}}",
            ),
            unit="short",
        ),
        lines(
            "Calls not made",
            "Calls a minute that the breaker or the limiter rejected.",
            Ask(
                f"60 * {per_second('argo_data_source_rejected_calls_total', 'source, by')}",
                "{{source}} by {{by}}",
            ),
            unit="short",
            stacked=True,
        ),
    ),
)
_PACE = Row(
    "How long they take",
    (
        lines(
            "95 % of asks within",
            "Wall time of a guarded ask, waiting for the limits included. A point with a mark"
            " leads to a trace. Models may think for a minute.",
            Ask(quantile(0.95, _LATENCY, "source"), "{{source}}", exemplars=True),
            unit="s",
        ),
        lines(
            "An ask, on the average",
            "The same, averaged: what a cycle waits for.",
            Ask(mean(_LATENCY, "source"), "{{source}}", exemplars=True),
            unit="s",
        ),
    ),
)
_GUARDS = Row(
    "What guards them",
    (
        states(
            "Circuit breakers",
            "Open means that nobody asks; half open, that one ask is being tried. Open for more"
            " than five minutes is an alert.",
            Ask(_PLACES, "{{source}}"),
            colours=_BREAKER,
        ),
        lines(
            "Changes of breakers",
            "How often a breaker opened within the time of a point.",
            Ask(
                happened(
                    "argo_circuit_breaker_transitions_total",
                    "source",
                    'after="OPEN"',
                    "$__rate_interval",
                ),
                "{{source}}",
            ),
            unit="short",
        ),
        bars(
            "Calls that may be made at once",
            "What each of a source's limits had left when its last call was admitted.",
            Ask(
                f"min by (source, limit) (argo_rate_limiter_tokens{{{CHOSEN}}})",
                "{{source}} limit {{limit}}",
            ),
            unit="short",
            limits=Limits(warn=1, low=True),
        ),
        lines(
            "Calls that wait for the limits",
            "Calls in the queue when the last one was admitted. More than 20 for five minutes"
            " warns.",
            Ask(most("argo_rate_limiter_queue_depth", "source"), "{{source}}"),
            unit="short",
            limits=Limits(warn=20),
        ),
        lines(
            "95 % of calls wait no longer than",
            "How long admitted calls waited for their source's limits.",
            Ask(
                quantile(0.95, "argo_rate_limiter_wait_seconds", "source"),
                "{{source}}",
                exemplars=True,
            ),
            unit="s",
            width=24,
        ),
    ),
)
_MARKET = Row(
    "The stream of market data",
    (
        number(
            "Connected",
            "1 while the stream is connected; 0 while it is not, and where there is none.",
            Ask(most("argo_market_stream_connected")),
            unit="short",
        ),
        number(
            "Quotes a second",
            "Quotes that came between cycles and were taken.",
            Ask(per_second("argo_market_stream_quotes_total")),
            unit="short",
        ),
        number(
            "Halts told",
            "Halts of trading that were told in the time shown, and their ends.",
            Ask(happened("argo_market_stream_halts_total")),
            unit="short",
        ),
        number(
            "Not believed",
            "Messages of it in the time shown that could not be believed.",
            Ask(happened("argo_market_stream_dropped_total")),
            unit="short",
            limits=Limits(warn=1),
        ),
        number(
            "Shared state within reach",
            "How many of the chosen processes reach what processes share. 0 where nothing is"
            " shared.",
            Ask(f"sum(argo_shared_state_within_reach{{{CHOSEN}}})"),
            unit="short",
        ),
        number(
            "Shared state lost",
            "How often it went out of reach in the time shown.",
            Ask(happened("argo_shared_state_losses_total")),
            unit="short",
            limits=Limits(warn=1),
        ),
    ),
)
PAGE: Final = Page(
    "argo-sources",
    "Argo · Sources",
    "How the vendors answer, how long they take, and what guards them.",
    (_ANSWERS, _PACE, _GUARDS, _MARKET),
)

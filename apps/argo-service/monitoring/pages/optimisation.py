"""What was not asked, and what a signal costs."""

from typing import Final

from monitoring.asking import CHOSEN, happened, per_second, share, total
from monitoring.parts import Ask, Limits, Page, Row, bars, lines, number

_SPARED = "argo_data_source_spared_symbols_total"
_SKIPPED = "argo_skipped_symbols_total"
_DOLLARS = "argo_data_source_dollars_total"
_SIGNALS = "argo_signals_total"
_DECIDED = (
    f"({per_second(_SKIPPED)} + {per_second('argo_held_symbols_total')} + {per_second(_SIGNALS)})"
)
_DAY = 86_400


def _used(measure: str) -> str:
    """What is gone of the vendor's day, reserved amounts included."""
    gone = f'sum by (source) (argo_budget_{measure}{{{CHOSEN},part=~"spent|reserved"}})'
    allowed = f'max by (source) (argo_budget_{measure}{{{CHOSEN},part="allowed"}})'
    return share(gone, allowed)


_SAVED = Row(
    "What was spared",
    (
        number(
            "Skipped",
            "Symbols whose standing signal stood, as a share of all that were decided.",
            Ask(share(per_second(_SKIPPED), _DECIDED)),
            unit="percentunit",
            width=6,
        ),
        number(
            "Not asked about",
            "Symbols in the time shown that the gate spared, because no answer could matter.",
            Ask(happened(_SPARED)),
            unit="short",
            width=6,
        ),
        number(
            "Calls a cycle",
            "HTTP calls to vendors for each cycle.",
            Ask(
                share(
                    per_second("argo_data_source_calls_total"),
                    per_second("argo_signal_generation_duration_seconds_count"),
                )
            ),
            unit="short",
            width=6,
        ),
        number(
            "Asks not made for want of budget",
            "In the time shown. One is enough for an alert.",
            Ask(happened("argo_budget_refusals_total")),
            unit="short",
            limits=Limits(bad=1),
            width=6,
        ),
        lines(
            "The skip rule",
            "Symbols a minute whose standing signal stood, beside those that were decided anew.",
            Ask(f"60 * {per_second(_SKIPPED)}", "skipped"),
            Ask(f"60 * ({_DECIDED} - {per_second(_SKIPPED)})", "decided anew"),
            unit="short",
            stacked=True,
        ),
        lines(
            "The gate, by source",
            "Symbols a minute not asked about because no answer could change the outcome.",
            Ask(f"60 * {per_second(_SPARED, 'source')}", "{{source}}"),
            unit="short",
            stacked=True,
        ),
    ),
)
_MONEY = Row(
    "What it costs",
    (
        number(
            "Dollars a signal, since the start",
            "What answers have cost for each signal published.",
            Ask(f"max(argo_signal_cost_dollars{{{CHOSEN}}})"),
            unit="currencyUSD",
            width=8,
        ),
        number(
            "Dollars a signal, now",
            "The same for the time of a point.",
            Ask(share(per_second(_DOLLARS), per_second(_SIGNALS))),
            unit="currencyUSD",
            width=8,
        ),
        number(
            "Dollars a day at this rate",
            "What vendors said that asks cost, failures included.",
            Ask(f"{_DAY} * {per_second(_DOLLARS)}"),
            unit="currencyUSD",
            width=8,
        ),
        lines(
            "Dollars an hour, by source",
            "What vendors said that asks cost, failures included.",
            Ask(f"3600 * {per_second(_DOLLARS, 'source')}", "{{source}}"),
            unit="currencyUSD",
            stacked=True,
        ),
        bars(
            "The day's budget that is gone",
            "Spent and reserved as a share of what is allowed: dollars, tokens and calls. What is"
            " not limited is not here. Above 90 % warns.",
            Ask(_used("dollars"), "{{source}} dollars"),
            Ask(_used("tokens"), "{{source}} tokens"),
            Ask(_used("calls"), "{{source}} calls"),
            unit="percentunit",
            limits=Limits(0.9, 1),
            most=1,
        ),
        lines(
            "Dollars of the day that are spent",
            "By source, until its day ends.",
            Ask(total("argo_budget_dollars", "source", 'part="spent"'), "{{source}}"),
            unit="currencyUSD",
            width=24,
        ),
    ),
)
PAGE: Final = Page(
    "argo-optimisation",
    "Argo · Optimisation",
    "What was spared by cache, gate and skip rule, and what a signal costs.",
    (_SAVED, _MONEY),
)

"""What is traded, and whether it may be."""

from typing import Final

from monitoring.asking import CHOSEN, happened, mean, most, quantile, total
from monitoring.parts import Ask, Limits, Page, Row, lines, number, states

_COMPARING = "argo_reconciliation_seconds"
# Their places are what the expression makes of them; without trading all are 0.
_STATES = {"off": "text", "ACTIVE": "green", "REDUCING": "orange", "HALTED": "red"}
_PLACES = " + ".join(
    f'{place} * max(argo_trading_state{{{CHOSEN},state="{state}"}})'
    for place, state in enumerate(_STATES)
    if place
)
_STANDS = Row(
    "Where it stands",
    (
        states(
            "State",
            "Reducing: positions are only made smaller. Halted: the same, till an operator resumes."
            " Off: there is no trading.",
            Ask(_PLACES, "trading"),
            colours=_STATES,
        ),
        number(
            "Equity",
            "Cash and positions at their marks, net of fees.",
            Ask(most("argo_equity_dollars")),
            unit="currencyUSD",
            width=6,
            tall=True,
        ),
        number(
            "Since the last close",
            "Equity now less that at the last official close, flows apart.",
            Ask(most("argo_trading_day_pnl_dollars")),
            unit="currencyUSD",
            limits=Limits(warn=0, low=True),
            width=6,
            tall=True,
        ),
        lines(
            "Equity over time",
            "Cash and positions at their marks, net of fees.",
            Ask(most("argo_equity_dollars"), "equity"),
            unit="currencyUSD",
            from_zero=False,
            width=8,
        ),
        lines(
            "Changes of state",
            "How often trading went from one state to another, within the time of a point.",
            Ask(
                happened(
                    "argo_trading_state_transitions_total", "before, after", span="$__rate_interval"
                ),
                "{{before}} to {{after}}",
            ),
            unit="short",
            width=8,
        ),
        lines(
            "Alarms",
            "What trading could not put right by itself, within the time of a point.",
            Ask(happened("argo_trading_alarms_total", span="$__rate_interval"), "alarms"),
            unit="short",
            limits=Limits(bad=1),
            width=8,
        ),
    ),
)
_ORDERS = Row(
    "Orders",
    (
        lines(
            "Orders by leg",
            "Orders that the broker was given since the processes began.",
            Ask(total("argo_orders_total", "leg"), "{{leg}}"),
            unit="short",
            stacked=True,
        ),
        lines(
            "Fills by leg",
            "Executions since the processes began; an order may have several.",
            Ask(total("argo_fills_total", "leg"), "{{leg}}"),
            unit="short",
            stacked=True,
        ),
        lines(
            "How orders ended",
            "Orders since the processes began that will not be filled further, by last status.",
            Ask(total("argo_orders_ended_total", "leg, status"), "{{leg}} {{status}}"),
            unit="short",
            stacked=True,
        ),
        lines(
            "Why orders were denied",
            "Reasons of the risk rules since the processes began; one order may have several.",
            Ask(total("argo_risk_denials_total", "code"), "{{code}}"),
            unit="short",
            stacked=True,
        ),
        number(
            "Orders denied",
            "Orders in the time shown that the risk rules did not let through.",
            Ask(happened("argo_orders_denied_total")),
            unit="short",
            width=12,
        ),
        number(
            "Fees",
            "Fees of all executions in the time shown.",
            Ask(happened("argo_trading_fees_dollars_total")),
            unit="currencyUSD",
            width=12,
        ),
    ),
)
_BOOKS = Row(
    "The broker's books and ours",
    (
        number(
            "Differences",
            "What the last comparison left. One that stays for five minutes is an alert.",
            Ask(most("argo_reconciliation_differences")),
            unit="short",
            limits=Limits(bad=1),
            width=6,
            tall=True,
        ),
        number(
            "Compared before the last cycle",
            "How long before the newest cycle the books were last compared.",
            Ask(
                f"max(argo_last_cycle_timestamp_seconds{{{CHOSEN}}})"
                f" - max(argo_last_reconciliation_timestamp_seconds{{{CHOSEN}}} > 0)"
            ),
            unit="s",
            limits=Limits(warn=600),
            width=6,
            tall=True,
        ),
        lines(
            "How long comparing takes",
            "Asking the broker for all pages included.",
            Ask(mean(_COMPARING), "average"),
            Ask(quantile(0.95, _COMPARING), "95 % within", exemplars=True),
            unit="s",
        ),
    ),
)
PAGE: Final = Page(
    "argo-trading",
    "Argo · Trading",
    "What is traded, what is not let through, and whether the books agree.",
    (_STANDS, _ORDERS, _BOOKS),
)

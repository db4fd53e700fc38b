"""What a backtest on bars takes for granted, in words, one sentence or two for each thing."""

from attrs import frozen

from argo_core.backtest.bars.plan import RULES_VERSION, BarLimits, Costs, Exits, Plan
from argo_core.backtest.report.words import count, dollars, share, span
from argo_core.trading.paper.fees import FeeSchedule


@frozen
class Assumption:
    """One thing that was taken for granted. `applied` is False for live rules left out here."""

    topic: str
    text: str
    applied: bool = True


NOT_TOLD = (
    Assumption("Sectors", "The cap of a sector's share is not applied: bars name none.", False),
    Assumption(
        "Order rates",
        "Caps on orders by minute and by day are not applied: bars are coarser.",
        False,
    ),
    Assumption(
        "Quotes",
        "Freshness and width of quotes, and prices that differ between vendors, are not checked: "
        "there are no quotes, and the spread is the same for every symbol and hour.",
        False,
    ),
    Assumption(
        "Edges of the session",
        "Entries near the open and the close are not refused: one at the open is the rule here.",
        False,
    ),
    Assumption(
        "Repeated stops",
        "The rest after several stops of a symbol is not applied; the cooldown after one is.",
        False,
    ),
    Assumption(
        "Flattening",
        "The live halt at a second, greater daily loss is not applied; nothing is flattened.",
        False,
    ),
    Assumption(
        "Dividends and actions",
        "Dividends, mergers and delistings are known only as far as the bars were adjusted for "
        "them: none is paid into the account.",
        False,
    ),
    Assumption("Market impact", "Trades move no later price, and cash earns no interest.", False),
    Assumption(
        "Halts and borrowing",
        "Trading halts inside a bar, short-sale restrictions and shares that nobody lends are "
        "not known.",
        False,
    ),
)
"""Live rules and facts of markets that bars cannot tell, so that they are not applied."""


def assumptions(plan: Plan) -> tuple[Assumption, ...]:
    """Everything that `plan` takes for granted, what is switched off included."""
    return (
        Assumption("Rules", f"Version {RULES_VERSION} of the rules of fills, sizes and exits."),
        Assumption(
            "Capital", f"{dollars(plan.capital, 2)} of cash at the start; none comes later."
        ),
        Assumption(
            "Point in time",
            "A verdict uses nothing that was known later than its row's close and is acted upon at "
            "the next open of its symbol.",
        ),
        Assumption("Waiting", _waiting(plan.patience_rows)),
        *_costs(plan.costs),
        *_exits(plan.exits),
        *_limits(plan.limits),
        Assumption(
            "End", "Positions still open after the last row stay marked at their last close."
        ),
        *NOT_TOLD,
    )


def _waiting(rows: int) -> str:
    return f"An entry whose symbol has no bar lapses after {count(rows, 'row')}."


def _costs(costs: Costs) -> tuple[Assumption, ...]:
    volume = (
        f"At most {share(costs.participation_ppm)} of a bar's volume is filled; the rest of an "
        "entry is given up."
        if costs.participation_ppm
        else "OFF: any number of shares is filled, whatever the bar's volume."
    )
    return (
        Assumption(
            "Fills",
            "Market orders fill at the open. Inside a bar a stop comes first where stop and target "
            "are both reached; a gap over either fills at the open.",
        ),
        Assumption(
            "Spread",
            f"{share(costs.spread_ppm)} from bid to ask, half on either side of the bar's prices."
            if costs.spread_ppm
            else "NONE: bought and sold at the bar's own prices.",
        ),
        Assumption(
            "Slippage",
            f"{share(costs.slippage_ppm)} more on market orders and stops; none on targets."
            if costs.slippage_ppm
            else "NONE beyond the spread.",
        ),
        Assumption("Participation", volume),
        Assumption(
            "Borrowing",
            f"{share(costs.borrow_ppm)} a year on what is sold short, by calendar day."
            if costs.borrow_ppm
            else "FREE.",
        ),
        Assumption("Fees", _fees(costs.fees)),
    )


def _fees(fees: FeeSchedule) -> str:
    per_share = f"${fees.per_share.normalize():f} a share, at least ${fees.minimum.normalize():f}"
    commission = f"Commission {per_share}" if fees.per_share or fees.minimum else "No commission"
    if not fees.sec and not fees.taf:
        return f"{commission}; no regulators' fees."
    return (
        f"{commission}. On sales ${fees.sec * 1_000_000:.2f} a million dollars (SEC) and "
        f"${fees.taf.normalize():f} a share, at most ${fees.taf_most} (FINRA). The same rates "
        "are used for all years."
    )


def _exits(exits: Exits) -> tuple[Assumption, ...]:
    away = "1.5 times as far as the price strays within the horizon"
    return (
        Assumption(
            "Stops",
            "As far from the decision's close as the price strays within the horizon."
            if exits.stops
            else "OFF.",
        ),
        Assumption("Targets", f"{away[0].upper()}{away[1:]}." if exits.targets else "OFF."),
        Assumption(
            "Trailing stop",
            f"Follows the best price at {share(exits.trail_ppm)}."
            if exits.stops and exits.trail_ppm
            else "OFF.",
        ),
        Assumption(
            "Horizon",
            f"A position ends {span(exits.horizon_s)} after its decision, at the next open."
            if exits.horizon_s
            else "OFF: a position may last for ever.",
        ),
        Assumption(
            "Exit by signal",
            "At the next open after the verdict turns to the other side"
            + (" or to hold." if exits.hold_closes else "; hold changes nothing."),
        ),
    )


def _limits(limits: BarLimits) -> tuple[Assumption, ...]:
    def on(ppm: int, text: str) -> str:
        return text.format(share(ppm)) if ppm else "OFF."

    return (
        Assumption("Short selling", "Allowed." if limits.short_selling else "Not allowed."),
        Assumption(
            "Risk of a trade", on(limits.risk_ppm, "At most {} of equity from entry to stop.")
        ),
        Assumption(
            "Size of an order",
            f"At most {dollars(limits.order_cap, 2)}"
            + (f" and {share(limits.order_ppm)} of equity." if limits.order_ppm else "."),
        ),
        Assumption(
            "Share of trading",
            on(limits.adv_ppm, "At most {} of the average daily value of 20 sessions."),
        ),
        Assumption("Share of a symbol", on(limits.symbol_ppm, "At most {} of equity.")),
        Assumption("Gross exposure", on(limits.gross_ppm, "At most {} of equity.")),
        Assumption("Positions", f"At most {limits.positions:,} at once."),
        Assumption(
            "Collar",
            on(limits.collar_ppm, "An entry lapses if its price is {} worse than decided at."),
        ),
        Assumption(
            "Cooldown",
            f"{span(limits.cooldown_s)} after a position, {span(limits.stop_cooldown_s)} after "
            "a stop.",
        ),
        Assumption(
            "Daily loss", on(limits.daily_loss_ppm, "No entry until the next session after {}.")
        ),
        Assumption(
            "Drawdown",
            on(limits.drawdown_ppm, "Never another entry once {} below the highest equity."),
        ),
    )

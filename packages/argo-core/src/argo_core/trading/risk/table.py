"""All rules in their order, as they are evaluated and documented. No rule may live elsewhere."""

from attrs import frozen

from argo_core.trading.denial import Denial
from argo_core.trading.limits import RiskLimits
from argo_core.trading.risk import (
    exposure_rules,
    loss_rules,
    market_rules,
    order_rules,
    rate_rules,
)
from argo_core.trading.risk.finding import Shown, shown
from argo_core.trading.risk.rule import Rule

# What each rule goes back to: the paragraphs of 17 CFR 240.15c3-5, and the kinds of controls of the
# Futures Industry Association's "Best Practices for Automated Trading Risk Controls and System
# Safeguards" (July 2024).
CAPITAL = "SEC 15c3-5(c)(1)(i)"
ERRONEOUS = "SEC 15c3-5(c)(1)(ii)"
REGULATORY = "SEC 15c3-5(c)(2)"
OWN = "Argo"


def _fia(control: str) -> str:
    return f"FIA 2024, {control}"


RULES: tuple[Rule, ...] = (
    Rule(
        name="tradable",
        bounds="Stocks alone are traded.",
        check=market_rules.tradable,
        denials=(Denial.NOT_TRADABLE,),
        source=OWN,
    ),
    Rule(
        name="state",
        bounds="A position is opened while trading is ACTIVE.",
        check=order_rules.state,
        standing=order_rules.state,
        denials=(Denial.STATE,),
        source=_fia("kill switch"),
    ),
    Rule(
        name="closing",
        bounds="An order that is to close goes against the position and is no larger.",
        check=order_rules.closing,
        denials=(Denial.NOT_CLOSING,),
        source=ERRONEOUS,
        for_all=True,
    ),
    Rule(
        name="short_selling",
        bounds="No more is sold than is held, unless selling short is allowed.",
        check=order_rules.short_selling,
        denials=(Denial.SHORT_SELLING,),
        settings=("short_selling",),
        source=REGULATORY,
    ),
    Rule(
        name="session",
        bounds="The market is in its session, and not within its first or last minutes.",
        check=market_rules.session,
        denials=(Denial.SESSION_CLOSED, Denial.SESSION_EDGE),
        settings=("edge", "extended_hours"),
        unit="seconds",
        source=OWN,
    ),
    Rule(
        name="symbol_halted",
        bounds="The exchange has not halted the symbol.",
        check=market_rules.symbol_halted,
        denials=(Denial.SYMBOL_HALTED,),
        source=REGULATORY,
    ),
    Rule(
        name="quote",
        bounds="There is a bid and an ask, and the exchange's time of them is of now.",
        check=market_rules.quote,
        denials=(Denial.QUOTE_MISSING, Denial.QUOTE_STALE),
        settings=("quote_age",),
        unit="seconds",
        source=_fia("market data reasonability"),
    ),
    Rule(
        name="feeds",
        bounds="Two feeds differ by no more than a share of the first one's price.",
        check=market_rules.feeds,
        denials=(Denial.FEEDS_DIVERGE,),
        settings=("divergence",),
        unit="price",
        source=_fia("market data reasonability"),
    ),
    Rule(
        name="signal_age",
        bounds="The signal is younger than a quarter of its horizon, and than the longest.",
        check=order_rules.signal_age,
        denials=(Denial.SIGNAL_OLD,),
        settings=("longest_signal",),
        unit="seconds",
        source=OWN,
    ),
    Rule(
        name="collar",
        bounds="The order's price is near the middle of the quote: |limit - mid| / mid.",
        check=market_rules.collar,
        denials=(Denial.COLLAR, Denial.QUOTE_MISSING),
        settings=("collar",),
        unit="price",
        source=f"{ERRONEOUS}; {_fia('price tolerance')}",
    ),
    Rule(
        name="spread",
        bounds="The quote is narrow: (ask - bid) / mid.",
        check=market_rules.spread,
        denials=(Denial.SPREAD, Denial.QUOTE_MISSING),
        settings=("spread",),
        unit="price",
        source=_fia("market data reasonability"),
    ),
    Rule(
        name="size",
        bounds="An order is of one share at least.",
        check=order_rules.size,
        denials=(Denial.TOO_SMALL,),
        unit="shares",
        source=ERRONEOUS,
    ),
    Rule(
        name="risk_per_trade",
        bounds="The stop costs no more than a share of equity: quantity * |limit - stop| / E.",
        check=order_rules.risk_per_trade,
        denials=(Denial.RISK_PER_TRADE, Denial.STOP_MISSING),
        settings=("risk_per_trade",),
        unit="money",
        source=OWN,
    ),
    Rule(
        name="order_value",
        bounds="One order is worth no more than the cap, nor than a share of equity.",
        check=order_rules.order_value,
        denials=(Denial.ORDER_VALUE,),
        settings=("order_cap", "order_share"),
        unit="money",
        source=f"{ERRONEOUS}; {_fia('maximum order size')}",
    ),
    Rule(
        name="liquidity",
        bounds="One order is worth no more than a share of what trades in a day, over 20 days.",
        check=order_rules.liquidity,
        denials=(Denial.ORDER_LIQUIDITY, Denial.LIQUIDITY_UNKNOWN),
        settings=("adv_share",),
        unit="money",
        source=f"{ERRONEOUS}; {_fia('maximum order size')}",
    ),
    Rule(
        name="symbol_exposure",
        bounds="X of the symbol is no more than a share of equity.",
        check=exposure_rules.symbol,
        denials=(Denial.SYMBOL_EXPOSURE, Denial.MARK_MISSING),
        settings=("symbol_share",),
        unit="money",
        source=f"{CAPITAL}; {_fia('maximum intraday position')}",
    ),
    Rule(
        name="sector_exposure",
        bounds="The X of a sector's symbols are together no more than a share of equity.",
        check=exposure_rules.sector,
        denials=(Denial.SECTOR_EXPOSURE, Denial.MARK_MISSING),
        settings=("sector_share",),
        unit="money",
        source=CAPITAL,
    ),
    Rule(
        name="gross_exposure",
        bounds="The X of all symbols are together no more than a share of equity.",
        check=exposure_rules.gross,
        standing=exposure_rules.gross,
        denials=(Denial.GROSS_EXPOSURE, Denial.MARK_MISSING),
        settings=("gross_share",),
        unit="money",
        source=CAPITAL,
    ),
    Rule(
        name="positions",
        bounds="At most so many symbols are held or on order.",
        check=exposure_rules.positions,
        standing=exposure_rules.positions,
        denials=(Denial.POSITIONS,),
        settings=("positions",),
        unit="symbols",
        source=CAPITAL,
    ),
    Rule(
        name="buying_power",
        bounds="What can be spent pays for all open orders and this one.",
        check=exposure_rules.buying_power,
        standing=exposure_rules.buying_power,
        denials=(Denial.BUYING_POWER,),
        unit="money",
        source=CAPITAL,
    ),
    Rule(
        name="duplicate",
        bounds="One live entry on a side of a symbol, and none while it is held.",
        check=order_rules.duplicate,
        denials=(Denial.DUPLICATE,),
        unit="orders",
        source=f"{ERRONEOUS}; {_fia('repeated automated execution limit')}",
    ),
    Rule(
        name="rate_minute",
        bounds="Orders within a minute, this one included.",
        check=rate_rules.account_minute,
        standing=rate_rules.account_minute,
        denials=(Denial.RATE_MINUTE,),
        settings=("orders_per_minute",),
        unit="orders",
        source=f"{ERRONEOUS}; {_fia('message throttle')}",
    ),
    Rule(
        name="rate_symbol",
        bounds="Orders of one symbol within a minute, this one included.",
        check=rate_rules.symbol_minute,
        denials=(Denial.RATE_SYMBOL,),
        settings=("symbol_orders_per_minute",),
        unit="orders",
        source=f"{ERRONEOUS}; {_fia('message throttle')}",
    ),
    Rule(
        name="rate_day",
        bounds="Orders within 24 hours, this one included.",
        check=rate_rules.account_day,
        standing=rate_rules.account_day,
        denials=(Denial.RATE_DAY,),
        settings=("orders_per_day",),
        unit="orders",
        source=f"{ERRONEOUS}; {_fia('message throttle')}",
    ),
    Rule(
        name="cooldown",
        bounds="A symbol rests after a position ended, and longer after a stop.",
        check=rate_rules.cooldown,
        denials=(Denial.COOLDOWN,),
        settings=("cooldown", "stop_cooldown"),
        unit="seconds",
        source=_fia("repeated automated execution limit"),
    ),
    Rule(
        name="stopped_out",
        bounds="After so many stops within a time, nothing is opened for another time.",
        check=rate_rules.stopped_out,
        standing=rate_rules.stopped_out,
        denials=(Denial.STOPPED_OUT,),
        settings=("stops", "stops_within", "stops_rest"),
        unit="stops",
        source=_fia("repeated automated execution limit"),
    ),
    Rule(
        name="daily_loss",
        bounds="Less than a share of E0 was lost since the close before: (E - E0 - F) / E0.",
        check=loss_rules.daily_loss,
        standing=loss_rules.daily_loss,
        denials=(Denial.DAILY_LOSS,),
        settings=("daily_loss_reduce", "daily_loss_halt"),
        unit="money",
        source=CAPITAL,
    ),
    Rule(
        name="drawdown",
        bounds="Less than a share of the highest equity was lost since: 1 - E / HWM.",
        check=loss_rules.drawdown,
        standing=loss_rules.drawdown,
        denials=(Denial.DRAWDOWN,),
        settings=("drawdown_halt",),
        unit="money",
        source=CAPITAL,
    ),
)


@frozen
class Row:
    """A rule as a page shows it. `settings` have their values, `denials` their meanings."""

    rule: str
    bounds: str
    settings: tuple[tuple[str, str], ...]
    denials: tuple[tuple[str, str], ...]
    unit: str
    source: str
    applies_to: str


def rows(limits: RiskLimits | None = None) -> tuple[Row, ...]:
    """All rules with those limits, or with the defaults."""
    limits = limits or RiskLimits()
    return tuple(
        Row(
            rule.name,
            rule.bounds,
            tuple((name, _value(getattr(limits, name))) for name in rule.settings),
            tuple((one.value, one.meaning) for one in rule.denials),
            rule.unit,
            rule.source,
            "every order" if rule.for_all else "orders that do not only shrink a position",
        )
        for rule in RULES
    )


def _value(value: Shown) -> str:
    return str(value).lower() if isinstance(value, bool) else shown(value)

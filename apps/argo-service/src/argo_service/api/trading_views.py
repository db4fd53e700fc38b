"""The account, its risk and its positions, as the API shows them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from argo_core.execution.market import UNKNOWN_SECTOR
from argo_core.execution.trader import Trader
from argo_core.market.instrument import Symbol
from argo_core.trading.book import Book
from argo_core.trading.certificate import RuleResult
from argo_core.trading.holding import Holding
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import Leg, Status
from argo_core.trading.position import Position
from argo_core.trading.risk.finding import shown
from argo_core.trading.risk.judge import sector_margins, symbol_margins
from argo_core.trading.risk.table import RULES
from argo_core.trading.state import TABLE
from argo_core.trading.views import AccountView
from argo_service.api.trading_bodies import (
    AccountBody,
    ControlBody,
    DifferenceBody,
    PlanBody,
    PositionBody,
    PositionsBody,
    ReconciliationBody,
    RiskBody,
    RuleBody,
    StandingCauseBody,
)

ZERO: Final = Decimal(0)
_PLACES: Final = 6
_RULES: Final = {rule.name: rule for rule in RULES}


def rounded(value: Decimal) -> Decimal:
    """To a millionth, because division writes 28 digits; without zeros at its end, or below 0."""
    return round(value, _PLACES).normalize() + 0


def account_body(trader: Trader, now: datetime) -> AccountBody:
    """The account now."""
    view, book = trader.view(), trader.book
    day_pnl = view.equity - view.opened - view.flows
    positions = book.positions.values()
    return AccountBody(
        broker=trader.name,
        state=view.state,
        ready=trader.is_ready,
        at=now,
        equity=rounded(view.equity),
        cash=rounded(book.cash),
        buying_power=rounded(view.buying_power),
        opened=rounded(view.opened),
        flows=rounded(view.flows),
        day_pnl=rounded(day_pnl),
        day_return=rounded(day_pnl / view.opened) if view.opened > 0 else None,
        open_pnl=rounded(_unrealised(book)),
        realised=rounded(sum((one.realised for one in positions), ZERO)),
        fees=rounded(sum((one.fees for one in positions), ZERO)),
        gross=rounded(_gross(view)),
        high=rounded(view.high),
        drawdown=rounded(1 - view.equity / view.high) if view.high > 0 else None,
        positions=len(view.positions),
        open_orders=len(view.orders),
    )


def _gross(view: AccountView) -> Decimal:
    return sum(
        (abs(held) * view.marks.get(symbol, ZERO) for symbol, held in view.positions.items()), ZERO
    )


def _unrealised(book: Book) -> Decimal:
    """What closing everything that has a price would earn."""
    return sum(
        (
            held.unrealised(book.marks[symbol])
            for symbol, held in book.held().items()
            if symbol in book.marks
        ),
        ZERO,
    )


def causes_of(book: Book) -> tuple[StandingCauseBody, ...]:
    """The causes that stand, oldest first."""
    return tuple(
        StandingCauseBody(cause, TABLE[cause].state, why, since, TABLE[cause].relief)
        for cause, (since, why) in book.causes.items()
    )


def control_body(trader: Trader, closing: Iterable[Symbol] = ()) -> ControlBody:
    """Where an operator's word has left trading."""
    return ControlBody(trader.book.state, causes_of(trader.book), tuple(closing))


def rule_body(result: RuleResult) -> RuleBody:
    """A rule's word, with what is to be said about the rule."""
    rule, denial = _RULES.get(result.rule), result.denial
    return RuleBody(
        rule=result.rule,
        # A certificate of an older version may speak of a rule that is no more.
        bounds=rule.bounds if rule else "",
        unit=rule.unit if rule else "",
        source=rule.source if rule else "",
        limit=result.limit,
        margin=None if result.margin is None else rounded(result.margin),
        inputs=dict(result.inputs),
        denial=denial.value if denial else None,
        meaning=denial.meaning if denial else None,
        skipped=result.skipped,
    )


def risk_body(trader: Trader, now: datetime) -> RiskBody:
    """State, causes, every limit and what is left of it."""
    view, limits = trader.view(), trader.limits
    of_symbols, of_sectors = (
        symbol_margins(view, limits, now),
        sector_margins(view, limits, now),
    )
    return RiskBody(
        broker=trader.name,
        state=trader.book.state,
        causes=causes_of(trader.book),
        rules=tuple(map(rule_body, trader.margins(now))),
        symbols={name: rule_body(one) for name, one in sorted(of_symbols.items())},
        sectors={name: rule_body(one) for name, one in of_sectors.items()},
        reconciliation=reconciliation_body(trader, now),
        limits=_numbers(limits),
    )


def _numbers(limits: RiskLimits) -> dict[str, str]:
    numbers = {name: getattr(limits, name) for name in RiskLimits.names()}
    return {
        f"{name}_s" if isinstance(value, timedelta) else name: _number(value)
        for name, value in numbers.items()
    }


def _number(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return shown(value) if isinstance(value, Decimal | timedelta) else str(value)


def reconciliation_body(trader: Trader, now: datetime) -> ReconciliationBody:
    """The last comparison of the books."""
    at = trader.last_reconciled
    return ReconciliationBody(
        ready=trader.is_ready,
        at=at,
        age_s=None if at is None else round((now - at).total_seconds(), 3),
        differences=tuple(
            DifferenceBody(one.kind, one.ours, one.theirs, one.text, one.symbol, one.order)
            for one in trader.differences
        ),
    )


def positions_body(trader: Trader, now: datetime) -> PositionsBody:
    """What is held, by symbol."""
    book = trader.book
    found = tuple(_position(trader, symbol, held) for symbol, held in sorted(book.held().items()))
    values = (one.value for one in found if one.value is not None)
    return PositionsBody(now, found, sum(values, ZERO), rounded(_unrealised(book)))


def _position(trader: Trader, symbol: Symbol, held: Position) -> PositionBody:
    book = trader.book
    mark, holding = book.marks.get(symbol), book.holdings.get(symbol)
    stops = [
        one
        for one in book.open_orders(symbol)
        if one.leg is Leg.STOP and one.status is Status.WORKING
    ]
    return PositionBody(
        symbol=symbol,
        sector=trader.market.sectors.get(symbol, UNKNOWN_SECTOR),
        quantity=held.quantity,
        average=rounded(held.average),
        mark=mark,
        value=None if mark is None else rounded(held.quantity * mark),
        unrealised=None if mark is None else rounded(held.unrealised(mark)),
        realised=rounded(held.realised),
        fees=rounded(held.fees),
        protected=sum((one.remaining for one in stops), ZERO),
        stop_orders=tuple(one.id for one in stops),
        armed=trader.armed(symbol),
        plan=None if holding is None else _plan(holding),
    )


def _plan(holding: Holding) -> PlanBody:
    return PlanBody(
        side=holding.side,
        signal_id=holding.signal_id,
        signal_index=holding.signal_index,
        stop=holding.stop,
        target=holding.target,
        until=holding.until,
        trail=holding.trail,
        best=holding.best,
        exit=holding.exit.value if holding.exit else None,
    )

"""What is traded, for both views and the summary."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from rich.table import Table
from rich.text import Text

from argo_core.events import (
    Event,
    OrderDenied,
    OrderFilled,
    TradingAlarm,
    TradingStateChanged,
)
from argo_core.execution.trader import Trader
from argo_core.trading.certificate import RuleResult
from argo_core.trading.state import TradingState
from argo_service.api.trading_bodies import AccountBody
from argo_service.api.trading_views import account_body, positions_body
from argo_service.demo.stage import new_york
from argo_service.trading.tightest import part_left, tightest
from argo_service.trading_tally import TradingTally

_STATES = {
    TradingState.ACTIVE: "green",
    TradingState.REDUCING: "yellow",
    TradingState.HALTED: "bold red",
}
_MARGINS = 2
_CENT = Decimal("0.01")
# What a row says, and to which edge; those of `_FIRST` have room in 80 columns.
_TITLES: Final[dict[str, Literal["left", "right"]]] = {
    "held": "left",
    "shares": "right",
    "cost": "right",
    "price": "right",
    "worth": "right",
    "unrealised": "right",
    "stop": "right",
    "target": "right",
    "protected": "right",
    "until": "left",
}
_FIRST: Final = ("held", "shares", "price", "unrealised", "stop", "target", "protected")
_ROOM: Final = 100


def money_line(trader: Trader, now: datetime) -> Text:
    """State, equity, profit and loss, and the limits of which least is left."""
    account = account_body(trader, now)
    parts = [
        Text.assemble(("trading ", "dim"), (account.state, _STATES[account.state])),
        Text.assemble(("equity ", "dim"), (f"{account.equity:,.2f}", "bold")),
        Text.assemble(("day ", "dim"), _gain(account.day_pnl)),
        Text.assemble(("open ", "dim"), _gain(account.open_pnl)),
        Text.assemble(("left: ", "dim"), ", ".join(_margins(trader, now))),
    ]
    line = Text("   ").join(parts)
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _margins(trader: Trader, now: datetime) -> Iterator[str]:
    for one in tightest(trader.margins(now), _measured, _MARGINS):
        share = part_left(one.limit, one.margin or Decimal(0))
        yield f"{one.rule.replace('_', ' ')} {share:.0%}"


def _measured(result: RuleResult) -> tuple[str, Decimal | None]:
    return result.limit, result.margin


def positions_table(trader: Trader, now: datetime, width: int = _ROOM) -> Table:
    """A row for each position, by symbol; on a narrow screen less of each, and that whole."""
    table = Table(expand=True, box=None, pad_edge=False, header_style="dim")
    titles = _TITLES if width >= _ROOM else _FIRST
    for title in titles:
        table.add_column(title, justify=_TITLES[title], no_wrap=True)
    for one in positions_body(trader, now).positions:
        plan = one.plan
        whole = one.protected == abs(one.quantity)
        told: dict[str, str | Text] = {
            "held": one.symbol,
            "shares": f"{one.quantity:,}",
            "cost": f"{one.average:,.2f}",
            "price": _price(one.mark),
            "worth": _price(one.value),
            "unrealised": "-" if one.unrealised is None else _gain(one.unrealised),
            "stop": _price(plan.stop if plan else None),
            "target": _price(plan.target if plan else None),
            "protected": Text(f"{one.protected:,}", "green" if whole else "bold red"),
            "until": f"{new_york(plan.until):%H:%M:%S}" if plan else "-",
        }
        table.add_row(*(told[title] for title in titles))
    return table


def line_of(event: Event) -> str | None:
    """What a line says of an event of trading; None of those that need none."""
    match event:
        case OrderFilled():
            said = f"{event.leg.value}: {event.side.value} {event.quantity:,} {event.symbol}"
            earned = f", earned {event.realised:+,.2f}" if event.realised else ""
            text = f"{said} at {event.price:,.2f}{earned}"
        case OrderDenied():
            codes = ", ".join(one.value for one in event.denials)
            text = f"denied: {event.side.value} {event.symbol}, {codes}"
        case TradingStateChanged():
            text = f"trading is {event.after.value}: {event.why}"
        case TradingAlarm():
            text = f"ALARM: {event.problem}"
        case _:
            return None
    # What a broker says may hold what a terminal would obey.
    shown = "".join(one if one.isprintable() else "?" for one in text)
    return f"{new_york(event.at):%H:%M:%S} | {shown}"


def trading_sentences(trader: Trader, tally: TradingTally, now: datetime) -> Iterator[str]:
    """What trading came to, in lines for people."""
    account = _account(trader, now)
    yield (
        f"traded on {trader.name}: {tally.placed} orders, {tally.fills} fills,"
        f" {tally.denied} denied; trading is {trader.book.state.value}"
    )
    if account is not None:
        yield (
            f"equity {account.equity:,.2f}: {account.day_pnl:+,.2f} today,"
            f" {account.open_pnl:+,.2f} of it open, fees {account.fees:,.2f}"
        )
    held = sorted(trader.book.held())
    if held:
        yield f"still held: {', '.join(held)}; the next start goes on with that"
    if tally.denials:
        counts = (f"{number} {code.value}" for code, number in tally.denials.most_common())
        yield f"denied because of: {', '.join(counts)}"
    if tally.alarms:
        yield f"{tally.alarms} alarms, the last: {tally.last_alarm}"


def trading_summary(trader: Trader, tally: TradingTally, now: datetime) -> dict[str, Any]:
    """The same as part of the last line's object; money in strings."""
    account = _account(trader, now)
    return {
        "broker": trader.name,
        "state": trader.book.state.value,
        "orders": tally.placed,
        "fills": tally.fills,
        "denied": tally.denied,
        "denials": {code.value: number for code, number in tally.denials.most_common()},
        "positions": len(trader.book.held()),
        "equity": None if account is None else f"{account.equity:.2f}",
        "day_pnl": None if account is None else f"{account.day_pnl:.2f}",
    }


def _account(trader: Trader, now: datetime) -> AccountBody | None:
    """The account, None while the broker's books were not read."""
    return None if trader.book.account is None else account_body(trader, now)


def _price(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:,.2f}"


def _gain(amount: Decimal) -> Text:
    amount = amount.quantize(_CENT)
    return Text(f"{amount:+,}", "green" if amount > 0 else "red" if amount < 0 else "dim")

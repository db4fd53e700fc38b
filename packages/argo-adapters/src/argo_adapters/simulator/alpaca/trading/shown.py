"""Orders, positions, money and executions as Alpaca's JSON has them: decimals are strings."""

from decimal import Decimal
from typing import Any

from argo_adapters.simulator.alpaca.trading import ids
from argo_adapters.simulator.alpaca.trading.account import Flow, Holding
from argo_adapters.simulator.alpaca.trading.checks import shares_held
from argo_adapters.simulator.alpaca.trading.decimals import rounded, text
from argo_adapters.simulator.alpaca.trading.exchange import Exchange
from argo_adapters.simulator.alpaca.trading.order import Order
from argo_adapters.simulator.alpaca.trading.prices import Quote
from argo_adapters.simulator.alpaca.trading.records import Fill
from argo_adapters.simulator.stamps import eastern, iso

Row = dict[str, Any]


def order_row(order: Order, *, nested: bool) -> Row:
    """An order; `nested` shows its legs inside it."""
    times, average = order.times, order.average
    return {
        "id": order.id,
        "client_order_id": order.client_id,
        "created_at": iso(times.created),
        "updated_at": iso(times.updated),
        "submitted_at": iso(times.created),
        "filled_at": _moment(times.filled),
        "expired_at": _moment(times.expired),
        "expires_at": _moment(times.expires),
        "canceled_at": _moment(times.canceled),
        "failed_at": _moment(times.failed),
        "replaced_at": _moment(times.replaced),
        "replaced_by": order.replaced_by,
        "replaces": order.replaces,
        "asset_id": ids.asset(order.symbol),
        "symbol": order.symbol,
        "asset_class": "us_equity",
        "notional": None,
        "qty": text(order.quantity),
        "filled_qty": text(order.filled),
        "filled_avg_price": None if average is None else rounded(average),
        "order_class": order.order_class,
        "order_type": order.type,
        "type": order.type,
        "side": order.side,
        "position_intent": f"{order.side}_to_{'open' if order.opens else 'close'}",
        "time_in_force": order.tif,
        "limit_price": _price(order.limit),
        "stop_price": _price(order.stop),
        "status": order.status,
        "extended_hours": order.extended,
        "legs": [order_row(leg, nested=True) for leg in order.legs]
        if nested and order.legs
        else None,
        "trail_percent": None,
        "trail_price": None,
        "hwm": None,
        "ratio_qty": None,
        "source": None,
        "subtag": None,
    }


def position_row(exchange: Exchange, symbol: str) -> Row:
    """A position, valued at the last price."""
    holding, quote = exchange.account.holdings[symbol], exchange.floor.quote(symbol)
    value = holding.quantity * quote.last
    held = shares_held(exchange.register.working(symbol))
    return {
        "asset_id": ids.asset(symbol),
        "symbol": symbol,
        "exchange": "NASDAQ",
        "asset_class": "us_equity",
        "asset_marginable": True,
        "qty": text(holding.quantity),
        "qty_available": text(holding.quantity - min(held, abs(holding.quantity))),
        "avg_entry_price": rounded(holding.average),
        "side": "long" if holding.quantity > 0 else "short",
        "market_value": rounded(value),
        "cost_basis": rounded(holding.cost),
        **_gains(holding, quote, value),
        "current_price": text(quote.last),
        "lastday_price": text(quote.before),
        "change_today": rounded(_share(quote.last - quote.before, quote.before)),
    }


def _gains(holding: Holding, quote: Quote, value: Decimal) -> Row:
    total, today = value - holding.cost, value - holding.day_cost
    return {
        "unrealized_pl": rounded(total),
        "unrealized_plpc": rounded(_share(total, holding.cost)),
        "unrealized_intraday_pl": rounded(today),
        "unrealized_intraday_plpc": rounded(_share(today, holding.day_cost)),
    }


def account_row(exchange: Exchange) -> Row:
    """The account, without the fields that left with the rule on pattern day trading."""
    account, worths = exchange.account, exchange.worths()
    long = account.value(worths)
    equity = account.cash + long
    power = exchange.buying_power()
    margin = long / account.multiplier
    upkeep = rounded(long * Decimal("0.3"))
    return {
        "id": account.id,
        "account_number": f"PA{int(account.id[:8], 16):010d}",
        "status": "ACTIVE",
        "crypto_status": "INACTIVE",
        "currency": "USD",
        "cash": rounded(account.cash),
        "equity": rounded(equity),
        "last_equity": rounded(account.last_equity),
        "portfolio_value": rounded(equity),
        "position_market_value": rounded(long),
        "long_market_value": rounded(long),
        "short_market_value": "0",
        "buying_power": rounded(power),
        "regt_buying_power": rounded(power),
        "non_marginable_buying_power": rounded(account.cash - exchange.register.reserved()),
        "options_buying_power": "0",
        "effective_buying_power": rounded(power),
        "multiplier": str(account.multiplier),
        "initial_margin": rounded(margin),
        "maintenance_margin": upkeep,
        "last_maintenance_margin": upkeep,
        "sma": "0",
        "accrued_fees": "0",
        "pending_transfer_in": "0",
        "pending_transfer_out": "0",
        "intraday_adjustments": "0",
        "trading_blocked": False,
        "transfers_blocked": False,
        "account_blocked": False,
        "trade_suspended_by_user": False,
        "shorting_enabled": False,
        "created_at": iso(account.created),
        "balance_asof": eastern(account.created).strftime("%Y-%m-%d"),
    }


def fill_row(fill: Fill) -> Row:
    """An execution among the account's activities."""
    kind = "partial_fill" if fill.left else "fill"
    return {
        "id": _activity_id(fill.at, fill.id),
        "activity_type": "FILL",
        "transaction_time": iso(fill.at),
        "type": kind,
        "price": text(fill.price),
        "qty": text(fill.quantity),
        "side": fill.side,
        "symbol": fill.symbol,
        "leaves_qty": text(fill.left),
        "order_id": fill.order_id,
        "cum_qty": text(fill.total),
        "order_status": "partially_filled" if fill.left else "filled",
    }


def flow_row(flow: Flow) -> Row:
    """Money that came or went, among the account's activities."""
    return {
        "id": _activity_id(flow.at, flow.id),
        "activity_type": "CSD" if flow.amount > 0 else "CSW",
        "date": eastern(flow.at).strftime("%Y-%m-%d"),
        "created_at": iso(flow.at),
        "net_amount": text(flow.amount),
        "description": "",
        "status": "executed",
    }


def update(event: str, order: Order, fill: Fill | None, at: int) -> Row:
    """A message of the stream of trade updates."""
    told: Row = {"event": event}
    if fill is not None:
        told |= {
            "execution_id": fill.id,
            "price": text(fill.price),
            "qty": text(fill.quantity),
            "position_qty": text(fill.position),
        }
    told |= {"timestamp": iso(at), "order": order_row(order, nested=True)}
    return {"stream": "trade_updates", "data": told}


def _activity_id(at: int, own: str) -> str:
    return f"{eastern(at):%Y%m%d%H%M%S}{at // 1_000_000 % 1_000:03d}::{own}"


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _price(value: Decimal | None) -> str | None:
    return None if value is None else text(value)


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole if whole else Decimal(0)

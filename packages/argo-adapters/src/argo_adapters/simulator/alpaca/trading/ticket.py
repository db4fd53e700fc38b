"""What a client asks for with `POST /v2/orders`, checked as far as it can be without a market."""

from collections.abc import Mapping
from decimal import Decimal

import orjson
from attrs import frozen

from argo_adapters.simulator.alpaca.trading.decimals import CENT, SHARE, number
from argo_adapters.simulator.alpaca.trading.order import BUY, SELL
from argo_adapters.simulator.alpaca.trading.refusals import invalid, malformed

LONGEST_ID = 128
TYPES = ("market", "limit", "stop", "stop_limit")
CLASSES = ("simple", "bracket", "oto", "oco")

_FINEST = Decimal("0.0001")


@frozen
class StopLoss:
    """The leg that limits a loss; with a limit it is a stop_limit order."""

    stop: Decimal
    limit: Decimal | None


@frozen
class Ticket:
    """An order that is well-formed. Trailing stops, auctions and notional orders are not taken."""

    symbol: str
    side: str
    type: str
    tif: str
    quantity: Decimal
    order_class: str
    client_id: str | None
    limit: Decimal | None
    stop: Decimal | None
    extended: bool
    take_profit: Decimal | None
    stop_loss: StopLoss | None


def parse(raw: bytes) -> Mapping[str, object]:
    """A JSON object, or 422."""
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        malformed("request body format is invalid")
    if not isinstance(found, dict):
        malformed("request body format is invalid")
    return found


def ticket(fields: Mapping[str, object]) -> Ticket:
    """The order in the body, or 422."""
    symbol = fields.get("symbol")
    if not isinstance(symbol, str) or not symbol:
        malformed("symbol is required")
    if fields.get("notional") is not None:
        invalid("notional orders are not simulated")
    quantity = positive(fields, "qty")
    if quantity is None:
        malformed("qty or notional is required")
    if quantity != quantity.quantize(SHARE):
        invalid("qty must be limited to 9 decimal places")
    order_class = _one_of(fields, "order_class", CLASSES, "simple")
    take_profit, stop_loss = _take_profit(fields), _stop_loss(fields)
    limit, kind = price(fields, "limit_price"), _one_of(fields, "type", TYPES)
    if order_class == "oco":
        if kind != "limit":
            invalid("oco orders must be limit orders")
        limit = limit or take_profit
    made = Ticket(
        symbol,
        _one_of(fields, "side", (BUY, SELL)),
        kind,
        _one_of(fields, "time_in_force", ("day", "gtc")),
        quantity,
        order_class,
        client_id(fields),
        limit,
        price(fields, "stop_price"),
        fields.get("extended_hours") is True,
        take_profit,
        stop_loss,
    )
    _check(made)
    return made


def positive(fields: Mapping[str, object], name: str) -> Decimal | None:
    """A positive number, None where it is absent, 422 for anything else."""
    if fields.get(name) is None:
        return None
    found = number(fields[name])
    if found is None:
        malformed(f"{name} must be a number")
    if found <= 0:
        malformed(f"{name} must be > 0")
    return found


def price(fields: Mapping[str, object], name: str) -> Decimal | None:
    """A price: whole cents from a dollar up, hundredths of a cent below."""
    found = positive(fields, name)
    if found is not None and found != found.quantize(CENT if found >= 1 else _FINEST):
        invalid("sub-penny increment does not fulfill minimum pricing criteria")
    return found


def client_id(fields: Mapping[str, object]) -> str | None:
    """The client's own name for the order, if it gave one."""
    found = fields.get("client_order_id")
    if found is None or found == "":
        return None
    if not isinstance(found, str) or len(found) > LONGEST_ID:
        malformed(f"client_order_id must be no more than {LONGEST_ID} characters")
    return found


def _one_of(
    fields: Mapping[str, object], name: str, allowed: tuple[str, ...], default: str = ""
) -> str:
    found = fields.get(name) or default
    if found not in allowed:
        malformed(f"invalid {name}" if found else f"{name} is required")
    return str(found)


def _leg(fields: Mapping[str, object], name: str) -> Mapping[str, object] | None:
    found = fields.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        malformed(f"invalid {name}")
    return found


def _take_profit(fields: Mapping[str, object]) -> Decimal | None:
    leg = _leg(fields, "take_profit")
    if leg is None:
        return None
    limit = price(leg, "limit_price")
    if limit is None:
        malformed("take_profit.limit_price is required")
    return limit


def _stop_loss(fields: Mapping[str, object]) -> StopLoss | None:
    leg = _leg(fields, "stop_loss")
    if leg is None:
        return None
    stop = price(leg, "stop_price")
    if stop is None:
        malformed("stop_loss.stop_price is required")
    return StopLoss(stop, price(leg, "limit_price"))


def _check(made: Ticket) -> None:
    kind = made.type
    if (made.limit is None) == (kind in {"limit", "stop_limit"}):
        need = "is required for" if made.limit is None else "is not allowed for"
        malformed(f"limit_price {need} {kind} orders")
    if (made.stop is None) == (kind in {"stop", "stop_limit"}):
        need = "is required for" if made.stop is None else "is not allowed for"
        malformed(f"stop_price {need} {kind} orders")
    if made.extended and kind != "limit":
        invalid("extended hours order must be DAY or GTC limit orders")
    whole = made.quantity == made.quantity.to_integral_value()
    if not whole and made.order_class != "simple":
        invalid("fractional orders must be simple orders")
    if not whole and made.tif != "day":
        invalid("fractional orders must be DAY orders")
    if made.order_class != "simple":
        _check_class(made)
    elif made.take_profit is not None or made.stop_loss is not None:
        malformed("take_profit and stop_loss are for complex orders")


def _check_class(made: Ticket) -> None:
    name, legs = made.order_class, (made.take_profit, made.stop_loss)
    if made.extended:
        invalid(f"extended hours are not allowed for {name} orders")
    if name == "oto":
        if (legs[0] is None) == (legs[1] is None):
            invalid("oto orders require either take_profit or stop_loss")
    elif None in legs:
        invalid(f"{name} orders require take_profit and stop_loss")
    if made.type not in {"market", "limit"}:
        invalid(f"{name} orders must be entered with market or limit orders")
    if made.take_profit is not None and made.stop_loss is not None:
        # An OCO closes what a bracket opens, so its sides are the other way round.
        is_long = (made.side == BUY) != (name == "oco")
        gain = made.take_profit - made.stop_loss.stop
        if gain <= 0 if is_long else gain >= 0:
            word = ">" if is_long else "<"
            invalid(f"take_profit.limit_price must be {word} stop_loss.stop_price")

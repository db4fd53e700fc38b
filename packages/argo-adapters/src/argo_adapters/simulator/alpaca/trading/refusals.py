"""The bodies with which Alpaca's trading host says no."""

from decimal import Decimal
from typing import NoReturn

from argo_adapters.simulator.alpaca.trading.decimals import text
from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.wire import Reply, answer, refuse

NOT_UNIQUE = 40010001
FORBIDDEN = 40310000
NOT_FOUND = 40410000
INVALID = 42210000


def body(code: int, message: str, status: int) -> Reply:
    """A plain refusal."""
    return answer({"code": code, "message": message}, status)


UNAUTHORISED = body(40110000, "request is not authorized", 401)
THROTTLED = body(42910000, "rate limit exceeded", 429)
FAILED = body(50010000, "internal server error", 500)

REFUSALS = {
    Fault.THROTTLED: (THROTTLED,),
    Fault.SERVER_ERROR: (FAILED,),
    Fault.WRONG_KEY: (UNAUTHORISED,),
    Fault.NOT_ENTITLED: (body(FORBIDDEN, "account is restricted from trading", 403),),
    Fault.OUT_OF_CREDIT: (body(FORBIDDEN, "account is restricted from trading", 403),),
    Fault.REFUSED_OK: (answer({"code": 50010000, "message": "internal server error"}),),
}


def invalid(message: str, **extras: str) -> NoReturn:
    """422: the order makes no sense to the exchange."""
    refuse({**extras, "code": INVALID, "message": message}, 422)


def malformed(message: str) -> NoReturn:
    """422 with the code that bad input shares with a repeated client's id."""
    refuse({"code": NOT_UNIQUE, "message": message}, 422)


def not_unique() -> NoReturn:
    """422: an order with that client's id is there already."""
    malformed("client_order_id must be unique")


def no_order() -> NoReturn:
    refuse({"code": NOT_FOUND, "message": "order not found"}, 404)


def no_position() -> NoReturn:
    refuse({"code": NOT_FOUND, "message": "position does not exist"}, 404)


def no_asset(name: str) -> NoReturn:
    refuse({"code": NOT_FOUND, "message": f"asset not found for {name[:40]}"}, 404)


def no_buying_power(available: Decimal, cost: Decimal) -> NoReturn:
    """403: an entry that the account cannot pay for."""
    extras = {"buying_power": text(available), "cost_basis": text(cost)}
    refuse({**extras, "code": FORBIDDEN, "message": "insufficient buying power"}, 403)


def no_shorts() -> NoReturn:
    refuse({"code": FORBIDDEN, "message": "account is not allowed to short"}, 403)


def no_shares(symbol: str, asked: Decimal, owned: Decimal, held: Decimal) -> NoReturn:
    """403: other orders hold the shares, or there are fewer."""
    free = text(owned - held)
    message = f"insufficient qty available for order (requested: {text(asked)}, available: {free})"
    extras = {"available": free, "existing_qty": text(owned), "held_for_orders": text(held)}
    refuse({**extras, "code": FORBIDDEN, "message": message, "symbol": symbol}, 403)


def wash_trade(kind: str, order_id: str) -> NoReturn:
    """403: the order could meet one of the account's own."""
    reason = "opposite side limit order exists"
    if kind != "limit":
        reason = "opposite side market/stop order exists"
    extras = {"existing_order_id": order_id, "reject_reason": reason}
    message = "potential wash trade detected. use complex orders"
    refuse({**extras, "code": FORBIDDEN, "message": message}, 403)

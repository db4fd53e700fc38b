"""Orders as Alpaca wants to be asked for them; every number is text, so none is rounded."""

from decimal import Decimal

from argo_core.trading.order import OrderRequest


def order_body(request: OrderRequest) -> dict[str, object]:
    """The body of `POST /v2/orders`."""
    body: dict[str, object] = {
        "symbol": request.symbol,
        "qty": _text(request.quantity),
        "side": request.side.lower(),
        "type": str(request.type),
        "time_in_force": str(request.good_till),
        "client_order_id": request.id,
    }
    body |= _prices(request)
    if request.extended:
        body["extended_hours"] = True
    if request.bracket:
        # Without a target there is one leg alone, which Alpaca calls one-triggers-other.
        body["order_class"] = "oto" if request.bracket.target is None else "bracket"
        body["stop_loss"] = {"stop_price": _text(request.bracket.stop)}
        if request.bracket.target is not None:
            body["take_profit"] = {"limit_price": _text(request.bracket.target)}
    return body


def replacement_body(request: OrderRequest) -> dict[str, object]:
    """The body of `PATCH /v2/orders/{id}`."""
    return {"qty": _text(request.quantity), "client_order_id": request.id, **_prices(request)}


def _prices(request: OrderRequest) -> dict[str, object]:
    prices = {"limit_price": request.limit, "stop_price": request.stop}
    return {name: _text(price) for name, price in prices.items() if price is not None}


def _text(number: Decimal) -> str:
    # Never with an exponent.
    return f"{number:f}"

"""What trading did as a log entry, and by what both are known to be the same."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TypeAlias

from argo_core.codec.members import common
from argo_core.ledger.canonical import Scalar, decimal_text, scale_of
from argo_core.ledger.entry import Entry, encode_entry
from argo_core.market.moment import aware, to_micros
from argo_core.trading.trade import Trade

FINEST = 9
"""So many decimals are kept: what was computed from averages may have more than any price has."""

TradeKey: TypeAlias = tuple[Scalar | None, ...]
"""Two trades of one record that agree on it are one, or the same thing happened twice."""

_MEMBERS = ("order_id", "event", "execution_id", "quantity", "at_us")
_STEP = Decimal(1).scaleb(-FINEST)
_ROOM = Context(prec=40, rounding=ROUND_HALF_EVEN)


def trade_entry(trade: Trade, log: str, strategy: str, seq: int, decided_at: datetime) -> bytes:
    """The canonical log entry of a trade; decimals are rounded to `FINEST`, half to even.

    Raises:
        InvalidInput: a value cannot be written down.
    """
    return encode_entry({**common("trade", log, strategy, seq, decided_at), **_members(trade)})


def key_of(trade: Trade) -> TradeKey:
    """What the trade's entry has the same."""
    members = _members(trade)
    return tuple(members.get(name) for name in _MEMBERS)


def entry_key(entry: Entry) -> TradeKey:
    """What the entry's trade has the same."""
    return tuple(entry.fields.get(name) for name in _MEMBERS)


def _members(trade: Trade) -> dict[str, Scalar]:
    optional: dict[str, Scalar | None] = {
        "price": None if trade.price is None else _text(trade.price),
        "fee": None if trade.fee is None else _text(trade.fee),
        "signal_index": trade.signal_index,
        "execution_id": trade.execution_id,
    }
    return {
        "order_id": trade.order_id,
        "symbol": str(trade.symbol),
        "side": trade.side.value,
        "event": trade.event.value,
        "quantity": _text(trade.quantity),
        "broker": trade.broker,
        "at_us": to_micros(aware("at", trade.at)),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _text(value: Decimal) -> str:
    if scale_of(value) > FINEST:
        value = value.quantize(_STEP, context=_ROOM)
    return decimal_text(value, scale_of(value))

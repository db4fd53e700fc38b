"""`trade`: what trading on paper did, so that the record includes what was traded."""

from argo_core.ledger.kinds.common import COMMON, SYMBOL
from argo_core.ledger.schema import COUNT, DECIMAL, MICROS, WORD, Kind, Text

TRADE = Kind(
    required={
        **COMMON,
        "order_id": WORD,
        "symbol": SYMBOL,
        "side": Text("BUY|SELL", "BUY or SELL"),
        "event": Text("submitted|filled|cancelled|rejected|expired", "what happened to the order"),
        "quantity": DECIMAL,
        "broker": WORD,
        "at_us": MICROS,
    },
    optional={"price": DECIMAL, "fee": DECIMAL, "signal_index": COUNT, "execution_id": WORD},
)

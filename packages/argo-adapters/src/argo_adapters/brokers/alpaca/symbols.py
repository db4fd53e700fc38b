"""Alpaca's spelling of what is traded."""

from argo_adapters.http.fields import Node
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol

# Pairs are quoted in these; the longer ones first, because USDT ends like USD does not.
_QUOTED_IN = ("USDT", "USDC", "USD", "BTC")
_LONGEST = 32


def symbol_of(node: Node, asset_class: Node | None) -> Symbol:
    """Our spelling of it.

    Positions write `BTCUSD` where orders write `BTC/USD`. What we could never trade, such as an
    option, stays as it is written: it must be seen, and be found to be strange.

    Raises:
        VendorGarbled: it is no name of anything.
    """
    text = node.text()
    if asset_class is not None and asset_class.text() == "crypto" and "/" not in text:
        text = _pair(text)
    try:
        return parse_symbol(text)
    except InvalidInput:
        if not 0 < len(text) <= _LONGEST or not text.isascii() or not text.isprintable():
            raise node.refused("a symbol") from None
        return Symbol(text)


def _pair(text: str) -> str:
    for quoted in _QUOTED_IN:
        if text.endswith(quoted) and text != quoted:
            return f"{text.removesuffix(quoted)}/{quoted}"
    return text

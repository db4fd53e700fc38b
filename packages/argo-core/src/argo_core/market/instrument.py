"""What can be traded, and the grid its prices live on."""

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from enum import StrEnum
from typing import NewType

from attrs import field, frozen

from argo_core.errors import InvalidInput

Symbol = NewType("Symbol", str)

_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}(?:\.[A-Z]{1,2}|/[A-Z]{3,4})?")


class AssetClass(StrEnum):
    """Decides the session table and which vendor endpoint knows the instrument."""

    STOCK = "stock"
    CRYPTO = "crypto"


def parse_symbol(text: object) -> Symbol:
    """Argo's own spelling: `AAPL`, `BRK.B`, `BTC/USD`. Vendors' spellings live in their adapters.

    Raises:
        InvalidInput: `text` is not such a symbol.
    """
    if not isinstance(text, str) or not _SYMBOL.fullmatch(text):
        problem = f"{str(text)[:40]!r} is not a symbol"
        raise InvalidInput("symbol", problem, "write it like AAPL, BRK.B or BTC/USD")
    return Symbol(text)


def _check_tick(_instance: object, _attribute: object, tick: Decimal) -> None:
    if not tick.is_finite() or tick <= 0:
        raise InvalidInput("tick", f"{tick} is not a price step", "give a positive decimal")


@frozen
class Instrument:
    """A symbol with its asset class and `tick`, the smallest price step in quote currency."""

    symbol: Symbol = field(converter=parse_symbol)
    asset_class: AssetClass
    tick: Decimal = field(default=Decimal("0.01"), validator=_check_tick)

    def __attrs_post_init__(self) -> None:
        pair = "/" in self.symbol
        if pair != (self.asset_class is AssetClass.CRYPTO):
            raise InvalidInput(
                "asset_class",
                f"{self.symbol} cannot be {self.asset_class}",
                "a pair such as BTC/USD is crypto, everything else is a stock",
            )

    def on_tick(self, price: Decimal) -> Decimal:
        """The nearest price on this instrument's grid, ties to even.

        Raises:
            InvalidInput: the price has more digits than decimals are reckoned with.
        """
        try:
            steps = (price / self.tick).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        except InvalidOperation:
            problem = f"{price:.3e} is no price"
            raise InvalidInput("price", problem, "give one of a few digits") from None
        return steps * self.tick


def instrument(text: str) -> Instrument:
    """The instrument a bare symbol means: a pair is crypto, everything else a US stock.

    Both have a tick of one cent, the US stocks' step above one dollar (SEC Rule 612).
    """
    symbol = parse_symbol(text)
    return Instrument(symbol, AssetClass.CRYPTO if "/" in symbol else AssetClass.STOCK)

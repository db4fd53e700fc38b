"""The best bid and offer an order meets: the tape's, or scripted ones in their place."""

from decimal import Decimal

from attrs import frozen

from argo_adapters.simulator.alpaca.trading.decimals import CENT
from argo_adapters.simulator.market import Market
from argo_core.market.instrument import AssetClass, Symbol


@frozen
class Quote:
    """Prices of one moment; 0 where a side has nobody. `before` is the close of the day before."""

    bid: Decimal
    ask: Decimal
    last: Decimal
    before: Decimal


class Prices:
    """Quotes of stocks. A scripted one stands until it is taken away."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._scripted: dict[str, tuple[Decimal, Decimal]] = {}
        self.halted: set[str] = set()

    def knows(self, symbol: str) -> bool:
        """Whether it is a stock on the tape."""
        found = self._market.instruments.get(Symbol(symbol))
        return found is not None and found.asset_class is AssetClass.STOCK

    def symbols(self) -> list[str]:
        """Every stock, in order."""
        return [symbol for symbol in self._market.instruments if self.knows(symbol)]

    def script(self, symbol: str, bid: Decimal, ask: Decimal) -> None:
        """These from now on."""
        self._scripted[symbol] = bid, ask

    def unscript(self, symbol: str) -> None:
        """The tape's again."""
        self._scripted.pop(symbol, None)

    def scripted(self, symbol: str) -> tuple[Decimal, Decimal] | None:
        """The prices that stand in for the tape's, if any do."""
        return self._scripted.get(symbol)

    def quote(self, symbol: str, at: int) -> Quote | None:
        """The prices at that moment; None when the stock has never traded and nothing is said."""
        view = self._market.view(Symbol(symbol), at)
        scripted = self._scripted.get(symbol)
        if scripted is not None:
            sides = [side for side in scripted if side]
            last = (sum(sides, Decimal(0)) / max(1, len(sides))).quantize(CENT)
        elif view is None:
            return None
        else:
            last = Decimal(str(view.price))
            scripted = Decimal(str(view.bid)), Decimal(str(view.ask))
        before = last
        if view is not None and view.before:
            before = Decimal(str(view.before[0].close))
        return Quote(*scripted, last, before)

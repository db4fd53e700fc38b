"""Prices and past bars as somebody tells them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.errors import VendorError
from argo_core.market.bar import Bar
from argo_core.market.instrument import Instrument, Symbol, parse_symbol
from argo_core.market.quote import Quote
from argo_core.ports import Answer, Clock, Missing

FAKE = SourceName("fake")


@frozen
class _Told:
    price: Decimal
    at: datetime | None
    bid: Decimal | None
    ask: Decimal | None


class FakeQuotes:
    """Satisfies `Quotes` and `History`. Tell it a `price`; put bars into `bars`, in any order.

    Set `failing` to an error, and every ask raises it until it is None again. An ask takes
    `seconds` on the clock and costs `calls`. `asked` keeps who was asked about, ask by ask.
    """

    def __init__(self, clock: Clock, *, name: SourceName = FAKE, feed: str = "fake") -> None:
        self.failing: VendorError | None = None
        self.seconds = 0.0
        self.calls = 1
        self.asked: list[tuple[Symbol, ...]] = []
        self.bars: list[Bar] = []
        self._clock = clock
        self._name = name
        self._feed = feed
        self._told: dict[Symbol, _Told] = {}

    @property
    def name(self) -> SourceName:
        return self._name

    def price(
        self,
        symbol: str,
        price: str,
        *,
        at: datetime | None = None,
        bid: str | None = None,
        ask: str | None = None,
    ) -> None:
        """Quote this from now on; without `at` the price is always of this very moment."""
        sides = (None if side is None else Decimal(side) for side in (bid, ask))
        self._told[parse_symbol(symbol)] = _Told(Decimal(price), at, *sides)

    def forget(self, symbol: str) -> None:
        """Have no price of `symbol` any more."""
        self._told.pop(parse_symbol(symbol), None)

    async def quotes(self, asked: Sequence[Instrument]) -> Answer[Quote]:
        if not await self._ask(asked):
            return Answer((), calls=0)
        found = tuple(self._quote(one) for one in asked if one.symbol in self._told)
        missing = tuple(one.symbol for one in asked if one.symbol not in self._told)
        return Answer(
            found, tuple(Missing(one, "no price was told") for one in missing), self.calls
        )

    async def minute_bars(
        self, asked: Sequence[Instrument], since: datetime, until: datetime
    ) -> Answer[Bar]:
        if not await self._ask(asked):
            return Answer((), calls=0)
        symbols = {one.symbol for one in asked}
        inside = (
            b for b in self.bars if b.symbol in symbols and since <= b.start <= b.end <= until
        )
        found = tuple(sorted(inside, key=lambda bar: (bar.symbol, bar.start)))
        without = sorted(symbols - {bar.symbol for bar in found})
        return Answer(
            found, tuple(Missing(one, "no bars were told") for one in without), self.calls
        )

    async def _ask(self, asked: Sequence[Instrument]) -> bool:
        self.asked.append(tuple(one.symbol for one in asked))
        if not asked:
            return False
        await self._clock.sleep(self.seconds)
        if self.failing is not None:
            raise self.failing
        return True

    def _quote(self, asked: Instrument) -> Quote:
        told, now = self._told[asked.symbol], self._clock.now()
        return Quote(
            asked.symbol,
            asked.on_tick(told.price),
            told.at or now,
            now,
            self._feed,
            told.bid,
            told.ask,
        )

"""A stream of market data that tells what it is told to tell: port `MarketStream`."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from decimal import Decimal

from argo_core.market.halt import Halt
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.ports import Clock
from argo_core.trading.broker_view import StreamGap
from argo_core.trading.ticks import Tick, Ticks

MOST = 30


class FakeMarketStream:
    """Made for `symbols`; `watched` are those whose quotes are wanted, `most` of them at most.

    Set `failing` to an error, and the next to listen, or who does already, gets it.
    """

    def __init__(self, clock: Clock, symbols: Sequence[str], *, most: int = MOST) -> None:
        self.watched: tuple[Symbol, ...] = ()
        self.dropped = 0
        self.failing: Exception | None = None
        self._clock = clock
        self._symbols = frozenset(symbols)
        self._most = most
        self._ticks: Ticks | None = None

    @property
    def connected(self) -> bool:
        return self._ticks is not None

    # What happens at the market.

    def quote(self, symbol: str, bid: str, ask: str, *, at: datetime | None = None) -> None:
        """A new quote, told if it is wanted; an empty side is none."""
        name, now = Symbol(symbol), self._clock.now()
        low, high = (Decimal(side) if side else None for side in (bid, ask))
        sides = [side for side in (low, high) if side is not None]
        if name in self.watched:
            price = sum(sides, Decimal(0)) / len(sides)
            self._tell(Quote(name, price, at or now, now, "fake", low, high))

    def halt(self, symbol: str, *, at: datetime | None = None) -> None:
        """Trading of it stops."""
        self._tell(Halt(Symbol(symbol), halted=True, at=at or self._clock.now(), reason="T1"))

    def resume(self, symbol: str, *, at: datetime | None = None) -> None:
        """Trading of it goes on."""
        self._tell(Halt(Symbol(symbol), halted=False, at=at or self._clock.now()))

    def break_off(self) -> None:
        """What nobody has taken yet is lost, but for halts, and it begins anew."""
        self._tell(StreamGap(self._clock.now()))

    # The port.

    def watch(self, symbols: Sequence[Symbol]) -> None:
        self.watched = tuple(one for one in symbols if one in self._symbols)[: self._most]

    async def ticks(self) -> AsyncGenerator[Tick, None]:
        self._ticks = ticks = Ticks()
        ticks.put(StreamGap(self._clock.now()))
        try:
            while True:
                tick = await ticks.take()
                if self.failing is not None:
                    failing, self.failing = self.failing, None
                    raise failing
                yield tick
        finally:
            self._ticks = None

    def _tell(self, tick: Tick) -> None:
        if self._ticks is not None and (
            isinstance(tick, StreamGap) or tick.symbol in self._symbols
        ):
            self._ticks.put(tick)

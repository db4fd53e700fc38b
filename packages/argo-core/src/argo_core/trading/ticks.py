"""What a stream of market data has told and nobody has taken yet."""

import asyncio
from typing import TypeAlias

from argo_core.market.halt import Halt
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.broker_view import StreamGap

Tick: TypeAlias = Quote | Halt | StreamGap


class Ticks:
    """Bounded by the number of symbols: only the newest quote and halt of each are kept.

    Whoever is slow is told less often, and then what is so now. A gap is told before all that came
    after it; quotes from before it are no news any more.
    """

    def __init__(self) -> None:
        self._waiting: dict[tuple[type[Tick], Symbol | None], Tick] = {}
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, tick: Tick) -> None:
        """Keep it, in the place of what it makes old."""
        if isinstance(tick, StreamGap):
            self._waiting = {key: one for key, one in self._waiting.items() if key[0] is Halt}
            key: tuple[type[Tick], Symbol | None] = (StreamGap, None)
        else:
            key = (type(tick), tick.symbol)
        # What is taken out and put in again is the last in line.
        self._waiting.pop(key, None)
        self._waiting[key] = tick
        self._news.set()

    async def take(self) -> Tick:
        """What has waited longest, as soon as there is something."""
        while not self._waiting:
            self._news.clear()
            # Nothing may happen for a night.
            await self._news.wait()
        return self._waiting.pop(next(iter(self._waiting)))

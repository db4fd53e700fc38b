"""One instrument's bars, arranged so that its state at any moment is found quickly."""

from array import array
from bisect import bisect_right

from attrs import define, frozen

from argo_adapters.simulator.stamps import MINUTE, midnight
from argo_core.backtest.path import ticks
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument
from argo_core.market.moment import to_micros

_MINUTES_KEPT = 2


@frozen
class Candle:
    """What a price did since `start` in nanoseconds; `count` is an invented number of trades."""

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    vwap: float
    count: int


@frozen
class Print:
    """A price on the path: `steps` counts the instrument's ticks, `at` is nanoseconds."""

    at: int
    price: float
    volume: float
    steps: int


@frozen
class Known:
    """What is known at a moment: the last print, and which bars are complete.

    `complete` is the index of the last complete bar, -1 before the first; `forming` is the minute
    under way, from the prints so far.
    """

    last: Print
    complete: int
    forming: Candle | None


@define
class _Day:
    start: int
    first: int
    last: int


class Series:
    """Answers are made of bars that ended and prints that happened, never of later ones."""

    def __init__(self, instrument: Instrument, bars: tuple[Bar, ...], seed: int) -> None:
        self.instrument = instrument
        self._whole = instrument.asset_class is AssetClass.STOCK
        self._seed = seed
        self._bars = bars
        self.starts = [to_micros(bar.start) * 1000 for bar in bars]
        self.days: list[_Day] = []
        self._high, self._low, self._volume, self._worth = (array("d") for _ in range(4))
        self._count = array("q")
        for index, bar in enumerate(bars):
            self._take(index, bar)
        self._minutes: dict[int, list[Print]] = {}

    def known(self, now: int) -> Known | None:
        """What is known at `now`; None before the first print."""
        index = bisect_right(self.starts, now) - 1
        if index < 0:
            return None
        prints = self._prints(index)
        if now >= self.starts[index] + MINUTE:
            return Known(prints[-1], index, None)
        seen = [each for each in prints if each.at <= now]
        return Known(seen[-1], index - 1, self._forming(self.starts[index], seen))

    def complete_before(self, at: int) -> int:
        """The index of the last bar that ended at or before `at`, -1 if there is none."""
        return bisect_right(self.starts, at - MINUTE) - 1

    def minute(self, index: int) -> Candle:
        """A whole minute."""
        bar = self._bars[index]
        typical = (bar.open + bar.high + bar.low + bar.close) / 4
        volume = self._shares(bar.volume)
        prices = bar.open, bar.high, bar.low, bar.close
        return Candle(self.starts[index], *prices, volume, round(typical, 4), _trades(volume))

    def close(self, index: int) -> float:
        """The last price of a whole minute."""
        return self._bars[index].close

    def day_until(self, day: int, index: int) -> Candle | None:
        """A New York day from its first bar to the bar at `index`; None if it has none so far."""
        frame = self.days[day]
        if index < frame.first:
            return None
        index = min(index, frame.last)
        volume = self._volume[index]
        vwap = self._worth[index] / volume if volume else self.close(index)
        return Candle(
            frame.start,
            self._bars[frame.first].open,
            self._high[index],
            self._low[index],
            self.close(index),
            self._shares(volume),
            round(vwap, 4),
            self._count[index],
        )

    def day_of(self, at: int) -> int:
        """The index of the last day that began at or before `at`, -1 if there is none."""
        return bisect_right(self.days, at, key=lambda day: day.start) - 1

    def warm(self, now: int) -> None:
        """Lay out the path of the minute at `now` before anybody asks; tells nobody anything."""
        index = bisect_right(self.starts, now) - 1
        if index >= 0:
            self._prints(index)

    def _take(self, index: int, bar: Bar) -> None:
        start = midnight(self.starts[index])
        fresh = not self.days or self.days[-1].start != start
        if fresh:
            self.days.append(_Day(start, index, index))
        self.days[-1].last = index
        typical = (bar.open + bar.high + bar.low + bar.close) / 4
        self._high.append(bar.high if fresh else max(self._high[-1], bar.high))
        self._low.append(bar.low if fresh else min(self._low[-1], bar.low))
        self._volume.append(bar.volume + (0 if fresh else self._volume[-1]))
        self._worth.append(bar.volume * typical + (0 if fresh else self._worth[-1]))
        trades = _trades(bar.volume)
        self._count.append(trades + (0 if fresh else self._count[-1]))

    def _prints(self, index: int) -> list[Print]:
        prints = self._minutes.get(index)
        if prints is None:
            tick = self.instrument.tick
            path = ticks(self._bars[index], self.instrument, self._seed)
            prints = [
                Print(
                    to_micros(each.at) * 1000,
                    float(each.price),
                    self._shares(each.volume),
                    int(each.price / tick),
                )
                for each in path
            ]
            # The minute under way and the one prepared for the next beat.
            while len(self._minutes) >= _MINUTES_KEPT:
                del self._minutes[next(iter(self._minutes))]
            self._minutes[index] = prints
        return prints

    def _forming(self, start: int, seen: list[Print]) -> Candle:
        prices = [each.price for each in seen]
        volume = sum(each.volume for each in seen)
        worth = sum(each.volume * each.price for each in seen)
        return Candle(
            start,
            prices[0],
            max(prices),
            min(prices),
            prices[-1],
            self._shares(volume),
            round(worth / volume, 4) if volume else prices[-1],
            _trades(volume),
        )

    def _shares(self, volume: float) -> float:
        return int(volume) if self._whole else round(volume, 8)


def _trades(volume: float) -> int:
    return max(1, int(volume) // 40)

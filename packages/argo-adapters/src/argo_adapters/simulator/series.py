"""One instrument's bars, arranged so that its state at any moment is found quickly."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from attrs import frozen

from argo_adapters.simulator.stamps import HOUR, MINUTE, midnight, nanoseconds
from argo_adapters.simulator.tally import Candle, Tally, shares, trades, typical
from argo_core.backtest.dice import uniforms
from argo_core.backtest.path import ticks
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument

# The minute under way and the one prepared for the next.
_PATHS_KEPT = 2


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


@frozen
class Day:
    """A New York day that has bars: when it began, its first bar and its last."""

    start: int
    first: int
    last: int


class Series:
    """Answers are made of bars that ended and prints that happened, never of later ones."""

    def __init__(self, instrument: Instrument, bars: tuple[Bar, ...], seed: int) -> None:
        self.instrument = instrument
        self.starts = [nanoseconds(bar.start) for bar in bars]
        self.days = list(_days(self.starts))
        self.salt = int(next(uniforms(seed, "salt", instrument.symbol)) * (1 << 53))
        self._tick = float(instrument.tick)
        self._places = -int(instrument.tick.as_tuple().exponent)
        self._whole = instrument.asset_class is AssetClass.STOCK
        self._seed = seed
        self._bars = bars
        self._paths: dict[int, list[Print]] = {}
        self._ended: dict[int, Candle] = {}
        self._running = -1, 0, Tally(0, self._whole)

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

    def price(self, steps: int) -> float:
        """So many of the instrument's ticks as a price."""
        return round(steps * self._tick, self._places)

    def complete_before(self, at: int) -> int:
        """The index of the last bar that ended at or before `at`, -1 if there is none."""
        return bisect_right(self.starts, at - MINUTE) - 1

    def minute(self, index: int) -> Candle:
        """A whole minute."""
        bar = self._bars[index]
        return Candle(
            self.starts[index],
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            shares(bar.volume, whole=self._whole),
            round(typical(bar), 4),
            trades(bar.volume),
        )

    def close(self, index: int) -> float:
        """The last price of a whole minute."""
        return self._bars[index].close

    def day(self, day: int) -> Candle:
        """A whole New York day."""
        if day not in self._ended:
            frame = self.days[day]
            tally = Tally(frame.start, self._whole)
            for bar in self._bars[frame.first : frame.last + 1]:
                tally.add(bar)
            self._ended[day] = tally.candle()
        return self._ended[day]

    def day_until(self, day: int, index: int) -> Candle | None:
        """A New York day from its first bar to the bar at `index`; None if it has none so far."""
        frame = self.days[day]
        if index < frame.first:
            return None
        if index >= frame.last:
            return self.day(day)
        running, following, tally = self._running
        if running != day or following > index + 1:
            following, tally = frame.first, Tally(frame.start, self._whole)
        for bar in self._bars[following : index + 1]:
            tally.add(bar)
        self._running = day, index + 1, tally
        return tally.candle()

    def day_of(self, at: int) -> int:
        """The index of the last day that began at or before `at`, -1 if there is none."""
        return bisect_right(self.days, at, key=_start) - 1

    def warm(self, now: int) -> None:
        """Lay out the path of the minute at `now` before anybody asks; tells nobody anything."""
        index = bisect_right(self.starts, now) - 1
        if index >= 0:
            self._prints(index)

    def _prints(self, index: int) -> list[Print]:
        prints = self._paths.get(index)
        if prints is None:
            tick = self.instrument.tick
            prints = [
                Print(
                    nanoseconds(each.at),
                    float(each.price),
                    shares(each.volume, whole=self._whole),
                    int(each.price / tick),
                )
                for each in ticks(self._bars[index], self.instrument, self._seed)
            ]
            while len(self._paths) >= _PATHS_KEPT:
                del self._paths[next(iter(self._paths))]
            self._paths[index] = prints
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
            shares(volume, whole=self._whole),
            round(worth / volume, 4) if volume else prices[-1],
            trades(volume),
        )


def _days(starts: list[int]) -> Iterator[Day]:
    first = 0
    while first < len(starts):
        start = midnight(starts[first])
        # A day lasts 23 to 25 hours, so this is the next one, whichever it is.
        after = bisect_left(starts, midnight(start + 26 * HOUR), first + 1)
        yield Day(start, first, after - 1)
        first = after


def _start(day: Day) -> int:
    return day.start

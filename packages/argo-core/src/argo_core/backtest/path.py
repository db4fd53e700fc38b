"""A documented, seeded path of prices through each minute bar, one every five seconds.

A bar tells where the price was four times in a minute, and not when. The path fills that in:

1. Tick 0 is the open and tick 11 the close. The high and the low, where neither of those is one,
   get a tick of their own in between, at places drawn from the seed.
2. A rising bar visits its low first three times in four, a falling bar its high; a bar that ends
   where it began tosses a coin.
3. Between those anchors runs a Brownian bridge. Its step is such that twelve ticks would span the
   bar's range on average: the mean range of a Brownian path of n steps is sqrt(8n/pi) deviations
   (Feller, "The asymptotic distribution of the range", 1951). Whatever leaves [low, high] is put
   back on the edge it crossed.
4. The bar's volume is dealt out over the ticks in seeded shares, in whole shares or 1e-8 coins.

Everything lies on the instrument's tick. Stocks do trade between ticks (at midpoints), so a bar's
own prices are first rounded to the nearest one; order survives rounding. A minute without a bar
has no ticks: what was missing stays missing.
"""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise

from attrs import frozen

from argo_core.backtest.dice import uniforms
from argo_core.errors import InvalidInput
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.instrument import AssetClass, Instrument
from argo_core.market.moment import to_micros

STEP = timedelta(seconds=5)
PER_MINUTE = MINUTE // STEP
LAST = PER_MINUTE - 1

# The expected range of a Brownian path over the minute, in deviations of one step.
_SPAN = math.sqrt(8 * LAST / math.pi)
_USUAL_ORDER = 0.75
_COIN = Decimal("0.00000001")


@frozen
class Tick:
    """A price on the instrument's grid at `at`, and the volume traded since the tick before."""

    at: datetime
    price: Decimal
    volume: float


def ticks(bar: Bar, instrument: Instrument, seed: int) -> tuple[Tick, ...]:
    """The twelve ticks of a bar, at its start and every five seconds after.

    Raises:
        InvalidInput: the instrument's tick is too coarse for the bar's prices.
    """
    chance = uniforms(seed, bar.symbol, to_micros(bar.start))
    at_tick = {name: _steps(getattr(bar, name), instrument) for name in _FOUR}
    prices = _prices(**at_tick, chance=chance)
    volumes = _volumes(bar.volume, instrument.asset_class, chance)
    return tuple(
        Tick(bar.start + place * STEP, price * instrument.tick, volume)
        for place, (price, volume) in enumerate(zip(prices, volumes, strict=True))
    )


_FOUR = ("open", "high", "low", "close")


def _steps(price: float, instrument: Instrument) -> int:
    # repr is the shortest text that reads back as this float: the price as the data printed it.
    steps = int(instrument.on_tick(Decimal(repr(price))) / instrument.tick)
    if not steps:
        problem = f"{instrument.tick} is too coarse for {instrument.symbol} at {price}"
        raise InvalidInput("tick", problem, "give the instrument a smaller tick")
    return steps


def _prices(open: int, high: int, low: int, close: int, chance: Iterator[float]) -> list[int]:  # noqa: A002 - bars say so
    anchors = {0: open, **_extremes(open, high, low, close, chance), LAST: close}
    deviation = (high - low) / _SPAN
    path = [open]
    for (here, _), (there, target) in pairwise(anchors.items()):
        value = float(path[-1])
        for place in range(here + 1, there):
            left = there - place
            value += (target - value) / (left + 1)
            value += deviation * math.sqrt(left / (left + 1)) * _bell(chance)
            value = min(max(value, low), high)
            path.append(round(value))
        path.append(target)
    return path


def _extremes(
    open: int,  # noqa: A002 - bars say so
    high: int,
    low: int,
    close: int,
    chance: Iterator[float],
) -> dict[int, int]:
    usual = next(chance) < (_USUAL_ORDER if open != close else 0.5)
    low_first = usual == (close >= open)
    wanted = [value for value in (low, high) if value not in (open, close)]
    places: list[int] = []
    while len(places) < len(wanted):
        place = 1 + int(next(chance) * (LAST - 1))
        if place not in places:
            places.append(place)
    ordered = wanted if low_first else wanted[::-1]
    return dict(zip(sorted(places), ordered, strict=True))


def _bell(chance: Iterator[float]) -> float:
    # Three uniforms add up to something close to normal, of variance one, without a logarithm
    # whose last digit depends on the machine.
    return 2 * (next(chance) + next(chance) + next(chance) - 1.5)


def _volumes(volume: float, asset_class: AssetClass, chance: Iterator[float]) -> list[float]:
    unit = _COIN if asset_class is AssetClass.CRYPTO else Decimal(1)
    units = int(Decimal(repr(volume)) / unit)
    shares = list(accumulate(next(chance) for _ in range(PER_MINUTE)))
    dealt = [0, *(int(units * share / shares[-1]) for share in shares[:-1]), units]
    return [float((after - before) * unit) for before, after in pairwise(dealt)]

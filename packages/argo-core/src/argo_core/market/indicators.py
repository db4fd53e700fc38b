"""Technical indicators of minute bars: TA-Lib live at constant cost, TA-Lib in batch, same bits.

Everything is computed on spliced log prices (see `market.splice`).
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import talib
from talib import stream

from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.reading import FLAT, Reading
from argo_core.market.splice import Row, Splice

WARM_UP = 300
"""Bars before the first reading; the slowest average has forgotten its start by then."""

SLOW = 60
MOMENTUM = 30
RSI = 14
MACD_FAST, MACD_SLOW, MACD_SIGNAL = 12, 26, 9
DIRECTION = 14
NOISE, NOISE_USUAL = 30, 240
VOLUME, VOLUME_USUAL = 10, 60


def _columns(rows: Iterable[Row]) -> tuple[np.ndarray, ...]:
    table = np.array([(r.high, r.low, r.close, r.square, r.volume) for r in rows], dtype=np.float64)
    return tuple(np.ascontiguousarray(column) for column in table.T)


def _read(bar: Bar, close: float, values: Sequence[float]) -> Reading:
    """One reading from TA-Lib's values, in the order both of its interfaces are asked here."""
    slow, momentum, rsi, macd, signal, hist, adx, plus, minus, atr = values[:10]
    square, square_usual, volume, volume_usual = values[10:]
    sigma, usual = math.sqrt(square), math.sqrt(square_usual)
    return Reading(
        symbol=bar.symbol,
        start=bar.start,
        close=bar.close,
        above_slow=close - slow,
        momentum=momentum,
        # TA-Lib answers 0, the strongest sell, where a price without gains or losses has no RSI.
        rsi=rsi if sigma >= FLAT else 50.0,
        macd=macd,
        macd_signal=signal,
        macd_hist=hist,
        adx=adx,
        plus_di=plus,
        minus_di=minus,
        atr=atr,
        sigma=sigma,
        volatility_ratio=sigma / usual if usual >= FLAT else 1.0,
        volume_ratio=volume / volume_usual if volume_usual > 0 else 1.0,
    )


class Technicals:
    """The live indicators of one symbol.

    Holds TA-Lib's stream handles, so it is mutable and cannot be pickled or copied to another
    process: open it again on the newest bars.
    """

    def __init__(self, bars: Sequence[Bar]) -> None:
        """Open on at least 300 bars of one symbol, sorted by time.

        Raises:
            InvalidInput: there are fewer bars, they are out of order or of several symbols.
        """
        _enough(bars)
        self._splice = Splice()
        high, low, close, square, volume = _columns([self._splice.feed(bar) for bar in bars])
        self._slow = stream.EMA(close, timeperiod=SLOW)
        self._momentum = stream.MOM(close, timeperiod=MOMENTUM)
        self._rsi = stream.RSI(close, timeperiod=RSI)
        self._macd = stream.MACD(close, MACD_FAST, MACD_SLOW, MACD_SIGNAL)
        self._adx = stream.ADX(high, low, close, timeperiod=DIRECTION)
        self._plus = stream.PLUS_DI(high, low, close, timeperiod=DIRECTION)
        self._minus = stream.MINUS_DI(high, low, close, timeperiod=DIRECTION)
        self._atr = stream.ATR(high, low, close, timeperiod=DIRECTION)
        self._square = stream.EMA(square, timeperiod=NOISE)
        self._square_usual = stream.EMA(square, timeperiod=NOISE_USUAL)
        self._volume = stream.EMA(volume, timeperiod=VOLUME)
        self._volume_usual = stream.EMA(volume, timeperiod=VOLUME_USUAL)
        self.reading = _read(bars[-1], float(close[-1]), self._values())

    def _values(self) -> tuple[float, ...]:
        return (
            self._slow.value,
            self._momentum.value,
            self._rsi.value,
            *self._macd.value,
            self._adx.value,
            self._plus.value,
            self._minus.value,
            self._atr.value,
            self._square.value,
            self._square_usual.value,
            self._volume.value,
            self._volume_usual.value,
        )

    def update(self, bar: Bar) -> Reading:
        """The reading after one more complete bar, at a cost that does not grow.

        A bar that is not later than the last one is ignored and the reading stands: polls
        overlap, and a correction of a bar that was acted upon does not change the past.

        Raises:
            InvalidInput: the bar is of another symbol.
        """
        if bar.symbol == self.reading.symbol and bar.start <= self.reading.start:
            return self.reading
        row = self._splice.feed(bar)
        for handle in (self._slow, self._momentum, self._rsi, self._macd):
            handle.update(row.close)
        for shape in (self._adx, self._plus, self._minus, self._atr):
            shape.update(row.high, row.low, row.close)
        for noise in (self._square, self._square_usual):
            noise.update(row.square)
        for traded in (self._volume, self._volume_usual):
            traded.update(row.volume)
        self.reading = _read(bar, row.close, self._values())
        return self.reading


def batch(bars: Sequence[Bar]) -> tuple[Reading, ...]:
    """All readings at once: that of bar number 300, then one for each later bar.

    Bit for bit what `Technicals` opened on the first 300 of these bars says along the way.

    Raises:
        InvalidInput: as `Technicals`.
    """
    _enough(bars)
    splice = Splice()
    high, low, close, square, volume = _columns([splice.feed(bar) for bar in bars])
    columns = (
        talib.EMA(close, timeperiod=SLOW),
        talib.MOM(close, timeperiod=MOMENTUM),
        talib.RSI(close, timeperiod=RSI),
        *talib.MACD(close, MACD_FAST, MACD_SLOW, MACD_SIGNAL),
        talib.ADX(high, low, close, timeperiod=DIRECTION),
        talib.PLUS_DI(high, low, close, timeperiod=DIRECTION),
        talib.MINUS_DI(high, low, close, timeperiod=DIRECTION),
        talib.ATR(high, low, close, timeperiod=DIRECTION),
        talib.EMA(square, timeperiod=NOISE),
        talib.EMA(square, timeperiod=NOISE_USUAL),
        talib.EMA(volume, timeperiod=VOLUME),
        talib.EMA(volume, timeperiod=VOLUME_USUAL),
    )
    rows = zip(
        bars[WARM_UP - 1 :],
        close[WARM_UP - 1 :].tolist(),
        zip(*(column[WARM_UP - 1 :].tolist() for column in columns), strict=True),
        strict=True,
    )
    return tuple(_read(bar, level, values) for bar, level, values in rows)


def _enough(bars: Sequence[Bar]) -> None:
    if len(bars) < WARM_UP:
        problem = f"{len(bars)} are not enough to warm up"
        raise InvalidInput("bars", problem, f"give at least {WARM_UP}")

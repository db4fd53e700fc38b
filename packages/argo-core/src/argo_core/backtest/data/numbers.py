"""Prices and volumes as whole units; bars whose numbers cannot be true are dropped."""

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.units import HIGHEST_PRICE, UNITS
from argo_core.backtest.data.batch import Batch
from argo_core.backtest.data.notes import Notes
from argo_core.backtest.data.options import Options
from argo_core.backtest.data.rows import PRICES, Rows
from argo_core.backtest.data.splits import shares_for_one
from argo_core.errors import InvalidInput

MOST_VOLUME = 10**12
"""Shares in one bar; a hundred times what a whole market trades in a day."""

_NOT_A_NUMBER = "a price is null, NaN or infinite: the bar was dropped"
_NOT_ADJUSTED = "its adjusted close is null, NaN or infinite: the bar was dropped"
_NOT_POSITIVE = "a price is below 1/10,000 dollar: the bar was dropped"
_TOO_LARGE = "a price is above ten million dollars: the bar was dropped"
_OUTSIDE = "open or close lies outside low and high: the bar was dropped"
_TOO_FINE = "prices finer than 1/10,000 dollar: rounded to that, ties to even"
_FRACTIONS = "volume with a fraction: rounded down to whole shares"
_NO_VOLUME = "volume is zero: kept, nothing can be filled in it"
_BAD_VOLUME = "volume is null, negative or absurd: taken as zero, nothing can be filled in it"
_SPLIT = "prices before a split divided by its ratio, volume multiplied: in today's shares"
_SCALED = "prices times adjusted close / close, volume divided by it; later dividends are in it"

# Finer than this part of a unit is the noise of binary floating point, at ten million dollars too.
_NOISE = 0.001


def to_batch(rows: Rows, options: Options, notes: Notes) -> Batch:
    """The good bars of these, scaled by splits, and by adjusted closes, as the options say.

    Raises:
        InvalidInput: prices would be adjusted twice, or a defect is to be refused.
    """
    prices = np.stack([getattr(rows, name) for name in PRICES])
    shares = shares_for_one(rows, options.splits, daily=notes.daily)
    good = np.ones(len(rows), dtype=np.bool_)

    def drop(defect: Defect, bad: npt.NDArray[np.bool_], rule: str) -> None:
        bad &= good
        notes.bars(defect, rows.code[bad], rows.at[bad], rule)
        good[bad] = False

    # What is absurd may overflow, and is dropped for it.
    with np.errstate(all="ignore"):
        factor = None
        if rows.adjusted is not None and options.adjust:
            factor = rows.adjusted / rows.close
            _once(rows, factor, shares)
        scaled = prices if factor is None else prices * factor
        scaled = scaled if shares is None else scaled / shares
        checked = np.concatenate((prices, scaled))
        opened, high, low, close = prices
        drop(Defect.NOT_A_NUMBER, ~np.isfinite(prices).all(axis=0), _NOT_A_NUMBER)
        drop(Defect.NOT_POSITIVE, np.rint(prices.min(axis=0) * UNITS) < 1, _NOT_POSITIVE)
        drop(Defect.NOT_A_NUMBER, ~np.isfinite(scaled).all(axis=0), _NOT_ADJUSTED)
        drop(Defect.NOT_POSITIVE, np.rint(scaled.min(axis=0) * UNITS) < 1, _NOT_POSITIVE)
        drop(Defect.TOO_LARGE, checked.max(axis=0) * UNITS > HIGHEST_PRICE, _TOO_LARGE)
        beyond = (np.minimum(opened, close) < low) | (np.maximum(opened, close) > high)
        drop(Defect.OUTSIDE_RANGE, np.asarray(beyond), _OUTSIDE)
    rows, prices, scaled = rows.chosen(good), prices[:, good], scaled[:, good]
    exact = prices * UNITS
    fine = (np.abs(exact - np.rint(exact)) > _NOISE).any(axis=0)
    notes.bars(Defect.TOO_FINE, rows.code[fine], rows.at[fine], _TOO_FINE)
    if factor is not None:
        factor = factor[good]
        changed = factor != 1
        notes.bars(Defect.SPLIT_ADJUSTED, rows.code[changed], rows.at[changed], _SCALED)
    if shares is not None:
        shares = shares[good]
        changed = shares != 1
        notes.bars(Defect.SPLIT_ADJUSTED, rows.code[changed], rows.at[changed], _SPLIT)
    units = np.rint(scaled * UNITS).astype(np.int64)
    return Batch(rows.code, rows.at, units, _volume(rows, factor, shares, notes))


def _once(rows: Rows, factor: Floats, shares: Floats | None) -> None:
    """Refuse splits of prices that their adjusted closes know of already."""
    if shares is None:
        return
    twice = rows.code[(shares != 1) & np.isfinite(factor) & (np.abs(factor - 1) > _NOISE)]
    if len(twice):
        problem = f"the adjusted closes of {rows.symbols[twice[0]]} know of what came later already"
        raise InvalidInput("splits", problem, "leave them out, or do not adjust by those closes")


def _volume(rows: Rows, factor: Floats | None, shares: Floats | None, notes: Notes) -> Ints:
    volume = rows.volume
    with np.errstate(invalid="ignore"):
        sane = (volume >= 0) & (volume <= MOST_VOLUME)  # NaN is neither
    notes.bars(Defect.NO_VOLUME, rows.code[~sane], rows.at[~sane], _BAD_VOLUME)
    volume = np.where(sane, volume, 0.0)
    none = sane & (volume == 0)
    notes.bars(Defect.NO_VOLUME, rows.code[none], rows.at[none], _NO_VOLUME)
    fraction = volume != np.floor(volume)
    notes.bars(Defect.TOO_FINE, rows.code[fraction], rows.at[fraction], _FRACTIONS)
    if factor is not None:
        volume = volume / factor
    if shares is not None:
        volume = volume * shares
    return np.floor(np.minimum(volume, MOST_VOLUME)).astype(np.int64)

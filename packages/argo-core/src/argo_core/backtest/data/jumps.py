"""Closes that leap from one bar to the next: splits that nobody adjusted for, and other moves."""

import numpy as np

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.data.batch import Batch
from argo_core.backtest.data.notes import Notes

RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 50.0, 100.0)
"""Shares for one at usual splits, and at reverse splits the other way round."""

TOLERANCE = 0.05
"""How far the market may have moved on the same day, as the logarithm of a ratio."""

LEAST = 4 / 3
"""A close this many times the one before it, or that part of it, is a leap."""

_LEAP = "its close moved by a third or more (a quarter or more down) since the bar before: kept"


def note_jumps(batch: Batch, notes: Notes) -> None:
    """Note leaps from one bar of a symbol to its next: JUMP where a split makes such, else LEAP."""
    close = batch.units[3].astype(np.float64)
    pairs = np.flatnonzero(batch.follows())
    move = np.log(close[pairs] / close[pairs - 1])
    # The noise of a logarithm must not decide about a leap of exactly a third.
    leaps = np.abs(move) >= np.log(LEAST) - 1e-12
    pairs, move = pairs[leaps], move[leaps]
    away = np.abs(np.abs(move)[:, None] - np.log(RATIOS))
    nearest = away.argmin(axis=1)
    like = away.min(axis=1, initial=np.inf) <= TOLERANCE
    notes.bars(Defect.LEAP, batch.code[pairs[~like]], batch.at[pairs[~like]], _LEAP)
    for ratio in np.unique(nearest[like]):
        for reverse in (False, True):
            mask = like & (nearest == ratio) & ((move > 0) == reverse)
            chosen = pairs[mask]
            notes.bars(Defect.JUMP, batch.code[chosen], batch.at[chosen], _told(ratio, reverse))


def _told(place: int, reverse: bool) -> str:
    ratio = "3:2" if RATIOS[place] == RATIOS[0] else f"{RATIOS[place]:.0f}:1"
    if reverse:
        ratio = ":".join(reversed(ratio.split(":")))
    return f"its close moved as by a {ratio} split that was not adjusted for: kept"

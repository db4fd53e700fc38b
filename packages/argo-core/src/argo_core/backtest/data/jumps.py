"""Prices that leap from one bar to the next: splits that nobody adjusted for, and other moves."""

import numpy as np

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.data.batch import Batch
from argo_core.backtest.data.notes import Notes

RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 50.0, 100.0)
"""Shares for one at usual splits, and at reverse splits the other way round."""

TOLERANCE = 0.05
"""How far the market may have moved besides, as the logarithm of a ratio."""

LEAST = 4 / 3
"""A price this many times the close before it, or that part of it, is a leap."""

_LEAP = "its price leapt by a third or more (a quarter or more down) since the last close: kept"


def note_jumps(batch: Batch, notes: Notes) -> None:
    """Note leaps from a symbol's close to its next bar: JUMP where a split makes such, else LEAP.

    The open tells of a split before the market has moved on it, the close where the open is false.
    """
    opened, _, _, close = batch.units.astype(np.float64)
    pairs = np.flatnonzero(batch.follows())
    moves = np.log(np.stack((opened, close))[:, pairs] / close[pairs - 1])
    # The noise of a logarithm must not decide about a leap of exactly a third.
    leaps = (np.abs(moves) >= np.log(LEAST) - 1e-12).any(axis=0)
    pairs, moves = pairs[leaps], moves[:, leaps]
    away = np.abs(np.abs(moves)[:, :, None] - np.log(RATIOS))
    by_open = away[0].min(axis=1) <= away[1].min(axis=1)
    move, away = np.where(by_open, moves[0], moves[1]), np.where(by_open[:, None], away[0], away[1])
    nearest, like = away.argmin(axis=1), away.min(axis=1) <= TOLERANCE
    notes.bars(Defect.LEAP, batch.code[pairs[~like]], batch.at[pairs[~like]], _LEAP)
    for ratio in np.unique(nearest[like]):
        for reverse in (False, True):
            chosen = pairs[like & (nearest == ratio) & ((move > 0) == reverse)]
            notes.bars(Defect.JUMP, batch.code[chosen], batch.at[chosen], _told(ratio, reverse))


def _told(place: int, reverse: bool) -> str:
    ratio = "3:2" if RATIOS[place] == RATIOS[0] else f"{RATIOS[place]:.0f}:1"
    if reverse:
        ratio = ":".join(reversed(ratio.split(":")))
    return f"its price moved since the last close as by an unadjusted split of {ratio}: kept"

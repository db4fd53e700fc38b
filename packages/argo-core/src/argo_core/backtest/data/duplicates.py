"""One bar for a symbol and a moment."""

import numpy as np

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.data.batch import Batch
from argo_core.backtest.data.notes import Notes

_SAME = "the same bar twice: one was kept"
_CONFLICT = (
    "different bars for one moment: all of them were dropped, since none is known to be true"
)


def without_duplicates(batch: Batch, notes: Notes) -> Batch:
    """Of equal bars one; of bars that contradict each other none, whatever their order was."""
    again = batch.follows()
    again[1:] &= np.diff(batch.at) == 0
    if not again.any():
        return batch
    run = np.cumsum(~again) - 1
    first = np.flatnonzero(~again)[run]
    differs = (batch.units != batch.units[:, first]).any(axis=0)
    differs |= batch.volume != batch.volume[first]
    conflict = (np.bincount(run, weights=differs) > 0)[run]
    same = again & ~conflict
    notes.bars(Defect.DUPLICATED, batch.code[same], batch.at[same], _SAME)
    notes.bars(Defect.CONFLICTING, batch.code[conflict], batch.at[conflict], _CONFLICT)
    return batch.chosen(~again & ~conflict)

"""Bars on their way into a panel: whole units, one behind the other."""

from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.bars.arrays import Ints


@frozen(eq=False)
class Batch:
    """Bars sorted by symbol and time. `units` (4, B) is open, high, low and close in units."""

    code: Ints
    at: Ints
    units: Ints
    volume: Ints

    def __len__(self) -> int:
        return len(self.code)

    def chosen(self, mask: npt.NDArray[np.bool_]) -> "Batch":
        return Batch(self.code[mask], self.at[mask], self.units[:, mask], self.volume[mask])

    def follows(self) -> npt.NDArray[Any]:
        """Whether a bar is of the same symbol as the one before it."""
        return np.concatenate(([False], np.diff(self.code) == 0))[: len(self)]

"""A strategy's own decisions at other times: what its choice of moments is worth.

Each draw says as often and for as long as the strategy what it says, of every symbol, and so trades
about as much; only when is left to chance. What does not beat most of them has no timing.
"""

from collections.abc import Mapping

import numpy as np
from attrs import evolve, field, frozen

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.research.chances import chances


@frozen
class RandomEntries:
    """One draw: `said` of the same panel, in another order.

    For each symbol, from the first bar on which something was said of it but hold: the times it was
    bought, sold and held for follow each other as they did, with their lengths exchanged among
    those of one kind, and begin somewhere in the middle, the end going over into the beginning. The
    stray and the average daily value stay in their rows, for they are the market's.
    """

    said: Verdicts = field(repr=False)
    seed: str
    draw: int
    name: str = field(default="random-entries", init=False)

    @property
    def parameters(self) -> Mapping[str, str]:
        """Which draw it is."""
        return {"seed": self.seed, "draw": str(self.draw)}

    def verdicts(self, panel: Panel) -> Verdicts:
        """What is said of the panel that `said` is of."""
        self.said.fit(panel)
        direction = np.zeros_like(self.said.direction)
        confidence = np.zeros_like(self.said.confidence_bp)
        for place, symbol in enumerate(panel.symbols):
            rows = np.flatnonzero(panel.there[:, place])
            spoken = self.said.direction[rows, place]
            if not spoken.any():
                continue
            first = int(np.argmax(spoken != 0))
            rows, spoken = rows[first:], spoken[first:]
            begins = np.flatnonzero(np.diff(spoken, prepend=0))
            chance = chances(1, len(begins) + 1, self.seed, self.draw, symbol)[0]
            taken = rows[_shuffled(spoken[begins], begins, len(rows), chance)]
            direction[rows, place] = self.said.direction[taken, place]
            confidence[rows, place] = self.said.confidence_bp[taken, place]
        return evolve(self.said, direction=direction, confidence_bp=confidence)


def _shuffled(kinds: np.ndarray, begins: np.ndarray, count: int, chance: Floats) -> np.ndarray:
    """Places 0 to `count` in another order: runs that begin at `begins`, exchanged by kind."""
    order = np.arange(len(begins))
    for kind in np.unique(kinds):
        places = np.flatnonzero(kinds == kind)
        order[places] = places[np.argsort(chance[places], kind="stable")]
    lengths = np.diff(begins, append=count)[order]
    ends = np.cumsum(lengths)
    # Each run's first place, less where it comes to lie, is what its places are moved by.
    moved = np.arange(count) + np.repeat(begins[order] - (ends - lengths), lengths)
    return np.roll(moved, int(chance[-1] * count))

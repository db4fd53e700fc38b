"""Judged opinions as columns, with what calibration would have said to each."""

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from argo_core.signals.calibration.bins import Flags, Floats, Whole
from argo_core.signals.calibration.calibration import Running
from argo_core.signals.skill.horizons import apart
from argo_core.signals.skill.intervals import LEAST_BLOCKS, Draws
from argo_core.signals.skill.judged import Judged

DAY_US = 86_400_000_000


@frozen(eq=False)
class Sample:
    """Opinions of one source over one horizon, of each symbol those that do not overlap.

    `calibrated` are probabilities of a rise by curves that knew earlier outcomes only, those of
    `running`.
    """

    strengths: Floats
    rose: Flags
    said_us: Whole
    regimes: tuple[str, ...]
    running: Running
    calibrated: Floats
    block_us: int

    @classmethod
    def of(cls, judged: Sequence[Judged]) -> "Sample":
        """At least one opinion, all of one source and one horizon."""
        kept = apart(judged, lambda one: one.symbol, lambda one: (one.strength, one.went_up))
        strengths = np.array([one.strength for one in kept])
        rose = np.array([one.went_up for one in kept])
        said = np.array([one.said_us for one in kept], dtype=np.int64)
        known = np.array([one.known_us for one in kept], dtype=np.int64)
        running = Running(strengths, rose, known)
        return cls(
            strengths=strengths,
            rose=rose,
            said_us=said,
            regimes=tuple(one.regime.value for one in kept),
            running=running,
            calibrated=running.told(strengths, said),
            block_us=max(DAY_US, int(known[0] - said[0])),
        )


class Dice:
    """Resampled histories of so many blocks of time, drawn once for each number of blocks."""

    def __init__(self, replicates: int, seed: int) -> None:
        self._replicates = replicates
        self._seed = seed
        self._kept: dict[int, Draws] = {}

    def of(self, blocks: int) -> Draws | None:
        """Histories of that many blocks; None where there are too few of them."""
        if blocks < LEAST_BLOCKS:
            return None
        if blocks not in self._kept:
            self._kept[blocks] = Draws.of(blocks, self._replicates, self._seed)
        return self._kept[blocks]


def block_sums(said_us: Whole, block_us: int, columns: Sequence[Floats | Flags]) -> Floats:
    """What each block of time adds to the sum of each column, (blocks, columns)."""
    _, place = np.unique(said_us // block_us, return_inverse=True)
    return np.column_stack([np.bincount(place, weights=np.asarray(one, float)) for one in columns])

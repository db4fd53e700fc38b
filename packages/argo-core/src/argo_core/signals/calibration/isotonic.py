"""The rising step curve that lies closest to the outcomes, by pooling adjacent violators.

M. Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information"
(1955); as a calibration B. Zadrozny and C. Elkan, "Transforming Classifier Scores into Accurate
Multiclass Probability Estimates" (2002).
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from argo_core.signals.calibration.bins import Flags, Floats


@frozen
class Isotonic:
    """Probabilities of a rise at `knots`, rising; straight between two, level beyond the ends."""

    knots: tuple[float, ...]
    rises: tuple[float, ...]

    def probabilities(self, strengths: Floats) -> Floats:
        """The probability that the price rises, of each strength in [-1, 1]."""
        return np.interp(strengths, self.knots, self.rises)


def fit_isotonic(strengths: Floats, rose: Flags) -> Isotonic:
    """The closest rising curve; at least one outcome is needed.

    Every knot stays 1 / (n + 2) away from 0 and 1 for n outcomes, since none makes us certain.
    """
    knots, place = np.unique(strengths, return_inverse=True)
    weights = np.bincount(place).astype(np.float64)
    means = np.bincount(place, weights=rose.astype(np.float64)) / weights
    margin = 1 / (len(rose) + 2)
    fitted = np.clip(pool(means.tolist(), weights.tolist()), margin, 1 - margin)
    return Isotonic(tuple(knots.tolist()), tuple(fitted.tolist()))


def pool(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The rising sequence with the least sum of weighted squares to `values`; weights above 0."""
    # Blocks are (sum, weight, how many); a block that is not above the one before joins it.
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        total, heft, count = value * weight, weight, 1
        while blocks and blocks[-1][0] * heft >= total * blocks[-1][1]:
            before = blocks.pop()
            total, heft, count = total + before[0], heft + before[1], count + before[2]
        blocks.append((total, heft, count))
    return [total / heft for total, heft, count in blocks for _ in range(count)]

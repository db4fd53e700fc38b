"""A logistic curve through the outcomes.

J. Platt, "Probabilistic Outputs for Support Vector Machines" (1999), found as H.-T. Lin, C.-J. Lin
and R. C. Weng do in "A Note on Platt's Probabilistic Outputs for Support Vector Machines" (2007):
Newton's method on the regularised likelihood, with its step halved while that would fall, written
so that nothing overflows.
"""

from typing import TypeAlias

import numpy as np
from attrs import frozen

from argo_core.signals.calibration.bins import Flags, Floats

Pair: TypeAlias = tuple[float, float]

# The constants are those of the note's pseudo-code.
_ITERATIONS = 100
_RIDGE = 1e-12
_FLAT = 1e-5


@frozen
class Platt:
    """The probability of a rise at strength x is 1 / (1 + exp(`slope` · x + `offset`)).

    A source that is right more often than not has a negative slope.
    """

    slope: float
    offset: float

    def probabilities(self, strengths: Floats) -> Floats:
        """The probability that the price rises, of each strength in [-1, 1]."""
        return _sigmoid(self.slope * strengths + self.offset)


def fit_platt(strengths: Floats, rose: Flags) -> Platt:
    """The curve of greatest likelihood, with Platt's targets in place of 0 and 1.

    The targets, (rises + 1) / (rises + 2) and 1 / (falls + 2), keep the curve finite where all
    outcomes are alike or where a strength parts them perfectly.
    """
    rises = int(rose.sum())
    falls = len(rose) - rises
    targets = np.where(rose, (rises + 1) / (rises + 2), 1 / (falls + 2))
    at = (0.0, float(np.log((falls + 1) / (rises + 1))))
    loss, rounds = _loss(*at, strengths, targets), 0
    down, step = _newton(*at, strengths, targets)
    while max(map(abs, down)) >= _FLAT and rounds < _ITERATIONS:
        tried = at[0] + step[0], at[1] + step[1]
        found = _loss(*tried, strengths, targets)
        if found <= loss:
            at, loss = tried, found
            down, step = _newton(*at, strengths, targets)
        else:
            # Too far: the curve's bend there is not that of here.
            step = step[0] / 2, step[1] / 2
        rounds += 1
    return Platt(*at)


def _newton(slope: float, offset: float, strengths: Floats, targets: Floats) -> tuple[Pair, Pair]:
    """The loss's gradient, and Newton's step from here."""
    p = _sigmoid(slope * strengths + offset)
    gap, bend = targets - p, p * (1 - p)
    g1, g2 = float(gap @ strengths), float(gap.sum())
    h11 = float(bend @ strengths**2) + _RIDGE
    h22 = float(bend.sum()) + _RIDGE
    h21 = float(bend @ strengths)
    det = h11 * h22 - h21 * h21
    return (g1, g2), (-(h22 * g1 - h21 * g2) / det, -(h11 * g2 - h21 * g1) / det)


def _sigmoid(f: Floats) -> Floats:
    """1 / (1 + exp(f)), each from the side on which exp is small."""
    small = np.exp(-np.abs(f))
    p: Floats = np.where(f >= 0, small, 1.0) / (1 + small)
    return p


def _loss(slope: float, offset: float, strengths: Floats, targets: Floats) -> float:
    f = slope * strengths + offset
    return float((np.where(f >= 0, targets, targets - 1) * f + np.log1p(np.exp(-np.abs(f)))).sum())

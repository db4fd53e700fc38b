"""What a forecast of probabilities loses, and what it saves against knowing the base rate alone.

G. W. Brier, "Verification of forecasts expressed in terms of probability" (1950); I. J. Good,
"Rational Decisions" (1952) for the logarithm; A. H. Murphy, "A new vector partition of the
probability score" (1973), with the spread inside bins after D. B. Stephenson, C. A. S. Coelho and
I. T. Jolliffe, "Two extra components in the Brier score decomposition" (2008).
"""

import numpy as np
from attrs import frozen

from argo_core.consensus.opinion import STEPS
from argo_core.signals.calibration.bins import Flags, Floats, Whole

LEAST = 1 / (4 * STEPS)
"""No probability is taken to be closer to 0 or 1, since strengths are known no better."""


def raw(strengths: Floats) -> Floats:
    """A strength read as if it were a probability, (1 + x) / 2."""
    return (1 + strengths) / 2


def brier(p: Floats, rose: Flags) -> Floats:
    """(p - o)², for each forecast p and outcome o of 0 or 1."""
    lost: Floats = (p - rose) ** 2
    return lost


def log_score(p: Floats, rose: Flags) -> Floats:
    """-ln of the probability that was given to what happened, in nats; p is kept off 0 and 1."""
    given = np.where(rose, p, 1 - p)
    nats: Floats = -np.log(np.clip(given, LEAST, 1 - LEAST))
    return nats


@frozen
class Parts:
    """A Brier score taken apart: `reliability` - `resolution` + `uncertainty` + `within`.

    `reliability` is how far the bins' forecasts are off their outcomes, `resolution` how far their
    outcomes are off the base rate, `uncertainty` what the base rate alone would lose, and `within`
    what forecasts that differ inside a bin add to it or save.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float


def parts(p: Floats, rose: Flags, bins: Whole) -> Parts:
    """The parts of the Brier score of at least one forecast, by these bins; they add up to it."""
    _, place = np.unique(bins, return_inverse=True)
    counts = np.bincount(place)
    mean = np.bincount(place, weights=p) / counts
    rate = np.bincount(place, weights=rose.astype(np.float64)) / counts
    base, share = float(rose.mean()), counts / len(p)
    off = p - mean[place]
    return Parts(
        reliability=float(share @ (mean - rate) ** 2),
        resolution=float(share @ (rate - base) ** 2),
        uncertainty=base * (1 - base),
        within=float((off**2).mean() - 2 * (off * (rose - rate[place])).mean()),
    )

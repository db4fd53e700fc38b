"""Which calibration a number of outcomes can bear, and what it would have said all along.

Bins serve at once, a logistic curve from about 200 outcomes, a free rising curve from about 1,000.
"""

from enum import StrEnum
from typing import Protocol

import numpy as np
from attrs import frozen

from argo_core.signals.calibration.bins import Flags, Floats, Whole, fit_bins
from argo_core.signals.calibration.isotonic import fit_isotonic
from argo_core.signals.calibration.platt import fit_platt

PLATT_FROM = 200
ISOTONIC_FROM = 1_000

# Fitted anew whenever there are a tenth more outcomes, so that it costs little more than one fit.
_GROWTH = 10


class Method(StrEnum):
    """How strengths become probabilities."""

    BINS = "bins"
    PLATT = "platt"
    ISOTONIC = "isotonic"


class Curve(Protocol):
    """From strengths to probabilities."""

    def probabilities(self, strengths: Floats) -> Floats:
        """The probability that the price rises, of each strength in [-1, 1]."""
        ...


@frozen
class Calibration:
    """A curve, by which method it was fitted, and on how many outcomes."""

    method: Method
    outcomes: int
    curve: Curve

    def probability(self, strength: float) -> float:
        """The probability that the price rises when the source speaks this strongly."""
        return float(self.curve.probabilities(np.array([strength]))[0])

    def confidence(self, strength: float) -> float:
        """The probability that the source is right, in the direction in which it speaks.

        A strength of 0 has none; what is told is the probability of a rise.
        """
        rises = self.probability(strength)
        return 1 - rises if strength < 0 else rises


def calibrate(strengths: Floats, rose: Flags) -> Calibration:
    """The curve that so many outcomes can bear; the order of the outcomes does not matter."""
    outcomes = len(rose)
    if outcomes >= ISOTONIC_FROM:
        return Calibration(Method.ISOTONIC, outcomes, fit_isotonic(strengths, rose))
    if outcomes >= PLATT_FROM:
        return Calibration(Method.PLATT, outcomes, fit_platt(strengths, rose))
    return Calibration(Method.BINS, outcomes, fit_bins(strengths, rose))


def as_it_went(strengths: Floats, rose: Flags, said_us: Whole, known_us: Whole) -> Floats:
    """What calibration would have said to each opinion when it was given.

    Opinion i was given at `said_us[i]`, and whether the price `rose[i]` was known at `known_us[i]`,
    microseconds both. Each is judged by a curve fitted on outcomes known by then and on no other,
    so that scores of these probabilities are not flattered by their own outcomes. The first are
    told .5. Curves are fitted anew when a tenth more outcomes are known, and at once below ten.
    """
    # Outcomes that became known at the same moment are put in an order of their own.
    order = np.lexsort((rose, strengths, known_us))
    learned, outcomes = strengths[order], rose[order]
    known = np.searchsorted(known_us[order], said_us, side="right")
    fits = _fits(int(known.max(initial=0)))
    used = fits[np.searchsorted(fits, known, side="right") - 1]
    told = np.empty(len(strengths))
    for count in np.unique(used):
        mine = used == count
        curve = calibrate(learned[:count], outcomes[:count]).curve
        told[mine] = curve.probabilities(strengths[mine])
    return told


def _fits(most: int) -> Whole:
    counts = [0]
    while counts[-1] < most:
        counts.append(counts[-1] + max(1, counts[-1] // _GROWTH))
    return np.array(counts, dtype=np.int64)

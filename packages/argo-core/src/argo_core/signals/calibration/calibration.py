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


class Running:
    """Calibration as outcomes came in: at any moment a curve of those known by then, of no others.

    `known_us` is when each outcome was known, in microseconds since 1970; their order does not
    matter. Curves are fitted anew when a tenth more outcomes are known, and at once below ten.
    """

    def __init__(self, strengths: Floats, rose: Flags, known_us: Whole) -> None:
        # Outcomes that became known at the same moment are put in an order of their own.
        order = np.lexsort((rose, strengths, known_us))
        self._strengths, self._rose = strengths[order], rose[order]
        self._known_us = known_us[order]
        self._fits = _fits(len(order))
        self._kept: dict[int, Calibration] = {}

    def counts(self, said_us: Whole) -> Whole:
        """For each moment, how many of the first outcomes the curve of then was fitted on."""
        known = np.searchsorted(self._known_us, said_us, side="right")
        return self._fits[np.searchsorted(self._fits, known, side="right") - 1]

    def of(self, count: int) -> Calibration:
        """The curve of the first so many outcomes."""
        if count not in self._kept:
            self._kept[count] = calibrate(self._strengths[:count], self._rose[:count])
        return self._kept[count]

    def told(self, strengths: Floats, said_us: Whole) -> Floats:
        """The probability of a rise that each of these opinions was given when it was said.

        Opinion i was given at `said_us[i]`. Scores of these probabilities are not flattered by
        their own outcomes. The first are told .5.
        """
        used = self.counts(said_us)
        told = np.empty(len(strengths))
        for count in np.unique(used):
            mine = used == count
            told[mine] = self.of(int(count)).curve.probabilities(strengths[mine])
        return told

    def at(self, moment_us: int) -> Calibration:
        """The curve of that moment."""
        return self.of(int(self.counts(np.array([moment_us]))[0]))


def _fits(most: int) -> Whole:
    counts = [0]
    while counts[-1] < most:
        counts.append(counts[-1] + max(1, counts[-1] // _GROWTH))
    return np.array(counts, dtype=np.int64)

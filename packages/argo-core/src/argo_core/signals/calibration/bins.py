"""Eleven bins of strength, and the share of rises in each: a calibration from the first outcome on.

Five bins of width .2 lie on either side of 0, closed away from it, and 0 has one of its own: a HOLD
is an opinion that comes often, and belongs to neither side.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.consensus.opinion import STEPS

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Whole: TypeAlias = npt.NDArray[np.int64]

BINS = 11
_SIDE = BINS // 2
_WIDTH = STEPS // _SIDE

_PRIOR = 10.0


def bin_of(strengths: Floats) -> Whole:
    """The bin, 0 to 10, of each strength in [-1, 1]; mirrored strengths have mirrored bins."""
    # Whole steps, because .6 / .2 is not 3 in binary.
    whole = np.rint(strengths * STEPS).astype(np.int64)
    below = (whole + STEPS) // _WIDTH
    above = _SIDE + 1 + (whole - 1) // _WIDTH
    return np.where(whole == 0, _SIDE, np.where(whole < 0, below, above)).astype(np.int64)


def edges_of(number: int) -> tuple[float, float]:
    """The least and the greatest strength of a bin, both 0 for the middle one."""
    if number == _SIDE:
        return 0.0, 0.0
    if number > _SIDE:
        low, high = edges_of(BINS - 1 - number)
        return 0.0 - high, 0.0 - low
    return number * _WIDTH / STEPS - 1, (number + 1) * _WIDTH / STEPS - 1 + 0.0


@frozen
class Bins:
    """The probability of a rise in each bin."""

    rises: tuple[float, ...]

    def probabilities(self, strengths: Floats) -> Floats:
        """The probability that the price rises, of each strength in [-1, 1]."""
        return np.asarray(self.rises)[bin_of(strengths)]


def fit_bins(strengths: Floats, rose: Flags) -> Bins:
    """Each bin's share of rises, drawn towards the share of all, and that towards one half.

    A bin weighs as if ten more outcomes at the common share had been seen in it, and the common
    share as if one rise and one fall more had been: without outcomes all say .5, and a lucky few
    convince nobody where prices are hard to foresee.
    """
    counts = np.bincount(bin_of(strengths), minlength=BINS)
    rises = np.bincount(bin_of(strengths), weights=rose.astype(np.float64), minlength=BINS)
    common = (rises.sum() + 1) / (counts.sum() + 2)
    return Bins(tuple(((rises + _PRIOR * common) / (counts + _PRIOR)).tolist()))

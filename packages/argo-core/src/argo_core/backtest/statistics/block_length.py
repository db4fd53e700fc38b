"""How long the blocks of a bootstrap should be, from the returns themselves."""

import math

import numpy as np

from argo_core.backtest.bars.arrays import Floats

FEWEST = 20
"""Returns below which there is nothing to choose a length by, and no interval is given."""


def block_length(values: Floats) -> float:
    """The mean block length that suits the stationary bootstrap of `values` best, 1 or more.

    Politis and White, Econometric Reviews 23(1), 2004, with the correction of Patton, Politis and
    White, Econometric Reviews 28(4), 2009: (2·G²/D·n)^(1/3), D = 2·g(0)², with a flat-top window
    over the autocovariances up to twice the first lag after which K of them are insignificant.
    Lags are counted as in Patton's program, and in the package arch, where the first is 1.
    """
    n = len(values)
    if n < FEWEST:
        return 1.0
    centred = values - np.mean(values)
    run = max(5, int(math.log10(n)))
    most = math.ceil(math.sqrt(n)) + run
    shared = np.array([float(centred[k:] @ centred[: n - k]) / n for k in range(most + 1)])
    window = min(2 * _first_quiet(centred, run, most), most)
    lag = np.arange(1, window + 1)
    weight = np.where(lag <= window / 2, 1.0, 2 * (1 - lag / window))
    slope = 2 * float((weight * lag) @ shared[1 : window + 1])
    spectrum = shared[0] + 2 * float(weight @ shared[1 : window + 1])
    longest = math.ceil(min(3 * math.sqrt(n), n / 3))
    if spectrum == 0:
        return 1.0
    return float(min(max((slope / spectrum) ** 2 * n, 1.0) ** (1 / 3), longest))


def _first_quiet(centred: Floats, run: int, most: int) -> int:
    """The first lag that begins `run` insignificant autocorrelations; `most` without one."""
    n = len(centred)
    band = 2 * math.sqrt(math.log10(n) / n)
    quiet = 0
    for lag in range(1, most):
        ahead, behind = centred[lag + 1 :], centred[: n - lag - 1]
        scale = math.sqrt(float(ahead @ ahead) * float(behind @ behind))
        shared = abs(float(centred[lag:] @ centred[: n - lag]))
        quiet = quiet + 1 if shared < band * scale else 0
        if quiet == run:
            return lag - run + 1
    return most

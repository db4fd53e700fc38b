"""How wrong an estimated volatility may be, and how far to raise it so that it errs upwards."""

import math
from statistics import NormalDist

from argo_core.errors import InvalidInput
from argo_core.resilience.door import not_negative, positive

TAIL = 0.05
_Z = NormalDist().inv_cdf(TAIL)


def effective_observations(spacing_s: float, half_life_s: float, seconds: float) -> float:
    """How many equally weighted observations an exponentially weighted estimate is worth.

    Observations come every `spacing_s` session seconds and lose half of their weight in
    `half_life_s`, that is a = 2^(-spacing/half-life) from one to the next. The weights of n of them
    are worth (sum w)^2 / sum w^2 = (1+a)/(1-a) (1-a^n)/(1+a^n) (Kish 1965), which grows from 1 to
    (1+a)/(1-a). `seconds` is `Volatility.seconds`, the weighted session time seen so far.

    Raises:
        InvalidInput: a number is not positive and finite.
    """
    positive("spacing_s", spacing_s)
    positive("half_life_s", half_life_s)
    positive("seconds", seconds)
    # 1 - a, in the form that keeps its digits when observations come fast.
    fading = -math.expm1(-math.log(2) * spacing_s / half_life_s)
    warm = min(1.0, seconds * fading / spacing_s)  # 1 - a^n
    return max(1.0, (2 - fading) / fading * warm / (2 - warm))


def chi_square_quantile(observations: float) -> float:
    """The 5 % quantile of chi-square with that many degrees of freedom, from 1 on; a little low.

    The larger of two approximations from below: Wilson and Hilferty's cube (1931), and
    2 (p Gamma(v/2 + 1))^(2/v), the first term of the distribution's series. It is low by 6.8 % at
    most, near 3 degrees, and by less than 0.3 % from 10 on; being low, it errs towards caution.

    Raises:
        InvalidInput: there is less than one observation, or it is no number.
    """
    if not (math.isfinite(observations) and observations >= 1):
        problem = f"{observations} observations have no spread"
        raise InvalidInput("observations", problem, "give one or more")
    spread = 2 / (9 * observations)
    cube = observations * max(0.0, 1 - spread + _Z * math.sqrt(spread)) ** 3
    half = observations / 2
    series = 2 * math.exp((math.log(TAIL) + math.lgamma(half + 1)) / half)
    return max(cube, series)


def inflated(sigma: float, observations: float) -> float:
    """The volatility that the true one exceeds with a chance of 5 %.

    `sigma` was estimated from that many effective normal observations v; then v sigma^2 / true^2 is
    chi-square, so the bound is sigma sqrt(v / chi2_{.05, v}).

    Raises:
        InvalidInput: `sigma` is negative or not finite, or there is less than one observation.
    """
    not_negative("sigma", sigma)
    return sigma * math.sqrt(observations / chi_square_quantile(observations))

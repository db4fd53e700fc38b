"""How long a price may be trusted: until it has moved too far with more than a small chance.

While nobody looks, the log price is taken for Brownian motion with variance `sigma`^2 per session
second. By the reflection principle, the chance that it strays further than b to a given side within
T is 2 (1 - Phi(b / (sigma sqrt T))), and to either side at most twice that. Setting this bound to
the accepted risk eps gives::

    TTL = (b / (sigma z))^2        z = Phi^-1(1 - eps/4)

(Feller, An Introduction to Probability Theory and Its Applications, vol. 2, X.5.) Half of the move
that is to be noticed may come from jumps, which no diffusion knows. Then the risk is split in
halves, one for each: TTL = min((b / (sigma z_{eps/2}))^2, -ln(1 - eps/2) / lambda), where lambda is
the rate of jumps and z_{eps/2} = Phi^-1(1 - eps/8).
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.door import not_negative, positive, share

MOVE = 0.005
"""The relative move that must not stay hidden, the seed's 0.5 %."""

JITTER = 0.10
"""The largest share by which a TTL is shortened, so that entries do not expire in step."""

# A symbol that stands still gets this share of the average volatility in budget mode, so that
# nobody waits for ever.
_LEAST_SIGMA = 0.01


@lru_cache(maxsize=64)
def barrier(risk: float) -> float:
    """The two-sided first-passage quantile z = Phi^-1(1 - risk/4) of standard Brownian motion.

    The subtraction is done on the other tail, where small risks keep their digits.
    """
    return -NormalDist().inv_cdf(risk / 4)


@frozen
class FirstPassage:
    """TTLs in session seconds that keep the chance of a hidden `move` at or below `risk`.

    `move` is relative; the barrier is b = ln(1 + move), the nearer of the two sides. A TTL is
    `longest_s` at most, and `unknown_s` while the volatility is unknown.
    """

    move: float = MOVE
    risk: float = 0.05
    longest_s: float = 3_600.0
    unknown_s: float = 10.0

    def __attrs_post_init__(self) -> None:
        for name in ("move", "longest_s", "unknown_s"):
            positive(name, getattr(self, name))
        positive("risk", share("risk", self.risk))

    def ttl_s(self, sigma: float | None, jumps_per_s: float | None = None) -> float:
        """Session seconds a price may live.

        `sigma` is the standard deviation of log returns per square root of a session second, best
        inflated (see `uncertainty`). With `jumps_per_s`, the risk is split between both causes.

        Raises:
            InvalidInput: a number is negative or not finite.
        """
        if sigma is None:
            return min(self.unknown_s, self.longest_s)
        not_negative("sigma", sigma)
        if jumps_per_s is None:
            return self._diffusion(sigma, self.risk)
        not_negative("jumps_per_s", jumps_per_s)
        half = self.risk / 2
        patience = -math.log1p(-half)  # Jumps expected within the TTL at this risk.
        if jumps_per_s * self.longest_s <= patience:
            return self._diffusion(sigma, half)
        return min(self._diffusion(sigma, half), patience / jumps_per_s)

    def _diffusion(self, sigma: float, risk: float) -> float:
        barrier_move = math.log1p(self.move)
        reach = sigma * barrier(risk)
        # Compared before dividing, so that a price that never moves overflows nothing.
        if reach * math.sqrt(self.longest_s) <= barrier_move:
            return self.longest_s
        return (barrier_move / reach) ** 2


def budgeted(
    ttls_s: Sequence[float], sigmas: Sequence[float], calls_per_s: float
) -> tuple[float, ...]:
    """The wanted TTLs if the calls allowed can pay for them, otherwise TTLs in proportion 1/sigma.

    Every entry costs 1/TTL calls per second. When their sum exceeds `calls_per_s`, entry i lives
    for sum(sigma) / (calls_per_s sigma_i), which spends the allowance exactly. A symbol that hardly
    moves counts as one hundredth of the average.

    Raises:
        InvalidInput: the lengths differ, or a number is out of range.
    """
    if len(ttls_s) != len(sigmas):
        problem = f"{len(sigmas)} volatilities for {len(ttls_s)} entries"
        raise InvalidInput("sigmas", problem, "give one for each entry")
    positive("calls_per_s", calls_per_s)
    if math.fsum(1 / positive("ttls_s", ttl) for ttl in ttls_s) <= calls_per_s:
        return tuple(ttls_s)
    total = math.fsum(not_negative("sigmas", sigma) for sigma in sigmas)
    if total == 0:
        return (len(ttls_s) / calls_per_s,) * len(ttls_s)
    least = _LEAST_SIGMA * total / len(sigmas)
    # In units of the total, so that tiny volatilities keep their proportions.
    shares = [max(sigma, least) / total for sigma in sigmas]
    spread = math.fsum(shares)
    return tuple(spread / (calls_per_s * one) for one in shares)


def opinion_ttl(
    refresh_after_s: float,
    sigma: float | None,
    usual_sigma: float | None,
    least: float = 0.5,
    most: float = 2.0,
) -> float:
    """Seconds after which an opinion is asked anew: `refresh_after_s` scaled by usual/now.

    A symbol twice as volatile as usual is asked twice as often; the factor is kept between `least`
    and `most`. Unknown volatilities change nothing.

    Raises:
        InvalidInput: a number is out of range.
    """
    positive("refresh_after_s", refresh_after_s)
    if sigma is None or usual_sigma is None:
        return refresh_after_s
    quiet = not_negative("usual_sigma", usual_sigma)
    if not_negative("sigma", sigma) * most <= quiet:
        return refresh_after_s * most if quiet else refresh_after_s
    return refresh_after_s * max(least, quiet / sigma)


def jittered(ttl_s: float, u: float) -> float:
    """`ttl_s` shortened by up to 10 %; `u` is a uniform draw from [0, 1).

    Raises:
        InvalidInput: `u` is no such draw.
    """
    return ttl_s * (1 - JITTER * share("u", u))

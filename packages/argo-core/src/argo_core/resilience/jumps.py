"""How often a price jumps: counted, with a prior belief so that none seen does not mean never."""

import math

from attrs import evolve, frozen

from argo_core.resilience.door import not_negative, positive

SESSION_S = 23_400.0
"""Seconds of a regular session of US stocks."""


@frozen
class JumpRate:
    """Jumps per session second: (`prior_jumps` + jumps) / (`prior_s` + session time).

    The mean of the gamma distribution that a Poisson count gives, starting from the belief of one
    jump a session. A jump is a log move larger than `least` that is also more than `tall` standard
    deviations of what its time explains (Lee and Mykland 2008, with a plain threshold).
    """

    prior_jumps: float = 1.0
    prior_s: float = SESSION_S
    least: float = 0.005
    tall: float = 4.0
    jumps: int = 0
    seconds: float = 0.0

    def __attrs_post_init__(self) -> None:
        for name in ("prior_jumps", "prior_s", "least", "tall"):
            positive(name, getattr(self, name))
        not_negative("jumps", self.jumps)
        not_negative("seconds", self.seconds)

    @property
    def per_s(self) -> float:
        """Expected jumps per session second."""
        return (self.prior_jumps + self.jumps) / (self.prior_s + self.seconds)

    def is_jump(self, move: float, elapsed_s: float, sigma: float) -> bool:
        """Whether a log move within `elapsed_s` is more than volatility explains.

        `sigma` is the volatility known before the move.
        """
        return abs(move) > max(self.least, self.tall * sigma * math.sqrt(elapsed_s))

    def update(self, move: float, elapsed_s: float, sigma: float) -> "JumpRate":
        """After one more log move over `elapsed_s` session seconds; `sigma` as known before it.

        Raises:
            InvalidInput: time or volatility is negative or not finite.
        """
        not_negative("elapsed_s", elapsed_s)
        not_negative("sigma", sigma)
        jumped = self.is_jump(move, elapsed_s, sigma)
        return evolve(self, jumps=self.jumps + jumped, seconds=self.seconds + elapsed_s)

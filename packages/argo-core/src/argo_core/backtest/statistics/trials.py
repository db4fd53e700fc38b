"""How much was tried before this result was chosen."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen

from argo_core.errors import InvalidInput


@frozen(kw_only=True)
class Trials:
    """`count` strategies or settings were tried, this one among them.

    `sharpe_variance` is the variance (ddof 1) of their annualised Sharpe ratios, 0 for one trial;
    None where there are several and the ratios of fewer than two of them are known.
    """

    count: int
    sharpe_variance: float | None

    def __attrs_post_init__(self) -> None:
        if self.count < 1:
            raise InvalidInput("count", f"{self.count} trials", "count this result as well")
        known = self.sharpe_variance
        if known is not None and (not math.isfinite(known) or known < 0):
            problem = f"{self.sharpe_variance} is no variance"
            raise InvalidInput("sharpe_variance", problem, "give a finite number, zero or more")

    @classmethod
    def of(cls, sharpes: Sequence[float]) -> "Trials":
        """Counted from the annualised Sharpe ratios of all that was tried."""
        variance = float(np.var(sharpes, ddof=1)) if len(sharpes) > 1 else 0.0
        return cls(count=len(sharpes), sharpe_variance=variance)

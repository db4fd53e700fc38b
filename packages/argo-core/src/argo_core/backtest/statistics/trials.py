"""How much was tried before this result was chosen."""

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen

from argo_core.errors import InvalidInput


@frozen(kw_only=True)
class Trials:
    """`count` strategies or settings were tried, this one among them.

    `sharpe_variance` is the variance (ddof 1) of their annualised Sharpe ratios, 0 for one trial.
    """

    count: int
    sharpe_variance: float

    def __attrs_post_init__(self) -> None:
        if self.count < 1:
            raise InvalidInput("count", f"{self.count} trials", "count this result as well")
        if not math.isfinite(self.sharpe_variance) or self.sharpe_variance < 0:
            problem = f"{self.sharpe_variance} is no variance"
            raise InvalidInput("sharpe_variance", problem, "give a finite number, zero or more")

    @classmethod
    def of(cls, sharpes: Sequence[float]) -> "Trials":
        """Counted from the annualised Sharpe ratios of all that was tried."""
        variance = float(np.var(sharpes, ddof=1)) if len(sharpes) > 1 else 0.0
        return cls(count=len(sharpes), sharpe_variance=variance)

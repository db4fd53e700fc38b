"""The moments of a series of daily returns, as the Sharpe ratio's own statistics take them."""

from typing import Self

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.trading_result import Traded
from argo_core.backtest.statistics.growth import returns
from argo_core.backtest.statistics.statistic import Undefined
from argo_core.backtest.trades import daily

# Money is counted in ten-thousandths of a dollar: what strays less than this is only rounding.
_STRAYS = 1e-12


@frozen(kw_only=True)
class Sample:
    """Of `n` daily returns: `sharpe` is their mean by their standard deviation (ddof 1).

    It is not annualised and without a riskless rate. `skew` is m3/m2^1.5 and `kurtosis` m4/m2^2,
    raw: 3 for a normal distribution. All three are None where there are fewer than two returns,
    none strays from the others, or equity fell to zero or below.
    """

    n: int
    sharpe: float | None = None
    skew: float | None = None
    kurtosis: float | None = None

    @classmethod
    def of_path(cls, path: npt.ArrayLike) -> Self:
        """Of equity from its opening on, once a session."""
        values = returns(path)
        if isinstance(values, Undefined):
            return cls(n=len(np.asarray(path)) - 1)
        n = len(values)
        if n < 2 or (strays := float(np.std(values, ddof=1))) < _STRAYS:  # noqa: PLR2004
            return cls(n=n)
        mean = float(np.mean(values))
        standard = (values - mean) / float(np.std(values))
        return cls(
            n=n,
            sharpe=mean / strays,
            skew=float(np.mean(standard**3)),
            kurtosis=float(np.mean(standard**4)),
        )

    @classmethod
    def of(cls, panel: Panel, traded: Traded) -> Self:
        """Of a result.

        Raises:
            InvalidInput: it is not the result of these bars.
        """
        return cls.of_path(daily(panel, traded).path)

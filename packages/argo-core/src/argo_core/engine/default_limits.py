"""How often each vendor may be asked unless the operator says otherwise."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.resilience.allowance import Allowance, LimitPolicy, within

# Massive has no limit on paid plans and 5 a minute on the free one; 5 a second with a burst of 10
# is what this project allows itself. The free plan of Alpha Vantage had 5 a minute; now it is 25 a
# day, and paid ones begin at 75 a minute. Alpaca's free plan has 200 a minute for everything: the
# burst is for a start with many symbols, whose history comes in pages. Yahoo publishes no limit and
# has blocked people at about 100 symbols in a row; one ask reads 20, and one comes in a minute.
DEFAULT_LIMITS: Final[Mapping[SourceName, LimitPolicy]] = MappingProxyType(
    {
        MASSIVE: LimitPolicy((Allowance(5.0, 10.0),)),
        ALPHA_VANTAGE: LimitPolicy((within(5, 60.0),)),
        GROK: LimitPolicy((Allowance(1.0),)),
        SONAR: LimitPolicy((Allowance(1.0),)),
        SourceName("alpaca"): LimitPolicy((within(200, 60.0, 20),)),
        SourceName("yfinance"): LimitPolicy((Allowance(20 / 60, 20.0),)),
    }
)

UNLIMITED: Final = LimitPolicy((Allowance(1e6, 1e6),))
"""For vendors of our own making, whose limits are switched off."""

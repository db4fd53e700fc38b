"""An opinion whose horizon has passed."""

from datetime import datetime

from attrs import field, frozen

from argo_core.consensus.opinion import SourceName, finite
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware, to_micros

CONSENSUS = SourceName("*consensus*")
"""Under this name the confidence of published signals is judged; no source can have it."""

_MICRO = 1_000_000


@frozen
class Judged:
    """What a source said of a symbol at `at`, and whether the price `went_up` over the horizon.

    `strength` x is in [-1, 1]. A price that ended where it started has judged nobody and makes none
    of these. `explored` says whether the ask bypassed the gate on paid AI, None where that is not
    known; `horizon_s` is seconds. `said_us` is `at` in microseconds since 1970.
    """

    source: SourceName
    symbol: Symbol
    horizon_s: int
    regime: Regime
    strength: float
    went_up: bool
    at: datetime
    explored: bool | None = None
    said_us: int = field(init=False, eq=False, repr=False)

    @said_us.default
    def _began(self) -> int:
        # Asked for a dozen times each, so it is found once.
        return to_micros(aware("at", self.at))

    def __attrs_post_init__(self) -> None:
        if abs(finite("strength", self.strength)) > 1:
            problem = f"{self.strength} is not a strength"
            raise InvalidInput("strength", problem, "give a number from -1 (sell) to 1 (buy)")
        if self.horizon_s <= 0:
            problem = f"{self.horizon_s} is not ahead"
            raise InvalidInput("horizon_s", problem, "give whole seconds > 0")

    @property
    def known_us(self) -> int:
        """When its horizon was over."""
        return self.said_us + self.horizon_s * _MICRO

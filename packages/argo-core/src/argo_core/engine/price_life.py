"""How long a price may go unobserved before it could have moved too far unnoticed."""

from datetime import datetime, timedelta

from attrs import frozen

from argo_core.engine.market_state import MarketState
from argo_core.market.instrument import Instrument
from argo_core.market.session import Phase
from argo_core.resilience.table_policy import TablePolicy
from argo_core.resilience.ttl import FirstPassage
from argo_core.resilience.uncertainty import effective_observations, inflated
from argo_core.resilience.variance_clock import VarianceClock


@frozen
class PriceLife:
    """Lives by `policy`: derived from how the symbol moves, or looked up in a table.

    `clock` knows the sessions; `spacing_s` is how far prices are apart that volatility is learned
    from.
    """

    clock: VarianceClock
    policy: FirstPassage | TablePolicy = FirstPassage()
    spacing_s: float = 5.0

    def ends(
        self, instrument: Instrument, phase: Phase, looked_at: datetime, market: MarketState
    ) -> datetime:
        """When a price that was looked at then is too old.

        Raises:
            InvalidInput: the session table does not reach as far.
        """
        if isinstance(self.policy, TablePolicy):
            ttl_s = self.policy.ttl_s(instrument, phase, market.sigma)
            return looked_at + timedelta(seconds=ttl_s)
        session_s = self.policy.ttl_s(self.cautious_sigma(market), market.jumps.per_s)
        return self.clock.expires(instrument, looked_at, session_s)

    def cautious_sigma(self, market: MarketState) -> float | None:
        """The volatility that the true one exceeds with a chance of 5 %, None while unknown."""
        volatility, sigma = market.volatility, market.sigma
        if sigma is None:
            return None
        known = effective_observations(self.spacing_s, volatility.half_life_s, volatility.seconds)
        return inflated(sigma, known)

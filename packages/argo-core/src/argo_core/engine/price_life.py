"""How long a price may go unobserved before it could have moved too far unnoticed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import frozen

from argo_core.engine.market_state import MarketState
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Instrument
from argo_core.market.session import Phase
from argo_core.resilience.table_policy import TablePolicy
from argo_core.resilience.ttl import FirstPassage, budgeted
from argo_core.resilience.uncertainty import effective_observations, inflated
from argo_core.resilience.variance_clock import VarianceClock


@frozen
class PriceLife:
    """Lives by `policy`: derived from how the symbol moves, or looked up in a table.

    `clock` knows the sessions; `spacing_s` is how far prices are apart that volatility is learned
    from. With a minute the promise was kept for all of sixteen symbols on recorded bars; with five
    seconds it was broken for four, because prices trade less often and move less evenly than so
    many observations would mean. A feed that costs a call for each symbol gets `calls_per_s` of
    them at most: when the lives would need more, they are stretched, the least volatile symbol's
    most.
    """

    clock: VarianceClock
    policy: FirstPassage | TablePolicy = FirstPassage()
    spacing_s: float = 60.0
    calls_per_s: float = 0.5

    def lives_s(
        self, markets: Mapping[Instrument, tuple[Phase, MarketState]], *, paid: bool
    ) -> tuple[float, ...]:
        """Seconds each price may live, in that order; session seconds unless looked up.

        `paid` says that each symbol costs a call.
        """
        lives = tuple(self._life_s(one, *known) for one, known in markets.items())
        if not paid or not lives:
            return lives
        sigmas = [market.sigma or 0.0 for _, market in markets.values()]
        return budgeted(lives, sigmas, self.calls_per_s)

    def ends(self, instrument: Instrument, looked_at: datetime, life_s: float) -> datetime:
        """When a price that was looked at then has lived for so long.

        Past the session table nobody knows whether the market is open; there it ends at once.
        """
        if isinstance(self.policy, TablePolicy):
            return looked_at + timedelta(seconds=life_s)
        try:
            return self.clock.expires(instrument, looked_at, life_s)
        except InvalidInput:
            return looked_at

    def _life_s(self, instrument: Instrument, phase: Phase, market: MarketState) -> float:
        if isinstance(self.policy, TablePolicy):
            return self.policy.ttl_s(instrument, phase, market.sigma)
        return self.policy.ttl_s(self._cautious_sigma(market), market.jumps.per_s)

    def _cautious_sigma(self, market: MarketState) -> float | None:
        """The volatility that the true one exceeds with a chance of 5 %, None while unknown."""
        volatility, sigma = market.volatility, market.sigma
        if sigma is None:
            return None
        known = effective_observations(self.spacing_s, volatility.half_life_s, volatility.seconds)
        return inflated(sigma, known)

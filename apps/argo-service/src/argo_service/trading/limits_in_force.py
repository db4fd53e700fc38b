"""The risk limits in force, whoever trades by them and whenever they do."""

from collections.abc import Iterator
from contextlib import contextmanager

from argo_core.execution.trader import Trader
from argo_core.trading.limits import RiskLimits


class LimitsInForce:
    """Kept beside whoever trades, who may come later, or go and come again with another lease."""

    def __init__(self, limits: RiskLimits) -> None:
        self.now = limits
        self._trader: Trader | None = None

    def relimit(self, limits: RiskLimits) -> None:
        """These bind the next decision, and whoever begins to trade later."""
        self.now = limits
        if self._trader is not None:
            self._trader.relimit(limits)

    @contextmanager
    def binding(self, trader: Trader) -> Iterator[None]:
        """For the block the trader goes by the limits as they are, and as they become."""
        trader.relimit(self.now)
        self._trader = trader
        try:
            yield
        finally:
            self._trader = None

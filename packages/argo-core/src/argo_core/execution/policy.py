"""What an operator decides about trading, beside the risk limits."""

from datetime import timedelta
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.reasons import Direction
from argo_core.trading.intent import CLOSE_ON
from argo_core.trading.limits import RiskLimits
from argo_core.trading.monitor import MonitorPolicy
from argo_core.trading.step import Pace


@frozen
class TradingPolicy:
    """Durations are of the market's clock, but for those in wall seconds.

    A signal in one of the directions `close_on` closes the opposite position. Entries are limits
    that lie `cross` (a fraction) beyond the quote, so that they are filled at once and never at any
    price. The stop follows the best price at the distance `trail` (a fraction of the price), None
    for never. Books are compared every `reconcile`, and where the broker failed again after
    `retry`. Whether an order without an answer got there is asked `look_apart` apart. One broker
    call may take `call_s`, and after `tick_s` everything is looked at though nothing came.
    """

    limits: RiskLimits = RiskLimits()
    pace: Pace = Pace()
    close_on: frozenset[Direction] = CLOSE_ON
    cross: Decimal = Decimal("0.0005")
    trail: Decimal | None = None
    reconcile: timedelta = timedelta(seconds=60)
    retry: timedelta = timedelta(seconds=5)
    look_apart: timedelta = timedelta(seconds=2)
    monitor: MonitorPolicy = MonitorPolicy()
    call_s: float = 15.0
    tick_s: float = 1.0

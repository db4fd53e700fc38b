"""A price that has moved too far makes stale at once whatever was formed at the old one."""

import math
from datetime import datetime, timedelta

from attrs import field, frozen

from argo_core.errors import InvalidInput
from argo_core.market.moment import aware
from argo_core.resilience.door import positive
from argo_core.resilience.ttl import MOVE


def _check_price(_instance: object, _attribute: object, price: float | None) -> None:
    if price is not None and not (math.isfinite(price) and price > 0):
        raise InvalidInput("price", f"{price} is not a price", "give a positive finite number")


@frozen
class PriceTrigger:
    """Fires when the price has moved by more than `move` (relative) from its reference.

    Having fired, it takes the new price for its reference: the ask that follows is formed there,
    and a trigger that kept firing would invalidate that ask too. Two firings are `debounce` apart
    at least; a move in between is not lost, the next price after it fires. A value: every
    observation gives a new one.
    """

    move: float = MOVE
    debounce: timedelta = timedelta(milliseconds=250)
    reference: float | None = field(default=None, validator=_check_price)
    fired_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        positive("move", self.move)
        if self.debounce < timedelta(0):
            raise InvalidInput("debounce", f"{self.debounce} is negative", "give zero or more")

    def observe(self, price: float, now: datetime) -> tuple["PriceTrigger", bool]:
        """The trigger after one more price, and whether what stands must be invalidated.

        The first price is only the reference.

        Raises:
            InvalidInput: the price is not positive and finite, or `now` is not aware UTC.
        """
        _check_price(self, None, price)
        aware("now", now)
        if self.reference is None:
            return self.rebase(price), False
        if abs(price / self.reference - 1) <= self.move:
            return self, False
        # A clock that stands behind the last firing is within the debounce as well.
        if self.fired_at is not None and now < self.fired_at + self.debounce:
            return self, False
        return PriceTrigger(self.move, self.debounce, price, now), True

    def rebase(self, price: float) -> "PriceTrigger":
        """The trigger of something new that was formed at `price`.

        Raises:
            InvalidInput: the price is not positive and finite.
        """
        return PriceTrigger(self.move, self.debounce, price, self.fired_at)

"""Tells several what happened."""

from collections.abc import Sequence

from attrs import frozen

from alpine_service.ports.observing import Fact, Observer, Weight


@frozen
class FanOut:
    """Keeps the port `Observer`."""

    observers: Sequence[Observer]

    def tell(self, what: str, weight: Weight = Weight.INFO, **facts: Fact) -> None:
        for each in self.observers:
            each.tell(what, weight, **facts)

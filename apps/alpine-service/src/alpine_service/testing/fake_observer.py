"""An observer that remembers."""

from attrs import Factory, define, frozen

from alpine_service.ports.observing import Fact, Weight


@frozen
class Told:
    """One thing that was told."""

    what: str
    weight: Weight
    facts: dict[str, Fact]


@define
class FakeObserver:
    """Everything told, in order."""

    told: list[Told] = Factory(list)

    def tell(self, what: str, weight: Weight = Weight.INFO, **facts: Fact) -> None:
        self.told.append(Told(what, weight, facts))

    def names(self) -> list[str]:
        return [each.what for each in self.told]

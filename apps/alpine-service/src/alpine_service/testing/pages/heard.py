"""An observer that wakes whoever waits for something to have happened."""

import asyncio
from collections.abc import Callable

from attrs import Factory, define

from alpine_service.ports.observing import Fact, Weight
from alpine_service.testing.fake_observer import Told

# What takes a tenth of a second may take a long time where many things are done at once.
PATIENCE_S = 90.0


@define(eq=False)
class Heard:
    """Everything told, in order."""

    told: list[Told] = Factory(list)
    _news: asyncio.Event = Factory(asyncio.Event)

    def tell(self, what: str, weight: Weight = Weight.INFO, **facts: Fact) -> None:
        self.told.append(Told(what, weight, facts))
        self._news.set()
        self._news = asyncio.Event()

    @property
    def alarms(self) -> list[Told]:
        """What an operator should mind."""
        return [each for each in self.told if each.weight is not Weight.INFO]

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until it holds, looking whenever something is told.

        Raises:
            AssertionError: it took too long; with the words of `what`.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds():
                    await self._news.wait()
        except TimeoutError:
            last = "\n".join(str(each) for each in self.alarms[-10:])
            raise AssertionError(f"not within {PATIENCE_S:g} s: {what}\n{last}") from None

"""What stands now, for the board and for the page of one signal."""

from collections.abc import Collection
from typing import Protocol

from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.price_point import PricePoint
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.domain.signals.timeline import Told


class BoardStore(Protocol):
    """Reads only. All methods may raise DatabaseAway and DatabaseRefused.

    Records are given whole: who calls shows of them what `seen_by` leaves. Prices and events are
    only those that the audience may see.
    """

    async def standing(self, audience: Audience, most: int) -> list[SignalRecord]:
        """The newest signal of each strategy and symbol whose body the audience may see.

        The newest first, and none of retired strategies.
        """
        ...

    async def standing_beside(
        self, log_indices: Collection[int], audience: Audience
    ) -> list[SignalRecord]:
        """Those of `standing` that have strategy and symbol of one of these signals.

        Signals whose body the audience may not see are passed by. The newest first.
        """
        ...

    async def sealed(self, audience: Audience, most: int) -> list[SignalRecord]:
        """The newest commits whose body the audience may not see, none of retired strategies."""
        ...

    async def prices(
        self, symbols: Collection[str], audience: Audience, most_each: int
    ) -> list[PricePoint]:
        """Prices in the newest `most_each` signals of each symbol and in their outcomes.

        At most the newest `most_each` of each symbol, by time, the oldest first.
        """
        ...

    async def told(self, log_indices: Collection[int], audience: Audience) -> list[Told]:
        """The events about these entries that the audience may see."""
        ...

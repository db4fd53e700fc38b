"""What stands now, for those who ask: everything goes through what they may see."""

from collections.abc import Collection

from attrs import frozen

from alpine_service.domain.plans.entitlement import Entitlement
from alpine_service.domain.signals.price_point import PricePoint
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.domain.signals.timeline import Timeline, entries_of, timeline_of
from alpine_service.domain.signals.visibility import audience_of, seen_by
from alpine_service.ports.board import BoardStore


@frozen
class Lineup:
    """What stands: signals that the asker may see, and commits that are sealed to them.

    Both have the newest first.
    """

    signals: tuple[SignalRecord, ...]
    sealed: tuple[SignalRecord, ...]


class Board:
    """Reads for whoever asks; an entitlement of None is a stranger's."""

    def __init__(self, store: BoardStore) -> None:
        self._store = store

    async def standing(self, entitlement: Entitlement | None, most: int) -> Lineup:
        """The newest signal of each strategy and symbol, and the newest commits still sealed.

        At most `most` of each kind. Retired strategies have none. A HOLD stands too: it withdraws
        the signal before.
        """
        audience = audience_of(entitlement)
        signals = await self._store.standing(audience, most)
        sealed = await self._store.sealed(audience, most)
        return Lineup(
            tuple(seen_by(each, audience) for each in signals),
            tuple(seen_by(each, audience) for each in sealed),
        )

    async def standing_beside(
        self, log_indices: Collection[int], entitlement: Entitlement | None
    ) -> tuple[SignalRecord, ...]:
        """What stands now of the strategies and symbols that these signals are of, newest first.

        Signals that the asker may not see are as if they were not named.
        """
        audience = audience_of(entitlement)
        found = await self._store.standing_beside(log_indices, audience)
        return tuple(seen_by(each, audience) for each in found)

    async def prices(
        self, symbols: Collection[str], entitlement: Entitlement | None, most_each: int
    ) -> dict[str, tuple[PricePoint, ...]]:
        """The newest prices in the record of each symbol, the oldest first; () without any."""
        points: dict[str, list[PricePoint]] = {symbol: [] for symbol in symbols}
        for point in await self._store.prices(points, audience_of(entitlement), most_each):
            points[point.symbol].append(point)
        return {symbol: tuple(each) for symbol, each in points.items()}

    async def timeline(self, seen: SignalRecord, entitlement: Entitlement | None) -> Timeline:
        """When what was told, of a signal as `Signals.one` gave it to the same asker."""
        audience = audience_of(entitlement)
        # Seen again, in case somebody hands in a record that is whole.
        seen = seen_by(seen, audience)
        return timeline_of(seen, await self._store.told(entries_of(seen), audience))

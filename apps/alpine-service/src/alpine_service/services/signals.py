"""Signals for those who ask: everything goes through what they may see."""

from attrs import frozen

from alpine_service.domain.plans.entitlement import Entitlement
from alpine_service.domain.signals.asked import Asked
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.performance import Performance, Tally, performance_of
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.domain.signals.visibility import audience_of, is_open_to, seen_by
from alpine_service.errors import NotThere
from alpine_service.ports.outside import Clock
from alpine_service.ports.signals import Proofs, SignalStore, Stamp, StrategyRecord
from alpine_service.services.shared_look import SharedLook

OVERALL = "all"
_US = 1_000_000
# The log reveals in its next batch, and we read that a little later.
REVEAL_GRACE_US = 600 * _US
_LARGEST_INDEX = 2**63 - 1


@frozen
class Page:
    """Signals, the newest first; `next` is where to go on, None at the end."""

    signals: tuple[SignalRecord, ...]
    next: int | None


class Signals:
    """Reads for whoever asks; an entitlement of None is a stranger's."""

    def __init__(self, store: SignalStore, proofs: Proofs, clock: Clock) -> None:
        self._store = store
        self._proofs = proofs
        self._clock = clock
        self._stamp = SharedLook(store.stamp)

    async def stamp(self) -> Stamp:
        """What pages are made of now; looked up after this was called, with others who ask."""
        return await self._stamp.look()

    async def page(self, asked: Asked, audience: Audience, before: int | None, limit: int) -> Page:
        """A page of what that audience may see."""
        found = await self._store.page(asked, audience, before, limit + 1)
        shown = tuple(seen_by(record, audience) for record in found[:limit])
        return Page(shown, shown[-1].log_index if len(found) > limit else None)

    async def one(self, name: str, entitlement: Entitlement | None) -> SignalRecord:
        """A signal by its index in the log, or by its id where that may be seen.

        Raises:
            NotThere: there is none, or its id is in a body that is sealed to the asker.
        """
        audience = audience_of(entitlement)
        if (index := _index(name)) is not None:
            record = await self._store.at(index)
        else:
            record = await self._store.named(name)
            if record is not None and not is_open_to(record, audience):
                record = None
        if record is None:
            raise NotThere("signal")
        return seen_by(record, audience)

    async def proof(self, name: str, entitlement: Entitlement | None) -> bytes:
        """The proof that the signal's entry is in the log: a commit's, if it was committed.

        Raises:
            NotThere: there is no such signal, or no checkpoint that covers it yet.
        """
        return await self._proofs.proof_file((await self.one(name, entitlement)).log_index)

    async def entry(self, name: str, entitlement: Entitlement | None) -> bytes:
        """The entry that the proof is about, byte for byte.

        Raises:
            NotThere: there is no such signal.
        """
        data = await self._store.entry((await self.one(name, entitlement)).log_index)
        if data is None:
            raise NotThere("entry")
        return data

    async def strategies(self) -> list[StrategyRecord]:
        """All that were ever registered: retired ones do not vanish."""
        return await self._store.strategies()

    async def strategy(self, name: str) -> StrategyRecord:
        """One of them.

        Raises:
            NotThere: there is none of that name.
        """
        found = await self._store.strategy(name)
        if found is None:
            raise NotThere("strategy")
        return found

    async def performance(self) -> tuple[Performance, list[Performance]]:
        """Of all strategies together, and of each: of what everybody may see, the same for all."""
        now_us = int(self._clock.now().timestamp() * _US)
        tallies = await self._store.tallies(now_us, REVEAL_GRACE_US)
        return performance_of(sum(tallies, Tally(OVERALL))), [
            performance_of(each) for each in tallies
        ]


def _index(name: str) -> int | None:
    if not (name.isascii() and name.isdecimal()) or len(name) > len(str(_LARGEST_INDEX)):
        return None
    return min(int(name), _LARGEST_INDEX)

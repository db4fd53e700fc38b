"""How it stands with the reading of the log, and what was refused: for health and the operator."""

from attrs import frozen

from alpine_service.errors import NotThere
from alpine_service.ports.feed import Quarantine, QuarantineStore, Standing
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock


@frozen
class IngestFacts:
    """How it stands, with ages in seconds; None before the first time.

    `silent_s` is how long the log has not been heard, `lag` how many entries it promised that are
    not accepted yet.
    """

    standing: Standing
    silent_s: float | None
    lag: int


@frozen
class IngestStanding:
    """Tells about the reading of a log, and closes what was refused."""

    _store: QuarantineStore
    _clock: Clock
    _observer: Observer
    _log: str

    async def facts(self) -> IngestFacts:
        """How it stands now."""
        standing = await self._store.standing(self._log)
        heard_at = standing.heard_at
        silent_s = None if heard_at is None else (self._clock.now() - heard_at).total_seconds()
        return IngestFacts(standing, silent_s, standing.promised - standing.size)

    async def quarantines(self, *, resolved: bool = False, limit: int = 50) -> list[Quarantine]:
        """What was refused, the newest first."""
        return await self._store.listed(resolved=resolved, limit=limit)

    async def evidence(self, number: int, name: str) -> bytes:
        """A piece of evidence, byte for byte as it was served.

        Raises:
            NotThere: there is no such piece.
        """
        data = await self._store.evidence(number, name)
        if data is None:
            raise NotThere("evidence")
        return data

    async def resolve(self, number: int, by: str) -> None:
        """Close a refusal; if it was what halted the reading, it goes on.

        The same refusal again opens it again. `by` is the id of whoever takes the responsibility.

        Raises:
            NotThere: no refusal of that number is open.
        """
        if not await self._store.resolve(number, by, self._clock.now()):
            raise NotThere("open quarantine")
        self._observer.tell("ingest.resolved", Weight.WARNING, quarantine=number, by=by)

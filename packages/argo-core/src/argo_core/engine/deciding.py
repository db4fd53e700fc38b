"""Who decides: the desk itself, or shards on other processes, in the same words to the byte."""

from argo_core.engine.desk import Desk
from argo_core.engine.inputs import Decided, Missed
from argo_core.engine.picture import Decision, Picture
from argo_core.engine.shards.sharding import Round, Shards


class Deciding:
    """Has the desk's pictures decided; without `shards` at once and right here."""

    def __init__(self, desk: Desk, shards: Shards | None = None) -> None:
        self._desk = desk
        self._shards = shards

    async def decide(self, decided: Decided) -> tuple[tuple[Decision, ...], tuple[Picture, ...]]:
        """The decisions that were made in time, and what there was to decide on."""
        if self._shards is None:
            return self._desk.decide(decided)
        pictures = self._desk.look(decided)
        return self._taken(decided, await self._shards.decide(pictures, decided.at)), pictures

    def _taken(self, decided: Decided, found: Round) -> tuple[Decision, ...]:
        self._desk.take(decided, found.decisions)
        if found.missed:
            self._desk.missed(Missed(found.missed))
        return found.decisions

    def settled(self) -> None:
        """The record has taken what was decided last."""
        if self._shards is not None:
            self._shards.settled()

    async def stop(self) -> None:
        """Wait for no late shard any more."""
        if self._shards is not None:
            await self._shards.stop()

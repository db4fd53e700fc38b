"""Asks under way: one for each source, landing in what is known."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from argo_core.consensus.opinion import SourceName
from argo_core.engine.asks import Ask, AskBook
from argo_core.engine.guarded_opinions import GuardedOpinions
from argo_core.engine.known import Known
from argo_core.engine.single_flight import SingleFlight
from argo_core.events import AskSpared
from argo_core.ports import Clock, Observer


class Refresher:
    """Starts asks, lets them land, and cancels them at the end."""

    def __init__(
        self,
        sources: Mapping[SourceName, GuardedOpinions],
        known: Known,
        book: AskBook,
        *,
        clock: Clock,
        observer: Observer,
        chance: Callable[[], float],
    ) -> None:
        self._sources = sources
        self._known = known
        self._book = book
        self._clock = clock
        self._observer = observer
        self._flights: SingleFlight[SourceName] = SingleFlight(clock, chance)

    @property
    def busy(self) -> frozenset[SourceName]:
        """Sources that have not answered yet."""
        return self._flights.busy

    async def warm(self) -> None:
        """Begin with what the cache still knows, of whatever age: its age says what it counts."""
        now = self._clock.now()
        for name, source in self._sources.items():
            entries = await source.remembered(self._known.instruments)
            if entries:
                self._known.learn(name, [entry.value.opinion for entry in entries], now)
                self._book.note_answers(name, entries)

    def start(self, asks: Iterable[Ask]) -> None:
        """Begin every ask beside the others; none of them is waited for.

        One that has to back off is left out, as if it had not been planned.
        """
        for ask in asks:
            now = self._clock.now()
            if ask.wishes and not self._flights.launch(ask.source, partial(self._answer, ask)):
                continue
            self._book.note(ask, now)
            if ask.spared:
                self._observer.notice(AskSpared(ask.source, now, len(ask.spared)))

    async def landed(self) -> None:
        """Wait until every ask under way has landed."""
        await self._flights.landed()

    async def stop(self) -> None:
        """Cancel what is under way and wait for it to end."""
        await self._flights.stop()

    async def _answer(self, ask: Ask) -> bool:
        """Whether everything asked for came, from wherever."""
        brought = await self._sources[ask.source].ask(ask.wishes)
        now = self._clock.now()
        self._book.note_answers(ask.source, brought.entries)
        if brought.failure is None:
            self._known.recover(ask.source)
        opinions = [one.value.opinion for one in brought.entries]
        self._known.learn(ask.source, opinions, now, brought.raws)
        if brought.failure is None:
            return True
        answered = {entry.value.opinion.symbol for entry in brought.entries}
        self._known.fail(ask.source, brought.failure, now)
        self._book.forget(ask.source, (one for one in ask.symbols if one not in answered))
        return False

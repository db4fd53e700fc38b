"""Every vendor of an engine, each behind what the outside has to guard it with."""

from collections.abc import Mapping

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.guarded_opinions import GuardedOpinions
from argo_core.engine.guarded_quotes import GuardedQuotes
from argo_core.engine.outside import Outside
from argo_core.engine.shared_flight import SharedFlight
from argo_core.engine.shield import Shield
from argo_core.engine.writer import ProseWriter
from argo_core.ports import Observer, OpinionSource

_BARE = Shield()


class Guarded:
    """Builds them; one store of locks makes turns for all."""

    def __init__(self, profile: Profile, outside: Outside, observer: Observer) -> None:
        self._profile = profile
        self._outside = outside
        self._observer = observer
        self._flight = SharedFlight(outside.clock, outside.locks)

    def sources(
        self, by_name: Mapping[SourceName, OpinionSource]
    ) -> dict[SourceName, GuardedOpinions]:
        """The sources of opinions, guarded."""
        return {
            name: GuardedOpinions(
                source,
                self._profile.sources[name],
                clock=self._outside.clock,
                observer=self._observer,
                cache=self._outside.opinion_cache,
                flight=self._flight,
                shield=self._shield(name),
                tracer=self._outside.tracer,
                move=self._profile.publish_move,
            )
            for name, source in by_name.items()
        }

    def feeds(self) -> tuple[GuardedQuotes, ...]:
        """The feeds of prices, guarded, the primary first."""
        return tuple(
            GuardedQuotes(
                feed,
                self._profile.price_timeout_s,
                clock=self._outside.clock,
                observer=self._observer,
                cache=self._outside.quote_cache,
                flight=self._flight,
                shield=self._shield(feed.name),
                tracer=self._outside.tracer,
            )
            for feed in self._outside.quotes
        )

    def writer(self) -> ProseWriter:
        """Who finds words for signals; without anybody to write, it has templates alone."""
        writing = self._outside.writing
        if writing is None:
            return ProseWriter(None, clock=self._outside.clock, observer=self._observer)
        return ProseWriter(
            writing.reasoner,
            writing.cache,
            payer=writing.payer,
            clock=self._outside.clock,
            observer=self._observer,
            shield=writing.shield,
            flight=self._flight,
            timeout_s=writing.timeout_s,
            at_once=writing.at_once,
            tracer=self._outside.tracer,
        )

    def _shield(self, name: SourceName) -> Shield:
        return self._outside.shields.get(name, _BARE)

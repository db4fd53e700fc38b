"""Signals in a writer's words, formed beside the cycle and never waited for.

A signal is published at once, with the words that are there: prose of the same key that came
before, or the template. Prose that comes later is kept beside its signal for readers, and the next
signal with the same key has it in its entry. Whatever is kept, here or in a cache others write to
as well, is verified against the brief it is to stand for every time it is used.
"""

from typing import NamedTuple

from argo_core.consensus.opinion import SourceName
from argo_core.engine.newest import Newest
from argo_core.engine.prose_asker import ProseAsker
from argo_core.engine.shared_flight import SharedFlight
from argo_core.engine.shield import Shield
from argo_core.engine.single_flight import SingleFlight
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import VendorError
from argo_core.events import ReasoningFormed
from argo_core.ports import Cache, Clock, Observer, Reasoner, Tracer
from argo_core.resilience.flights import BackOff, Flights
from argo_core.signals.brief import Brief
from argo_core.signals.prose import Prose
from argo_core.signals.rendering import render
from argo_core.signals.verifier import verify

TEMPLATE = "template"
FALLBACK = "fallback"

BACK_OFF = BackOff(first_s=30.0, longest_s=600.0)
"""How long a key that failed is left alone; the next signal most likely has another key."""


class Words(NamedTuple):
    """A text, and who wrote it: the reasoner's name, "template", or "fallback"."""

    text: str
    source: str


class ProseWriter:
    """Finds words for signals, at most `at_once` asks of `reasoner` at a time.

    Without a reasoner every signal has its template. Of the newest `kept` signals and keys it
    remembers what was said. An ask is given up after `timeout_s` on the wall and paid for from the
    purse of `shield`. `cache` and `flight` share what is said with other processes.
    """

    def __init__(
        self,
        reasoner: Reasoner | None,
        cache: Cache[Prose] | None = None,
        *,
        clock: Clock,
        observer: Observer,
        shield: Shield | None = None,
        flight: SharedFlight | None = None,
        payer: SourceName | None = None,
        timeout_s: float = 60.0,
        at_once: int = 4,
        kept: int = 1_000,
        tracer: Tracer = UNTRACED,
    ) -> None:
        shield = shield or Shield()
        self._asker: ProseAsker | None = None
        if reasoner is not None:
            self._asker = ProseAsker(
                reasoner,
                cache,
                clock=clock,
                observer=observer,
                shield=shield,
                flight=flight or SharedFlight(clock),
                payer=payer or reasoner.name,
                timeout_s=timeout_s,
                tracer=tracer,
            )
        self._clock = clock
        self._observer = observer
        self._flying = SingleFlight[str](clock, shield.chance, Flights(BACK_OFF, at_once))
        # By key: what was said, or why nothing was. By signal: what readers are shown beside it.
        self._said = Newest[Prose | VendorError](kept)
        self._shown = Newest[Words](kept)
        self._waiting: dict[str, list[str]] = {}
        self._stopped = False

    @property
    def busy(self) -> int:
        """How many asks are under way."""
        return len(self._flying.busy)

    def words(self, brief: Brief) -> Words:
        """What a signal published now says; never waits and never asks."""
        said = self._said.get(self._asker.key(brief)) if self._asker else None
        if self._asker is None or said is None:
            return Words(brief.template, TEMPLATE)
        return self._spoken(self._asker, brief, said)[0]

    def prose(self, signal_id: str) -> Words | None:
        """What a writer said about a published signal, as long as it is remembered."""
        return self._shown.get(signal_id)

    def start(self, signal_id: str, brief: Brief) -> bool:
        """Begin to find words for a published signal; whether they are there or may still come.

        Nobody asks where there is nothing to cite, where words for the same key were refused
        before, while `at_once` asks are under way, soon after asking for the key failed, or once
        stopped: then nobody would end the ask.
        """
        asker = self._asker
        if asker is None or not brief.evidence or self._stopped:
            return False
        key = asker.key(brief)
        said = self._said.get(key)
        if isinstance(said, Prose):
            spoken, problem = self._spoken(asker, brief, said)
            if not problem:
                self._shown.put(signal_id, spoken)
            return not problem

        async def job() -> bool:
            return await self._form(asker, key, brief)

        if key not in self._flying.busy and not self._flying.launch(key, job):
            return False
        # As many signals as a symbol has within one ask, so there is no bound to watch.
        self._waiting.setdefault(key, []).append(signal_id)
        return True

    async def landed(self) -> None:
        """Wait until every ask under way has ended."""
        await self._flying.landed()

    async def stop(self) -> None:
        """Cancel what is under way, for good; an ask that is cut off costs the most it may."""
        self._stopped = True
        await self._flying.stop()

    async def _form(self, asker: ProseAsker, key: str, brief: Brief) -> bool:
        """Find the words of one key and tell everybody; False when it may be tried again."""
        try:
            said = await asker.find(brief)
        finally:
            waiting = self._waiting.pop(key, [])
        self._said.put(key, said)
        spoken, problem = self._spoken(asker, brief, said)
        if not problem:
            for signal_id in waiting:
                self._shown.put(signal_id, spoken)
        self._observer.notice(
            ReasoningFormed(brief.symbol, self._clock.now(), spoken.source, problem)
        )
        return isinstance(said, Prose)

    @staticmethod
    def _spoken(asker: ProseAsker, brief: Brief, said: Prose | VendorError) -> tuple[Words, str]:
        """The words for this brief, and the problem if they are not those that were said."""
        if isinstance(said, VendorError):
            return Words(brief.template, FALLBACK), f"{type(said).__name__}: {said.problem}"
        problems = verify(said, brief)
        if problems:
            return Words(brief.template, FALLBACK), ", ".join(map(str, problems))
        return Words(render(said), asker.name), ""

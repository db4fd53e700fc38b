"""One ask for prose with everything that spares it: cache, flight, budget, breaker, bill."""

from datetime import timedelta

from argo_core.consensus.opinion import SourceName
from argo_core.engine.guard import guard
from argo_core.engine.shared_flight import SharedFlight
from argo_core.engine.shield import Shield
from argo_core.engine.toll import pay
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import VendorError, VendorGarbled
from argo_core.ports import Answer, Cache, Clock, Observer, Reasoner, Tracer
from argo_core.resilience.freshness import Slot, Windows, stored
from argo_core.signals.brief import Brief
from argo_core.signals.prose import Prose
from argo_core.signals.prose_key import prose_key

KEPT_FOR = timedelta(days=1)
"""Prose is about numbers that its key holds, so nothing but fashion makes it stale."""

# A lock outlives the ask it covers by this, so that it never ends before the answer is stored.
_GRACE_S = 2.0


class ProseAsker:
    """Asks `reasoner` for what the cache cannot say; nothing it gives has been verified.

    What an ask did and cost is told under the name `payer`.
    """

    def __init__(
        self,
        reasoner: Reasoner,
        cache: Cache[Prose] | None,
        *,
        clock: Clock,
        observer: Observer,
        shield: Shield,
        flight: SharedFlight,
        payer: SourceName,
        timeout_s: float,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self._reasoner = reasoner
        self._cache = cache
        self._clock = clock
        self._observer = observer
        self._tracer = tracer
        self._shield = shield
        self._flight = flight
        self._payer = payer
        self._timeout_s = timeout_s

    @property
    def name(self) -> SourceName:
        """Who writes."""
        return self._reasoner.name

    def key(self, brief: Brief) -> str:
        """Under which name the prose is kept."""
        return f"prose:{self.name}:{prose_key(brief, self._reasoner.model)}"

    async def find(self, brief: Brief) -> Prose | VendorError:
        """What is said about the brief, from the cache or the reasoner; errors are values."""
        key = self.key(brief)
        slot = await self._look(key)
        if slot.entry is not None:
            return slot.entry.value
        async with self._flight.turn(key, self._timeout_s + _GRACE_S) as waited:
            if waited:
                # Whoever asked meanwhile has most likely asked for us too.
                slot = await self._look(key)
                if slot.entry is not None:
                    return slot.entry.value
            answer = await self._ask(brief)
            if isinstance(answer, VendorError):
                return answer
            if len(answer.items) != 1:
                return VendorGarbled(self.name, f"it answered {len(answer.items)} times")
            await self._keep(key, answer.items[0], slot)
        return answer.items[0]

    async def _look(self, key: str) -> Slot[Prose]:
        if self._cache is None:
            return Slot()
        slot = (await self._cache.get([key]))[key]
        found = slot.get(self._clock.now())
        return Slot(found.entry, slot.generation)

    async def _keep(self, key: str, prose: Prose, slot: Slot[Prose]) -> None:
        if self._cache is None:
            return
        now = self._clock.now()
        entry = stored(
            prose,
            as_of=now,
            asked_at=now,
            soft=now + KEPT_FOR,
            windows=Windows(0, 0),
            generation=slot.generation,
        )
        await self._cache.put({key: entry})

    async def _ask(self, brief: Brief) -> Answer[Prose] | VendorError:
        name, reasoner = self._payer, self._reasoner
        try:
            worst = reasoner.most(brief)
        except Exception as error:  # noqa: BLE001 - one adapter's bug must not stop the others
            problem = f"the adapter failed: {type(error).__name__}"
            return VendorGarbled(name, problem, calls=0)

        async def ask() -> Answer[Prose] | VendorError:
            return await guard(
                name,
                lambda: reasoner.prose(brief),
                Prose,
                timeout_s=self._timeout_s,
                clock=self._clock,
                observer=self._observer,
                tracer=self._tracer,
                worst=worst,
            )

        return await pay(name, self._shield, worst, ask, self._clock)

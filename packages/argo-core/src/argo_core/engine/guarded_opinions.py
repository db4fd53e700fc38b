"""One source of opinions behind everything that spares it: the order of steps is here alone.

Cache, single flight, budget, a look at the breaker, then the adapter's calls, each of which waits
for the vendor's limits and passes its breaker (`Turnstile`); at the end what it cost is settled and
what it said is stored. The gate has spoken before, in `Planner`, which knows all sources.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from attrs import evolve, field, frozen

from argo_core.consensus.formed import Formed
from argo_core.consensus.opinion import Opinion
from argo_core.consensus.profile import SourcePolicy
from argo_core.engine.asks import Wish
from argo_core.engine.guard import guard
from argo_core.engine.known import FUTURE
from argo_core.engine.shared_flight import SharedFlight
from argo_core.engine.shield import Shield
from argo_core.engine.toll import pay
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import VendorError, VendorGarbled
from argo_core.events import CacheLooked
from argo_core.market.instrument import Symbol
from argo_core.ports import Answer, Cache, Clock, Observer, OpinionSource, Tracer
from argo_core.resilience.freshness import Entry, Windows, stored
from argo_core.resilience.price_trigger import outdates
from argo_core.resilience.ttl import MOVE, jittered

# A lock outlives the ask it covers by this, so that it never ends before the answer is stored.
GRACE_S = 2.0


@frozen
class Brought:
    """What was to be had, from the cache or the vendor, and the error in the way of the rest.

    `raws` are the vendor's replies behind it, by SHA-256; answers from the cache come without.
    """

    entries: tuple[Entry[Formed], ...]
    failure: VendorError | None = None
    raws: Mapping[str, bytes] = field(factory=dict, repr=False)


@frozen
class _Unmet:
    """A wish that is still open, and the generation that an answer to it will have."""

    wish: Wish
    generation: int = 0


@frozen
class _Look:
    """What the cache said: fresh entries, and open wishes, of which `stale` had an old answer."""

    found: tuple[Entry[Formed], ...]
    unmet: tuple[_Unmet, ...]
    stale: int = 0


class GuardedOpinions:
    """Asks `source` for what the cache cannot say, at most one process at a time."""

    def __init__(
        self,
        source: OpinionSource,
        policy: SourcePolicy,
        *,
        clock: Clock,
        observer: Observer,
        cache: Cache[Formed] | None = None,
        flight: SharedFlight | None = None,
        shield: Shield | None = None,
        tracer: Tracer = UNTRACED,
        move: float = MOVE,
    ) -> None:
        self.source = source
        self._policy = policy
        self._clock = clock
        self._observer = observer
        self._tracer = tracer
        self._cache = cache
        self._flight = flight or SharedFlight(clock)
        self._shield = shield or Shield()
        self._move = move

    async def ask(self, wishes: Sequence[Wish]) -> Brought:
        """An answer to each wish as far as it can be had; errors are values."""
        look = await self._look(wishes)
        self._tell(look)
        found = look.found
        if not look.unmet:
            return Brought(found)
        lasting_s = self._policy.timeout_s + GRACE_S
        async with self._flight.turn(f"ask:{self.source.name}", lasting_s) as waited:
            if waited:
                # Whoever asked meanwhile has most likely asked for us too.
                look = await self._look([one.wish for one in look.unmet])
                found += look.found
            if not look.unmet:
                return Brought(found)
            outcome = await self._bring(look.unmet)
        if isinstance(outcome, VendorError):
            return Brought(found, outcome)
        return evolve(outcome, entries=found + outcome.entries)

    async def remembered(self, symbols: Iterable[Symbol]) -> tuple[Entry[Formed], ...]:
        """What the cache still holds about these, fresh or not: a warm start."""
        if self._cache is None:
            return ()
        now = self._clock.now()
        slots = await self._cache.get([self._key(symbol) for symbol in symbols])
        entries = (slot.get(now).entry for slot in slots.values())
        return tuple(one for one in entries if one is not None and one.stored_at <= now + FUTURE)

    def _key(self, symbol: Symbol) -> str:
        # Another model or another version of the rule is another question.
        return f"opinion:{self.source.name}:{self.source.model}:{symbol}"

    async def _look(self, wishes: Sequence[Wish]) -> _Look:
        if self._cache is None:
            return _Look((), tuple(map(_Unmet, wishes)))
        now = self._clock.now()
        keys = {self._key(wish.instrument.symbol): wish for wish in wishes}
        slots = await self._cache.get(tuple(keys))
        found: list[Entry[Formed]] = []
        unmet: list[_Unmet] = []
        outdated: dict[str, int] = {}
        stale = 0
        for key, wish in keys.items():
            slot = slots[key]
            entry = slot.entry
            stale += entry is not None
            # Another process's clock, or another run's, may be ahead of ours: nobody knows its age.
            if entry is None or not slot.is_fresh(now) or entry.stored_at > now + FUTURE:
                unmet.append(_Unmet(wish, slot.generation))
            elif outdates(entry.value.price, wish.price, self._move):
                outdated[key] = slot.generation
                unmet.append(_Unmet(wish, slot.generation + 1))
            elif entry.age_s(now) >= wish.enough_s:
                unmet.append(_Unmet(wish, slot.generation))
            else:
                found.append(entry)
        if outdated:
            await self._cache.invalidate(outdated)
        return _Look(tuple(found), tuple(unmet), stale - len(found))

    def _tell(self, look: _Look) -> None:
        if self._cache is not None:
            missed = len(look.unmet) - look.stale
            name, now = self.source.name, self._clock.now()
            self._observer.notice(CacheLooked(name, now, len(look.found), look.stale, missed))

    async def _bring(self, unmet: Sequence[_Unmet]) -> Brought | VendorError:
        name, source, now = self.source.name, self.source, self._clock.now()
        asked = tuple(one.wish.instrument for one in unmet)
        try:
            worst = source.most(asked, now)
        except Exception as error:  # noqa: BLE001 - one adapter's bug must not stop the beat
            problem = f"the adapter failed: {type(error).__name__}"
            return VendorGarbled(name, problem, calls=0)

        async def ask() -> Answer[Opinion] | VendorError:
            return await guard(
                name,
                lambda: source.opinions(asked, now),
                Opinion,
                timeout_s=self._policy.timeout_s,
                clock=self._clock,
                observer=self._observer,
                tracer=self._tracer,
                worst=worst,
            )

        outcome = await pay(name, self._shield, worst, ask, self._clock)
        if isinstance(outcome, VendorError):
            return outcome
        # What comes from the future would keep every true answer after it out of the cache.
        latest = self._clock.now() + FUTURE
        opinions = {
            opinion.symbol: opinion
            for opinion in outcome.items
            if opinion.source == name and opinion.as_of <= latest
        }
        entries = {
            self._key(one.wish.instrument.symbol): stored(
                Formed(opinions[one.wish.instrument.symbol], one.wish.price),
                as_of=opinions[one.wish.instrument.symbol].as_of,
                asked_at=now,
                soft=now + timedelta(seconds=jittered(one.wish.ttl_s, self._shield.chance())),
                windows=self._windows(one.wish.ttl_s),
                generation=one.generation,
            )
            for one in unmet
            if one.wish.instrument.symbol in opinions
        }
        if self._cache is not None:
            await self._cache.put(entries)
        return Brought(tuple(entries.values()), raws=outcome.raws)

    def _windows(self, ttl_s: float) -> Windows:
        """Past its TTL an opinion is of use until it has faded away; its age says how much."""
        left_s = max(0.0, self._policy.max_age_s - ttl_s)
        return Windows(revalidate_s=left_s, error_s=left_s)

"""Drives a cache, as several processes have it, and the fake side by side, comparing every answer.

Generations of two caches begin at different numbers, so they are compared by how far they have come
since. What is of no use any more may be gone from one and still lie in the other.
"""
# ruff: noqa: S101 - a machine is made of assertions

import asyncio
from abc import abstractmethod
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from argo_core.ports import Cache
from argo_core.resilience.freshness import Entry, Freshness, Slot
from argo_core.testing.fake_cache import FakeCache
from argo_core.testing.fake_clock import FakeClock

T = TypeVar("T")

KEYS = ("A", "B", "C")
UNUSED = "never stored"

_keys = st.sampled_from(KEYS)
_places = st.integers(0, 2)
# Minutes, so that what ends on a real server's own clock does not end during a run.
_minutes = st.integers(0, 4)


class CacheMachine(RuleBasedStateMachine):
    """Inherit, and let `opened` give the same cache as a few processes have it, empty at first."""

    @abstractmethod
    async def opened(self, clock: FakeClock) -> Sequence[Cache[int]]:
        """The cache under test, once for each process."""

    async def trouble(self) -> None:
        """Something that no answer may show; nothing, where there is nothing of the kind."""

    @initialize()
    def start(self) -> None:
        self._loop = asyncio.Runner()
        self._clock = FakeClock()
        self._fake: FakeCache[int] = FakeCache()
        self._caches = self._run(self.opened(self._clock))
        self._base = self._run(self._caches[0].get([UNUSED]))[UNUSED].generation

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(call)

    def _cache(self, place: int) -> Cache[int]:
        return self._caches[place % len(self._caches)]

    @rule(
        place=_places,
        keys=st.sets(_keys, min_size=1),
        answer=st.tuples(st.integers(0, 9), _minutes, st.integers(1, 4)),
        behind=st.sampled_from([0, 0, 0, 1]),
    )
    def put(self, place: int, keys: set[str], answer: tuple[int, int, int], behind: int) -> None:
        value, ahead, lives = answer
        slots, now = self._run(self._fake.get(sorted(keys))), self._clock.now()
        entries = {}
        for key, slot in slots.items():
            soft = now + timedelta(minutes=lives)
            as_of = now + timedelta(minutes=ahead)
            entries[key] = Entry(
                value, as_of, now, soft, soft, soft, max(0, slot.generation - behind)
            )
        self._run(self._fake.put(entries))
        real = {
            key: evolve(entry, generation=entry.generation + self._base)
            for key, entry in entries.items()
        }
        self._run(self._cache(place).put(real))

    @rule(place=_places, keys=st.sets(_keys, min_size=1), behind=st.sampled_from([0, 0, 1]))
    def invalidate(self, place: int, keys: set[str], behind: int) -> None:
        slots = self._run(self._fake.get(sorted(keys)))
        known = {key: max(0, slot.generation - behind) for key, slot in slots.items()}
        self._run(self._fake.invalidate(known))
        real = {key: generation + self._base for key, generation in known.items()}
        self._run(self._cache(place).invalidate(real))

    @rule(place=_places, keys=st.lists(_keys))
    def look(self, place: int, keys: list[str]) -> None:
        expected = self._run(self._fake.get(keys))
        found = self._run(self._cache(place).get(keys))
        assert found.keys() == expected.keys()
        for key, slot in found.items():
            assert self._said(slot, self._base) == self._said(expected[key], 0)

    @rule(minutes=_minutes)
    def pass_time(self, minutes: int) -> None:
        self._run(self._clock.advance(minutes * 60))

    @rule()
    def have_trouble(self) -> None:
        self._run(self.trouble())

    @rule()
    def all_say_the_same(self) -> None:
        # Not after every step: a look is when a cache learns what others did.
        for place in range(len(self._caches)):
            self.look(place, list(KEYS))

    def _said(self, slot: Slot[int], base: int) -> tuple[int, Freshness, Entry[int] | None]:
        state = slot.state(self._clock.now())
        entry = None if state is Freshness.MISS else slot.entry
        if entry is not None:
            entry = evolve(entry, generation=entry.generation - base)
        return slot.generation - base, state, entry

    def teardown(self) -> None:
        self.all_say_the_same()
        self._loop.close()

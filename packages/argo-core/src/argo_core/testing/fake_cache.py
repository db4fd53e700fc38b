"""A cache in memory that keeps every promise of the port `Cache`."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from argo_core.resilience.freshness import Entry, Slot

Value = TypeVar("Value")


class FakeCache(Generic[Value]):
    """At most `most` slots. While it is `away` nothing is found and nothing stored."""

    def __init__(self, most: int = 10_000) -> None:
        self.away = False
        self._most = most
        self._slots: dict[str, Slot[Value]] = {}
        # No slot that was forgotten comes back with a generation it has left behind.
        self._oldest = 0

    async def get(self, keys: Sequence[str]) -> Mapping[str, Slot[Value]]:
        return {key: self._look(key) for key in keys}

    async def put(self, entries: Mapping[str, Entry[Value]]) -> None:
        for key, entry in entries.items():
            slot = self._look(key)
            if not self.away and slot.accepts(entry):
                self._keep(key, slot.offer(entry))

    async def invalidate(self, generations: Mapping[str, int]) -> None:
        for key, generation in generations.items():
            slot = self._slots.get(key, Slot(generation=self._oldest))
            if slot.generation == generation:
                self._keep(key, slot.invalidate())

    def _look(self, key: str) -> Slot[Value]:
        slot = self._slots.get(key)
        if slot is None:
            return Slot(generation=self._oldest)
        self._keep(key, slot)
        return Slot(generation=slot.generation) if self.away else slot

    def _keep(self, key: str, slot: Slot[Value]) -> None:
        self._slots.pop(key, None)
        self._slots[key] = slot
        if len(self._slots) > self._most:
            forgotten = self._slots.pop(next(iter(self._slots)))
            self._oldest = max(self._oldest, forgotten.generation)

"""A cache in this process alone: the port `Cache` without anything outside."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from argo_core.errors import InvalidInput
from argo_core.resilience.freshness import Entry, Slot

V = TypeVar("V")

MOST = 100_000


class MemoryCache(Generic[V]):
    """At most `most` slots; a look gives the stored objects themselves.

    A slot that was forgotten must not come back with a generation it has left behind: an answer
    asked for before it was invalidated would be taken for a new one. So unknown slots are of the
    highest generation that was ever forgotten.
    """

    __slots__ = ("_blank", "_most", "_slots")

    def __init__(self, most: int = MOST) -> None:
        if most < 1:
            raise InvalidInput("most", f"{most} is too few", "give one or more")
        self._most = most
        self._blank: Slot[V] = Slot()
        self._slots: OrderedDict[str, Slot[V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._slots)

    async def get(self, keys: Sequence[str]) -> Mapping[str, Slot[V]]:
        # The hot path: names are looked up once, and a hit builds nothing but the mapping.
        slots, blank = self._slots, self._blank
        if len(keys) == 1:
            key = keys[0]
            if key not in slots:
                return {key: blank}
            slots.move_to_end(key)
            return {key: slots[key]}
        touch = slots.move_to_end
        found = {}
        for key in keys:
            slot = slots.get(key, blank)
            found[key] = slot
            if slot is not blank:
                touch(key)
        return found

    async def put(self, entries: Mapping[str, Entry[V]]) -> None:
        for key, entry in entries.items():
            slot = self._slots.get(key, self._blank)
            if slot.accepts(entry):
                self._keep(key, slot.offer(entry))

    async def invalidate(self, generations: Mapping[str, int]) -> None:
        for key, generation in generations.items():
            slot = self._slots.get(key, self._blank)
            if slot.generation == generation:
                self._keep(key, slot.invalidate())

    def _keep(self, key: str, slot: Slot[V]) -> None:
        self._slots[key] = slot
        self._slots.move_to_end(key)
        if len(self._slots) > self._most:
            _, forgotten = self._slots.popitem(last=False)
            if forgotten.generation > self._blank.generation:
                self._blank = Slot(generation=forgotten.generation)

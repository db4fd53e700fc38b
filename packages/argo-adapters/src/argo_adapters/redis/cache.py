"""A cache that processes share: the server has the truth, and memory a near copy of it.

Every look asks the server what changed since the last one, in one short round trip whatever the
number of keys, and fetches only what memory does not have. So memory answers alone only when it is
known to be no older than the server, and for no longer than the server would; or while the server
is away, when what is stored and invalidated stays here. Once it is back, what was invalidated
meanwhile is told, and the near copy is fetched anew.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from secrets import token_hex
from typing import Any, Generic, TypeVar

from attrs import evolve, frozen

from argo_adapters.redis.cache_scripts import FORGET, INVALIDATE, LOOK, PUT
from argo_adapters.redis.link import RedisLink, SharedFull
from argo_adapters.redis.recent import Recent
from argo_adapters.redis.room import room
from argo_adapters.redis.script import Script
from argo_core.codec.stored import StoredCodec
from argo_core.errors import InvalidInput, SharedAway
from argo_core.market.moment import to_micros
from argo_core.ports import Clock
from argo_core.resilience.freshness import Entry, Slot

V = TypeVar("V")

MOST = 100_000

# So many keys go into one script, to keep each far below the timeout and the server responsive.
CHUNK = 100

_MS = timedelta(milliseconds=1)


@frozen
class _Near(Generic[V]):
    """A slot as the server had it, and until when the server is known to have it."""

    slot: Slot[V]
    until: float = math.inf


class RedisCache(Generic[V]):
    """At most `most` slots near; far, entries live until they are of no use.

    `garbled` counts stored bytes that could not be read: they are dropped and count as absent.
    """

    def __init__(
        self,
        link: RedisLink,
        codec: StoredCodec[V],
        *,
        clock: Clock,
        namespace: str,
        most: int = MOST,
    ) -> None:
        self.garbled = 0
        self._link = link
        self._codec = codec
        self._clock = clock
        self._room = room(namespace, codec.name)
        self._new_id = token_hex(8)
        self._near: Recent[_Near[V]] = Recent(most)
        # The generations that slots have here, and not yet on the server.
        self._untold: Recent[int] = Recent(most)
        # What is near holds for this life of the room, up to this version of it.
        self._flushes = 0
        self._epoch = link.epoch
        self._life = b""
        self._seen = 0
        self._base = 0

    async def get(self, keys: Sequence[str]) -> Mapping[str, Slot[V]]:
        try:
            await self._tell()
            return await self._look(keys)
        except SharedAway:
            return {key: self._alone(key) for key in keys}

    async def put(self, entries: Mapping[str, Entry[V]]) -> None:
        try:
            await self._tell()
            for part in _chunks(entries):
                await self._put({key: entries[key] for key in part})
        except SharedAway:
            # Some of them may have been stored already; a reconnection is what finds out.
            self._put_alone(entries)

    async def invalidate(self, generations: Mapping[str, int]) -> None:
        try:
            await self._tell()
            for part in _chunks(generations):
                await self._invalidate({key: generations[key] for key in part})
        except SharedAway:
            for key, generation in generations.items():
                slot = self._alone(key)
                if slot.generation <= generation:
                    self._untold.keep(key, generation + 1)
                    self._near.keep(key, _Near(evolve(slot, generation=generation + 1)))

    async def _look(self, keys: Sequence[str]) -> Mapping[str, Slot[V]]:
        found: dict[str, Slot[V]] = {}
        garbled: dict[str, bytes] = {}
        now, flushes = self._clock.monotonic(), self._flushes
        near = {key: held.slot for key in keys if (held := self._held(key, now)) is not None}
        absent = [key for key in keys if key not in near]
        asked = False
        while absent or not asked:
            part, absent = absent[:CHUNK], absent[CHUNK:]
            begun, epoch = self._clock.monotonic(), self._link.epoch
            reply = await self._run(LOOK, part, [self._life, self._seen])
            current = self._learn(epoch, *reply[:4])
            for key, (generation, body, left_ms) in zip(part, _threes(reply[4:]), strict=True):
                found[key] = slot = self._slot(key, int(generation), body, garbled)
                if current:
                    left_s = left_ms / 1_000 if left_ms >= 0 else math.inf
                    self._near.keep(key, _Near(slot, begun + left_s))
            if not asked:
                asked = True
                # The first reply told which of the near ones are as they were, mostly all.
                if not current or reply[3] or self._flushes != flushes:
                    absent += [key for key in near if self._held(key, now) is None]
                    near = {key: held.slot for key in near if (held := self._held(key, now))}
                found |= near
        if garbled:
            self.garbled += len(garbled)
            with suppress(SharedAway):
                await self._run(FORGET, list(garbled), list(garbled.values()))
        return found

    def _slot(
        self, key: str, generation: int, body: bytes | None, garbled: dict[str, bytes]
    ) -> Slot[V]:
        # What was invalidated here must not look fresh because the server could not be told.
        generation = max(generation, self._untold.look(key) or 0)
        if body is None:
            return Slot(generation=generation)
        try:
            return Slot(self._codec.decode(body), generation)
        except InvalidInput:
            garbled[key] = body
            return Slot(generation=generation)

    def _learn(
        self, epoch: int, life: bytes, base: bytes, version: bytes, changed: list[bytes] | None
    ) -> bool:
        """Forget what is near and changed; whether what came with this may be kept near."""
        seen = int(version)
        if changed is None or life != self._life or self._link.epoch != self._epoch:
            self._near.clear()
            self._flushes += 1
            self._epoch = self._link.epoch
            self._life, self._base, self._seen = life, int(base), seen
            # A reply over a connection that is gone says nothing about what came after it.
            if epoch != self._epoch:
                self._life = b""
            return bool(self._life)
        if seen < self._seen:
            return False
        self._seen = seen
        for slot in changed:
            self._near.drop(self._room.key_of(slot))
        return True

    async def _put(self, entries: Mapping[str, Entry[V]]) -> None:
        begun, now, epoch = self._clock.monotonic(), self._clock.now(), self._link.epoch
        lives = {key: (entry.error - now) // _MS for key, entry in entries.items()}
        lasting = [key for key, ms in lives.items() if ms > 0]
        arguments: list[str | int | bytes] = []
        for key in lasting:
            entry = entries[key]
            body = self._codec.encode(entry)
            arguments += [entry.generation, to_micros(entry.as_of), lives[key], body]
        try:
            life, before, after, *taken = await self._run(PUT, lasting, arguments)
        except SharedFull:
            self._put_alone(entries)
            return
        current = self._follow(epoch, life, before, after)
        for key, was_taken in zip(lasting, taken, strict=True):
            if current and was_taken:
                entry = entries[key]
                slot = Slot(entry, entry.generation)
                self._near.keep(key, _Near(slot, begun + lives[key] / 1_000))
            else:
                self._near.drop(key)

    async def _invalidate(self, generations: Mapping[str, int], *, catch_up: bool = False) -> None:
        epoch = self._link.epoch
        keys = list(generations)
        arguments = [int(catch_up), *generations.values()]
        life, before, after, *held = await self._run(INVALIDATE, keys, arguments)
        current = self._follow(epoch, life, before, after)
        for key, generation in zip(keys, held, strict=True):
            near = self._near.look(key)
            if current and near is not None:
                self._near.keep(
                    key, evolve(near, slot=evolve(near.slot, generation=int(generation)))
                )
            else:
                self._near.drop(key)

    def _follow(self, epoch: int, life: bytes, before: bytes, after: int | bytes) -> bool:
        """Whether what is near may follow a change made here, from version `before` to `after`."""
        if self._link.epoch != epoch or epoch != self._epoch or life != self._life:
            return False
        if int(before) == self._seen:
            self._seen = int(after)
        # Else others changed something between. The next look names what we changed too, and it is
        # fetched again; unless that look has been made, and then what is near may be newer.
        return self._seen <= int(after)

    async def _tell(self) -> None:
        """Tell the server what was invalidated while it was away."""
        if not len(self._untold):
            return
        untold = {key: self._untold.look(key) or 1 for key in list(self._untold)}
        try:
            for part in _chunks(untold):
                await self._invalidate({key: untold[key] - 1 for key in part}, catch_up=True)
                for key in part:
                    if self._untold.look(key) == untold[key]:
                        self._untold.drop(key)
        except SharedFull:
            # It is told once there is room; until then `_slot` knows.
            return

    def _held(self, key: str, now: float) -> _Near[V] | None:
        near = self._near.look(key)
        return near if near is not None and now < near.until else None

    def _alone(self, key: str) -> Slot[V]:
        near = self._near.look(key)
        if near is not None:
            return near.slot
        return Slot(generation=max(self._base, self._untold.look(key) or 0))

    def _put_alone(self, entries: Mapping[str, Entry[V]]) -> None:
        begun, now = self._clock.monotonic(), self._clock.now()
        for key, entry in entries.items():
            slot = self._alone(key)
            if slot.accepts(entry):
                until = begun + (entry.error - now).total_seconds()
                self._near.keep(key, _Near(slot.offer(entry), until))

    async def _run(self, script: Script, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        return await self._link.run(script, self._room.keys(keys), [self._new_id, *arguments])


def _chunks(keys: Mapping[str, object]) -> Iterator[list[str]]:
    names = list(keys)
    return (names[start : start + CHUNK] for start in range(0, len(names), CHUNK))


def _threes(values: list[Any]) -> Iterator[tuple[Any, Any, Any]]:
    parts = iter(values)
    return zip(parts, parts, parts, strict=True)

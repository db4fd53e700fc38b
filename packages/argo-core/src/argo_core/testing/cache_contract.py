"""The promises of `Cache`, as tests. Inherit, and give the fixtures."""
# ruff: noqa: S101 - a contract is made of assertions about particular numbers

import asyncio
from datetime import timedelta

from argo_core.ports import Cache
from argo_core.resilience.freshness import Entry, Freshness, Slot
from argo_core.testing.fake_clock import BEGINNING

SOON = BEGINNING + timedelta(seconds=10)


def number(value: int, generation: int, *, as_of_s: float = 0) -> Entry[int]:
    """An answer of the fake clock's beginning: fresh for a minute, of use for five."""
    return Entry(
        value=value,
        as_of=BEGINNING + timedelta(seconds=as_of_s),
        stored_at=BEGINNING,
        soft=BEGINNING + timedelta(seconds=60),
        revalidate=BEGINNING + timedelta(seconds=120),
        error=BEGINNING + timedelta(seconds=300),
        generation=generation,
    )


async def slot_of(cache: Cache[int], key: str) -> Slot[int]:
    return (await cache.get([key]))[key]


class CacheContract:
    """Tests for one implementation; `cache` is its fixture, empty, at the fake clock's beginning.

    `other` is the same cache as another process sees it, where there can be one, or `cache` again.
    """

    async def test_an_unknown_slot_is_empty(self, cache: Cache[int]) -> None:
        slot = await slot_of(cache, "A")
        assert slot.entry is None
        assert slot.state(SOON) is Freshness.MISS
        assert await slot_of(cache, "B") == slot

    async def test_asking_for_nothing_gives_nothing(self, cache: Cache[int]) -> None:
        assert dict(await cache.get([])) == {}
        await cache.put({})
        await cache.invalidate({})

    async def test_an_answer_comes_back_as_it_went_in(
        self, cache: Cache[int], other: Cache[int]
    ) -> None:
        entry = number(7, (await slot_of(cache, "A")).generation)
        await cache.put({"A": entry})
        for each in (cache, other):
            slot = await slot_of(each, "A")
            assert slot.entry == entry
            assert slot.state(SOON) is Freshness.FRESH
            assert (await slot_of(each, "B")).entry is None

    async def test_thousands_are_stored_and_found_at_once(
        self, cache: Cache[int], other: Cache[int]
    ) -> None:
        generation = (await slot_of(cache, "A")).generation
        entries = {f"key {n}": number(n, generation) for n in range(1_200)}
        await cache.put(entries)
        found = await other.get([*entries, "A"])
        assert {key: found[key].entry for key in entries} == entries
        assert found["A"].entry is None
        assert dict(await other.get(list(entries))) == {key: found[key] for key in entries}

    async def test_as_of_never_goes_back(self, cache: Cache[int], other: Cache[int]) -> None:
        generation = (await slot_of(cache, "A")).generation
        await cache.put({"A": number(1, generation, as_of_s=2)})
        await other.put({"A": number(2, generation, as_of_s=1)})
        for each in (cache, other):
            assert (await slot_of(each, "A")).entry == number(1, generation, as_of_s=2)
        for value, as_of_s in ((3, 2), (4, 3)):
            newer = number(value, generation, as_of_s=as_of_s)
            await other.put({"A": newer})
            for each in (cache, other):
                assert (await slot_of(each, "A")).entry == newer

    async def test_of_answers_at_once_the_newest_stays(
        self, cache: Cache[int], other: Cache[int]
    ) -> None:
        generation = (await slot_of(cache, "A")).generation
        rivals = [number(n, generation, as_of_s=n * 7 % 10) for n in range(10)]
        puts = [each.put({"A": rival}) for rival in rivals for each in (cache, other)]
        await asyncio.gather(*puts)
        for each in (cache, other):
            assert (await slot_of(each, "A")).entry == max(rivals, key=lambda one: one.as_of)

    async def test_ones_own_changes_do_not_hide_those_of_others(
        self, cache: Cache[int], other: Cache[int]
    ) -> None:
        # No invariant of the machine saw this: it looked after every step, and looking is learning.
        generation = (await slot_of(cache, "A")).generation
        old, new = number(1, generation), number(2, generation, as_of_s=1)
        await cache.put({"A": old, "B": old, "C": old})
        await cache.get(["A", "B", "C"])
        await other.put({"A": new})
        await cache.put({"B": new})
        await other.invalidate({"C": generation})
        await cache.invalidate({"D": generation})
        found = await cache.get(["A", "B", "C"])
        assert [found[key].entry for key in "ABC"] == [new, new, old]
        assert found["C"].generation == generation + 1

    async def test_what_is_invalidated_is_stale_at_once_and_stays_of_use(
        self, cache: Cache[int], other: Cache[int]
    ) -> None:
        generation = (await slot_of(cache, "A")).generation
        entry = number(1, generation)
        await cache.put({"A": entry, "B": entry})
        assert (await slot_of(other, "A")).state(SOON) is Freshness.FRESH
        await cache.invalidate({"A": generation})
        for each in (cache, other):
            slot = await slot_of(each, "A")
            assert slot.entry == entry
            assert slot.generation == generation + 1
            assert slot.state(SOON) is Freshness.STALE_REVALIDATE
            assert (await slot_of(each, "B")).state(SOON) is Freshness.FRESH

    async def test_two_that_see_the_same_move_begin_one_generation(
        self, cache: Cache[int], other: Cache[int]
    ) -> None:
        generation = (await slot_of(cache, "A")).generation
        await asyncio.gather(*(each.invalidate({"A": generation}) for each in (cache, other)))
        await other.invalidate({"A": generation})
        for each in (cache, other):
            assert (await slot_of(each, "A")).generation == generation + 1

    async def test_invalidating_during_a_flight_is_not_undone(
        self, cache: Cache[int], other: Cache[int]
    ) -> None:
        generation = (await slot_of(cache, "A")).generation
        await other.invalidate({"A": generation})
        await cache.put({"A": number(1, generation)})
        for each in (cache, other):
            assert (await slot_of(each, "A")).entry is None

    async def test_an_old_flight_does_not_delete_a_newer_answer(
        self, cache: Cache[int], other: Cache[int]
    ) -> None:
        generation = (await slot_of(cache, "A")).generation
        await other.invalidate({"A": generation})
        newer = number(2, generation + 1)
        await other.put({"A": newer})
        await cache.put({"A": number(1, generation, as_of_s=5)})
        for each in (cache, other):
            slot = await slot_of(each, "A")
            assert slot.entry == newer
            assert slot.state(SOON) is Freshness.FRESH

    async def test_many_slots_are_invalidated_at_once(
        self, cache: Cache[int], other: Cache[int]
    ) -> None:
        generation = (await slot_of(cache, "A")).generation
        keys = [f"key {n}" for n in range(600)]
        await cache.invalidate(dict.fromkeys(keys, generation))
        found = await other.get(keys)
        assert {slot.generation for slot in found.values()} == {generation + 1}

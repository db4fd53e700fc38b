"""The stand-in for a cache keeps the promises of the port."""

import pytest

from argo_core.testing.cache_contract import CacheContract, number, slot_of
from argo_core.testing.fake_cache import FakeCache


class TestFakeCache(CacheContract):
    @pytest.fixture
    def cache(self) -> FakeCache[int]:
        return FakeCache()

    @pytest.fixture
    def other(self, cache: FakeCache[int]) -> FakeCache[int]:
        return cache

    async def test_nothing_is_found_or_stored_while_it_is_away(self, cache: FakeCache[int]) -> None:
        await cache.put({"A": number(1, 0)})
        cache.away = True
        assert (await slot_of(cache, "A")).entry is None
        await cache.put({"A": number(2, 0, as_of_s=1), "B": number(2, 0)})
        cache.away = False
        assert (await slot_of(cache, "A")).entry == number(1, 0)
        assert (await slot_of(cache, "B")).entry is None

    async def test_it_forgets_what_was_not_looked_at_longest(self) -> None:
        cache: FakeCache[int] = FakeCache(most=2)
        await cache.put({"A": number(1, 0), "B": number(2, 0)})
        await cache.get(["A"])
        await cache.put({"C": number(3, 0)})
        found = await cache.get(["A", "B", "C"])
        assert [key for key, slot in found.items() if slot.entry] == ["A", "C"]

    async def test_a_forgotten_slot_does_not_go_back_to_an_earlier_generation(self) -> None:
        cache: FakeCache[int] = FakeCache(most=1)
        await cache.invalidate({"A": 0})
        await cache.put({"B": number(1, 0)})
        await cache.put({"A": number(1, 0)})
        assert (await slot_of(cache, "A")).entry is None

"""A cache in this process alone keeps the promises of the port, in bounded memory."""

import pytest

from argo_adapters.memory.cache import MemoryCache
from argo_core.errors import InvalidInput
from argo_core.testing.cache_contract import CacheContract, number, slot_of


class TestMemoryCache(CacheContract):
    @pytest.fixture
    def cache(self) -> MemoryCache[int]:
        return MemoryCache()

    @pytest.fixture
    def other(self, cache: MemoryCache[int]) -> MemoryCache[int]:
        return cache


@pytest.mark.parametrize("looks", [["A"], ["A", "unknown"]])
async def test_it_forgets_what_was_not_looked_at_longest(looks: list[str]) -> None:
    cache: MemoryCache[int] = MemoryCache(most=3)
    await cache.put({key: number(1, 0) for key in "ABC"})
    await cache.get(looks)
    await cache.put({key: number(1, 0) for key in "DE"})
    assert len(cache) == 3
    assert [bool((await slot_of(cache, key)).entry) for key in "ABCDE"] == [1, 0, 0, 1, 1]


async def test_ten_thousand_keys_leave_no_more_than_the_most() -> None:
    cache: MemoryCache[int] = MemoryCache(most=100)
    for n in range(5_000):
        await cache.put({f"put {n}": number(n, 0)})
        await cache.invalidate({f"moved {n}": (await slot_of(cache, f"moved {n}")).generation})
    assert len(cache) == 100


async def test_a_forgotten_slot_does_not_go_back_to_an_earlier_generation() -> None:
    cache: MemoryCache[int] = MemoryCache(most=1)
    await cache.invalidate({"A": 0})
    await cache.put({"B": number(1, 0)})
    await cache.put({"A": number(1, 0)})
    assert (await slot_of(cache, "A")).entry is None


async def test_a_hit_is_the_stored_object_itself() -> None:
    cache: MemoryCache[int] = MemoryCache()
    await cache.put({"A": number(1, 0)})
    assert await slot_of(cache, "A") is (await cache.get(["A", "B"]))["A"]


def test_room_for_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="most"):
        MemoryCache(most=0)

"""One look for many who ask."""

import asyncio

import pytest

from alpine_service.services.shared_look import SharedLook


class Looks:
    """Looks that end when they are told to."""

    def __init__(self) -> None:
        self.begun = 0
        self.ends: list[asyncio.Future[int]] = []

    async def look(self) -> int:
        self.begun += 1
        end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.ends.append(end)
        return await end


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)  # noqa: TID251 - only a turn for the others


async def test_who_comes_during_a_look_shares_the_next_one() -> None:
    looks = Looks()
    shared = SharedLook(looks.look)
    first = asyncio.create_task(shared.look())
    await settle()
    late = [asyncio.create_task(shared.look()) for _ in range(5)]
    await settle()

    assert looks.begun == 1, "nobody looks while somebody does"
    looks.ends[0].set_result(1)
    await settle()
    looks.ends[1].set_result(2)

    assert await first == 1
    assert await asyncio.gather(*late) == [2] * 5
    assert looks.begun == 2


async def test_an_answer_was_never_looked_up_before_it_was_asked_for() -> None:
    now = 0

    async def look() -> int:
        seen = now
        await settle()
        return seen

    shared = SharedLook(look)

    async def ask() -> None:
        nonlocal now
        now += 1
        asked = now
        assert await shared.look() >= asked

    for _ in range(5):
        await asyncio.gather(*(ask() for _ in range(4)))


async def test_a_look_that_fails_fails_for_those_who_waited_and_the_next_is_anew() -> None:
    looks = Looks()
    shared = SharedLook(looks.look)
    first = asyncio.create_task(shared.look())
    await settle()
    looks.ends[0].set_exception(OSError("gone"))

    with pytest.raises(OSError, match="gone"):
        await first
    again = asyncio.create_task(shared.look())
    await settle()
    looks.ends[1].set_result(7)
    assert await again == 7


async def test_who_stops_waiting_does_not_take_it_from_the_others() -> None:
    looks = Looks()
    shared = SharedLook(looks.look)
    running = asyncio.create_task(shared.look())
    await settle()
    one, other = (asyncio.create_task(shared.look()) for _ in range(2))
    await settle()
    one.cancel()
    looks.ends[0].set_result(1)
    await settle()
    looks.ends[1].set_result(2)

    assert await other == 2
    assert await running == 1
    assert one.cancelled()

"""The promises of `FlightLocks`, as tests.

Inherit, and give the fixtures: the implementation under test, new to every test, and `passing`,
which lets so many seconds pass on its clock.
"""
# ruff: noqa: S101 - a contract is made of assertions

import asyncio
from collections.abc import Awaitable, Callable

from argo_core.ports import FlightLocks

Passing = Callable[[float], Awaitable[None]]

LONG_S = 30.0


class FlightLocksContract:
    """Tests for one implementation; `locks` is its fixture."""

    async def test_one_of_many_gets_the_lock(self, locks: FlightLocks) -> None:
        tokens = await asyncio.gather(*(locks.take("A", LONG_S) for _ in range(20)))
        assert sum(token is not None for token in tokens) == 1
        assert await locks.take("B", LONG_S) is not None

    async def test_a_lock_given_back_can_be_taken(self, locks: FlightLocks) -> None:
        first = await locks.take("A", LONG_S)
        assert first is not None
        await locks.release("A", first)
        second = await locks.take("A", LONG_S)
        assert second not in (None, first)

    async def test_nobody_gives_back_what_is_anothers(self, locks: FlightLocks) -> None:
        await locks.take("A", LONG_S)
        await locks.release("A", "somebody else's")
        await locks.release("B", "nobody's")
        assert await locks.take("A", LONG_S) is None

    async def test_a_lock_ends_by_itself(self, locks: FlightLocks, passing: Passing) -> None:
        first = await locks.take("A", 0.05)
        assert first is not None
        await passing(0.1)
        assert await locks.take("A", LONG_S) is not None
        # The first holder comes back late, and the second one keeps its lock.
        await locks.release("A", first)
        assert await locks.take("A", LONG_S) is None

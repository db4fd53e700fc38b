"""The promises of `PublisherLease`, as tests.

Inherit, and give the fixtures: `leases`, the same lease as two processes have it, new to every
test, and `passing`, which lets so many seconds pass on its clock.
"""
# ruff: noqa: S101 - a contract is made of assertions

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from argo_core.errors import InvalidInput
from argo_core.ports import PublisherLease
from argo_core.resilience.lease import Granted, Held

Leases = tuple[PublisherLease, PublisherLease]
Passing = Callable[[float], Awaitable[None]]

LONG_S = 30.0
SHORT_S = 0.2
KNOWN = 41


class PublisherLeaseContract:
    """Tests for one implementation; `leases` is its fixture."""

    async def test_one_of_many_gets_the_lease(self, leases: Leases) -> None:
        answers = await asyncio.gather(
            *(one.acquire(f"process {number}", LONG_S) for number in range(5) for one in leases)
        )
        (winner,) = (number for number, one in enumerate(answers) if isinstance(one, Granted))
        losers = [one for one in answers if isinstance(one, Held)]
        assert {one.holder for one in losers} == {f"process {winner // 2}"}
        assert all(0 < one.ends_in_s <= LONG_S for one in losers)

    async def test_whoever_looks_sees_the_holder(self, leases: Leases) -> None:
        one, other = leases
        assert await other.look() is None
        await one.acquire("one", LONG_S)
        held = await other.look()
        assert held is not None
        assert (held.holder, held.ends_in_s <= LONG_S) == ("one", True)

    async def test_a_lease_given_back_is_free_at_once_and_its_number_is_used(
        self, leases: Leases
    ) -> None:
        one, other = leases
        first = await _granted(one, "one")
        await one.release(first)
        assert await one.look() is None
        assert not await one.renew(first, LONG_S)
        assert await _granted(other, "other") > first

    async def test_nobody_renews_or_gives_back_what_is_anothers(self, leases: Leases) -> None:
        one, other = leases
        token = await _granted(one, "one")
        for wrong in (token - 1, token + 1):
            assert not await other.renew(wrong, LONG_S)
            await other.release(wrong)
        assert isinstance(await other.acquire("other", LONG_S), Held)

    async def test_a_lease_ends_by_itself_and_cannot_be_renewed_then(
        self, leases: Leases, passing: Passing
    ) -> None:
        one, other = leases
        first = await _granted(one, "one", SHORT_S)
        await passing(2 * SHORT_S)
        assert await one.look() is None
        assert not await one.renew(first, LONG_S)
        second = await _granted(other, "other")
        assert second > first
        # The first holder comes back late, and the second one keeps its lease.
        assert not await one.renew(first, LONG_S)
        await one.release(first)
        assert await other.renew(second, LONG_S)

    async def test_a_lease_that_is_renewed_goes_on(self, leases: Leases, passing: Passing) -> None:
        one, other = leases
        token = await _granted(one, "one", SHORT_S)
        assert await one.renew(token, LONG_S)
        await passing(2 * SHORT_S)
        assert isinstance(await other.acquire("other", LONG_S), Held)

    async def test_tokens_are_above_what_is_known_elsewhere(self, leases: Leases) -> None:
        one, other = leases
        first = await _granted(one, "one", above=KNOWN)
        assert first > KNOWN
        await one.release(first)
        assert await _granted(other, "other", above=3) > first

    async def test_a_lease_lasts_some_time(self, leases: Leases) -> None:
        for seconds in (0.0, -1.0, float("nan"), float("inf")):
            with pytest.raises(InvalidInput):
                await leases[0].acquire("one", seconds)
            with pytest.raises(InvalidInput):
                await leases[0].renew(1, seconds)


async def _granted(
    lease: PublisherLease, holder: str, ttl_s: float = LONG_S, above: int = 0
) -> int:
    answer = await lease.acquire(holder, ttl_s, above)
    assert isinstance(answer, Granted)
    return answer.token

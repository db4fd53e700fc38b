"""The promises of `SharedLimits`, as tests.

Inherit, and give the fixtures: the implementation under test, new to every test, and `passing`,
which lets so many seconds pass on its clock.
"""
# ruff: noqa: S101, PLR2004 - a contract is made of assertions about particular numbers

from collections.abc import Awaitable, Callable

import pytest

from argo_core.consensus.opinion import GROK, SONAR
from argo_core.errors import InvalidInput
from argo_core.ports import SharedLimits
from argo_core.resilience.allowance import Allowance

Passing = Callable[[float], Awaitable[None]]

PAIR = (Allowance(rate=4, burst=2),)


class SharedLimitsContract:
    """Tests for one implementation; `limits` is its fixture."""

    async def test_a_burst_passes_and_then_one_at_a_time(
        self, limits: SharedLimits, passing: Passing
    ) -> None:
        assert [await limits.take(GROK, PAIR) for _ in range(2)] == [0, 0]
        wait = await limits.take(GROK, PAIR)
        assert wait == pytest.approx(0.245, abs=1e-5)
        await passing(wait - 0.001)
        assert 0 < await limits.take(GROK, PAIR) < 0.002
        await passing(0.00101)
        assert [bool(await limits.take(GROK, PAIR)) for _ in range(2)] == [False, True]

    async def test_tokens_are_saved_up_to_the_burst(
        self, limits: SharedLimits, passing: Passing
    ) -> None:
        await limits.take(GROK, PAIR, 2)
        await passing(100)
        assert [bool(await limits.take(GROK, PAIR)) for _ in range(3)] == [False, False, True]

    async def test_a_call_passes_all_limits_or_takes_from_none(
        self, limits: SharedLimits, passing: Passing
    ) -> None:
        both = (Allowance(rate=100, burst=3), Allowance(rate=1, burst=1))
        assert await limits.take(GROK, both) == 0
        for _ in range(5):
            assert await limits.take(GROK, both) == pytest.approx(0.995, abs=1e-5)
        await passing(1)
        # Had the refused ones taken from the first limit, this would have to wait.
        assert await limits.take(GROK, both) == 0

    async def test_heavy_calls_cost_more(self, limits: SharedLimits) -> None:
        assert await limits.take(GROK, PAIR, 2) == 0
        assert await limits.take(GROK, PAIR, 2) == pytest.approx(0.495, abs=1e-5)

    @pytest.mark.parametrize("cost", [0, -1, 3])
    async def test_a_cost_that_could_never_pass_is_refused(
        self, limits: SharedLimits, cost: int
    ) -> None:
        with pytest.raises(InvalidInput, match="cost"):
            await limits.take(GROK, PAIR, cost)

    async def test_sources_have_limits_of_their_own(self, limits: SharedLimits) -> None:
        await limits.take(GROK, PAIR, 2)
        assert await limits.take(SONAR, PAIR, 2) == 0

    async def test_a_call_that_was_not_made_is_given_back(self, limits: SharedLimits) -> None:
        await limits.refund(GROK, PAIR)
        await limits.take(GROK, PAIR, 2)
        await limits.refund(GROK, PAIR, 2)
        assert await limits.take(GROK, PAIR, 2) == 0
        assert await limits.take(GROK, PAIR, 1) > 0

    async def test_what_time_has_paid_is_not_given_back(
        self, limits: SharedLimits, passing: Passing
    ) -> None:
        await limits.take(GROK, PAIR, 2)
        await passing(100)
        await limits.refund(GROK, PAIR, 2)
        assert [bool(await limits.take(GROK, PAIR)) for _ in range(3)] == [False, False, True]

    async def test_a_pause_stops_the_source_and_is_never_shortened(
        self, limits: SharedLimits, passing: Passing
    ) -> None:
        await limits.pause(GROK, 10)
        await limits.pause(GROK, 2)
        assert await limits.take(GROK, PAIR) == pytest.approx(10, abs=1e-5)
        assert await limits.take(SONAR, PAIR) == 0
        await passing(9)
        assert await limits.take(GROK, PAIR) == pytest.approx(1, abs=1e-5)
        await limits.pause(GROK, 3)
        await passing(2)
        assert await limits.take(GROK, PAIR) == pytest.approx(1, abs=1e-5)
        await passing(1.001)
        assert await limits.take(GROK, PAIR) == 0

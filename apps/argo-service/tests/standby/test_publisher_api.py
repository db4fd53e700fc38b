"""What an operator may ask of who publishes, and what the API answers meanwhile."""

import asyncio
from typing import Any

import pytest

from argo_core.engine.keeper import Keeper
from argo_core.errors import LogFenced
from argo_core.resilience.lease_table import Role
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_lease import FakePublisherLease
from argo_core.testing.fake_observer import FakeObserver
from argo_service.api.publisher import PATIENCE_S
from argo_service.standing_by.post import Post
from argo_service.standing_by.seat import TradingSeat

WHY = {"reason": "a test"}


@pytest.fixture
def lease(clock: FakeClock) -> FakePublisherLease:
    return FakePublisherLease(clock)


@pytest.fixture
def keeper(lease: FakePublisherLease, clock: FakeClock) -> Keeper:
    return Keeper(lease, "green on a machine", clock=clock, observer=FakeObserver(), eager=False)


class TestWithoutAStandby:
    async def test_it_is_alone_and_there_is_nothing_to_hand_over(self, station: Any) -> None:
        answer = await station.client.get("/api/v1/publisher")
        body = await answer.json()
        assert (body["role"], body["colour"], body["lease"]) == ("alone", None, None)
        for what in ("release", "take-over"):
            answer = await station.client.post(f"/api/v1/publisher/{what}", json=WHY)
            assert answer.status == 404
        health = await (await station.client.get("/api/v1/health?level=live")).json()
        assert (health["role"], health["colour"], health["fence"]) == ("alone", None, None)


class TestBesideAnother:
    @pytest.fixture
    def post(self, keeper: Keeper) -> Post:
        return Post("green", keeper, TradingSeat())

    async def test_it_takes_over_once_the_lease_is_free_and_gives_it_back(
        self, station: Any, keeper: Keeper, lease: FakePublisherLease, clock: FakeClock
    ) -> None:
        keeping = asyncio.create_task(keeper.run())
        asking = asyncio.create_task(station.client.post("/api/v1/publisher/take-over", json=WHY))
        await keeper.until(Role.TAKING_OVER)
        health = await station.client.get("/api/v1/health?level=deep")
        assert health.status == 503
        assert "wait until it is standby or publishing" in await health.text()
        keeper.opened(1)
        body = await (await asking).json()
        assert (body["role"], body["colour"], body["lease"]) == (
            "publishing",
            "green",
            {"token": 1},
        )
        assert body["holder"] == "green on a machine"

        asking = asyncio.create_task(station.client.post("/api/v1/publisher/release", json=WHY))
        await keeper.until(Role.RELEASING)
        await keeper.closed()
        body = await (await asking).json()
        assert (body["role"], body["lease"], body["reason"]) == ("standby", None, "a test")
        assert await lease.look() is None
        keeping.cancel()

    async def test_it_robs_nobody_and_says_who_has_it(
        self, station: Any, keeper: Keeper, lease: FakePublisherLease, clock: FakeClock
    ) -> None:
        await lease.acquire("blue on a machine", 1_000)
        keeping = asyncio.create_task(keeper.run())
        asking = asyncio.create_task(station.client.post("/api/v1/publisher/take-over", json=WHY))
        while keeper.held is None:
            await clock.settle()
        while not asking.done():
            await clock.advance(PATIENCE_S)
        answer = await asking
        assert answer.status == 503
        assert "blue on a machine has the lease" in await answer.text()
        keeping.cancel()

    @pytest.mark.parametrize("reason", ["", " ", "x" * 201, "two\nlines"])
    async def test_a_reason_is_short_and_printable(self, station: Any, reason: str) -> None:
        answer = await station.client.post("/api/v1/publisher/release", json={"reason": reason})
        assert answer.status == 400

    async def test_nothing_is_written_without_a_lease(self, post: Post) -> None:
        with pytest.raises(LogFenced, match="the publisher's lease is over"):
            post.refuse_to_write()

    async def test_it_does_not_trade_while_it_stands_by(self, station: Any) -> None:
        answer = await station.client.get("/api/v1/trading/account")
        assert answer.status == 409
        assert "ask the one that publishes" in await answer.text()

"""HAProxy does what it is told by its runtime API, and says what comes of it."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession

from alpine_service.adapters.deploy.haproxy import Haproxy
from alpine_service.domain.deploy.colour import Colour, Traffic
from alpine_service.errors import StepFailed
from alpine_service.testing.painted import Painted
from alpine_service.testing.torture import until

BACKENDS = ("alpine", "alpine_streams")


def proxy(painted: Painted, *, state: bool = False) -> Haproxy:
    front = painted.front
    return Haproxy(front.socket, BACKENDS, front.state if state else None)


async def who_answers(painted: Painted, path: str = "/", times: int = 6) -> set[str]:
    async with ClientSession() as http:
        found = set()
        for _ in range(times):
            async with http.post(f"{painted.front.url}{path}") as response:
                found.add(await response.text())
    return found


async def switch(painted: Painted) -> None:
    both = proxy(painted, state=True)
    await both.send(Colour.GREEN, Traffic.NEW)
    await both.send(Colour.BLUE, Traffic.RUNNING)
    await both.remember()


async def test_it_begins_with_blue_and_green_gets_nothing(painted: Painted) -> None:
    behind = await proxy(painted).behind()
    assert (behind[Colour.BLUE].traffic, behind[Colour.BLUE].is_up) == (Traffic.NEW, True)
    assert (behind[Colour.GREEN].traffic, behind[Colour.GREEN].is_up) == (Traffic.NOTHING, False)
    assert await who_answers(painted) == {"blue"}


@pytest.mark.parametrize("path", ["/", "/v1/stream"])
async def test_both_backends_are_switched_together(painted: Painted, path: str) -> None:
    await switch(painted)
    assert await who_answers(painted, path) == {"green"}
    behind = await proxy(painted).behind()
    assert [behind[one].traffic for one in Colour] == [Traffic.RUNNING, Traffic.NEW]


async def test_a_connection_that_stays_open_is_switched_as_well(painted: Painted) -> None:
    async with ClientSession() as http:
        async with http.get(painted.front.url) as response:
            assert await response.text() == "blue"
        await switch(painted)
        async with http.get(painted.front.url) as response:
            assert await response.text() == "green"


async def test_answers_and_failures_are_counted(painted: Painted) -> None:
    painted.status[Colour.BLUE] = 500
    await who_answers(painted, times=5)
    painted.status[Colour.BLUE] = 404
    await who_answers(painted, times=2)
    behind = (await proxy(painted).behind())[Colour.BLUE]
    assert (behind.answers, behind.failures, behind.under_way) == (7, 5, 0)


async def test_a_proxy_that_is_started_again_knows_who_served(painted: Painted) -> None:
    await switch(painted)
    await asyncio.to_thread(painted.front.process.kill)
    await asyncio.to_thread(painted.front.process.start)

    async def answers() -> bool:
        try:
            return bool(await who_answers(painted, times=1))
        except ClientError:
            return False

    await until(answers, 30, "the proxy answers again")
    assert await who_answers(painted) == {"green"}


async def test_a_backend_that_is_not_there_is_said(painted: Painted) -> None:
    with pytest.raises(StepFailed, match="backend elsewhere has no server blue"):
        await Haproxy(painted.front.socket, ["elsewhere"]).behind()
    with pytest.raises(StepFailed, match="elsewhere/blue: No such"):
        await Haproxy(painted.front.socket, ["elsewhere"]).send(Colour.BLUE, Traffic.NEW)


async def test_a_state_that_cannot_be_written_is_said(painted: Painted, tmp_path: Path) -> None:
    nowhere = Haproxy(painted.front.socket, BACKENDS, tmp_path / "no" / "state")
    with pytest.raises(StepFailed, match="No such file"):
        await nowhere.remember()


async def test_a_proxy_that_is_away_is_said(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="is HAProxy running"):
        await Haproxy(tmp_path / "nobody", BACKENDS).behind()

"""The live stream over HTTP."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from attrs import define, evolve

from alpine_service.api.app import build_app
from alpine_service.api.keys import LISTENERS, STREAM
from alpine_service.api.listeners import CHECK_S, Listeners
from alpine_service.domain.accounts.principal import Means
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.entitlement import Channel, Entitlement
from alpine_service.domain.signals.event import Audience
from alpine_service.services.stream import Stream
from alpine_service.testing.fake_events import FakeEvents
from alpine_service.testing.fake_platform import DELAYED, REALTIME, Fakes, somebody

KEY = "alp_live_good"
BEARER = {"Authorization": f"Bearer {KEY}"}
LISTENING = evolve(DELAYED, channels=frozenset({Channel.API, Channel.STREAM}), streams=2)


@define
class Station:
    fakes: Fakes
    events: FakeEvents
    stream: Stream
    listeners: Listeners
    client: TestClient[web.Request, web.Application]

    def let_in(self, entitlement: Entitlement = REALTIME) -> None:
        self.fakes.api_keys.known[KEY] = somebody(
            means=Means.KEY, scopes=frozenset({Scope.STREAM}), entitlement=entitlement
        )

    async def listen(self, query: str = "", **headers: str) -> ClientResponse:
        return await self.client.get(f"/v1/stream{query}", headers=BEARER | headers)

    async def pass_time(self, seconds: float) -> None:
        await self.fakes.clock.advance(seconds)


@pytest_asyncio.fixture
async def station() -> AsyncIterator[Station]:
    fakes, events = Fakes(), FakeEvents()
    stream = Stream(events, events.hint, fakes.clock, fakes.observer)
    listeners = Listeners()
    app = build_app(fakes.platform(services={STREAM: stream, LISTENERS: listeners}))
    reading = asyncio.create_task(stream.run())
    async with TestClient(TestServer(app)) as client:
        made = Station(fakes, events, stream, listeners, client)
        made.let_in()
        yield made
        stream.close()
    reading.cancel()


async def lines(response: ClientResponse, count: int) -> list[str]:
    """The first so many lines that say something."""
    found: list[str] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            line = (await response.content.readline()).decode().rstrip("\n")
            if line:
                found.append(line)
    return found


async def ids(response: ClientResponse, count: int) -> list[int]:
    told = await lines(response, 1 + 3 * count)
    return [int(line[4:]) for line in told if line.startswith("id: ")]


async def test_an_event_has_its_number_its_kind_and_its_data(station: Station) -> None:
    event = station.events.add()

    async with await station.listen("?since_id=0") as response:
        assert response.content_type == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        assert await lines(response, 4) == [
            "retry: 3000",
            f"id: {event.number}",
            "event: signal.published",
            f"data: {event.data.decode()}",
        ]


@pytest.mark.parametrize("as_header", [True, False])
async def test_whoever_comes_back_goes_on_behind_its_last_event(
    station: Station, as_header: bool
) -> None:
    for _ in range(3):
        station.events.add()

    asked = station.listen(**{"Last-Event-ID": "1"}) if as_header else station.listen("?since_id=1")
    async with await asked as response:
        assert await ids(response, 2) == [2, 3]
        station.events.add()
        assert await lines(response, 1) == ["id: 4"]


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "٣", "9" * 19, "4"])
async def test_a_number_that_no_event_has_is_refused(station: Station, text: str) -> None:
    for _ in range(3):
        station.events.add()

    async with await station.listen(f"?since_id={text}") as response:
        assert response.status == 400
        assert (await response.json())["field"] == "since_id"


async def test_filters_leave_out_other_symbols_and_strategies(station: Station) -> None:
    station.events.add(symbol="AAPL", strategy="swing")
    station.events.add(symbol="MSFT", strategy="swing")
    station.events.add(symbol="BTC/USD", strategy="swing")
    station.events.add(symbol="AAPL", strategy="day")

    async with await station.listen("?since_id=0&symbol=AAPL,BTC/USD&strategy=swing") as response:
        assert await ids(response, 2) == [1, 3]


async def test_too_many_names_are_refused(station: Station) -> None:
    async with await station.listen(f"?symbol={','.join(map(str, range(51)))}") as response:
        assert (response.status, (await response.json())["field"]) == (400, "symbol")


async def test_a_delayed_plan_does_not_hear_what_is_not_revealed(station: Station) -> None:
    station.let_in(LISTENING)
    station.events.add(audience=Audience.REALTIME)
    station.events.add()

    async with await station.listen("?since_id=0") as response:
        assert await ids(response, 1) == [2]


async def test_a_plan_without_streams_is_told_so(station: Station) -> None:
    station.let_in(DELAYED)

    async with await station.listen() as response:
        assert response.status == 403


async def test_an_account_has_as_many_streams_as_its_plan(station: Station) -> None:
    station.let_in(LISTENING)

    async with await station.listen(), await station.listen(), await station.listen() as third:
        assert third.status == 429
        assert int(third.headers["Retry-After"]) > 0
    while station.listeners.open:
        # The server sees that a client is gone when it next writes.
        station.events.add()
        await station.pass_time(0)
    async with await station.listen() as again:
        assert again.status == 200


@pytest.mark.parametrize("change", ["key revoked", "plan lowered", "channel lost"])
async def test_a_listener_that_lost_its_right_is_let_go_before_it_hears_more(
    station: Station, change: str
) -> None:
    async with await station.listen() as response:
        assert await lines(response, 1) == ["retry: 3000"]
        if change == "key revoked":
            station.fakes.api_keys.known.clear()
        else:
            station.let_in(LISTENING if change == "plan lowered" else DELAYED)
        await station.pass_time(CHECK_S)
        station.events.add()

        async with asyncio.timeout(10):
            assert await response.content.read() == b"\n"


async def test_a_listener_that_kept_its_right_hears_on(station: Station) -> None:
    async with await station.listen() as response:
        assert await lines(response, 1) == ["retry: 3000"]
        await station.pass_time(CHECK_S)
        station.events.add()

        assert await lines(response, 1) == ["id: 1"]


async def test_a_store_that_goes_away_ends_the_answer_and_does_not_begin_another(
    station: Station,
) -> None:
    async with await station.listen() as response:
        assert await lines(response, 1) == ["retry: 3000"]
        station.fakes.api_keys.is_away = True
        await station.pass_time(CHECK_S)
        station.events.add()

        async with asyncio.timeout(10):
            assert await response.content.read() == b"\n"


async def test_closing_the_stream_ends_the_answers(station: Station) -> None:
    async with await station.listen() as response:
        assert await lines(response, 1) == ["retry: 3000"]
        station.stream.close()

        async with asyncio.timeout(10):
            assert await response.content.read() == b"\n"

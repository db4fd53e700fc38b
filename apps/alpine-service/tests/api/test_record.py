"""The log, past events and the state of the service, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.postgres.events import EventStore, append_events
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.api.app import build_app
from alpine_service.api.keys import EVENTS, LOG
from alpine_service.api.record_routes import ROUTES
from alpine_service.domain.accounts.principal import Means
from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.verifier_key import Algorithm, VerifierKey, make_verifier_key
from alpine_service.domain.signals.event import Audience, EventKind, NewEvent
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.services.log_view import STALE_S, LogView
from alpine_service.testing.fake_platform import DELAYED, REALTIME, Fakes, somebody
from alpine_service.testing.postgres import TestDatabase

Client = TestClient[web.Request, web.Application]
Services = dict[web.AppKey[Any], object]
KEY = make_verifier_key("argo.example/log", Algorithm.CHECKPOINT, bytes(32))
WITNESS = make_verifier_key("alpine.example/witness", Algorithm.COSIGNATURE, bytes(range(32)))
PRO, FREE = ({"Authorization": f"Bearer alp_live_{name}"} for name in ("pro", "free"))
HEAD = Head(KEY.name, 3, bytes(range(32)))
NOTE = f"{HEAD.text()}\n— {KEY.name} AAAAAAAA\n".encode()


@pytest.fixture
def fakes() -> Fakes:
    fakes = Fakes()
    for name, entitlement in (("pro", REALTIME), ("free", DELAYED)):
        who = somebody(means=Means.KEY, entitlement=entitlement)
        fakes.api_keys.known[f"alp_live_{name}"] = who
    return fakes


def view(database: TestDatabase, fakes: Fakes, key: VerifierKey | None) -> LogView:
    standing = IngestStanding(
        PostgresQuarantine(database.app), fakes.clock, fakes.observer, KEY.name
    )
    return LogView(key, (WITNESS,), standing, PostgresFeed(database.app))


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, database: TestDatabase, fakes: Fakes) -> Client:
    services: Services = {LOG: view(database, fakes, KEY), EVENTS: EventStore(database.app)}
    return await aiohttp_client(build_app(fakes.platform(services=services), ROUTES))


async def read_log(database: TestDatabase, fakes: Fakes) -> None:
    now = fakes.clock.now()
    await database.app.execute(
        "INSERT INTO feed_head (log, size, root, nodes, note, read_at, heard_at)"
        " VALUES ($1, 3, $2, '', $3, $4, $4)",
        KEY.name,
        HEAD.root,
        NOTE,
        now,
    )
    await database.app.execute(
        "INSERT INTO checkpoints VALUES (3, $1, $2, 77, $3)", HEAD.root, NOTE, now
    )


async def test_before_the_log_was_heard_all_is_stale(client: Client) -> None:
    body = await (await client.get("/v1/log")).json()

    assert (body["size"], body["checkpoint"], body["freshness"]) == (0, None, "stale")


async def test_the_log_is_shown_with_its_checkpoint_and_the_keys_that_we_pinned(
    client: Client, database: TestDatabase, fakes: Fakes
) -> None:
    await read_log(database, fakes)
    await fakes.clock.advance(7)

    response = await client.get("/v1/log")

    body = await response.json()
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert body["checkpoint"] == NOTE.decode()
    assert body["key"] == str(KEY)
    assert body["witnesses"] == [str(WITNESS)]
    assert (body["size"], body["cosigned_s"], body["silent_s"]) == (3, 77, 7)
    assert body["freshness"] == "fresh"


async def test_silence_is_shown_honestly(
    client: Client, database: TestDatabase, fakes: Fakes
) -> None:
    await read_log(database, fakes)
    fresh = await (await client.get("/v1/status")).json()
    await fakes.clock.advance(STALE_S + 1)
    stale = await (await client.get("/v1/status")).json()

    assert (fresh["freshness"], stale["freshness"]) == ("fresh", "stale")
    assert stale["silent_s"] == STALE_S + 1


async def test_without_a_log_there_is_a_status_and_no_log(
    aiohttp_client: AiohttpClient, database: TestDatabase, fakes: Fakes
) -> None:
    services: Services = {LOG: view(database, fakes, None), EVENTS: EventStore(database.app)}
    client = await aiohttp_client(build_app(fakes.platform(services=services), ROUTES))

    assert (await client.get("/v1/log")).status == 404
    assert (await (await client.get("/v1/status")).json())["freshness"] == "no log"


async def happened(database: TestDatabase, *audiences: Audience) -> None:
    events = [
        NewEvent(
            EventKind.SIGNAL_PUBLISHED,
            audience,
            index,
            "alpha",
            f'{{"secret":"{audience.name}"}}'.encode(),
            index,
        )
        for index, audience in enumerate(audiences)
    ]
    async with database.app.transaction() as connection:
        await append_events(connection, events)


async def test_past_events_are_those_that_the_plan_may_see(
    client: Client, database: TestDatabase
) -> None:
    await happened(
        database, Audience.EVERYBODY, Audience.REALTIME, Audience.EVERYBODY, Audience.REALTIME
    )

    async def ask(who: dict[str, str], **params: str) -> tuple[list[int], int]:
        response = await client.get("/v1/events", params=params, headers=who)
        body = await response.json()
        return [each["number"] for each in body["events"]], body["next"]

    assert await ask(PRO) == ([1, 2, 3, 4], 4)
    assert await ask(FREE) == ([1, 3], 4)
    assert await ask(FREE, limit="1") == ([1], 1)
    assert await ask(FREE, since="1", limit="1") == ([3], 3)
    assert await ask(FREE, since="3") == ([], 4)
    assert await ask(PRO, since="9") == ([], 9)
    text = await (await client.get("/v1/events", headers=FREE)).text()
    assert Audience.REALTIME.name not in text


async def test_an_event_has_the_id_under_which_it_is_told_elsewhere(
    client: Client, database: TestDatabase
) -> None:
    await happened(database, Audience.EVERYBODY)

    response = await client.get("/v1/events", headers=PRO)

    assert (await response.json())["events"] == [
        {
            "id": "evt_1",
            "number": 1,
            "type": "signal.published",
            "at_us": 0,
            "data": {"secret": "EVERYBODY"},
        }
    ]
    had = PRO | {"If-None-Match": response.headers["ETag"]}
    assert (await client.get("/v1/events", headers=had)).status == 304


async def test_a_day_of_silence_is_a_day(
    client: Client, database: TestDatabase, fakes: Fakes
) -> None:
    await read_log(database, fakes)
    await fakes.clock.advance(timedelta(days=1).total_seconds())

    assert (await (await client.get("/v1/log")).json())["silent_s"] == 86_400

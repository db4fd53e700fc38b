"""Requests that are repeated, over HTTP and with a real database."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from attrs import evolve, field, frozen
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.postgres.answer_store import PostgresAnswers
from alpine_service.adapters.secrets.vault import AesVault
from alpine_service.api.app import build_app
from alpine_service.api.asking import body, reply
from alpine_service.api.route import Route, keyed
from alpine_service.domain.accounts.scope import Scope
from alpine_service.errors import Conflict, DatabaseAway
from alpine_service.services.answers import KEPT, TAKEN, Answers
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_platform import Fakes, somebody
from alpine_service.testing.postgres import TestDatabase

Client = TestClient[web.Request, web.Application]
KEY = {"Idempotency-Key": '"8e03978e-40d5-43e8-bc93-6894a57f9324"'}
ONE, OTHER = ({"Authorization": f"Bearer alp_live_{name}"} for name in ("one", "other"))


@frozen
class Thing:
    name: str


@frozen
class Made:
    secret: str = field(repr=False)


class Workshop:
    """Makes things, and each has another secret."""

    def __init__(self) -> None:
        self.made = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def make(self, request: web.Request) -> web.Response:
        thing = await body(request, Thing)
        await self.go_on.wait()
        self.made += 1
        if thing.name == "refused":
            raise Conflict("there is one already")
        if thing.name == "broken":
            raise DatabaseAway("gone")
        return reply(Made(f"canary-{self.made}"), 201)


@pytest.fixture
def fakes() -> Fakes:
    fakes = Fakes()
    for name in ("one", "other"):
        fakes.api_keys.known[f"alp_live_{name}"] = somebody(f"usr_{name}")
    return fakes


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


@pytest.fixture
async def client(
    aiohttp_client: AiohttpClient, database: TestDatabase, fakes: Fakes, workshop: Workshop
) -> Client:
    vault = AesVault([bytes(32)], FakeChance())
    answers = Answers(PostgresAnswers(database.app), vault, fakes.clock)
    route = Route(
        "POST",
        "/things",
        workshop.make,
        "Make",
        "things",
        keyed(Scope.WEBHOOKS),
        Made,
        takes=Thing,
        status=201,
        idempotent=True,
    )
    platform = evolve(fakes.platform(), answers=answers)
    routes = (route, evolve(route, path="/plain", idempotent=False))
    return await aiohttp_client(build_app(platform, routes))


async def make(
    client: Client, name: str = "x", path: str = "/things", **headers: str
) -> ClientResponse:
    named = {each.replace("_", "-"): value for each, value in headers.items()}
    return await client.post(path, json={"name": name}, headers=ONE | KEY | named)


async def test_a_repeated_request_gets_the_first_answer_and_does_nothing(
    client: Client, workshop: Workshop
) -> None:
    first = await make(client)
    again = await make(client)

    assert (first.status, again.status) == (201, 201)
    assert await first.json() == await again.json() == {"secret": "canary-1"}
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert workshop.made == 1


async def test_of_many_at_the_same_time_one_is_done(client: Client, workshop: Workshop) -> None:
    workshop.go_on.clear()
    asked = [asyncio.create_task(make(client)) for _ in range(8)]
    done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    while len(done) < 7:
        done, _ = await asyncio.wait(asked, timeout=0.01)
    workshop.go_on.set()

    statuses = Counter([(await each).status for each in asked])

    assert statuses == {201: 1, 409: 7}
    assert workshop.made == 1


async def test_a_key_is_for_one_request(client: Client, workshop: Workshop) -> None:
    await make(client, "x")

    response = await make(client, "y")

    assert response.status == 422
    assert (await response.json())["type"] == "/problems/key-used"
    assert workshop.made == 1


async def test_a_key_is_one_s_own(client: Client, workshop: Workshop) -> None:
    await make(client)

    others = await client.post("/things", json={"name": "x"}, headers=OTHER | KEY)

    assert await others.json() == {"secret": "canary-2"}


async def test_a_refusal_did_nothing_so_the_key_is_free(client: Client, workshop: Workshop) -> None:
    refused = await make(client, "refused")
    mended = await make(client, "x")

    assert (refused.status, mended.status) == (409, 201)


async def test_what_broke_off_may_have_been_done_so_the_key_waits(
    client: Client, fakes: Fakes
) -> None:
    broken = await make(client, "broken")
    soon = await make(client, "broken")
    await fakes.clock.advance(TAKEN.total_seconds())
    later = await make(client, "x")

    assert (broken.status, soon.status, later.status) == (503, 409, 201)


async def test_an_answer_is_kept_for_a_day(
    client: Client, fakes: Fakes, workshop: Workshop, database: TestDatabase
) -> None:
    await make(client)
    store = PostgresAnswers(database.app)

    assert await store.sweep(fakes.clock.now() + KEPT - timedelta(seconds=1)) == 0
    assert await store.sweep(fakes.clock.now() + KEPT) == 1
    await make(client)
    assert workshop.made == 2


async def test_a_kept_secret_is_not_in_the_database(client: Client, database: TestDatabase) -> None:
    await make(client)

    rows = await database.app.fetch("SELECT * FROM idempotency")

    assert len(rows) == 1
    assert "canary" not in str(rows)


@pytest.mark.parametrize(
    "key", ["8e03978e", '"short"', '"a b c d e f"', '""', '"' + "x" * 65 + '"']
)
async def test_a_key_that_is_no_quoted_word_is_refused(client: Client, key: str) -> None:
    response = await make(client, Idempotency_Key=key)

    assert response.status == 400
    assert (await response.json())["field"] == "Idempotency-Key"


async def test_without_a_key_or_where_keys_mean_nothing_each_request_is_done(
    client: Client, workshop: Workshop
) -> None:
    for _ in range(2):
        await client.post("/things", json={"name": "x"}, headers=ONE)
        await make(client, path="/plain")

    assert workshop.made == 4

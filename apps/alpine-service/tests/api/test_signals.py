"""Signals over HTTP, out of a real database."""

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.postgres.signal_store import PostgresSignals
from alpine_service.api.app import build_app
from alpine_service.api.keys import SIGNALS
from alpine_service.api.signal_routes import ROUTES
from alpine_service.domain.accounts.principal import Means
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.signal import Disclosure
from alpine_service.errors import NotThere
from alpine_service.services.signals import Signals
from alpine_service.testing.fake_platform import DELAYED, REALTIME, Fakes, somebody
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.stored_signals import a_signal, store, tick

CANARY = "CANARY"
KEYS = {
    "pro": {"Authorization": "Bearer alp_live_pro"},
    "free": {"Authorization": "Bearer alp_live_free"},
    "stranger": {},
}
Client = TestClient[web.Request, web.Application]
SEALED = Disclosure.DELAYED


class PlainProofs:
    """Proofs of entries up to an index, which say which index they are of."""

    async def proof_file(self, log_index: int) -> bytes:
        if log_index > 50:
            raise NotThere("proof")
        return f"c2sp.org/tlog-proof@v1\nindex {log_index}\n".encode()


@pytest.fixture
def fakes() -> Fakes:
    fakes = Fakes()
    for name, entitlement in (("pro", REALTIME), ("free", DELAYED)):
        who = somebody(f"usr_{name}", means=Means.KEY, entitlement=entitlement)
        fakes.api_keys.known[f"alp_live_{name}"] = who
    return fakes


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, database: TestDatabase, fakes: Fakes) -> Client:
    signals = Signals(PostgresSignals(database.app), PlainProofs(), fakes.clock)
    return await aiohttp_client(build_app(fakes.platform(services={SIGNALS: signals}), ROUTES))


async def indices(response: ClientResponse) -> list[int]:
    assert response.status == 200
    return [each["signal_index"] for each in (await response.json())["signals"]]


async def test_pages_go_on_where_the_one_before_ended(
    client: Client, database: TestDatabase
) -> None:
    await store(database.app, [a_signal(index) for index in range(5)])

    found, cursor = [], None
    for _ in range(3):
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        response = await client.get("/v1/signals", params=params, headers=KEYS["pro"])
        found.append(await indices(response))
        cursor = (await response.json())["next"]

    assert found == [[4, 3], [2, 1], [0]]
    assert cursor is None


async def test_a_page_is_of_fifty_unless_said_and_of_a_hundred_at_most(
    client: Client, database: TestDatabase
) -> None:
    await store(database.app, [a_signal(index) for index in range(120)])

    async def ask(**params: str) -> ClientResponse:
        return await client.get("/v1/signals", params=params, headers=KEYS["pro"])

    assert len(await indices(await ask())) == 50
    assert len(await indices(await ask(limit="100"))) == 100
    assert (await ask(limit="101")).status == 400


async def test_filters_are_for_what_may_be_seen(client: Client, database: TestDatabase) -> None:
    early = a_signal(2, audience=Audience.REALTIME, disclosure=SEALED, strategy="beta")
    await store(database.app, [a_signal(1, symbol="AAPL"), early])

    async def ask(plan: str, **params: str) -> list[int]:
        return await indices(await client.get("/v1/signals", params=params, headers=KEYS[plan]))

    assert await ask("pro", symbol="BRK.B") == [2]
    assert await ask("free", symbol="BRK.B") == []
    assert await ask("free", strategy="beta") == [2]
    assert await ask("free", direction="BUY", min_confidence_bp="8000") == [1]
    assert await ask("free", since="2026-03-02T12:02:00Z") == [2]
    assert await ask("free", until="2026-03-02T13:02:00+01:00") == [1]


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "٣"},
        {"limit": "1e1"},
        {"cursor": "-1"},
        {"direction": "buy"},
        {"result": "won"},
        {"symbol": ""},
        {"symbol": "x" * 256},
        {"symbol": "A\x00B"},
        {"since": "yesterday"},
        {"since": "2026-03-02T12:00:00"},
        {"since": "0001-01-01T00:00:00Z"},
        {"min_confidence_bp": "10001"},
    ],
)
async def test_a_parameter_that_cannot_be_meant_is_named(
    client: Client, params: dict[str, str]
) -> None:
    response = await client.get("/v1/signals", params=params, headers=KEYS["pro"])

    assert response.status == 400
    assert (await response.json())["field"] == next(iter(params))


async def test_no_answer_to_a_delayed_plan_has_anything_of_a_sealed_body(
    client: Client, database: TestDatabase
) -> None:
    sealed = a_signal(
        7,
        audience=Audience.REALTIME,
        disclosure=SEALED,
        result="target",
        return_bp=9_999,
        secret=CANARY,
    )
    await store(database.app, [a_signal(6), sealed])
    paths = [
        "/v1/signals",
        "/v1/signals?strategy=alpha",
        "/v1/signals/7",
        f"/v1/signals/alpha-7{CANARY}",
        f"/v1/signals/alpha-7{CANARY}/proof",
        f"/v1/signals/alpha-7{CANARY}/entry",
        "/v1/signals/7/proof",
        "/v1/signals/7/entry",
        f"/v1/signals?symbol=BRK.B{CANARY}",
        "/v1/performance",
        "/v1/strategies",
    ]

    for path in paths:
        # The other way round first, so that nothing kept for one is given to the other.
        seen = await (await client.get(path, headers=KEYS["pro"])).text()
        for plan in ("free", "stranger"):
            answer = await client.get(path, headers=KEYS[plan])
            text = await answer.text()
            assert CANARY not in text, path
            assert "9999" not in text, path
            assert CANARY not in str(answer.headers), path
        if path in paths[:4]:
            assert CANARY in seen, "the test would find it"


async def test_one_signal_has_all_that_the_log_says_of_it(
    client: Client, database: TestDatabase
) -> None:
    record = a_signal(3, disclosure=SEALED, result="target", return_bp=200)
    await store(database.app, [record])

    by_index = await client.get("/v1/signals/3", headers=KEYS["free"])
    by_id = await client.get("/v1/signals/alpha-3", headers=KEYS["free"])

    body = await by_index.json()
    assert body == await by_id.json()
    assert (body["state"], body["symbol"], body["result"]) == ("public", "BRK.B", "target")
    assert body["signal"]["reasoning"] == "Both agreed."
    assert body["outcome"]["result"] == "target"
    assert bytes.fromhex(body["nonce"]) == record.nonce
    assert body["commitment"] == record.commitment.hex() if record.commitment else False


async def test_a_sealed_signal_shows_its_commit(client: Client, database: TestDatabase) -> None:
    await store(database.app, [a_signal(3, audience=None, disclosure=SEALED)])

    body = await (await client.get("/v1/signals/3", headers=KEYS["pro"])).json()

    assert (body["state"], body["id"], body["signal"], body["nonce"]) == (
        "sealed",
        None,
        None,
        None,
    )
    assert body["commitment"] == (3).to_bytes(32).hex()


@pytest.mark.parametrize("name", ["99", "nobody", "9" * 40, "%2e%2e", "٣", "a b"])
async def test_a_signal_that_is_not_there_is_not_there(client: Client, name: str) -> None:
    assert (await client.get(f"/v1/signals/{name}", headers=KEYS["pro"])).status == 404


async def test_proof_and_entry_are_for_everybody_and_every_site(
    client: Client, database: TestDatabase
) -> None:
    await store(database.app, [a_signal(7), a_signal(60)])
    await database.app.execute(
        "INSERT INTO entries VALUES (7, 'signal', 'alpha', 0, 0, $1, $2)", b'{"v":1}', bytes(32)
    )

    proof = await client.get("/v1/signals/7/proof")
    entry = await client.get("/v1/signals/7/entry")

    assert await proof.text() == "c2sp.org/tlog-proof@v1\nindex 7\n"
    assert proof.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert await entry.read() == b'{"v":1}'
    assert entry.headers["Access-Control-Allow-Origin"] == "*"
    assert proof.headers["Cache-Control"] == "public, no-cache"
    assert (await client.get("/v1/signals/60/proof")).status == 404
    assert (await client.get("/v1/signals/60/entry")).status == 404


async def test_who_has_a_page_already_is_told_so(client: Client, database: TestDatabase) -> None:
    await store(database.app, [a_signal(1)])
    first = await client.get("/v1/signals", headers=KEYS["pro"])
    had = KEYS["pro"] | {"If-None-Match": f'"other", W/{first.headers["ETag"]}'}

    again = await client.get("/v1/signals", headers=had)
    await store(database.app, [a_signal(2)])
    await tick(database.app)
    changed = await client.get("/v1/signals", headers=had)

    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert await indices(changed) == [2, 1]


async def test_a_page_is_anew_with_every_event_and_after_a_while(
    client: Client, database: TestDatabase, fakes: Fakes
) -> None:
    async def ask() -> list[int]:
        return await indices(await client.get("/v1/signals", headers=KEYS["pro"]))

    assert await ask() == []
    await store(database.app, [a_signal(1)])
    assert await ask() == [], "nothing was told, so the page that is kept is still true"
    await tick(database.app)
    assert await ask() == [1]
    await store(database.app, [a_signal(2)])
    await fakes.clock.advance(2)
    assert await ask() == [2, 1]


async def test_strategies_are_shown_to_strangers_retired_or_not(
    client: Client, database: TestDatabase
) -> None:
    await database.app.execute(
        "INSERT INTO strategies VALUES ('alpha', 4, 'delayed', $1, 3, 9, 5)", b'{"beat_s":"5"}'
    )
    expected = {
        "strategy": "alpha",
        "disclosure": "delayed",
        "registered_index": 4,
        "registered_us": 5,
        "retired_index": 9,
        "entries": 3,
        "registration": {"beat_s": "5"},
    }

    assert await (await client.get("/v1/strategies")).json() == {"strategies": [expected]}
    assert await (await client.get("/v1/strategies/alpha")).json() == expected
    assert (await client.get("/v1/strategies/beta")).status == 404


async def test_performance_counts_what_was_hidden_too_long_as_lost(
    client: Client, database: TestDatabase, fakes: Fakes
) -> None:
    hidden = a_signal(2, audience=Audience.REALTIME, disclosure=SEALED, strategy="beta")
    await store(database.app, [a_signal(1, result="target", return_bp=300), hidden])
    before = await (await client.get("/v1/performance")).json()
    # Due 15 minutes after it was witnessed, five seconds late, and ten more are borne with.
    await fakes.clock.advance(27 * 60 + 6)
    after = await (await client.get("/v1/performance", headers=KEYS["pro"])).json()

    assert (before["overall"]["mean_return_bp"], before["overall"]["sealed"]) == (300, 1)
    assert [each["strategy"] for each in after["strategies"]] == ["alpha", "beta"]
    assert after["overall"]["overdue"] == 1
    assert after["overall"]["mean_return_bp"] == (300 - 10_000) / 2


async def test_a_stranger_sees_no_list_and_a_key_without_the_scope_neither(
    client: Client, fakes: Fakes
) -> None:
    fakes.api_keys.known["alp_live_other"] = somebody(means=Means.KEY, scopes=frozenset())

    stranger = await client.get("/v1/signals")
    scopeless = await client.get("/v1/signals", headers={"Authorization": "Bearer alp_live_other"})

    assert (stranger.status, scopeless.status) == (401, 403)

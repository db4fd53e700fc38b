"""Webhooks and the daily mail over HTTP, out of a real database."""

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.postgres.delivery_records import PostgresDeliveryRecords
from alpine_service.adapters.postgres.digests import PostgresDigests
from alpine_service.adapters.postgres.entitlements import Entitlements
from alpine_service.adapters.postgres.events import EventStore
from alpine_service.adapters.postgres.signal_store import PostgresSignals
from alpine_service.adapters.postgres.webhook_store import PostgresWebhooks
from alpine_service.adapters.zones import SystemZones
from alpine_service.api import digest_routes, webhook_routes
from alpine_service.api.app import build_app
from alpine_service.api.keys import DIGESTS, WEBHOOKS
from alpine_service.domain.accounts.principal import Means
from alpine_service.domain.accounts.role import Role
from alpine_service.services.digest import DigestNeeds, Digests
from alpine_service.services.webhooks import WebhookNeeds, Webhooks
from alpine_service.testing.deliveries import FakeVault
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_platform import DELAYED, PUBLIC_URL, REALTIME, Fakes, somebody
from alpine_service.testing.people import add_user
from alpine_service.testing.postgres import TestDatabase

Client = TestClient[web.Request, web.Application]
PATH = "/v1/webhooks"
URL = "https://example.com/hook"


def key(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer alp_live_{name}"}


def session(name: str) -> dict[str, str]:
    return {"Cookie": f"__Host-alpine=ses_{name}", "Origin": PUBLIC_URL}


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, database: TestDatabase) -> Client:
    fakes = Fakes()
    app = database.app
    for name, entitlement in (("one", REALTIME), ("two", REALTIME), ("free", DELAYED)):
        await add_user(app, f"usr_{name}")
        who = somebody(f"usr_{name}", means=Means.KEY, entitlement=entitlement)
        fakes.api_keys.known[f"alp_live_{name}"] = who
        fakes.sessions.known[f"ses_{name}"] = somebody(f"usr_{name}", entitlement=entitlement)
    staff = somebody("usr_two", role=Role.SUPPORT, second_factor=True)
    fakes.sessions.known["ses_staff"] = staff
    needs = WebhookNeeds(
        PostgresWebhooks(app),
        PostgresDeliveryRecords(app),
        EventStore(app),
        FakeVault(),
        fakes.clock,
        FakeChance(),
    )
    digest_needs = DigestNeeds(
        PostgresDigests(app),
        PostgresSignals(app),
        Entitlements(app),
        SystemZones(),
        fakes.clock,
        FakeChance(),
        fakes.observer,
    )
    services: dict[web.AppKey[Any], object] = {
        WEBHOOKS: Webhooks(needs),
        DIGESTS: Digests(digest_needs, PUBLIC_URL),
    }
    routes = (*webhook_routes.ROUTES, *digest_routes.ROUTES)
    return await aiohttp_client(build_app(fakes.platform(services=services), routes))


async def ask(
    client: Client,
    method: str,
    path: str,
    headers: dict[str, str],
    *,
    status: int = 200,
    **body: object,
) -> Any:
    json = body if method in {"POST", "PUT", "PATCH"} and body else None
    async with client.request(method, path, headers=headers, json=json) as response:
        text = await response.text()
        assert response.status == status, text
        return await response.json(content_type=None) if text else None


async def add(client: Client, name: str = "one") -> Any:
    return await ask(client, "POST", PATH, key(name), status=201, url=URL, symbols=["AAPL"])


async def test_a_secret_is_shown_once(client: Client) -> None:
    made = await add(client)
    listed = await ask(client, "GET", PATH, key("one"))
    one = await ask(client, "GET", f"{PATH}/{made['webhook']['id']}", key("one"))

    assert made["secret"].startswith("whsec_")
    assert listed == {"webhooks": [made["webhook"]]}
    assert one == made["webhook"]
    assert one["symbols"] == ["AAPL"]
    assert (one["state"], one["url"]) == ("active", URL)


async def test_an_endpoint_is_changed_turned_off_and_on_and_deleted(client: Client) -> None:
    path = f"{PATH}/{(await add(client))['webhook']['id']}"

    changed = await ask(
        client, "PATCH", path, key("one"), kinds=["signal.published"], strategies=["trend"]
    )
    off = await ask(client, "PATCH", path, key("one"), is_on=False, symbols=[])
    await ask(client, "POST", f"{path}/test", key("one"), status=409)
    on = await ask(client, "POST", f"{path}/enable", key("one"))
    await ask(client, "DELETE", path, key("one"), status=204)
    await ask(client, "GET", path, key("one"), status=404)

    assert (changed["kinds"], changed["symbols"]) == (["signal.published"], ["AAPL"])
    assert (off["state"], off["reason"], off["symbols"]) == ("off", "owner", [])
    assert (on["state"], on["reason"], on["strategies"]) == ("active", None, ["trend"])


async def test_a_test_is_in_the_list_of_deliveries_and_can_be_resent(client: Client) -> None:
    path = f"{PATH}/{(await add(client))['webhook']['id']}"
    ids = [
        (await ask(client, "POST", f"{path}/test", key("one"), status=202))["delivery_id"]
        for _ in range(3)
    ]

    first = await ask(client, "GET", f"{path}/deliveries?limit=2&state=pending", key("one"))
    rest = await ask(client, "GET", f"{path}/deliveries?limit=2&cursor={first['next']}", key("one"))
    await ask(client, "POST", f"{path}/deliveries/{ids[0]}/resend", key("one"), status=202)

    seen = [each["id"] for each in (*first["deliveries"], *rest["deliveries"])]
    assert sorted(seen) == sorted(ids)
    assert rest["next"] is None
    assert {each["kind"] for each in first["deliveries"]} == {"webhook.test"}


async def test_rotation_and_recovery_answer_what_they_did(client: Client) -> None:
    path = f"{PATH}/{(await add(client))['webhook']['id']}"

    new = await ask(client, "POST", f"{path}/rotate", key("one"), status=201)
    since = "2026-03-02T11:00:00Z"
    done = await ask(client, "POST", f"{path}/recover", key("one"), status=202, since=since)

    assert new["secret"].startswith("whsec_")
    assert new["old_until"] == "2026-03-03T12:00:00Z"
    assert done == {"deliveries": 0, "is_complete": True}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/rotate"),
        ("POST", "/test"),
        ("POST", "/recover"),
        ("POST", "/enable"),
        ("GET", "/deliveries"),
        ("POST", "/deliveries/msg_1/resend"),
    ],
)
async def test_anothers_endpoint_does_not_exist(client: Client, method: str, path: str) -> None:
    whole = f"{PATH}/{(await add(client))['webhook']['id']}{path}"
    bodies = {"/recover": {"since": "2026-03-02T11:00:00Z"}}
    body: Any = bodies.get(path, {"description": "mine now"} if method == "PATCH" else {})

    await ask(client, method, whole, key("two"), status=404, **body)


@pytest.mark.parametrize("name", ["whk_%00", "whk_%C3%A4", "whk_unknown"])
async def test_what_cannot_be_an_id_is_not_there(client: Client, name: str) -> None:
    await ask(client, "GET", f"{PATH}/{name}", key("one"), status=404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": "http://169.254.169.254/"},
        {"url": URL, "kinds": ["webhook.test"]},
        {"url": URL, "symbols": ["nope"]},
        {"url": URL, "user_id": "usr_two"},
        {"url": URL, "description": "\n"},
    ],
)
async def test_what_will_not_do_is_refused(client: Client, body: dict[str, object]) -> None:
    async with client.post(PATH, headers=key("one"), json=body) as response:
        assert response.status == 400


@pytest.mark.parametrize("cursor", ["1", "1_msg_", "x_msg_0123456789012345678901", "%00"])
async def test_a_cursor_that_is_none_of_ours_is_refused(client: Client, cursor: str) -> None:
    path = f"{PATH}/{(await add(client))['webhook']['id']}/deliveries?cursor={cursor}"

    async with client.get(path, headers=key("one")) as response:
        assert response.status == 400


async def test_a_plan_without_webhooks_is_told_so(client: Client) -> None:
    await ask(client, "POST", PATH, key("free"), status=403, url=URL)
    assert await ask(client, "GET", PATH, key("free")) == {"webhooks": []}


async def test_staff_see_what_failed_and_not_what_receivers_said(
    client: Client, database: TestDatabase
) -> None:
    path = f"{PATH}/{(await add(client))['webhook']['id']}"
    made = await ask(client, "POST", f"{path}/test", key("one"), status=202)
    await database.app.execute(
        "UPDATE deliveries SET state = 'dead', reason = 'exhausted', ended_at = made_at"
    )
    await database.app.execute(
        "INSERT INTO attempts SELECT id, 1, made_at, 5, 500, NULL, 'private' FROM deliveries"
    )

    page = await ask(client, "GET", "/v1/admin/deliveries", session("staff"))
    own = await ask(client, "GET", f"{path}/deliveries", key("one"))

    assert [each["id"] for each in page["deliveries"]] == [made["delivery_id"]]
    assert page["deliveries"][0]["attempts"][0]["excerpt"] is None
    assert own["deliveries"][0]["attempts"][0]["excerpt"] == "private"
    await ask(client, "GET", "/v1/admin/deliveries", session("one"), status=403)


async def test_a_daily_mail_is_wanted_over_http(client: Client) -> None:
    path = "/v1/account/digest"
    before = await ask(client, "GET", path, session("one"))
    kept = await ask(client, "PUT", path, session("one"), is_on=True, hour=6, zone="Europe/Zurich")

    assert before == {"is_on": False, "hour": 7, "zone": "UTC"}
    assert kept == await ask(client, "GET", path, session("one"))
    assert kept == {"is_on": True, "hour": 6, "zone": "Europe/Zurich"}


async def test_a_look_at_the_link_ends_nothing_and_a_press_does(
    client: Client, database: TestDatabase
) -> None:
    await ask(client, "PUT", "/v1/account/digest", session("one"), is_on=True)
    await database.app.execute(
        "INSERT INTO digests VALUES ('usr_one', '2026-03-02', sha256('TOKEN'), now(), 1)"
    )
    link = "/v1/digest/unsubscribe?token=TOKEN"

    async with client.get(link) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert "form-action 'self'" in response.headers["Content-Security-Policy"]
    assert (await ask(client, "GET", "/v1/account/digest", session("one")))["is_on"]
    async with client.post(link, data={"List-Unsubscribe": "One-Click"}) as response:
        assert response.status == 204
    assert not (await ask(client, "GET", "/v1/account/digest", session("one")))["is_on"]


@pytest.mark.parametrize("query", ["", "?token="])
async def test_a_link_without_a_token_is_refused(client: Client, query: str) -> None:
    async with client.post(f"/v1/digest/unsubscribe{query}") as response:
        assert response.status == 400

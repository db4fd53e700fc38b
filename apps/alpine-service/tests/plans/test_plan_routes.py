"""Plans, subscriptions and keys over HTTP."""

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.domain.accounts.role import Role
from alpine_service.services.subscriptions import Deed
from alpine_service.testing.fake_clock import BEGINNING
from alpine_service.testing.plan_house import LOG, Client, Headers, PlanHouse, ask, plan_house
from alpine_service.testing.postgres import TestDatabase

SUBSCRIPTION = "/v1/account/subscription"


@pytest.fixture
def house(database: TestDatabase) -> PlanHouse:
    return plan_house(database)


@pytest_asyncio.fixture
async def client(house: PlanHouse, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(house.app())


@pytest_asyncio.fixture
async def ada(house: PlanHouse) -> Headers:
    return await house.person("usr_ada")


async def test_everybody_may_see_the_plans(client: Client) -> None:
    status, seen = await ask(client, "GET", "/v1/plans", {})
    assert status == 200
    assert [each["name"] for each in seen["plans"]] == ["free", "basic", "pro"]
    assert not seen["plans"][0]["has"]["is_realtime"]
    assert "made public" in seen["plans"][0]["meaning"]


async def test_a_subscription_is_tried_paid_changed_cancelled_and_resumed(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    _, before = await ask(client, "GET", SUBSCRIPTION, ada)
    assert (before["has"]["plan"], before["state"], before["may_try"]) == ("free", None, True)
    assert {each["plan"] for each in before["ways_to_pay"]} == {"basic", "pro"}
    _, trial = await ask(client, "POST", f"{SUBSCRIPTION}/trial", ada, {"plan": "basic"})
    assert (trial["has"]["plan"], trial["state"], trial["may_try"]) == ("basic", "trial", False)
    await house.grant("usr_ada", "pro")
    _, lower = await ask(client, "POST", f"{SUBSCRIPTION}/plan", ada, {"plan": "basic"})
    assert (lower["plan"], lower["next_plan"]) == ("pro", "basic")
    _, over = await ask(client, "POST", f"{SUBSCRIPTION}/cancel", ada)
    assert (over["state"], over["has"]["plan"]) == ("cancelled", "pro")
    _, again = await ask(client, "POST", f"{SUBSCRIPTION}/resume", ada)
    assert again["state"] == "active"
    status, problem = await ask(client, "POST", f"{SUBSCRIPTION}/trial", ada, {"plan": "pro"})
    assert (status, problem["status"]) == (409, 409)


async def test_a_subscription_is_shown_as_it_is_now(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    await house.grant("usr_ada", "pro")
    await house.fakes.clock.advance(60 * 86_400)
    _, seen = await ask(client, "GET", SUBSCRIPTION, ada)
    assert (seen["state"], seen["has"]["plan"], seen["may_try"]) == ("expired", "free", True)


async def test_a_key_is_made_used_rotated_and_revoked(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    await house.grant("usr_ada", "pro")
    asked = {"name": "desk", "scopes": ["account"]}
    status, made = await ask(client, "POST", "/v1/account/keys", ada, asked)
    assert status == 201
    bearer = {"Authorization": f"Bearer {made['text']}"}
    _, own = await ask(client, "GET", SUBSCRIPTION, bearer)
    assert own["has"]["plan"] == "pro"
    path = f"/v1/account/keys/{made['key']['id']}"
    until = (BEGINNING + timedelta(days=1)).isoformat()
    status, newer = await ask(client, "POST", f"{path}/rotate", ada, {"old_until": until})
    assert status == 201
    _, listed = await ask(client, "GET", "/v1/account/keys", ada)
    assert {each["id"] for each in listed["keys"]} == {made["key"]["id"], newer["key"]["id"]}
    assert "text" not in str(listed)
    assert (await ask(client, "DELETE", path, ada))[0] == 204
    assert (await ask(client, "GET", SUBSCRIPTION, bearer))[0] == 401
    newest = {"Authorization": f"Bearer {newer['text']}"}
    assert (await ask(client, "GET", SUBSCRIPTION, newest))[0] == 200


async def test_usage_is_shown_day_by_day(client: Client, house: PlanHouse, ada: Headers) -> None:
    for _ in range(3):
        status, seen = await ask(client, "GET", "/v1/account/usage?days=2", ada)
    assert status == 200
    (day,) = seen["days"]
    assert (day["day"], day["means"]) == ("2026-03-02", "sessions")
    assert day["count"] >= 3
    assert (await ask(client, "GET", "/v1/account/usage?days=93", ada))[0] == 400


async def test_an_export_has_all_but_what_opens_something(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    await house.grant("usr_ada", "pro")
    asked = {"name": "desk", "scopes": ["signals"]}
    _, made = await ask(client, "POST", "/v1/account/keys", ada, asked)
    export = await house.plans.export.export("usr_ada")
    assert export["subscription"]["plan"] == "pro"
    assert len(export["billing"]) == 1
    assert export["keys"][0]["name"] == "desk"
    assert export["usage"][0]["count"] > 0
    assert made["text"] not in str(export)
    nobody = await house.plans.export.export("usr_nobody")
    assert nobody["subscription"] is None


async def test_staff_look_after_accounts(client: Client, house: PlanHouse, ada: Headers) -> None:
    admin = await house.person("usr_admin", Role.ADMIN)
    await ask(client, "POST", "/v1/account/keys", ada, {"name": "k", "scopes": ["account"]})
    _, page = await ask(client, "GET", "/v1/admin/users?role=subscriber", admin)
    assert [each["id"] for each in page["accounts"]] == ["usr_ada"]
    _, found = await ask(client, "POST", "/v1/admin/users/search", admin, {"text": "ADA@people"})
    assert [each["email"] for each in found["accounts"]] == ["usr_ada@people.example"]
    _, one = await ask(client, "GET", "/v1/admin/users/usr_ada", admin)
    assert one["role"] == "subscriber"
    _, keys = await ask(client, "GET", "/v1/admin/users/usr_ada/keys", admin)
    (key,) = keys["keys"]
    assert (await ask(client, "DELETE", f"/v1/admin/users/usr_ada/keys/{key['id']}", admin))[
        0
    ] == 204
    body = {"kind": "paid", "reference": "inv-1", "plan": "pro", "days": 30}
    _, billed = await ask(client, "POST", "/v1/admin/users/usr_ada/billing", admin, body)
    assert (billed["is_new"], billed["plan"]) == (True, "pro")
    _, again = await ask(client, "POST", "/v1/admin/users/usr_ada/billing", admin, body)
    assert not again["is_new"]
    _, told = await ask(client, "GET", "/v1/admin/users/usr_ada/billing", admin)
    assert [each["reference"] for each in told["events"]] == ["inv-1"]
    assert (await ask(client, "POST", "/v1/admin/users/usr_ada/cancel", admin))[0] == 204
    assert (await ask(client, "PUT", "/v1/admin/users/usr_ada/role", admin, {"role": "support"}))[
        0
    ] == 204
    assert (await ask(client, "POST", "/v1/admin/users/usr_ada/suspend", admin))[0] == 204
    assert (await ask(client, "POST", "/v1/admin/users/usr_ada/restore", admin))[0] == 204
    _, ended = await ask(client, "DELETE", "/v1/admin/users/usr_ada/sessions", admin)
    assert ended == {"ended": 0}
    assert [each for each in await house.deeds() if each[0] == "usr_admin"] == [
        ("usr_admin", "staff.read_accounts", "accounts"),
        ("usr_admin", "staff.read_accounts", "accounts"),
        ("usr_admin", "staff.read_account", "usr_ada"),
        ("usr_admin", "staff.read_keys", "usr_ada"),
        ("usr_admin", "key.revoked", key["id"]),
        ("usr_admin", "billing.paid", "usr_ada"),
        ("usr_admin", "staff.read_billing", "usr_ada"),
        ("usr_admin", "subscription.cancelled", "usr_ada"),
        ("usr_admin", "account.role_changed", "usr_ada"),
        ("usr_admin", "account.suspended", "usr_ada"),
        ("usr_admin", "account.restored", "usr_ada"),
        ("usr_admin", "session.all_ended", "usr_ada"),
    ]


async def test_accounts_come_in_pages(client: Client, house: PlanHouse) -> None:
    admin = await house.person("usr_0admin", Role.ADMIN)
    for number in range(5):
        await house.person(f"usr_{number}")
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        _, page = await ask(client, "GET", f"/v1/admin/users?limit=2{cursor}", admin)
        seen += [each["id"] for each in page["accounts"]]
        cursor = f"&cursor={page['next']}"
    assert seen == ["usr_4", "usr_3", "usr_2", "usr_1", "usr_0admin", "usr_0"]
    _, last = await ask(client, "GET", f"/v1/admin/users?limit=2{cursor}", admin)
    assert last == {"accounts": [], "next": None}
    _, rest = await ask(
        client, "POST", "/v1/admin/users/search", admin, {"text": "usr_", "cursor": page["next"]}
    )
    assert rest["accounts"] == []


async def test_no_character_of_a_search_is_a_wildcard(client: Client, house: PlanHouse) -> None:
    admin = await house.person("usr_admin", Role.ADMIN)
    for text, count in (("usr%", 0), ("usr_admin", 1), ("_dmin", 0), ("admin@", 1)):
        _, page = await ask(client, "POST", "/v1/admin/users/search", admin, {"text": text})
        assert len(page["accounts"]) == count
    trail = await house.database.fetchval("SELECT jsonb_agg(a)::text FROM audit a")
    assert "usr%" not in trail


async def test_the_trail_is_read_with_filters_and_in_pages(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    admin = await house.person("usr_admin", Role.ADMIN)
    await ask(client, "POST", f"{SUBSCRIPTION}/trial", ada, {"plan": "pro"})
    await ask(client, "GET", "/v1/admin/users/usr_ada", admin)
    for query, names in (
        ("actor=usr_ada", ["subscription.trial"]),
        ("subject=usr_ada", ["staff.read_account", "subscription.trial"]),
        ("deed=staff.read_trail&limit=1", ["staff.read_trail"]),
        ("actor=nobody", []),
    ):
        _, page = await ask(client, "GET", f"/v1/admin/audit?{query}", admin)
        assert [each["deed"] for each in page["deeds"]] == names
    _, page = await ask(client, "GET", "/v1/admin/audit?limit=1", admin)
    _, older = await ask(client, "GET", f"/v1/admin/audit?limit=1&cursor={page['next']}", admin)
    assert older["deeds"][0]["number"] == page["deeds"][0]["number"] - 1
    _, trial = await ask(client, "GET", "/v1/admin/audit?deed=subscription.trial", admin)
    assert trial["deeds"][0]["address"] == "127.0.0.1"
    assert trial["deeds"][0]["details"]["plan"] == "pro"


async def test_two_admins_who_demote_each_other_leave_one(house: PlanHouse) -> None:
    await house.person("usr_a", Role.ADMIN)
    await house.person("usr_b", Role.ADMIN)
    service = house.plans.administration
    from_a, from_b = (Deed(who, "192.0.2.1") for who in ("usr_a", "usr_b"))
    results = await asyncio.gather(
        service.change_role("usr_b", Role.SUBSCRIBER, from_a),
        service.change_role("usr_a", Role.SUBSCRIBER, from_b),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in results) == ["NoneType", "NotAllowed"]
    count = await house.database.fetchval("SELECT count(*) FROM users WHERE role = 'admin'")
    assert count == 1


async def test_what_was_refused_of_the_log_is_seen_and_closed(
    client: Client, house: PlanHouse
) -> None:
    admin = await house.person("usr_admin", Role.ADMIN)
    number = await house.database.fetchval(
        "INSERT INTO quarantine (log, at, reason, problem, halts, digest, last_at)"
        " VALUES ($1, $2, 'fork', 'two histories', true, '\\x01', $2) RETURNING id",
        LOG,
        BEGINNING,
    )
    await house.database.execute(
        "INSERT INTO evidence (quarantine, name, data) VALUES ($1, 'tile/0/000', '\\x0102')",
        number,
    )
    _, standing = await ask(client, "GET", "/v1/admin/ingest", admin)
    assert (standing["is_halted"], standing["open_quarantines"]) == (True, 1)
    _, listed = await ask(client, "GET", "/v1/admin/quarantine", admin)
    assert listed["refusals"][0]["evidence"] == ["tile/0/000"]
    path = f"/v1/admin/quarantine/{number}"
    async with client.get(f"{path}/evidence?name=tile/0/000", headers=admin) as answer:
        assert await answer.read() == b"\x01\x02"
        assert "attachment" in answer.headers["Content-Disposition"]
    assert (await ask(client, "GET", f"{path}/evidence", admin))[0] == 400
    assert (await ask(client, "GET", f"{path}/evidence?name=x", admin))[0] == 404
    assert (await ask(client, "POST", f"{path}/resolve", admin))[0] == 204
    assert (await ask(client, "POST", f"{path}/resolve", admin))[0] == 404
    _, closed = await ask(client, "GET", "/v1/admin/quarantine?resolved=yes", admin)
    assert closed["refusals"][0]["resolved_by"] == "usr_admin"
    assert ("usr_admin", "quarantine.resolved", str(number)) in await house.deeds()


@pytest.mark.parametrize(
    ("asked", "body", "status"),
    [
        ("GET /v1/admin/users?cursor=x", None, 400),
        ("GET /v1/admin/users?limit=101", None, 400),
        ("GET /v1/admin/users?role=god", None, 400),
        ("POST /v1/admin/users/search", {"text": ""}, 400),
        ("POST /v1/admin/users/search", {"text": "a\u0000"}, 400),
        ("POST /v1/admin/users/search", {"text": "a", "limit": 0}, 400),
        ("GET /v1/admin/users/usr_nobody", None, 404),
        ("PUT /v1/admin/users/usr_nobody/role", {"role": "admin"}, 404),
        ("PUT /v1/admin/users/usr_admin/role", {"role": "subscriber"}, 403),
        ("POST /v1/admin/users/usr_admin/suspend", None, 403),
        ("POST /v1/admin/users/usr_nobody/suspend", None, 404),
        ("DELETE /v1/admin/users/usr_nobody/sessions", None, 404),
        ("DELETE /v1/admin/users/usr_admin/keys/key_1", None, 404),
        ("POST /v1/admin/users/usr_admin/billing", {"kind": "paid", "reference": "1"}, 400),
        ("POST /v1/admin/users/usr_admin/cancel", None, 409),
        ("GET /v1/admin/users/%00", None, 404),
        ("PUT /v1/admin/users/a%00/role", {"role": "admin"}, 404),
        ("POST /v1/admin/users/%00/suspend", None, 404),
        ("GET /v1/admin/users/%00/keys", None, 404),
        ("GET /v1/admin/users/%00/billing", None, 404),
        ("POST /v1/admin/users/%00/cancel", None, 404),
        ("DELETE /v1/admin/users/usr_admin/keys/%00", None, 404),
        ("DELETE /v1/account/keys/%00", None, 404),
        ("POST /v1/account/keys/%00/rotate", {}, 404),
        ("GET /v1/admin/audit?cursor=x", None, 400),
        ("GET /v1/admin/quarantine?resolved=maybe", None, 400),
        ("GET /v1/admin/quarantine/x/evidence?name=a", None, 404),
        ("POST /v1/admin/quarantine/99999999999999999999/resolve", None, 404),
    ],
)
async def test_what_staff_cannot_mean_is_refused(
    client: Client, house: PlanHouse, asked: str, body: object, status: int
) -> None:
    admin = await house.person("usr_admin", Role.ADMIN)
    method, _, path = asked.partition(" ")
    assert (await ask(client, method, path, admin, body))[0] == status

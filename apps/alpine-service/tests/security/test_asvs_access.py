"""Access, business limits and the trail, by the requirements of OWASP ASVS 5.0.0.

Each test is named for what it shows; its docstring begins with the requirement's number.
"""

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from attrs import evolve
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.plan import FREE, PLANS
from alpine_service.errors import DatabaseRefused, TooMany
from alpine_service.services.subscriptions import Deed
from alpine_service.testing.fake_platform import somebody
from alpine_service.testing.plan_house import (
    ROUTES,
    Client,
    Headers,
    PlanHouse,
    ask,
    plan_house,
    plans_over,
)
from alpine_service.testing.postgres import TestDatabase

KEYS = "/v1/account/keys"
ADDRESS = "192.0.2.7"
STAFF = [each for each in ROUTES if each.path.startswith("/v1/admin/")]
OWN = [each for each in ROUTES if each.path.startswith("/v1/account/")]


def filled(path: str) -> str:
    return path.replace("{id}", "usr_ada").replace("{key}", "key_1")


@pytest.fixture
def house(database: TestDatabase) -> PlanHouse:
    return plan_house(database)


@pytest_asyncio.fixture
async def client(house: PlanHouse, aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(house.app())


@pytest_asyncio.fixture
async def ada(house: PlanHouse) -> Headers:
    return await house.person("usr_ada")


async def key_of(house: PlanHouse, user_id: str, *scopes: Scope) -> Headers:
    made = await house.plans.api_keys.make(
        user_id, "a key", scopes or tuple(Scope), None, Deed(user_id, ADDRESS)
    )
    return {"Authorization": f"Bearer {made.text}"}


@pytest.mark.parametrize("route", STAFF, ids=lambda each: f"{each.method} {each.path}")
async def test_8_2_1_no_staffs_function_is_a_subscribers_or_a_keys(
    client: Client, house: PlanHouse, ada: Headers, route: Any
) -> None:
    """8.2.1, 8.3.1: functions are for those with the permission, decided by the server.

    Neither a subscriber, nor a key of an admin, nor an admin without a second factor.
    """
    await house.person("usr_admin", Role.ADMIN)
    before = await house.deeds()
    weak = house.session("usr_admin", Role.ADMIN, second_factor=False)
    key = await key_of(house, "usr_admin")
    for who in (ada, weak, key):
        status, _ = await ask(client, route.method, filled(route.path), who, {})
        assert status == 403
    assert (await ask(client, route.method, filled(route.path), {}, {}))[0] == 401
    assert [each for each in await house.deeds() if each not in before] == [
        each for each in await house.deeds() if each[1] == "key.made"
    ]


@pytest.mark.parametrize(
    "route",
    [each for each in STAFF if each.access.role is Role.ADMIN],
    ids=lambda each: f"{each.method} {each.path}",
)
async def test_8_2_1_no_admins_function_is_supports(
    client: Client, house: PlanHouse, ada: Headers, route: Any
) -> None:
    """8.2.1: support looks and helps, admins decide."""
    helper = await house.person("usr_helper", Role.SUPPORT)
    assert (await ask(client, route.method, filled(route.path), helper, {}))[0] == 403


async def test_8_2_1_support_closes_no_account_of_staff(client: Client, house: PlanHouse) -> None:
    """8.2.1: the permission depends on whose account it is."""
    helper = await house.person("usr_helper", Role.SUPPORT)
    await house.person("usr_admin", Role.ADMIN)
    for method, deed in (("POST", "suspend"), ("POST", "restore"), ("DELETE", "sessions")):
        path = f"/v1/admin/users/usr_admin/{deed}"
        assert (await ask(client, method, path, helper))[0] == 403


async def test_8_2_1_somebody_demoted_a_moment_ago_does_nothing_any_more(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """8.2.1: what counts is the role at the moment of the deed, not that of the session."""
    admin = await house.person("usr_admin", Role.ADMIN)
    await house.database.execute("UPDATE users SET role = 'subscriber' WHERE id = 'usr_admin'")
    for method, path, body in (
        ("PUT", "role", {"role": "admin"}),
        ("POST", "suspend", None),
        ("DELETE", "sessions", None),
    ):
        assert (await ask(client, method, f"/v1/admin/users/usr_ada/{path}", admin, body))[0] == 403
    await house.database.execute("DELETE FROM users WHERE id = 'usr_admin'")
    assert (await ask(client, "POST", "/v1/admin/users/usr_ada/suspend", admin))[0] == 403


@pytest.mark.parametrize(
    "route",
    [each for each in OWN if each.method != "GET" or "keys" in each.path],
    ids=lambda each: f"{each.method} {each.path}",
)
async def test_8_2_1_a_key_neither_manages_keys_nor_changes_the_plan(
    client: Client, house: PlanHouse, ada: Headers, route: Any
) -> None:
    """8.2.1: a stolen key cannot make others, whatever its scopes."""
    key = await key_of(house, "usr_ada")
    body = {"name": "more", "scopes": ["signals"], "plan": "pro"}
    assert (await ask(client, route.method, filled(route.path), key, body))[0] == 403
    assert len(await house.plans.api_keys.of_user("usr_ada")) == 1


async def test_8_2_1_a_key_does_only_what_its_scopes_say(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """8.2.1: each scope opens its own functions."""
    narrow = await key_of(house, "usr_ada", Scope.SIGNALS)
    for path in ("/v1/account/subscription", "/v1/account/usage"):
        assert (await ask(client, "GET", path, narrow))[0] == 403


async def test_8_2_2_a_key_of_somebody_else_looks_as_if_it_were_not_there(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """8.2.2, 8.4.1: no access to another account's things by their ids."""
    bob = await house.person("usr_bob")
    _, made = await ask(client, "POST", KEYS, ada, {"name": "a", "scopes": ["account"]})
    path = f"{KEYS}/{made['key']['id']}"
    theirs = [
        await ask(client, "DELETE", path, bob),
        await ask(client, "POST", f"{path}/rotate", bob, {}),
    ]
    nobodys = [
        await ask(client, "DELETE", f"{KEYS}/key_none", bob),
        await ask(client, "POST", f"{KEYS}/key_none/rotate", bob, {}),
    ]
    for (status, told), (other_status, other_told) in zip(theirs, nobodys, strict=True):
        assert status == other_status == 404
        assert told["detail"] == other_told["detail"]
    _, listed = await ask(client, "GET", KEYS, bob)
    assert listed["keys"] == []
    bearer = {"Authorization": f"Bearer {made['text']}"}
    assert (await ask(client, "GET", "/v1/account/usage", bearer))[0] == 200


async def test_8_2_2_a_key_of_one_account_is_not_revoked_through_another(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """8.2.2: both ids of a path have to fit together."""
    helper = await house.person("usr_helper", Role.SUPPORT)
    await house.person("usr_bob")
    _, made = await ask(client, "POST", KEYS, ada, {"name": "a", "scopes": ["account"]})
    path = f"/v1/admin/users/usr_bob/keys/{made['key']['id']}"
    assert (await ask(client, "DELETE", path, helper))[0] == 404


async def test_8_2_3_15_3_1_answers_have_no_field_that_is_not_meant(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """8.2.3, 15.3.1: neither hashes nor secrets are in any answer, to staff either."""
    admin = await house.person("usr_admin", Role.ADMIN)
    _, made = await ask(client, "POST", KEYS, ada, {"name": "a", "scopes": ["account"]})
    told = [
        await ask(client, "GET", path, who)
        for who, path in (
            (ada, KEYS),
            (admin, "/v1/admin/users"),
            (admin, "/v1/admin/users/usr_ada"),
            (admin, "/v1/admin/users/usr_ada/keys"),
            (admin, "/v1/admin/audit"),
        )
    ]
    for status, body in told:
        assert status == 200
        for word in ("digest", "password", "email_key", made["text"][13:]):
            assert word not in str(body)


@pytest.mark.parametrize(
    ("asked", "more"),
    [
        ("POST /v1/account/keys", {"user_id": "usr_admin"}),
        ("POST /v1/account/keys", {"id": "key_mine", "digest": "00"}),
        ("POST /v1/account/keys", {"role": "admin"}),
        ("POST /v1/account/subscription/trial", {"until": "2099-01-01T00:00:00Z"}),
        ("POST /v1/account/subscription/trial", {"state": "active"}),
        ("POST /v1/account/subscription/plan", {"paid_until": "2099-01-01T00:00:00Z"}),
        ("POST /v1/account/subscription/plan", {"user_id": "usr_bob"}),
    ],
)
async def test_15_3_3_a_member_that_is_not_meant_is_refused(
    client: Client, house: PlanHouse, ada: Headers, asked: str, more: dict[str, str]
) -> None:
    """15.3.3: no mass assignment; the whole request is refused, nothing of it is done."""
    method, path = asked.split()
    good = {"name": "a", "scopes": ["signals"]} if path == KEYS else {"plan": "pro"}
    status, told = await ask(client, method, path, ada, {**good, **more})
    assert status == 400
    assert told["field"] in more
    assert await house.deeds() == []


async def test_15_3_3_nobody_makes_themselves_staff_or_pays_for_nothing(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """15.3.3: what an owner changes has neither role nor paid time among its members."""
    for body in ({"plan": "pro", "days": 30}, {"plan": "pro", "kind": "granted"}):
        path = "/v1/account/subscription/plan"
        assert (await ask(client, "POST", path, ada, body))[0] == 400
    assert (await ask(client, "POST", path, ada, {"plan": "pro"}))[0] == 409
    assert await house.plans.subscriptions.get("usr_ada") is None


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "paid", "reference": "1", "plan": "pro", "days": "30"},
        {"kind": "paid", "reference": "1", "plan": "pro", "days": True},
        {"kind": "paid", "reference": "1", "plan": "pro", "days": 30.0},
        {"kind": "paid", "reference": 1, "plan": "pro", "days": 30},
        {"kind": "gift", "reference": "1", "plan": "pro", "days": 30},
        {"kind": "paid", "reference": "1", "plan": ["pro"], "days": 30},
    ],
)
async def test_15_3_5_a_value_of_another_type_is_refused(
    client: Client, house: PlanHouse, ada: Headers, body: dict[str, object]
) -> None:
    """15.3.5: types are strict, and nothing is made to fit."""
    admin = await house.person("usr_admin", Role.ADMIN)
    path = "/v1/admin/users/usr_ada/billing"
    assert (await ask(client, "POST", path, admin, body))[0] == 400
    assert await house.plans.subscriptions.get("usr_ada") is None


async def test_15_3_7_a_parameter_that_comes_twice_is_refused(
    client: Client, house: PlanHouse
) -> None:
    """15.3.7: no parameter pollution."""
    admin = await house.person("usr_admin", Role.ADMIN)
    for query in ("role=admin&role=subscriber", "limit=1&limit=100"):
        assert (await ask(client, "GET", f"/v1/admin/users?{query}", admin))[0] == 400


async def test_2_3_1_no_step_of_a_subscription_is_skipped(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """2.3.1: nobody resumes what was not cancelled, or has a second trial."""
    path = "/v1/account/subscription"
    assert (await ask(client, "POST", f"{path}/resume", ada))[0] == 409
    assert (await ask(client, "POST", f"{path}/cancel", ada))[0] == 409
    assert (await ask(client, "POST", f"{path}/trial", ada, {"plan": "pro"}))[0] == 200
    await house.fakes.clock.advance(15 * 86_400)
    assert (await ask(client, "POST", f"{path}/trial", ada, {"plan": "pro"}))[0] == 409


async def test_2_3_2_2_3_4_trials_asked_for_at_once_are_one_trial(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """2.3.2, 2.3.4: a limited thing is had once, however many ask at the same moment."""
    path = "/v1/account/subscription/trial"
    told = await asyncio.gather(
        *(ask(client, "POST", path, ada, {"plan": "pro"}) for _ in range(8))
    )
    assert sorted(status for status, _ in told) == [200] + [409] * 7


async def test_2_3_4_keys_asked_for_at_once_are_no_more_than_the_plan_has(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """2.3.4: the plan's number of keys holds under a race."""
    told = await asyncio.gather(
        *(ask(client, "POST", KEYS, ada, {"name": "a", "scopes": ["signals"]}) for _ in range(10))
    )
    assert [status for status, _ in told].count(201) == FREE.keys


async def test_2_3_4_a_quota_is_not_exceeded_by_asking_at_once(
    house: PlanHouse, ada: Headers
) -> None:
    """2.3.4: neither within a process nor by two of them."""
    other = plan_house_of(house)
    who = somebody("usr_ada", entitlement=evolve(FREE, per_day=100, per_minute=1_000_000))

    async def spend(quotas: Any) -> bool:
        try:
            await quotas.spend(who)
        except TooMany:
            return False
        return True

    services = (house.plans.quotas, other.plans.quotas)
    spent = await asyncio.gather(*(spend(services[number % 2]) for number in range(150)))
    assert sum(spent) <= 100
    rest = [await spend(each) for each in services for _ in range(100)]
    assert sum(spent) + sum(rest) == 100


def plan_house_of(house: PlanHouse) -> PlanHouse:
    """Another process over the same database."""
    return PlanHouse(house.database, plans_over(house.database, house.fakes), house.fakes)


async def test_2_4_1_requests_beyond_the_plan_are_refused_and_told_when_to_come_back(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """2.4.1: no exhaustion of quotas or of us."""
    few = house.session("usr_ada", has=evolve(PLANS["free"].entitlement, per_day=3))
    told = [await ask(client, "GET", "/v1/account/usage", few) for _ in range(4)]
    assert [status for status, _ in told] == [200, 200, 200, 429]
    async with client.get("/v1/account/usage", headers=few) as answer:
        assert int(answer.headers["Retry-After"]) == 12 * 3_600


async def test_2_4_1_a_key_that_was_stolen_cannot_keep_its_owner_from_revoking_it(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """2.4.1: what keys use up leaves sessions theirs."""
    _, made = await ask(client, "POST", KEYS, ada, {"name": "a", "scopes": ["account"]})
    bearer = {"Authorization": f"Bearer {made['text']}"}
    # All of the day is taken, as by somebody who asks and asks.
    await house.database.execute(
        "INSERT INTO usage VALUES ('usr_ada', 'keys', $1, $2, 0)",
        house.fakes.clock.now().date(),
        FREE.per_day,
    )
    assert (await ask(client, "GET", "/v1/account/usage", bearer))[0] == 429
    assert (await ask(client, "DELETE", f"{KEYS}/{made['key']['id']}", ada))[0] == 204


async def test_7_4_2_a_closed_account_has_neither_sessions_nor_keys(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """7.4.2: what an account had open ends with it."""
    helper = await house.person("usr_helper", Role.SUPPORT)
    key = await key_of(house, "usr_ada")
    assert (await ask(client, "GET", "/v1/account/usage", key))[0] == 200
    await house.database.execute(
        "INSERT INTO sessions VALUES ('ses_1', $1, 'usr_ada', false, false, 0, $2, $2, 60, $2,"
        " '192.0.2.1', 'd')",
        bytes(32),
        house.fakes.clock.now(),
    )
    assert (await ask(client, "POST", "/v1/admin/users/usr_ada/suspend", helper))[0] == 204
    assert await house.database.fetchval("SELECT count(*) FROM sessions") == 0
    await house.fakes.clock.advance(1)
    assert (await ask(client, "GET", "/v1/account/usage", key))[0] == 401
    has = await house.plans.entitlements.entitlement_now("usr_ada", house.fakes.clock.now())
    assert not has.channels


async def test_7_4_5_staff_end_the_sessions_of_an_account(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """7.4.5: of an individual account."""
    helper = await house.person("usr_helper", Role.SUPPORT)
    await house.database.execute(
        "INSERT INTO sessions VALUES ('ses_1', $1, 'usr_ada', false, false, 0, $2, $2, 60, $2,"
        " '192.0.2.1', 'd')",
        bytes(32),
        house.fakes.clock.now(),
    )
    told = await ask(client, "DELETE", "/v1/admin/users/usr_ada/sessions", helper)
    assert told == (200, {"ended": 1})


async def test_16_3_2_who_was_refused_is_told_to_whoever_watches(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """16.3.2: failed attempts are logged with who, what and from where."""
    await ask(client, "GET", "/v1/admin/users", ada)
    (told,) = [each for each in house.fakes.observer.told if each.what == "access.refused"]
    assert told.facts["principal"] == "usr_ada"
    assert told.facts["route"] == "GET /v1/admin/users"


async def test_16_2_5_no_key_is_in_the_trail_or_told(
    client: Client, house: PlanHouse, ada: Headers
) -> None:
    """16.2.5: what opens something is written down nowhere."""
    _, made = await ask(client, "POST", KEYS, ada, {"name": "a", "scopes": ["account"]})
    bearer = {"Authorization": f"Bearer {made['text']}"}
    await ask(client, "GET", "/v1/account/usage", bearer)
    await ask(client, "DELETE", f"{KEYS}/{made['key']['id']}", ada)
    trail = await house.database.fetchval("SELECT jsonb_agg(a)::text FROM audit a")
    assert made["text"][13:] not in trail
    assert made["text"][13:] not in str(house.fakes.observer.told)


async def test_16_4_2_the_trail_cannot_be_changed_by_the_service(house: PlanHouse) -> None:
    """16.4.2: neither its role nor the trail itself allows it."""
    await house.person("usr_ada")
    await house.plans.subscriptions.start_trial("usr_ada", "pro", Deed("usr_ada", ADDRESS))
    for statement in ("UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"):
        with pytest.raises(DatabaseRefused):
            await house.database.execute(statement)
    assert len(await house.deeds()) == 1

"""Who may ask for what: every route and every kind of asker, against one committed table.

A route without a line in `access_matrix.txt` fails, and so does a line without a route. After a
change that is meant, the test says what the table would have to be.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from attrs import evolve
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.api.app import build_app
from alpine_service.api.platform import Limits
from alpine_service.api.route import Door
from alpine_service.api.routes import ROUTES as API_ROUTES
from alpine_service.domain.accounts.principal import Means, Principal
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.same_origin import SAFE_METHODS
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.plan import PLANS
from alpine_service.pages.routes import ROUTES as PAGE_ROUTES
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.fake_platform import Fakes, somebody
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.whole_service import WholeService, whole_service

ROUTES = (*API_ROUTES, *PAGE_ROUTES)
TABLE = Path(__file__).with_name("access_matrix.txt")
# A part of a path that stands for a name, whatever it may look like.
NAME = re.compile(r"\{[^}]+\}")
FREE, PRO = PLANS["free"].entitlement, PLANS["pro"].entitlement
Client = TestClient[web.Request, web.Application]


def by_key(*scopes: Scope) -> Principal:
    return somebody(means=Means.KEY, scopes=frozenset(scopes), entitlement=PRO)


ASKERS: dict[str, Principal | None] = {
    "stranger": None,
    "unverified": somebody(is_verified=False, entitlement=PRO),
    "free": somebody(entitlement=FREE),
    "pro": somebody(entitlement=PRO),
    "support": somebody(role=Role.SUPPORT, second_factor=True, entitlement=PRO),
    "admin": somebody(role=Role.ADMIN, second_factor=True, entitlement=PRO),
    "admin-1fa": somebody(role=Role.ADMIN, entitlement=PRO),
    "key": by_key(),
    **{f"key-{scope}": by_key(scope) for scope in Scope},
    "key-all-admin": evolve(by_key(*Scope), role=Role.ADMIN, second_factor=True),
}


async def reached(_request: web.Request) -> web.Response:
    return web.Response(status=200)


def expected() -> dict[str, dict[str, str]]:
    lines = TABLE.read_text().splitlines()
    names = lines[0].split()[2:]
    return {
        " ".join(words[:2]): dict(zip(names, words[2:], strict=True))
        for words in (line.split() for line in lines[1:])
    }


def written(outcomes: dict[str, dict[str, str]]) -> str:
    wide = max(len(name) for name in outcomes)
    rows = [("method path", dict(zip(ASKERS, ASKERS, strict=True))), *sorted(outcomes.items())]
    lines = [
        f"{name:<{wide}} " + " ".join(f"{row[asker]:>{len(asker)}}" for asker in ASKERS)
        for name, row in rows
    ]
    return "\n".join(lines) + "\n"


async def test_everybody_may_what_the_table_says(aiohttp_client: AiohttpClient) -> None:
    fakes = Fakes()
    headers: dict[str, dict[str, str]] = {}
    for name, who in ASKERS.items():
        if who is None:
            headers[name] = {}
        elif who.means is Means.KEY:
            fakes.api_keys.known[name] = who
            headers[name] = {"Authorization": f"Bearer {name}"}
        else:
            fakes.sessions.known[name] = who
            headers[name] = {"Cookie": f"__Host-alpine={name}", "Sec-Fetch-Site": "same-origin"}
    # What is reached is another test's matter; here it is who reaches it.
    routes = [evolve(route, handler=reached, takes=None) for route in ROUTES]
    platform = fakes.platform(limits=Limits(per_minute=1_000_000, pages_per_minute=1_000_000))
    client = await aiohttp_client(build_app(platform, routes))
    outcomes: dict[str, dict[str, str]] = {}
    for route in routes:
        line = outcomes[f"{route.method} {route.path}"] = {}
        for name in ASKERS:
            path = NAME.sub("x", route.path)
            response = await client.request(route.method, path, headers=headers[name])
            line[name] = str(response.status)

    assert outcomes == expected(), f"the table would be:\n{written(outcomes)}"


def test_the_table_keeps_the_rules_that_no_route_may_break() -> None:
    doors = {f"{route.method} {route.path}": route.access for route in ROUTES}
    for name, outcome in expected().items():
        access = doors[name]
        assert (outcome["stranger"] == "200") == (access.door is Door.OPEN), name
        if name.split()[1].startswith(("/v1/admin", "/admin")):
            reach = {who for who, status in outcome.items() if status == "200"}
            assert reach <= {"support", "admin"}, name
        if outcome["key-all-admin"] == "200":
            assert access.door is not Door.SESSION, name


@pytest.fixture
async def service(database: TestDatabase, tmp_path: Path) -> AsyncIterator[WholeService]:
    async with whole_service(database, tmp_path / "alpine", FakeObserver()) as service:
        yield service


async def make_things(client: Client, owner: dict[str, str]) -> dict[str, str]:
    """One of everything that somebody can own, by the beginning of the path that names it."""

    async def made(path: str, body: object) -> str:
        response = await client.post(path, json=body, headers=owner)
        answer = await response.json()
        assert response.status == 201, answer
        found = answer.get("id") or next(
            each["id"] for each in answer.values() if isinstance(each, dict) and "id" in each
        )
        return str(found)

    key = await made("/v1/account/keys", {"name": "mine", "scopes": ["signals"]})
    webhook = await made("/v1/webhooks", {"url": "https://receiver.example/hook"})
    sessions = await (await client.get("/v1/account/sessions", headers=owner)).json()
    session = sessions["sessions"][0]["id"]
    return {
        "/v1/account/keys": key,
        "/v1/webhooks": webhook,
        "/v1/account/sessions": session,
        "/account/keys": key,
        "/account/webhooks": webhook,
        "/account/sessions": session,
    }


OWNED = [route for route in ROUTES if route.access.owned]
BODIES: dict[str, object] = {
    "POST /v1/account/keys/{id}/rotate": {"overlap_hours": 1},
    "PATCH /v1/webhooks/{id}": {"description": "theirs"},
    "POST /account/webhooks/{id}/recover": {"since": "2026-03-02T12:00"},
}


async def test_what_is_somebody_else_s_is_not_there(
    aiohttp_client: AiohttpClient, service: WholeService
) -> None:
    client = await aiohttp_client(service.app)
    await service.person("usr_owner", plan="pro")
    await service.person("usr_other", plan="pro")
    owner, other = await service.session("usr_owner"), await service.session("usr_other")
    things = await make_things(client, owner)

    for route in OWNED:
        (prefix,) = (each for each in things if route.path.startswith(f"{each}/"))
        theirs = NAME.sub(things[prefix], route.path, count=1)
        nowhere = NAME.sub("x_nothing", route.path, count=1)
        body = BODIES.get(f"{route.method} {route.path}", {} if route.takes else None)
        answers = []
        for named in (theirs, nowhere):
            path = NAME.sub("msg_x", named)
            # A page's refusal is told as JSON to who asks for that, which is how it is compared.
            how = {"Accept": "application/json", **other}
            form, told = (body, None) if route.is_page else (None, body)
            response = await client.request(
                route.method, path, headers=how, allow_redirects=False, data=form, json=told
            )
            is_told = response.content_type.endswith("json")
            said = await response.json() if is_told else {"detail": await response.text()}
            answers.append((response.status, said.get("type"), said.get("detail")))
        assert answers[0] == answers[1], f"{route.method} {route.path} tells what is there"
        assert answers[0][0] in {400, 404}, (route.path, answers)
    for prefix in things:
        listed = await (await client.get(prefix, headers=other)).text()
        assert things[prefix] not in listed


def test_every_route_that_names_a_thing_of_somebody_says_so() -> None:
    for route in ROUTES:
        is_own = route.path.startswith(("/v1/account/", "/v1/webhooks/", "/account/"))
        if "{" in route.path and is_own:
            assert route.access.owned, f"{route.method} {route.path}"
    assert all("{" in route.path for route in OWNED)
    assert {route.method for route in OWNED} - SAFE_METHODS

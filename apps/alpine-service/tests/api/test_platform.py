"""The middlewares around every handler, asked over real HTTP."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from attrs import frozen
from multidict import CIMultiDict
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.api.app import build_app
from alpine_service.api.asking import body, principal, reply
from alpine_service.api.platform import Limits
from alpine_service.api.route import (
    ADMIN,
    ANYBODY,
    SIGNED_IN,
    UNVERIFIED,
    Handler,
    Parameter,
    Route,
    keyed,
)
from alpine_service.domain.accounts.principal import Means
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.entitlement import Channel
from alpine_service.errors import (
    Conflict,
    DatabaseAway,
    DatabaseRefused,
    NotThere,
)
from alpine_service.testing.fake_platform import DELAYED, Fakes, somebody

KEY = "alp_live_good"
SECRET = "a-session's-secret"
COOKIE = {"Cookie": f"__Host-alpine={SECRET}"}
OWN_PAGE = COOKIE | {"Sec-Fetch-Site": "same-origin"}
BEARER = {"Authorization": f"Bearer {KEY}"}

Client = TestClient[web.Request, web.Application]


@frozen
class Thing:
    name: str


async def open_door(request: web.Request) -> web.Response:
    return reply(Thing("open"))


async def who(request: web.Request) -> web.Response:
    return reply(Thing(principal(request).user_id))


async def take(request: web.Request) -> web.Response:
    return reply(await body(request, Thing), 201)


def failing(error: Exception) -> Handler:
    async def fail(request: web.Request) -> web.Response:
        raise error

    return fail


def route(
    method: str = "GET", path: str = "/thing", handler: Handler = open_door, **more: object
) -> Route:
    named = {"access": ANYBODY, "gives": Thing} | more
    return Route(method, path, handler, "A thing", "things", **named)  # type: ignore[arg-type]


Ask = Callable[..., Awaitable[Client]]


@pytest.fixture
def fakes() -> Fakes:
    fakes = Fakes()
    fakes.sessions.known[SECRET] = somebody()
    fakes.api_keys.known[KEY] = somebody(means=Means.KEY)
    return fakes


@pytest.fixture
def serve(aiohttp_client: AiohttpClient, fakes: Fakes) -> Ask:
    async def serve(*routes: Route, **platform: object) -> Client:
        app = build_app(fakes.platform(**platform), routes)  # type: ignore[arg-type]
        return await aiohttp_client(app)

    return serve


async def problem(response: ClientResponse) -> dict[str, object]:
    assert response.content_type == "application/problem+json"
    said: dict[str, object] = await response.json()
    assert said["status"] == response.status
    assert said["request_id"] == response.headers["X-Request-Id"]
    return said


async def test_an_open_door_asks_for_nothing(serve: Ask) -> None:
    client = await serve(route())

    response = await client.get("/thing")

    assert response.status == 200
    assert await response.json() == {"name": "open"}


async def test_every_answer_has_a_request_id_of_our_own(serve: Ask) -> None:
    client = await serve(route())

    first = await client.get("/thing", headers={"X-Request-Id": "chosen-by-them"})
    second = await client.get("/thing")

    assert first.headers["X-Request-Id"].startswith("req_")
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


async def test_a_trusted_proxy_may_give_the_request_id(serve: Ask) -> None:
    client = await serve(route(), proxies=frozenset({"127.0.0.1"}))

    good = await client.get("/thing", headers={"X-Request-Id": "from-the-proxy"})
    bad = await client.get("/thing", headers={"X-Request-Id": "<script>"})

    assert good.headers["X-Request-Id"] == "from-the-proxy"
    assert bad.headers["X-Request-Id"].startswith("req_")


@pytest.mark.parametrize("path", ["/thing", "/nothing"])
async def test_every_answer_tells_browsers_what_not_to_do_with_it(serve: Ask, path: str) -> None:
    client = await serve(route())

    headers = (await client.get(path)).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Server"] == "alpine"
    assert "Access-Control-Allow-Origin" not in headers


async def test_without_tls_nobody_is_told_to_insist_on_it(serve: Ask) -> None:
    client = await serve(route(), public_url="http://127.0.0.1:8091")

    assert "Strict-Transport-Security" not in (await client.get("/thing")).headers


async def test_what_is_public_may_be_read_by_pages_of_any_site(serve: Ask) -> None:
    client = await serve(route(any_origin=True))

    headers = (await client.get("/thing", headers={"Origin": "https://other.example"})).headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_a_path_that_is_not_there_is_a_problem_and_no_page(serve: Ask) -> None:
    client = await serve(route())

    response = await client.get("/nothing", headers={"Accept": "text/html"})

    assert response.status == 404
    assert (await problem(response))["type"] == "/problems/no-such-path"


async def test_a_wrong_method_is_told_the_right_ones(serve: Ask) -> None:
    client = await serve(route(), route("POST", handler=take, takes=Thing))

    response = await client.delete("/thing")

    assert response.status == 405
    assert set(response.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}
    assert (await problem(response))["type"] == "/problems/method-not-allowed"


async def test_what_can_be_got_can_be_asked_for_its_head(serve: Ask) -> None:
    client = await serve(route())

    response = await client.head("/thing")

    assert (response.status, await response.read()) == (200, b"")


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (NotThere("thing"), 404, "not-there"),
        (Conflict("it is there already"), 409, "conflict"),
        (DatabaseAway("db.internal: refused"), 503, "unavailable"),
        (DatabaseRefused("db.internal: no such table"), 500, "internal-error"),
        (RuntimeError("db.internal is odd"), 500, "internal-error"),
        (web.HTTPBadRequest(text="db.internal"), 400, "bad-request"),
    ],
)
async def test_errors_become_problems_without_our_inside(
    serve: Ask, error: Exception, status: int, name: str
) -> None:
    client = await serve(route(handler=failing(error)))

    response = await client.get("/thing")

    assert response.status == status
    said = await problem(response)
    assert said["type"] == f"/problems/{name}"
    assert "db.internal" not in str(said)
    assert ("Retry-After" in response.headers) == (status == 503)


async def test_what_nobody_expected_is_told_to_the_operator_without_its_words(
    serve: Ask, fakes: Fakes
) -> None:
    client = await serve(route(handler=failing(RuntimeError("hunter2"))))

    response = await client.get("/thing")

    (failed,) = (each for each in fakes.observer.told if each.what == "http.failed")
    assert failed.facts["error"] == "RuntimeError"
    assert failed.facts["request_id"] == response.headers["X-Request-Id"]
    assert "hunter2" not in str(fakes.observer.told)


async def test_a_redirect_is_an_answer(serve: Ask) -> None:
    client = await serve(route(handler=failing(web.HTTPSeeOther("/elsewhere"))))

    response = await client.get("/thing", allow_redirects=False)

    assert (response.status, response.headers["Location"]) == (303, "/elsewhere")


async def test_a_session_is_known_by_its_cookie_and_a_key_by_its_header(serve: Ask) -> None:
    client = await serve(route(handler=who, access=keyed(Scope.SIGNALS)))

    for shown in (COOKIE, BEARER):
        assert await (await client.get("/thing", headers=shown)).json() == {"name": "usr_1"}


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Authorization": "Bearer alp_live_wrong"},
        {"Authorization": "Basic YWxwOmFscA=="},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer " + "x" * 500},
        {"Cookie": "__Host-alpine=wrong"},
        {"Cookie": "__Host-alpine=" + "x" * 500},
    ],
)
async def test_who_is_not_known_is_asked_who_they_are(serve: Ask, shown: dict[str, str]) -> None:
    client = await serve(route(handler=who, access=keyed(Scope.SIGNALS)))

    response = await client.get("/thing", headers=shown)

    assert response.status == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await problem(response))["type"] == "/problems/not-signed-in"


async def test_a_session_and_a_key_at_once_are_refused(serve: Ask) -> None:
    client = await serve(route(handler=who, access=keyed(Scope.SIGNALS)))

    response = await client.get("/thing", headers=COOKIE | BEARER)

    assert response.status == 400
    assert (await problem(response))["field"] == "Authorization"


async def test_a_wrong_key_is_refused_even_at_an_open_door_and_an_old_cookie_is_not(
    serve: Ask,
) -> None:
    client = await serve(route())

    wrong = await client.get("/thing", headers={"Authorization": "Bearer alp_live_wrong"})
    old = await client.get("/thing", headers={"Cookie": "__Host-alpine=old"})

    assert (wrong.status, old.status) == (401, 200)


@pytest.mark.parametrize(
    ("access", "asker", "status"),
    [
        (SIGNED_IN, somebody(), 200),
        (SIGNED_IN, somebody(is_verified=False), 403),
        (UNVERIFIED, somebody(is_verified=False), 200),
        (ADMIN, somebody(), 403),
        (ADMIN, somebody(role=Role.SUPPORT, second_factor=True), 403),
        (ADMIN, somebody(role=Role.ADMIN), 403),
        (ADMIN, somebody(role=Role.ADMIN, second_factor=True), 200),
        (keyed(Scope.STREAM, channel=Channel.STREAM), somebody(), 200),
        (keyed(Scope.STREAM, channel=Channel.STREAM), somebody(entitlement=DELAYED), 403),
    ],
)
async def test_a_session_may_what_its_role_plan_and_state_allow(
    serve: Ask, fakes: Fakes, access: object, asker: object, status: int
) -> None:
    fakes.sessions.known[SECRET] = asker  # type: ignore[assignment]
    client = await serve(route(handler=who, access=access))

    assert (await client.get("/thing", headers=COOKIE)).status == status


async def test_a_key_may_what_its_scopes_say_and_never_what_takes_a_session(
    serve: Ask, fakes: Fakes
) -> None:
    fakes.api_keys.known[KEY] = somebody(means=Means.KEY, scopes=frozenset({Scope.SIGNALS}))
    client = await serve(
        route(path="/signals", access=keyed(Scope.SIGNALS)),
        route(path="/stream", access=keyed(Scope.STREAM)),
        route(path="/account", access=SIGNED_IN),
    )

    statuses = [
        (await client.get(path, headers=BEARER)).status
        for path in ("/signals", "/stream", "/account")
    ]

    assert statuses == [200, 403, 403]


async def test_a_plan_that_does_not_have_it_is_said_as_such(serve: Ask, fakes: Fakes) -> None:
    fakes.sessions.known[SECRET] = somebody(entitlement=DELAYED)
    client = await serve(route(access=keyed(Scope.STREAM, channel=Channel.STREAM)))

    said = await problem(await client.get("/thing", headers=COOKIE))

    assert said["type"] == "/problems/plan-too-low"
    assert said["detail"] == "the channel stream is not part of the plan free"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://alpine.example"}, 201),
        ({"Origin": "https://alpine.example.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_only_our_own_pages_change_something_with_a_cookie(
    serve: Ask, headers: dict[str, str], status: int
) -> None:
    client = await serve(route("POST", handler=take, takes=Thing, access=SIGNED_IN))

    response = await client.post("/thing", json={"name": "x"}, headers=COOKIE | headers)

    assert response.status == status


async def test_a_program_with_a_cookie_is_told_which_header_it_lacks(serve: Ask) -> None:
    client = await serve(route("POST", handler=take, takes=Thing, access=SIGNED_IN))

    said = await problem(await client.post("/thing", json={"name": "x"}, headers=COOKIE))

    assert (
        said["detail"] == "with a session, changes need the header Origin: https://alpine.example"
    )


async def test_another_sites_page_cannot_log_anybody_in_and_a_program_can(serve: Ask) -> None:
    client = await serve(route("POST", handler=take, takes=Thing))

    page = await client.post("/thing", json={"name": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    program = await client.post("/thing", json={"name": "x"})

    assert (page.status, program.status) == (403, 201)


async def test_a_key_needs_no_origin_because_browsers_do_not_send_it_unasked(serve: Ask) -> None:
    client = await serve(route("POST", handler=take, takes=Thing, access=keyed(Scope.WEBHOOKS)))

    response = await client.post("/thing", json={"name": "x"}, headers=BEARER)

    assert response.status == 201


async def test_what_is_left_of_a_quota_is_told_with_every_answer(serve: Ask, fakes: Fakes) -> None:
    fakes.quotas.left = 1
    client = await serve(route(handler=who, access=keyed(Scope.SIGNALS)))

    good = await client.get("/thing", headers=BEARER)
    late = await client.get("/thing", headers=BEARER)

    policy = '"minute";q=600;w=60, "day";q=100000;w=86400'
    assert good.headers["RateLimit-Policy"] == late.headers["RateLimit-Policy"] == policy
    assert good.headers["RateLimit"] == '"minute";r=0;t=30'
    assert late.status == 429
    assert late.headers["RateLimit"] == '"minute";r=0;t=13'
    assert late.headers["Retry-After"] == "13"
    assert "quota.refused" in fakes.observer.names()


async def test_strangers_are_counted_by_address(serve: Ask, fakes: Fakes) -> None:
    client = await serve(route(), limits=Limits(per_minute=2))

    statuses = [(await client.get(path)).status for path in ("/thing", "/nothing", "/thing")]
    last = await client.get("/thing", headers=BEARER)

    assert statuses == [200, 404, 429]
    assert last.status == 200, "who is known is not counted as a stranger"
    assert (await client.get("/thing")).headers["Retry-After"] == "30"
    await fakes.clock.advance(30)
    assert (await client.get("/thing")).status == 200


async def test_what_bounds_itself_is_not_counted(serve: Ask) -> None:
    client = await serve(route(is_counted=False), limits=Limits(per_minute=1))

    assert [(await client.get("/thing")).status for _ in range(3)] == [200, 200, 200]


async def test_addresses_behind_a_trusted_proxy_are_counted_apart(serve: Ask) -> None:
    client = await serve(route(), limits=Limits(per_minute=1), proxies=frozenset({"127.0.0.1"}))

    async def ask(address: str) -> int:
        return (await client.get("/thing", headers={"X-Forwarded-For": address})).status

    assert [await ask("192.0.2.1"), await ask("192.0.2.2"), await ask("192.0.2.1")] == [
        200,
        200,
        429,
    ]


async def test_a_line_before_that_of_the_proxy_is_not_believed(serve: Ask) -> None:
    client = await serve(route(), limits=Limits(per_minute=1), proxies=frozenset({"127.0.0.1"}))

    async def ask(invented: str) -> int:
        lines = [("X-Forwarded-For", invented), ("X-Forwarded-For", "192.0.2.9")]
        return (await client.get("/thing", headers=CIMultiDict(lines))).status

    assert [await ask("192.0.2.1"), await ask("192.0.2.2")] == [200, 429]


async def test_nobody_else_is_believed_about_addresses(serve: Ask) -> None:
    client = await serve(route(), limits=Limits(per_minute=1))

    async def ask(address: str) -> int:
        return (await client.get("/thing", headers={"X-Forwarded-For": address})).status

    assert [await ask("192.0.2.1"), await ask("192.0.2.2")] == [200, 429]


async def test_a_parameter_that_is_not_known_or_comes_twice_is_refused(serve: Ask) -> None:
    symbol = Parameter("symbol", "A symbol.", {"type": "string"})
    client = await serve(route(parameters=(symbol,)))

    good = await client.get("/thing", params={"symbol": "AAPL"})
    unknown = await client.get("/thing", params={"simbol": "AAPL"})
    twice = await client.get("/thing?symbol=AAPL&symbol=MSFT")

    assert (good.status, unknown.status, twice.status) == (200, 400, 400)
    assert (await problem(unknown))["field"] == "simbol"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_body_of_another_type_is_refused(serve: Ask, kind: str) -> None:
    client = await serve(route("POST", handler=take, takes=Thing))

    response = await client.post("/thing", data=b'{"name":"x"}', headers={"Content-Type": kind})

    assert response.status == 415
    assert (await problem(response))["type"] == "/problems/not-json"


@pytest.mark.parametrize("takes", [Thing, None])
async def test_a_body_in_an_encoding_is_refused_unread(serve: Ask, takes: type | None) -> None:
    client = await serve(route("POST", takes=takes))

    for encoding in ("deflate", "gzip", "br", "identity, gzip"):
        headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
        response = await client.post("/thing", data=b'{"name":"x"}', headers=headers)
        assert response.status == 415
        assert (await problem(response))["type"] == "/problems/not-json"
    headers = {"Content-Type": "application/json", "Content-Encoding": "identity"}
    assert (await client.post("/thing", data=b"{}", headers=headers)).status == 200


async def test_what_cannot_be_read_is_written_down_nowhere(
    serve: Ask, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve(route())
    assert client.port is not None

    for line in (f"Authorization: Bearer {KEY}", f"Cookie: __Host-alpine={SECRET}"):
        reader, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(f"GET /thing HTTP/1.1\r\nHost: a\r\n{line}\0\r\n\r\n".encode())
        assert b" 400 " in await reader.readline()
        writer.close()

    written = "".join((*capfd.readouterr(), caplog.text))
    assert KEY not in written
    assert SECRET not in written
    assert not caplog.records


async def test_a_body_above_its_route_s_limit_is_refused_said_or_not(serve: Ask) -> None:
    client = await serve(
        route("POST", handler=take, takes=Thing, body_limit=30),
        route("POST", "/larger", handler=take, takes=Thing),
    )
    large = b'{"name":"' + b"x" * 50 + b'"}'

    async def in_pieces() -> object:
        yield large[:20]
        yield large[20:]

    json = {"Content-Type": "application/json"}
    said = await client.post("/thing", data=large, headers=json)
    unsaid = await client.post("/thing", data=in_pieces(), headers=json)
    allowed = await client.post("/larger", data=large, headers=json)

    assert (said.status, unsaid.status, allowed.status) == (413, 413, 201)
    assert (await problem(unsaid))["type"] == "/problems/too-large"


async def test_a_wrong_member_is_named_and_its_value_is_not_repeated(serve: Ask) -> None:
    client = await serve(route("POST", handler=take, takes=Thing))

    said = await problem(await client.post("/thing", json={"name": 918_273}))

    assert said["field"] == "name"
    assert said["fix"]
    assert "918273" not in str(said)


async def test_a_handler_that_hangs_is_given_up(serve: Ask) -> None:
    async def hang(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return reply(None)

    client = await serve(route(handler=hang), limits=Limits(handler_s=0.05))

    response = await client.get("/thing")

    assert response.status == 503
    assert (await problem(response))["type"] == "/problems/too-slow"


async def test_a_body_that_does_not_come_is_given_up(serve: Ask) -> None:
    never = asyncio.Event()

    async def stall() -> object:
        yield b'{"name":'
        await never.wait()

    client = await serve(route("POST", handler=take, takes=Thing), limits=Limits(body_s=0.05))

    json = {"Content-Type": "application/json"}
    response = await client.post("/thing", data=stall(), headers=json)

    assert response.status == 408
    never.set()


@pytest.mark.parametrize(
    "limits", [Limits(at_once=1), Limits(bodies_of_site=1)], ids=["of all", "of one site"]
)
async def test_bodies_that_do_not_come_hold_up_nobody_who_sends_none(
    serve: Ask, fakes: Fakes, limits: Limits
) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def stall() -> object:
        yield b'{"name":'
        begun.set()
        await never.wait()
        yield b' "late"}'

    client = await serve(route("POST", handler=take, takes=Thing), route(), limits=limits)
    json = {"Content-Type": "application/json"}
    first = asyncio.create_task(client.post("/thing", data=stall(), headers=json))
    await begun.wait()

    # The first was sent, but may not have arrived yet.
    while (beyond := await client.post("/thing", json={"name": "next"})).status == 201:
        pass
    assert beyond.status == 503
    assert (await client.get("/thing")).status == 200

    never.set()
    assert (await first).status == 201
    assert (await client.post("/thing", json={"name": "again"})).status == 201
    assert "http.busy" in fakes.observer.names()


async def test_beyond_so_many_at_once_the_next_is_sent_away_at_once(
    serve: Ask, fakes: Fakes
) -> None:
    go_on, inside = asyncio.Event(), asyncio.Event()

    async def wait(request: web.Request) -> web.Response:
        inside.set()
        await go_on.wait()
        return reply(Thing("waited"))

    client = await serve(route(handler=wait), limits=Limits(at_once=1))
    first = asyncio.create_task(client.get("/thing"))
    await inside.wait()

    second = await client.get("/thing")
    go_on.set()

    assert (second.status, second.headers["Retry-After"]) == (503, "1")
    assert (await first).status == 200
    assert (await client.get("/thing")).status == 200
    assert "http.busy" in fakes.observer.names()


async def test_one_account_cannot_take_all_that_is_under_way_at_once_for_itself(
    serve: Ask, fakes: Fakes
) -> None:
    go_on, inside = asyncio.Event(), asyncio.Event()
    fakes.sessions.known["another"] = somebody("usr_2")

    async def wait(request: web.Request) -> web.Response:
        if principal(request).user_id == "usr_1":
            inside.set()
            await go_on.wait()
        return reply(Thing("waited"))

    looked = route(handler=wait, access=SIGNED_IN, is_page=True)
    client = await serve(looked, limits=Limits(pages_at_once=1))
    first = asyncio.create_task(client.get("/thing", headers=COOKIE))
    await inside.wait()

    second = await client.get("/thing", headers=COOKIE | {"Accept": "application/json"})
    another = await client.get("/thing", headers={"Cookie": "__Host-alpine=another"})
    go_on.set()

    assert (second.status, second.headers["Retry-After"]) == (429, "1")
    assert another.status == 200
    assert (await first).status == 200
    assert (await client.get("/thing", headers=COOKIE)).status == 200


async def test_every_request_is_told_by_the_template_of_its_path(serve: Ask, fakes: Fakes) -> None:
    client = await serve(route(path="/things/{id}", handler=who, access=SIGNED_IN))

    await client.get("/things/7?", headers=COOKIE)
    await client.get("/etc/passwd?token=hunter2")

    known, unknown = (each for each in fakes.observer.told if each.what == "http.answered")
    assert known.facts | {"request_id": "", "seconds": 0} == {
        "method": "GET",
        "route": "/things/{id}",
        "status": 200,
        "seconds": 0,
        "request_id": "",
        "principal": "usr_1",
        "means": "ses_usr_1",
        "address": "127.0.0.1",
    }
    assert unknown.facts["route"] == "unknown"
    assert "hunter2" not in str(fakes.observer.told)
    assert SECRET not in str(fakes.observer.told)


async def test_a_method_nobody_knows_is_not_repeated(serve: Ask, fakes: Fakes) -> None:
    client = await serve(route())

    response = await client.request("PROPFIND", "/coffee")

    assert response.status == 404
    assert fakes.observer.told[-1].facts["method"] == "unknown"


async def test_a_refused_request_is_told_with_who_and_why(serve: Ask, fakes: Fakes) -> None:
    client = await serve(route(handler=who, access=ADMIN))

    await client.get("/thing", headers=COOKIE)

    (refused,) = (each for each in fakes.observer.told if each.what == "access.refused")
    assert refused.facts == {
        "route": "GET /thing",
        "why": "not-allowed",
        "principal": "usr_1",
        "address": "127.0.0.1",
    }

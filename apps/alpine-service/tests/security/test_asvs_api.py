"""The interface against OWASP ASVS 5.0, level 2: chapters 1, 3, 4 and 16. Numbers are its own."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.observers.json_log import JsonLog
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.api.app import build_app
from alpine_service.api.platform import Limits
from alpine_service.api.route import ANYBODY, Route
from alpine_service.api.routes import ROUTES
from alpine_service.domain.accounts.scope import Scope
from alpine_service.testing.fake_platform import Fakes
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.whole_service import WholeService, whole_service

Client = TestClient[web.Request, web.Application]
PATHS = ("/health", "/docs", "/v1/openapi.json", "/v1/status", "/v1/signals", "/nothing")
PAGES = {"/docs"}


@pytest.fixture
def lines() -> io.BytesIO:
    return io.BytesIO()


@pytest.fixture
async def service(
    database: TestDatabase, tmp_path: Path, lines: io.BytesIO
) -> AsyncIterator[WholeService]:
    log = JsonLog(lines, SystemClock(), every_s=0.01)
    async with (
        log.writing(),
        whole_service(database, tmp_path / "alpine", log) as service,
    ):
        yield service


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, service: WholeService) -> Client:
    return await aiohttp_client(service.app)


async def test_v1_2_4_what_is_asked_never_becomes_a_statement(
    client: Client, service: WholeService
) -> None:
    key = await service.key(await service.person("usr_1", plan="pro"), Scope.SIGNALS)
    for name in ("symbol", "strategy"):
        odd = {name: "x' OR 1=1; DROP TABLE signals; --"}
        response = await client.get("/v1/signals", params=odd, headers=key)
        assert (response.status, (await response.json())["signals"]) == (200, [])
    path = "/v1/signals/x'%20OR%201=1%20--"
    assert (await client.get(path, headers=key)).status == 404
    assert (await client.get("/v1/signals", headers=key)).status == 200


async def test_v3_2_1_v3_4_3_v3_4_6_no_answer_is_run_or_framed_as_a_page(client: Client) -> None:
    for path in PATHS:
        policy = (await client.get(path)).headers["Content-Security-Policy"]
        for rule in (
            "default-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ):
            assert rule in policy, path
        assert "unsafe" not in policy
        assert "sandbox" in policy or path in PAGES


async def test_v3_4_1_tls_is_insisted_on_for_two_years_and_subdomains(client: Client) -> None:
    for path in PATHS:
        said = (await client.get(path)).headers["Strict-Transport-Security"]
        assert said == "max-age=63072000; includeSubDomains"


async def test_v3_4_2_other_sites_read_what_is_public_and_nothing_else(
    client: Client, service: WholeService
) -> None:
    session = await service.session(await service.person("usr_1", plan="pro"))
    evil = {"Origin": "https://evil.example"}
    for route in ROUTES:
        if "{" in route.path or route.is_stream or route.method != "GET":
            continue
        headers = (await client.get(route.path, headers=session | evil)).headers
        assert ("Access-Control-Allow-Origin" in headers) == route.any_origin, route.path
        # A star never lets a browser send who somebody is.
        assert headers.get("Access-Control-Allow-Origin", "*") == "*"
        assert "Access-Control-Allow-Credentials" not in headers
    for route in ROUTES:
        assert not route.any_origin or (route.access == ANYBODY and route.method == "GET")


async def test_v3_4_4_v3_4_5_types_are_not_guessed_and_addresses_not_passed_on(
    client: Client,
) -> None:
    for path in PATHS:
        headers = (await client.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        # Pages' forms have to say to us where they come from, and to nobody else.
        assert headers["Referrer-Policy"] == ("same-origin" if path in PAGES else "no-referrer")


async def test_v3_5_1_v3_5_2_what_a_form_can_send_changes_nothing(
    client: Client, service: WholeService
) -> None:
    session = await service.session(await service.person("usr_1", plan="pro"))
    body = b'{"name":"x","scopes":["signals"]}'
    simple = {"Content-Type": "text/plain"}
    path = "/v1/account/keys"
    for site in ("cross-site", "same-site", "none"):
        headers = session | {"Sec-Fetch-Site": site, "Content-Type": "application/json"}
        assert (await client.post(path, data=body, headers=headers)).status == 403
    assert (await client.post(path, data=body, headers=session | simple)).status == 415
    keys = await (await client.get(path, headers=session)).json()
    assert keys["keys"] == []


async def test_v3_5_3_nothing_is_changed_by_a_safe_method(
    client: Client, service: WholeService
) -> None:
    unsafe = {route.path for route in ROUTES if route.method != "GET"}
    safe = {route.path for route in ROUTES if route.method == "GET"}
    for path in sorted(unsafe - safe):
        response = await client.get(path.replace("{", "x").replace("}", ""))
        # 401 is another route's answer, whose last part may be any name.
        assert response.status in {401, 405}, path


async def test_v4_1_1_every_body_says_what_it_is(client: Client) -> None:
    for path in PATHS:
        response = await client.get(path)
        said = response.headers["Content-Type"]
        if said.startswith("text/"):
            assert said.endswith("charset=utf-8"), path
        else:
            # JSON is UTF-8 by RFC 8259, and has no parameter for that.
            assert said in {"application/json", "application/problem+json"}
            orjson.loads(await response.read())


async def test_v4_1_2_plain_http_is_not_redirected(client: Client) -> None:
    for path in PATHS:
        assert (await client.get(path, allow_redirects=False)).status not in range(300, 400)


async def test_v4_1_3_nobody_but_a_trusted_proxy_says_where_a_request_comes_from(
    client: Client, lines: io.BytesIO
) -> None:
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-User-Id"):
        await client.get("/nothing", headers={name: "203.0.113.66"})
    await asyncio.sleep(0.05)  # noqa: TID251 - lines are written by a thread

    assert b'"address":"127.0.0.1"' in lines.getvalue()
    assert b"203.0.113.66" not in lines.getvalue()


async def raw(service: WholeService, request: bytes) -> bytes:
    """What is answered to those bytes, until the connection is closed."""
    async with TestServer(service.app) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request)
        await writer.drain()
        try:
            async with asyncio.timeout(10):
                return await reader.read()
        finally:
            writer.close()


SMUGGLED = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: +5\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Content-Length : 5\r\n",
        b"X: a\nContent-Length: 5\r\n",
    ],
)
async def test_v4_2_1_a_request_whose_end_is_a_matter_of_opinion_is_refused(
    service: WholeService, head: bytes
) -> None:
    answered = await raw(
        service, b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n" + SMUGGLED
    )

    assert answered.split()[1] == b"400", answered[:100]
    assert answered.count(b"HTTP/1.") == 1, "nothing behind it is taken for a request"


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 200 + b"\r\n",
    ],
)
async def test_v4_2_requests_are_bounded_before_they_are_read(
    service: WholeService, request_head: bytes
) -> None:
    answered = await raw(service, request_head)

    assert answered.split()[1] in {b"400", b"431"}, answered[:100]
    assert b"<html" not in answered


def canary(name: str) -> str:
    return f"canary-{name}-Zq9"


async def test_v16_2_5_no_secret_of_a_request_is_ever_in_a_log(
    client: Client, service: WholeService, lines: io.BytesIO
) -> None:
    owner = await service.session(await service.person("usr_1", plan="pro"))
    made = await client.post(
        "/v1/account/keys", json={"name": "mine", "scopes": ["signals"]}, headers=owner
    )
    whole = (await made.json())["text"] if "text" in await made.json() else await made.text()
    await client.get("/v1/signals", headers={"Authorization": f"Bearer {canary('key')}"})
    await client.get("/v1/signals", headers={"Cookie": f"__Host-alpine={canary('cookie')}"})
    await client.get("/v1/signals", params={"symbol": canary("query")}, headers=owner)
    await client.get(f"/v1/{canary('path')}")
    await client.get("/health", headers={"User-Agent": canary("agent")})
    for path in ("login", "register", "reset/confirm", "verify", "login/code"):
        body = {name: canary(f"{path}-{name}") for name in ("email", "password", "token", "code")}
        await client.post(f"/v1/account/{path}", json=body)
        await client.post(f"/v1/account/{path}", data=canary("raw").encode())
    await client.post(
        "/v1/account/login",
        json={"email": f"{canary('email')}@a.example", "password": canary("password")},
    )
    await asyncio.sleep(0.05)  # noqa: TID251 - lines are written by a thread

    said = lines.getvalue()
    assert said.count(b"http.answered") >= 16
    assert b"Zq9" not in said
    assert b"usr_1-False" not in said, "the session's secret"
    assert whole.encode() not in said


async def test_v16_2_1_v16_2_2_v16_2_4_each_line_is_json_with_time_zone_who_and_what(
    client: Client, service: WholeService, lines: io.BytesIO
) -> None:
    session = await service.session(await service.person("usr_1", plan="pro"))
    answered = await client.get("/v1/signals", headers=session)
    await asyncio.sleep(0.05)  # noqa: TID251 - lines are written by a thread

    told = [orjson.loads(line) for line in lines.getvalue().splitlines()]
    (line,) = (each for each in told if each.get("route") == "/v1/signals")
    assert line["at"].endswith("Z")
    assert line["request_id"] == answered.headers["X-Request-Id"]
    assert (line["principal"], line["address"], line["status"]) == ("usr_1", "127.0.0.1", 200)


async def test_v16_3_2_what_was_not_allowed_is_told(
    client: Client, service: WholeService, lines: io.BytesIO
) -> None:
    session = await service.session(await service.person("usr_1"))
    assert (await client.get("/v1/admin/users", headers=session)).status == 403
    await asyncio.sleep(0.05)  # noqa: TID251 - lines are written by a thread

    told = [orjson.loads(line) for line in lines.getvalue().splitlines()]
    (refused,) = (each for each in told if each["what"] == "access.refused")
    assert (refused["principal"], refused["why"]) == ("usr_1", "not-allowed")


async def test_v16_4_1_nothing_that_is_sent_can_begin_a_line_of_its_own(
    service: WholeService, lines: io.BytesIO
) -> None:
    await raw(
        service,
        b"GET /x%0a%7b%22what%22:%22forged%22%7d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    await asyncio.sleep(0.05)  # noqa: TID251 - lines are written by a thread

    told = [orjson.loads(line) for line in lines.getvalue().splitlines()]
    assert "forged" not in str(told)


async def test_v16_5_1_v16_5_3_v16_5_4_what_breaks_is_refused_without_a_word_of_our_inside(
    aiohttp_client: AiohttpClient,
) -> None:
    async def broken(request: web.Request) -> web.Response:
        raise ZeroDivisionError(canary("inside"))

    fakes = Fakes()
    route = Route("GET", "/broken", broken, "x", "x", ANYBODY, None)
    client = await aiohttp_client(build_app(fakes.platform(limits=Limits()), (route,)))

    response = await client.get("/broken", headers={"Accept": "text/html"})

    text = await response.text()
    assert response.status == 500
    assert response.content_type == "application/problem+json"
    assert "Zq9" not in text
    assert "Traceback" not in text
    assert "ZeroDivision" not in text


async def test_v16_5_2_without_a_database_requests_are_refused_and_the_process_lives(
    client: Client, service: WholeService
) -> None:
    key = await service.key(await service.person("usr_1", plan="pro"), Scope.SIGNALS)
    async with service.database.owner.connection() as connection:
        await connection.execute("ALTER TABLE signals RENAME TO hidden")
        response = await client.get("/v1/signals", headers=key)
        await connection.execute("ALTER TABLE hidden RENAME TO signals")

    assert response.status in {500, 503}
    assert "relation" not in await response.text()
    assert (await client.get("/health")).status == 200
    assert (await client.get("/v1/signals", headers=key)).status == 200

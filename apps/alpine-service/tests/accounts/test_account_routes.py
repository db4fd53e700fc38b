"""Accounts over real HTTP."""

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.api.session_cookie import cookie_name
from alpine_service.domain.accounts.totp import STEP_S
from alpine_service.testing.account_house import (
    EMAIL,
    PASSWORD,
    AccountHouse,
    App,
    account_house,
)
from alpine_service.testing.browser import Browser, account_app
from alpine_service.testing.postgres import TestDatabase

NEW = "a wholly new phrase"
ADA = {"email": EMAIL, "password": PASSWORD}


@pytest.fixture
def house(database: TestDatabase) -> AccountHouse:
    return account_house(database.app)


@pytest.fixture
async def browser(house: AccountHouse, aiohttp_client: AiohttpClient) -> Browser:
    return Browser(await aiohttp_client(account_app(house)))


async def _signed_in(house: AccountHouse, browser: Browser) -> None:
    await house.registered()
    assert (await browser.post("/login", ADA)).status == 200


async def test_from_registration_to_deletion(house: AccountHouse, browser: Browser) -> None:
    assert (await browser.post("/register", ADA)).status == 202
    assert (await browser.post("/login", ADA)).json == {"next": "nothing"}
    assert (await browser.get()).json["verified_at"] is None
    assert (await browser.post("/verify/resend")).status == 202
    assert (await browser.post("/verify", {"token": await house.token()})).status == 204
    shown = (await browser.get()).json
    assert shown["verified_at"] == "2026-03-02T12:00:00Z"
    assert (shown["email"], shown["role"], shown["plan"]) == (EMAIL, "subscriber", "free")
    exported = await browser.get("/export")
    assert exported.json["account"]["email"] == EMAIL
    assert "attachment" in exported.headers["Content-Disposition"]
    assert (await browser.delete("", {"password": "not the password"})).status == 400
    assert (await browser.delete("", {"password": PASSWORD})).status == 204
    assert browser.cookie is None
    assert (await browser.post("/login", ADA)).status == 401


async def test_the_cookie_is_out_of_reach(house: AccountHouse, browser: Browser) -> None:
    await house.registered()
    answer = await browser.post("/login", ADA)
    cookie = answer.cookies["__Host-alpine"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert cookie["max-age"] == str(30 * 24 * 3_600)
    assert browser.cookie is not None
    assert browser.cookie not in answer.body.decode()


async def test_a_demo_without_tls_has_a_plain_cookie(
    house: AccountHouse, aiohttp_client: AiohttpClient
) -> None:
    url = "http://127.0.0.1:8091"
    assert cookie_name(url) == "alpine"
    browser = Browser(await aiohttp_client(account_app(house, url)), name="alpine")
    await house.registered()
    cookie = (await browser.post("/login", ADA)).cookies["alpine"]
    assert not cookie["secure"]
    assert cookie["httponly"]
    assert (await browser.get()).status == 200


async def test_logging_out_clears_the_browser(house: AccountHouse, browser: Browser) -> None:
    await _signed_in(house, browser)
    secret = browser.cookie
    answer = await browser.post("/logout")
    assert answer.status == 204
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert browser.cookie is None
    browser.cookie = secret
    assert (await browser.get()).status == 401


async def test_a_reset_over_http(house: AccountHouse, browser: Browser) -> None:
    await _signed_in(house, browser)
    assert (await browser.post("/reset", {"email": EMAIL})).status == 202
    asked = {"token": await house.token(), "password": NEW}
    assert (await browser.post("/reset/confirm", asked)).status == 204
    assert (await browser.get()).status == 401
    again = await browser.post("/reset/confirm", asked)
    assert (again.status, again.json["field"]) == (400, "token")


async def test_the_password_and_the_address_change(house: AccountHouse, browser: Browser) -> None:
    await _signed_in(house, browser)
    before = browser.cookie
    answer = await browser.post("/password", {"current": PASSWORD, "new": NEW})
    assert answer.status == 204
    assert browser.cookie not in {before, None}
    asked = {"email": "lovelace@people.example", "password": NEW}
    assert (await browser.post("/email", asked)).status == 202
    token = await house.token("lovelace@people.example")
    assert (await browser.post("/email/confirm", {"token": token})).status == 204
    assert (await browser.get()).json["email"] == "lovelace@people.example"


async def test_a_second_factor_over_http(house: AccountHouse, browser: Browser) -> None:
    await _signed_in(house, browser)
    before = browser.cookie
    begun = await browser.post("/second-factor", {"password": PASSWORD})
    app = App(begun.json["secret"])
    done = await browser.post("/second-factor/confirm", {"code": app.code(house.clock)})
    assert len(done.json["recovery_codes"]) == 10
    assert browser.cookie != before
    assert (await browser.get()).json["second_factor"]
    other = Browser(browser.client)
    assert (await other.post("/login/code", {"code": "000000"})).status == 401
    assert (await other.post("/login", ADA)).json == {"next": "code"}
    assert (await other.get()).status == 401
    await house.clock.advance(STEP_S)
    code = {"code": app.code(house.clock)}
    assert (await other.post("/login/code", code)).json == {"next": "nothing"}
    assert (await other.get()).status == 200
    await house.clock.advance(STEP_S)
    shown = {"password": PASSWORD, "code": app.code(house.clock)}
    codes = (await other.post("/recovery-codes", shown)).json["recovery_codes"]
    removed = await other.delete("/second-factor", {"password": PASSWORD, "code": codes[0]})
    assert removed.status == 204
    assert not (await other.get()).json["second_factor"]


async def test_sessions_are_listed_and_ended(house: AccountHouse, browser: Browser) -> None:
    await _signed_in(house, browser)
    other = Browser(browser.client, program="curl/8.5.0")
    await other.post("/login", ADA)
    listed = (await browser.get("/sessions")).json["sessions"]
    assert {each["device"] for each in listed} == {"Firefox on Linux", "curl"}
    (own,) = [each for each in listed if each["is_this"]]
    (theirs,) = [each for each in listed if not each["is_this"]]
    assert own["device"] == "Firefox on Linux"
    path = f"/sessions/{theirs['id']}"
    assert (await browser.delete(path, {"password": PASSWORD})).status == 204
    assert (await other.get()).status == 401
    assert (await browser.delete(path, {"password": PASSWORD})).status == 404
    await other.post("/login", ADA)
    ended = await browser.delete("/sessions", {"password": PASSWORD})
    assert ended.json == {"ended": 1}


@pytest.mark.parametrize("more", [{"role": "admin"}, {"verified_at": "2026-01-01T00:00:00Z"}])
async def test_nobody_registers_as_more_than_they_are(
    house: AccountHouse, browser: Browser, more: dict[str, str]
) -> None:
    """Mass assignment: what is not asked for is refused, not ignored."""
    assert (await browser.post("/register", ADA | more)).status == 400
    assert await house.database.fetchval("SELECT count(*) FROM users") == 0


async def test_another_sites_page_does_nothing(house: AccountHouse, browser: Browser) -> None:
    await _signed_in(house, browser)
    for site in ("cross-site", "same-site", "none"):
        answer = await browser.ask("POST", "/v1/account/logout", **{"Sec-Fetch-Site": site})
        assert answer.status == 403
        sign_in = await browser.ask("POST", "/v1/account/login", ADA, **{"Sec-Fetch-Site": site})
        assert sign_in.status == 403
    assert (await browser.get()).status == 200


async def test_whoever_tries_too_often_is_told_when_to_come_back(
    house: AccountHouse, browser: Browser
) -> None:
    await house.registered()
    wrong = {"email": EMAIL, "password": "not the password"}
    statuses = [(await browser.post("/login", wrong)).status for _ in range(5)]
    assert statuses == [401] * 5
    answer = await browser.post("/login", wrong)
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "12"

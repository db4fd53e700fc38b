"""OWASP ASVS 5.0.0 of accounts and sessions: a test's name has the number of its requirement."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import orjson
import pytest
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.secrets.password_judge import ZxcvbnJudge
from alpine_service.adapters.secrets.passwords import Argon2Passwords, HashPolicy
from alpine_service.api.access import admit
from alpine_service.api.account_routes import ROUTES
from alpine_service.api.route import ADMIN, SUPPORT, Route
from alpine_service.domain.accounts import recovery
from alpine_service.domain.accounts.account import LIVES
from alpine_service.domain.accounts.session import STAFF_LIMITS, SUBSCRIBER_LIMITS
from alpine_service.domain.accounts.tokens import SECRET_BYTES
from alpine_service.domain.accounts.totp import STEP_S
from alpine_service.errors import InvalidInput, NotAllowed, NotSignedIn, TooMany
from alpine_service.services.reauthentication import Shown
from alpine_service.testing.account_house import (
    ELSEWHERE,
    EMAIL,
    HOME,
    PASSWORD,
    AccountHouse,
    account_house,
    enrol,
)
from alpine_service.testing.browser import Answer, Browser, account_app
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.postgres import TestDatabase

NEW = "a wholly new phrase"
ADA = {"email": EMAIL, "password": PASSWORD}
NOBODY = "nobody@people.example"


@pytest.fixture
def house(database: TestDatabase) -> AccountHouse:
    return account_house(database.app)


@pytest.fixture
def real(database: TestDatabase) -> Iterator[AccountHouse]:
    """With the hashes and the judge of the running service."""
    passwords = Argon2Passwords(FakeChance(), HashPolicy())
    yield account_house(database.app, passwords=passwords, judge=ZxcvbnJudge())
    passwords.close()


@pytest.fixture
async def browser(house: AccountHouse, aiohttp_client: AiohttpClient) -> Browser:
    return Browser(await aiohttp_client(account_app(house)))


async def _cookie(house: AccountHouse, browser: Browser) -> Answer:
    await house.registered()
    return await browser.post("/login", ADA)


async def test_v3_3_1_the_cookie_is_secure(house: AccountHouse, browser: Browser) -> None:
    answer = await _cookie(house, browser)
    assert answer.cookies["__Host-alpine"]["secure"]


async def test_v3_3_2_the_cookie_is_same_site(house: AccountHouse, browser: Browser) -> None:
    answer = await _cookie(house, browser)
    assert answer.cookies["__Host-alpine"]["samesite"] == "Lax"


async def test_v3_3_3_the_cookie_is_bound_to_the_host(
    house: AccountHouse, browser: Browser
) -> None:
    answer = await _cookie(house, browser)
    assert list(answer.cookies) == ["__Host-alpine"]
    assert not answer.cookies["__Host-alpine"]["domain"]


async def test_v3_3_4_no_script_and_no_body_sees_the_session(
    house: AccountHouse, browser: Browser
) -> None:
    answer = await _cookie(house, browser)
    assert answer.cookies["__Host-alpine"]["httponly"]
    assert browser.cookie is not None
    bodies = [answer.body, (await browser.get()).body, (await browser.get("/sessions")).body]
    assert not any(browser.cookie.encode() in body for body in bodies)


@pytest.mark.parametrize(
    "route",
    [each for each in ROUTES if each.method != "GET"],
    ids=lambda each: f"{each.method} {each.path}",
)
async def test_v3_5_1_no_other_site_makes_a_browser_do_it(
    house: AccountHouse, browser: Browser, route: Route
) -> None:
    await _cookie(house, browser)
    path = route.path.replace("{id}", "ses_1")
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://alpine.example"},
    ):
        answer = await browser.ask(route.method, path, {}, **headers)
        assert answer.status == 403
    assert (await browser.get()).status == 200


async def test_v6_2_1_passwords_have_eight_characters_or_more(house: AccountHouse) -> None:
    with pytest.raises(InvalidInput, match="fewer than 8"):
        await house.services.registration.register(EMAIL, "x7#qPz!", HOME)


async def test_v6_2_2_and_v6_2_3_a_change_takes_the_current_password(house: AccountHouse) -> None:
    who = await house.signed_in()
    change = house.services.credentials.change_password
    with pytest.raises(InvalidInput):
        await change(who, Shown("not the password"), NEW, HOME)
    assert (await change(who, Shown(PASSWORD), NEW, HOME)).secret
    assert (await house.services.login.by_password(EMAIL, NEW, HOME)).secret


@pytest.mark.parametrize("password", ["password1", "iloveyou1", "qwertyuiop", "Liverpool"])
async def test_v6_2_4_common_passwords_are_refused(real: AccountHouse, password: str) -> None:
    with pytest.raises(InvalidInput):
        await real.services.registration.register(EMAIL, password, HOME)


@pytest.mark.parametrize(
    "password",
    [
        "seven quiet foxes",
        "SEVENQUIETFOXES",
        "9182736450918273x",
        "семь тихих лис",
        "🦊🐢🦉🐝🦋🐙🦜🐳🦔🐌",
    ],
)
async def test_v6_2_5_any_characters_will_do(real: AccountHouse, password: str) -> None:
    await real.services.registration.register(EMAIL, password, HOME)
    assert (await real.services.login.by_password(EMAIL, password, HOME)).secret


async def test_v6_2_8_a_password_is_compared_as_it_is(real: AccountHouse) -> None:
    long = "seven quiet foxes and " * 5
    await real.services.registration.register(EMAIL, long, HOME)
    for wrong in (long[:-1], long[:72], long.upper(), long.strip()):
        with pytest.raises(NotSignedIn):
            await real.services.login.by_password(EMAIL, wrong, HOME)
    assert (await real.services.login.by_password(EMAIL, long, HOME)).secret


async def test_v6_2_9_long_passwords_are_taken(real: AccountHouse) -> None:
    for length in (64, 128):
        password = ("seven quiet foxes and a bear " * 5)[:length]
        email = f"a{length}@people.example"
        await real.services.registration.register(email, password, HOME)
        assert (await real.services.login.by_password(email, password, HOME)).secret


async def test_v6_2_10_a_password_does_not_age(house: AccountHouse) -> None:
    await house.registered()
    await house.clock.advance(10 * 365 * 24 * 3_600)
    assert (await house.opened()).secret


@pytest.mark.parametrize("password", ["alpineanalytics", "AlpineSignals", "ada@people.example"])
async def test_v6_2_11_words_of_ours_and_theirs_make_no_password(
    real: AccountHouse, password: str
) -> None:
    with pytest.raises(InvalidInput):
        await real.services.registration.register(EMAIL, password, HOME)


async def test_v6_2_12_stolen_passwords_are_refused(house: AccountHouse) -> None:
    who = await house.signed_in()
    with pytest.raises(InvalidInput, match="stolen"):
        await house.services.registration.register(NOBODY, "a known one", HOME)
    with pytest.raises(InvalidInput, match="stolen"):
        await house.services.credentials.change_password(who, Shown(PASSWORD), "a known one", HOME)
    await house.services.credentials.ask_reset(EMAIL, HOME)
    with pytest.raises(InvalidInput, match="stolen"):
        await house.services.credentials.reset(await house.token(), "a known one", HOME)


async def test_v6_3_1_guessing_is_slowed_and_its_owner_not_locked_out(
    house: AccountHouse,
) -> None:
    await house.registered()
    await house.opened(HOME)
    guesses = 0
    for _ in range(100):
        try:
            await house.services.login.by_password(EMAIL, "not the password", ELSEWHERE)
        except NotSignedIn:
            guesses += 1
        except TooMany:
            await house.clock.advance(60)
    # At most an hour's allowance at once, and once more as the hour goes on.
    assert guesses <= 40
    assert (await house.opened(HOME)).secret


async def test_v6_3_2_there_are_no_accounts_at_the_beginning(house: AccountHouse) -> None:
    assert await house.database.fetchval("SELECT count(*) FROM users") == 0


async def test_v6_3_3_staff_do_nothing_without_a_second_factor(house: AccountHouse) -> None:
    """Subscribers choose: what they could lose is their own reading (our rationale)."""
    await house.staff()
    who = await house.principal(await house.opened())
    for access in (ADMIN, SUPPORT):
        with pytest.raises(NotAllowed, match="second factor"):
            admit(access, who)
    _, opened, _ = await enrol(house, who)
    admit(ADMIN, await house.principal(opened))


async def test_v6_3_4_a_reset_is_no_way_around_the_second_factor(house: AccountHouse) -> None:
    await enrol(house, await house.signed_in())
    await house.services.credentials.ask_reset(EMAIL, HOME)
    await house.services.credentials.reset(await house.token(), NEW, HOME)
    assert await house.database.fetchval("SELECT count(*) FROM sessions") == 0
    assert (await house.services.login.by_password(EMAIL, NEW, HOME)).next == "code"


async def test_v6_3_8_nobody_learns_who_has_an_account(
    house: AccountHouse, browser: Browser
) -> None:
    """The answers are alike, and so is the work that the hash would have taken."""
    await house.registered()
    seen = []
    for email in (EMAIL, NOBODY):
        work = house.passwords.hashed, house.passwords.compared
        answers = [
            await browser.post("/register", {"email": email, "password": NEW}),
            await browser.post("/login", {"email": email, "password": "not the password"}),
            await browser.post("/reset", {"email": email}),
        ]
        told = []
        for answer in answers:
            body = orjson.loads(answer.body) if answer.body else {}
            body.pop("request_id", None)
            told.append((answer.status, body))
        done = house.passwords.hashed - work[0], house.passwords.compared - work[1]
        seen.append((told, done))
        # Whoever was not there is by now, which the next question must not see.
        await house.database.execute("DELETE FROM users WHERE email = $1", NOBODY)
    assert seen[0] == seen[1]
    assert seen[0][1] == (1, 1)


async def test_v6_4_1_what_a_mail_carries_expires_and_works_once(house: AccountHouse) -> None:
    assert max(LIVES.values()) <= timedelta(days=1)
    await house.services.registration.register(EMAIL, PASSWORD, HOME)
    token = await house.token()
    results = await asyncio.gather(
        *(house.services.registration.verify(token, HOME) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, InvalidInput) for each in results) == 4


async def test_v6_4_3_a_reset_leaves_the_second_factor(house: AccountHouse) -> None:
    app, _, _ = await enrol(house, await house.signed_in())
    await house.services.credentials.ask_reset(EMAIL, HOME)
    await house.services.credentials.reset(await house.token(), NEW, HOME)
    pending = await house.services.login.by_password(EMAIL, NEW, HOME)
    assert await house.services.sessions.principal(pending.secret, HOME.address) is None
    opened = await house.services.login.by_code(pending.secret, app.code(house.clock), HOME)
    assert (await house.principal(opened)).second_factor


async def test_v6_5_1_codes_work_once(house: AccountHouse) -> None:
    app, _, codes = await enrol(house, await house.signed_in())
    for code in (app.code(house.clock), codes[0]):
        results = await asyncio.gather(
            *[
                house.services.login.by_code((await house.opened()).secret, code, HOME)
                for _ in range(3)
            ],
            return_exceptions=True,
        )
        assert sum(isinstance(each, NotSignedIn) for each in results) == 2


def test_v6_5_2_recovery_codes_have_112_bits_or_more() -> None:
    assert recovery.BYTES * 8 >= 112


async def test_v6_5_5_a_code_lives_for_its_step_and_one_more(house: AccountHouse) -> None:
    app, _, _ = await enrol(house, await house.signed_in())
    code = app.code(house.clock)
    await house.clock.advance(2 * STEP_S)
    pending = await house.opened()
    with pytest.raises(NotSignedIn):
        await house.services.login.by_code(pending.secret, code, HOME)


async def test_v6_6_3_codes_cannot_be_guessed_in_number(house: AccountHouse) -> None:
    await enrol(house, await house.signed_in())
    pending = await house.opened()
    for _ in range(5):
        with pytest.raises(NotSignedIn, match="wrong or was used"):
            await house.services.login.by_code(pending.secret, "000000", HOME)
    with pytest.raises(NotSignedIn, match="begin again"):
        await house.services.login.by_code(pending.secret, "000000", HOME)


async def test_v7_2_1_a_session_is_what_the_database_says(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    await house.database.execute("DELETE FROM sessions")
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None


async def test_v7_2_3_sessions_are_long_random_and_different(house: AccountHouse) -> None:
    await house.registered()
    secrets = {(await house.opened()).secret for _ in range(10)}
    assert len(secrets) == 10
    assert SECRET_BYTES * 8 >= 128


async def test_v7_2_4_signing_in_gives_a_new_session_and_ends_the_old(
    house: AccountHouse, browser: Browser
) -> None:
    await _cookie(house, browser)
    first = browser.cookie
    await browser.post("/login", ADA)
    assert browser.cookie != first
    assert first is not None
    assert await house.services.sessions.principal(first, HOME.address) is None


async def test_v7_3_1_idle_sessions_end(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    await house.clock.advance(SUBSCRIBER_LIMITS.idle.total_seconds())
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None
    assert STAFF_LIMITS.idle <= timedelta(minutes=30)


async def test_v7_3_2_sessions_end_in_any_case(house: AccountHouse) -> None:
    await house.staff()
    opened = await house.opened()
    step = STAFF_LIMITS.idle.total_seconds() - 60
    passed = 0.0
    while passed + step < STAFF_LIMITS.absolute.total_seconds():
        await house.clock.advance(step)
        passed += step
        assert (await house.principal(opened)).means_id
    await house.clock.advance(STAFF_LIMITS.absolute.total_seconds() - passed)
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None


async def test_v7_4_1_logging_out_ends_the_session(house: AccountHouse, browser: Browser) -> None:
    await _cookie(house, browser)
    secret = browser.cookie
    await browser.post("/logout")
    browser.cookie = secret
    assert (await browser.get()).status == 401


async def test_v7_4_2_a_closed_account_has_no_sessions(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.services.staff.suspend(who.user_id, "operator")
    assert await house.database.fetchval("SELECT count(*) FROM sessions") == 0


async def test_v7_4_3_a_changed_factor_ends_all_other_sessions(house: AccountHouse) -> None:
    await house.registered()
    other = await house.opened(ELSEWHERE)
    who = await house.principal(await house.opened())
    await enrol(house, who)
    assert await house.services.sessions.principal(other.secret, HOME.address) is None


async def test_v7_4_5_staff_end_somebodys_sessions(house: AccountHouse) -> None:
    who = await house.signed_in()
    assert await house.services.staff.end_sessions(who.user_id, "usr_admin", HOME) == 1


async def test_v7_5_1_sensitive_changes_ask_again_who_it_is(house: AccountHouse) -> None:
    _, opened, _ = await enrol(house, await house.signed_in())
    who = await house.principal(opened)
    services = house.services
    for asked in (
        services.credentials.ask_email(who, Shown(PASSWORD), NOBODY, HOME),
        services.credentials.change_password(who, Shown(PASSWORD), NEW, HOME),
        services.second_factors.remove(who, Shown(PASSWORD), HOME),
        services.second_factors.renew_codes(who, Shown(PASSWORD), HOME),
        services.own_account.delete(who, Shown(PASSWORD), HOME),
    ):
        with pytest.raises(InvalidInput, match="code"):
            await asked


async def test_v7_5_2_ending_sessions_asks_for_the_password(
    house: AccountHouse, browser: Browser
) -> None:
    await _cookie(house, browser)
    for path in ("/sessions", "/sessions/ses_1"):
        assert (await browser.delete(path, {"password": "not the password"})).status == 400


async def test_v11_4_2_passwords_are_stored_as_argon2id(real: AccountHouse) -> None:
    await real.registered()
    stored = await real.database.fetchval("SELECT password FROM users")
    assert stored.startswith("$argon2id$v=19$m=24576,t=3,p=1$")


@pytest.mark.parametrize(
    "more", [{"role": "admin"}, {"is_verified": True}, {"id": "usr_1"}, {"plan": "pro"}]
)
async def test_v15_3_3_what_was_not_asked_for_is_refused(
    house: AccountHouse, browser: Browser, more: dict[str, object]
) -> None:
    await _cookie(house, browser)
    for path, asked in (
        ("/register", ADA),
        ("/login", ADA),
        ("/password", {"current": PASSWORD, "new": NEW}),
        ("/email", {"email": NOBODY, "password": PASSWORD}),
    ):
        answer = await browser.post(path, asked | more)
        assert answer.status == 400
        assert answer.json["field"] in more


async def test_v16_2_5_secrets_are_told_to_nobody(
    house: AccountHouse, browser: Browser, database: TestDatabase
) -> None:
    """Canaries: whatever opens something is in no log, no answer, no repr, and stored as a hash."""
    await _cookie(house, browser)
    begun = await browser.post("/second-factor", {"password": PASSWORD})
    token = await house.token()
    who = await house.principal(await house.opened())
    _, _, codes = await enrol(house, who)
    await house.services.credentials.ask_reset(EMAIL, HOME)
    reset = await house.token()
    for wrong in ("canary-password-1", "canary-password-2"):
        await browser.post("/login", {"email": EMAIL, "password": wrong})
    assert browser.cookie is not None
    canaries = [
        browser.cookie,
        begun.json["secret"],
        token,
        reset,
        *codes,
        EMAIL,
        "canary-password",
    ]
    told = repr(house.observer.told) + repr(house)
    assert not [each for each in canaries if each in told]
    audit = await database.owner.fetchval("SELECT string_agg(a::text, ' ') FROM audit a")
    assert not [each for each in canaries if each in audit]
    for table in ("sessions", "email_tokens", "recovery_codes", "second_factors", "throttle"):
        query = f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t"  # noqa: S608 - ours
        rows = await database.owner.fetchval(query)
        secrets = [each for each in canaries if each != EMAIL]
        assert not [each for each in secrets if each in rows]


async def test_v16_3_1_every_sign_in_is_written_down(house: AccountHouse) -> None:
    app, _, _ = await enrol(house, await house.signed_in())
    with pytest.raises(NotSignedIn):
        await house.services.login.by_password(NOBODY, PASSWORD, HOME)
    pending = await house.opened()
    with pytest.raises(NotSignedIn):
        await house.services.login.by_code(pending.secret, "000000", HOME)
    await house.services.login.by_code(pending.secret, app.code(house.clock), HOME)
    page = await house.trail.page(4)
    assert [entry.deed for _, entry in reversed(page)] == [
        "session.refused",
        "session.password_given",
        "session.code_refused",
        "session.opened",
    ]
    assert page[0][1].details == {"second_factor": "code"}
    assert all(entry.address == HOME.address for _, entry in page)

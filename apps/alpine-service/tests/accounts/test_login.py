"""Signing in."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import Next, Visitor
from alpine_service.errors import InvalidInput, NotSignedIn, TooMany
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
from alpine_service.testing.postgres import TestDatabase


@pytest.fixture
def house(database: TestDatabase) -> AccountHouse:
    return account_house(database.app)


async def _refused(house: AccountHouse, visitor: Visitor = ELSEWHERE) -> None:
    with pytest.raises(NotSignedIn):
        await house.services.login.by_password(EMAIL, "not the password", visitor)


async def test_the_right_password_opens_a_session(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    who = await house.principal(opened)
    assert opened.next is Next.NOTHING
    assert opened.lives == timedelta(days=30)
    assert who.role is Role.SUBSCRIBER
    assert not who.second_factor
    assert (await house.deeds())[-1] == "session.opened"


async def test_another_spelling_of_the_address_is_the_same_account(house: AccountHouse) -> None:
    await house.registered()
    assert (await house.opened(email="ADA@People.Example")).secret


async def test_unknown_address_and_wrong_password_are_refused_alike(house: AccountHouse) -> None:
    await house.registered()
    told = set()
    for email in (EMAIL, "nobody@people.example"):
        before = house.passwords.compared
        with pytest.raises(NotSignedIn) as caught:
            await house.services.login.by_password(email, "not the password", HOME)
        told.add(str(caught.value))
        # The same work was done for both.
        assert house.passwords.compared == before + 1
    assert len(told) == 1
    assert (await house.deeds())[-2:] == ["session.refused", "session.refused"]


@pytest.mark.parametrize("password", ["n" * 1_000, "\ud800", "ä" * 300])
async def test_what_cannot_be_a_password_costs_no_hash(house: AccountHouse, password: str) -> None:
    await house.registered()
    with pytest.raises(NotSignedIn):
        await house.services.login.by_password(EMAIL, password, HOME)
    assert house.passwords.compared == 0


async def test_letters_that_are_written_in_two_ways_are_one_password(house: AccountHouse) -> None:
    await house.registered(password="caf\u00e9 au lait noir")
    assert (await house.services.login.by_password(EMAIL, "cafe\u0301 au lait noir", HOME)).secret


async def test_a_hash_of_an_older_kind_is_replaced_at_sign_in(house: AccountHouse) -> None:
    await house.registered()
    house.passwords.generation = 2
    await house.opened()
    assert (await house.database.fetchval("SELECT password FROM users")).startswith("fake$2$")
    assert (await house.opened()).secret


async def test_signing_in_ends_the_session_that_the_browser_had(house: AccountHouse) -> None:
    await house.registered()
    first = await house.opened()
    second = await house.services.login.by_password(EMAIL, PASSWORD, HOME, first.secret)
    assert second.secret != first.secret
    assert await house.services.sessions.principal(first.secret, HOME.address) is None
    assert (await house.principal(second)).means_id


async def test_a_secret_that_was_planted_is_never_a_session(house: AccountHouse) -> None:
    """Session fixation: what the browser brings is ended, not taken up."""
    await house.registered()
    planted = "A" * 43
    await house.services.login.by_password(EMAIL, PASSWORD, HOME, planted)
    assert await house.services.sessions.principal(planted, HOME.address) is None


async def test_with_a_second_factor_the_password_opens_nothing(house: AccountHouse) -> None:
    who = await house.signed_in()
    app, _, _ = await enrol(house, who)
    pending = await house.opened()
    assert pending.next is Next.CODE
    assert pending.lives == timedelta(minutes=10)
    assert await house.services.sessions.principal(pending.secret, HOME.address) is None
    opened = await house.services.login.by_code(pending.secret, app.code(house.clock), HOME)
    assert opened.secret != pending.secret
    assert (await house.principal(opened)).second_factor
    with pytest.raises(NotSignedIn):
        await house.services.login.by_code(pending.secret, app.code(house.clock, 1), HOME)


async def test_a_code_is_used_once_even_within_its_time(house: AccountHouse) -> None:
    app, _, _ = await enrol(house, await house.signed_in())
    code = app.code(house.clock)
    await house.services.login.by_code((await house.opened()).secret, code, HOME)
    with pytest.raises(NotSignedIn, match="wrong or was used"):
        await house.services.login.by_code((await house.opened()).secret, code, HOME)


async def test_of_many_with_one_code_at_the_same_time_one_gets_in(house: AccountHouse) -> None:
    app, _, _ = await enrol(house, await house.signed_in())
    code = app.code(house.clock)
    pending = [await house.opened() for _ in range(4)]
    results = await asyncio.gather(
        *(house.services.login.by_code(each.secret, code, HOME) for each in pending),
        return_exceptions=True,
    )
    assert sum(isinstance(each, NotSignedIn) for each in results) == 3


async def test_of_two_codes_for_one_pending_session_one_opens_one(house: AccountHouse) -> None:
    app, _, codes = await enrol(house, await house.signed_in())
    pending = (await house.opened()).secret
    results = await asyncio.gather(
        house.services.login.by_code(pending, app.code(house.clock), HOME),
        house.services.login.by_code(pending, codes[0], HOME),
        return_exceptions=True,
    )
    assert sum(isinstance(each, NotSignedIn) for each in results) == 1


async def test_five_wrong_codes_end_it_and_the_owner_hears_of_it(house: AccountHouse) -> None:
    app, _, _ = await enrol(house, await house.signed_in())
    pending = (await house.opened()).secret
    for _ in range(5):
        with pytest.raises(NotSignedIn, match="wrong or was used"):
            await house.services.login.by_code(pending, "000000", HOME)
    with pytest.raises(NotSignedIn, match="begin again"):
        await house.services.login.by_code(pending, app.code(house.clock), HOME)
    assert (await house.subjects())[-1] == "Somebody knows your password"


async def test_a_pending_session_waits_for_ten_minutes(house: AccountHouse) -> None:
    app, _, _ = await enrol(house, await house.signed_in())
    pending = (await house.opened()).secret
    await house.clock.advance(600)
    with pytest.raises(NotSignedIn, match="begin again"):
        await house.services.login.by_code(pending, app.code(house.clock), HOME)


async def test_an_open_session_takes_no_code(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    with pytest.raises(NotSignedIn, match="begin again"):
        await house.services.login.by_code(opened.secret, "000000", HOME)


async def test_a_recovery_code_opens_once_and_the_owner_hears_of_it(house: AccountHouse) -> None:
    _, _, codes = await enrol(house, await house.signed_in())
    typed = codes[3].upper().replace("-", " ")
    opened = await house.services.login.by_code((await house.opened()).secret, typed, HOME)
    assert (await house.principal(opened)).second_factor
    assert (await house.subjects())[-1] == "A recovery code was used"
    assert "9 are left" in " ".join((await house.mails())[-1].split())
    with pytest.raises(NotSignedIn):
        await house.services.login.by_code((await house.opened()).secret, codes[3], HOME)


async def test_strangers_wait_longer_and_longer(house: AccountHouse) -> None:
    await house.registered()
    waits = []
    for _ in range(130):
        try:
            await _refused(house)
        except TooMany as refusal:
            waits.append(refusal.retry_after_s)
            await house.clock.advance(refusal.retry_after_s)
    assert waits == sorted(waits)
    assert waits[0] == 12
    assert waits[-1] > 1_000


async def test_strangers_do_not_lock_the_owner_out_at_home(house: AccountHouse) -> None:
    await house.registered()
    await house.opened(HOME)
    for number in range(5):
        await _refused(house, Visitor(f"203.0.113.{number}"))
    with pytest.raises(TooMany):
        await house.services.login.by_password(EMAIL, PASSWORD, ELSEWHERE)
    assert (await house.opened(HOME)).secret


async def test_a_reset_lets_the_owner_in_while_strangers_guess(house: AccountHouse) -> None:
    await house.registered()
    for number in range(5):
        await _refused(house, Visitor(f"203.0.113.{number}"))
    await house.services.credentials.ask_reset(EMAIL, ELSEWHERE)
    await house.services.credentials.reset(await house.token(), "a wholly new phrase", ELSEWHERE)
    for number in range(5):
        await _refused(house, Visitor(f"203.0.113.{number}"))
    login = house.services.login
    assert (await login.by_password(EMAIL, "a wholly new phrase", ELSEWHERE)).secret


async def test_one_network_waits_whatever_accounts_it_tries(house: AccountHouse) -> None:
    for number in range(30):
        with pytest.raises(NotSignedIn):
            await house.services.login.by_password(
                f"a{number}@b.example", PASSWORD, Visitor(f"2001:db8::{number:x}")
            )
    with pytest.raises(TooMany):
        await house.services.login.by_password(EMAIL, PASSWORD, Visitor("2001:db8::ffff"))
    assert "tries.refused" in house.observer.names()


async def test_guesses_at_the_same_time_are_all_counted(house: AccountHouse) -> None:
    await house.registered()
    results = await asyncio.gather(
        *(
            house.services.login.by_password(EMAIL, "not the password", Visitor(f"203.0.113.{n}"))
            for n in range(8)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, NotSignedIn) for each in results) == 5
    assert sum(isinstance(each, TooMany) for each in results) == 3


async def test_who_is_suspended_is_told_what_strangers_are_told(house: AccountHouse) -> None:
    who = await house.signed_in()
    opened = await house.opened()
    await house.services.staff.suspend(who.user_id, "operator")
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None
    with pytest.raises(NotSignedIn, match="the address or the password is wrong"):
        await house.opened()
    await house.services.credentials.ask_reset(EMAIL, HOME)
    assert "Choose a new password" not in await house.subjects()
    await house.services.staff.restore(who.user_id, "operator")
    assert (await house.opened()).secret


async def test_no_address_is_told_as_such(house: AccountHouse) -> None:
    with pytest.raises(InvalidInput):
        await house.services.login.by_password("ada", PASSWORD, HOME)


async def test_staff_sessions_are_short(house: AccountHouse) -> None:
    await house.staff()
    opened = await house.opened()
    assert opened.lives == timedelta(hours=12)
    await house.clock.advance(29 * 60)
    who = await house.principal(opened)
    assert who.role is Role.ADMIN
    assert not who.second_factor
    await house.clock.advance(30 * 60)
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None


async def test_whoever_is_gone_meanwhile_is_nobody(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.services.own_account.delete(who, Shown(PASSWORD), HOME)
    gone = evolve(who)
    services = house.services
    for asked in (
        services.own_account.show(gone),
        services.registration.send_again(gone, HOME),
        services.second_factors.begin(gone, PASSWORD, HOME),
        services.second_factors.confirm(gone, "000000", HOME),
    ):
        with pytest.raises(NotSignedIn):
            await asked

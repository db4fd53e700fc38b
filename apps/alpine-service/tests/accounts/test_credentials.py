"""Passwords and addresses change."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
from attrs import define, evolve, field

from alpine_service.adapters.postgres.accounts import PostgresAccounts
from alpine_service.domain.accounts import letters
from alpine_service.domain.accounts.account import Purpose, Token
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import Visitor
from alpine_service.errors import Conflict, InvalidInput, NotSignedIn, TooMany
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

NEW = "a wholly new phrase"
OTHER = "lovelace@people.example"


@pytest.fixture
def house(database: TestDatabase) -> AccountHouse:
    return account_house(database.app)


async def test_a_reset_ends_all_sessions_and_opens_none(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    await house.services.credentials.ask_reset(EMAIL, ELSEWHERE)
    await house.services.credentials.reset(await house.token(), NEW, ELSEWHERE)
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None
    assert await house.database.fetchval("SELECT count(*) FROM sessions") == 0
    assert (await house.subjects())[-1] == "Your password was changed"
    with pytest.raises(NotSignedIn):
        await house.opened()
    assert (await house.services.login.by_password(EMAIL, NEW, HOME)).secret


async def test_a_reset_verifies_the_address_that_got_the_mail(house: AccountHouse) -> None:
    await house.services.registration.register(EMAIL, PASSWORD, HOME)
    await house.services.credentials.ask_reset(EMAIL, HOME)
    await house.services.credentials.reset(await house.token(), NEW, HOME)
    opened = await house.services.login.by_password(EMAIL, NEW, HOME)
    assert (await house.principal(opened)).is_verified


async def test_a_reset_leaves_the_second_factor(house: AccountHouse) -> None:
    app, _, _ = await enrol(house, await house.signed_in())
    await house.services.credentials.ask_reset(EMAIL, HOME)
    await house.services.credentials.reset(await house.token(), NEW, HOME)
    pending = await house.services.login.by_password(EMAIL, NEW, HOME)
    assert await house.services.sessions.principal(pending.secret, HOME.address) is None
    assert (await house.services.login.by_code(pending.secret, app.code(house.clock), HOME)).secret


async def test_a_reset_token_lives_for_half_an_hour(house: AccountHouse) -> None:
    await house.registered()
    await house.services.credentials.ask_reset(EMAIL, HOME)
    await house.clock.advance(30 * 60)
    with pytest.raises(InvalidInput, match="unknown, used or expired"):
        await house.services.credentials.reset(await house.token(), NEW, HOME)


async def test_a_reset_token_works_once_however_many_bring_it(house: AccountHouse) -> None:
    await house.registered()
    await house.services.credentials.ask_reset(EMAIL, HOME)
    token = await house.token()
    results = await asyncio.gather(
        *(house.services.credentials.reset(token, f"phrase number {n}", HOME) for n in range(5)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in results) == ["InvalidInput"] * 4 + ["NoneType"]


async def test_a_bad_new_password_does_not_cost_the_token(house: AccountHouse) -> None:
    await house.registered()
    await house.services.credentials.ask_reset(EMAIL, HOME)
    token = await house.token()
    with pytest.raises(InvalidInput, match="stolen"):
        await house.services.credentials.reset(token, "a known one that is", HOME)
    await house.services.credentials.reset(token, NEW, HOME)


async def test_one_reset_voids_the_others(house: AccountHouse) -> None:
    await house.registered()
    await house.services.credentials.ask_reset(EMAIL, HOME)
    first = await house.token()
    await house.services.credentials.ask_reset(EMAIL, HOME)
    await house.services.credentials.reset(await house.token(), NEW, HOME)
    with pytest.raises(InvalidInput):
        await house.services.credentials.reset(first, PASSWORD, HOME)


async def test_asking_a_reset_for_nobody_writes_to_nobody(house: AccountHouse) -> None:
    await house.services.credentials.ask_reset("nobody@people.example", HOME)
    assert await house.mails("nobody@people.example") == []
    for _ in range(2):
        await house.services.credentials.ask_reset("nobody@people.example", HOME)
    with pytest.raises(TooMany):
        await house.services.credentials.ask_reset("nobody@people.example", HOME)


async def test_strangers_who_ask_for_resets_leave_one_that_works(house: AccountHouse) -> None:
    """Whoever uses the allowance up has filled the owner's inbox with links."""
    await house.registered()
    for _ in range(40):
        try:
            await house.services.credentials.ask_reset(EMAIL, ELSEWHERE)
        except TooMany as refusal:
            await house.clock.advance(refusal.retry_after_s - 1)
            newest = await house.token()
            await house.services.credentials.reset(newest, NEW, HOME)
            await house.clock.advance(1)


async def test_a_token_for_one_thing_is_worth_nothing_for_another(house: AccountHouse) -> None:
    await house.services.registration.register(EMAIL, PASSWORD, HOME)
    verify = await house.token()
    with pytest.raises(InvalidInput):
        await house.services.credentials.reset(verify, NEW, HOME)
    with pytest.raises(InvalidInput):
        await house.services.credentials.confirm_email(verify, HOME)
    await house.services.credentials.ask_reset(EMAIL, HOME)
    with pytest.raises(InvalidInput):
        await house.services.registration.verify(await house.token(), HOME)


async def test_who_is_suspended_meanwhile_resets_nothing(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.services.credentials.ask_reset(EMAIL, HOME)
    await house.services.staff.suspend(who.user_id, "operator")
    with pytest.raises(InvalidInput):
        await house.services.credentials.reset(await house.token(), NEW, HOME)


async def test_a_new_password_takes_the_current_one_and_ends_other_sessions(
    house: AccountHouse,
) -> None:
    await house.registered()
    other, own = await house.opened(ELSEWHERE), await house.opened()
    who = await house.principal(own)
    change = house.services.credentials.change_password
    with pytest.raises(InvalidInput) as caught:
        await change(who, Shown("not the password"), NEW, HOME)
    assert caught.value.field == "current"
    with pytest.raises(InvalidInput) as caught:
        await change(who, Shown(PASSWORD), "short", HOME)
    assert caught.value.field == "new"
    opened = await change(who, Shown(PASSWORD), NEW, HOME)
    for old in (other, own):
        assert await house.services.sessions.principal(old.secret, HOME.address) is None
    assert (await house.principal(opened)).means_id
    assert (await house.subjects())[-1] == "Your password was changed"


async def test_of_two_changes_at_once_one_wins(house: AccountHouse) -> None:
    who = await house.signed_in()
    results = await asyncio.gather(
        *(
            house.services.credentials.change_password(who, Shown(PASSWORD), f"{NEW} {n}", HOME)
            for n in range(2)
        ),
        return_exceptions=True,
    )
    lost = [each for each in results if isinstance(each, Conflict | InvalidInput)]
    assert len(lost) == 1


async def test_a_change_of_password_voids_resets_that_were_asked_for(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.services.credentials.ask_reset(EMAIL, HOME)
    token = await house.token()
    await house.services.credentials.change_password(who, Shown(PASSWORD), NEW, HOME)
    with pytest.raises(InvalidInput):
        await house.services.credentials.reset(token, PASSWORD, HOME)


@pytest.mark.parametrize("is_reset", [True, False])
async def test_a_new_password_voids_a_change_of_address_that_was_asked_for_with_the_old_one(
    house: AccountHouse, *, is_reset: bool
) -> None:
    """Whoever stole the password asks, the owner is told of it and takes another password."""
    who = await house.signed_in()
    credentials = house.services.credentials
    await credentials.ask_email(who, Shown(PASSWORD), OTHER, ELSEWHERE)
    token = await house.token(OTHER)
    if is_reset:
        await credentials.ask_reset(EMAIL, HOME)
        await credentials.reset(await house.token(), NEW, HOME)
    else:
        await credentials.change_password(who, Shown(PASSWORD), NEW, HOME)
    with pytest.raises(InvalidInput):
        await credentials.confirm_email(token, ELSEWHERE)
    assert (await house.services.login.by_password(EMAIL, NEW, HOME)).secret


async def test_wrong_passwords_of_somebody_signed_in_are_counted(house: AccountHouse) -> None:
    who = await house.signed_in()
    for _ in range(5):
        with pytest.raises(InvalidInput):
            await house.services.sessions.end_others(who, "not the password", HOME)
    with pytest.raises(TooMany):
        await house.services.sessions.end_others(who, PASSWORD, HOME)
    assert (await house.deeds()).count("account.reauthentication_refused") == 5


async def test_a_stolen_session_gets_no_more_tries_from_other_networks(house: AccountHouse) -> None:
    app, opened, _ = await enrol(house, await house.signed_in())
    who = await house.principal(opened)
    places = [Visitor(f"2001:db8:0:{number:x}::1") for number in range(12)]

    async def refusals(password: str) -> list[str]:
        tried = []
        for place in places:
            with pytest.raises((InvalidInput, TooMany)) as caught:
                await house.services.credentials.ask_email(
                    who, Shown(password, "000000"), OTHER, place
                )
            tried.append(type(caught.value).__name__)
        return tried

    assert await refusals("not the password") == ["InvalidInput"] * 5 + ["TooMany"] * 7
    await house.clock.advance(3_600)
    assert await refusals(PASSWORD) == ["InvalidInput"] * 10 + ["TooMany"] * 2
    # The owner, in another session, is not held up.
    pending = await house.services.login.by_password(EMAIL, PASSWORD, HOME)
    own = await house.services.login.by_code(pending.secret, app.code(house.clock), HOME)
    await house.clock.advance(30)
    shown = Shown(PASSWORD, app.code(house.clock))
    await house.services.credentials.ask_email(await house.principal(own), shown, OTHER, HOME)


async def test_a_new_address_is_verified_and_the_old_one_told(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.services.credentials.ask_email(who, Shown(PASSWORD), OTHER, HOME)
    assert (await house.opened()).secret
    await house.services.credentials.confirm_email(await house.token(OTHER), ELSEWHERE)
    assert (await house.subjects())[-2:] == [
        "Your e-mail address is about to change",
        "Your e-mail address was changed",
    ]
    with pytest.raises(NotSignedIn):
        await house.opened()
    assert (await house.opened(email=OTHER)).secret


async def test_an_address_that_is_taken_is_told_to_its_owner_only(house: AccountHouse) -> None:
    await house.registered(OTHER)
    who = await house.signed_in()
    await house.services.credentials.ask_email(who, Shown(PASSWORD), OTHER, HOME)
    assert (await house.subjects(OTHER))[-1] == "This address has an account already"
    assert (await house.subjects())[-1] == "Your e-mail address is about to change"


async def test_an_address_that_is_taken_meanwhile_is_a_conflict(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.services.credentials.ask_email(who, Shown(PASSWORD), OTHER, HOME)
    token = await house.token(OTHER)
    await house.services.staff.add_user(OTHER, NEW, who.role, "operator")
    with pytest.raises(Conflict):
        await house.services.credentials.confirm_email(token, HOME)
    # Nothing was used up by that.
    assert await house.database.fetchval("SELECT count(*) FROM email_tokens") == 1


async def test_a_new_address_voids_all_tokens_of_the_old_one(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.services.credentials.ask_reset(EMAIL, HOME)
    reset = await house.token()
    await house.services.credentials.ask_email(who, Shown(PASSWORD), OTHER, HOME)
    token = await house.token(OTHER)
    results = await asyncio.gather(
        *(house.services.credentials.confirm_email(token, HOME) for _ in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, InvalidInput) for each in results) == 2
    with pytest.raises(InvalidInput):
        await house.services.credentials.reset(reset, NEW, HOME)


async def test_only_the_spelling_may_change(house: AccountHouse) -> None:
    who = await house.signed_in()
    with pytest.raises(InvalidInput, match="already"):
        await house.services.credentials.ask_email(who, Shown(PASSWORD), EMAIL, HOME)
    await house.services.credentials.ask_email(who, Shown(PASSWORD), "Ada@people.example", HOME)
    await house.services.credentials.confirm_email(await house.token("Ada@people.example"), HOME)
    assert (await house.services.own_account.show(who)).email == "Ada@people.example"


async def test_with_a_second_factor_changes_take_a_code(house: AccountHouse) -> None:
    app, opened, codes = await enrol(house, await house.signed_in())
    who = await house.principal(opened)
    ask = house.services.credentials.ask_email
    for code, problem in ((None, "missing"), ("000000", "wrong"), ("nonsense", "wrong")):
        with pytest.raises(InvalidInput, match=problem) as caught:
            await ask(who, Shown(PASSWORD, code), OTHER, HOME)
        assert caught.value.field == "code"
    await ask(who, Shown(PASSWORD, app.code(house.clock)), OTHER, HOME)
    change = house.services.credentials.change_password
    changed = await change(who, Shown(PASSWORD, codes[0]), NEW, HOME)
    assert (await house.principal(changed)).second_factor


async def test_staff_add_accounts_that_are_verified(house: AccountHouse) -> None:
    await house.staff()
    assert (await house.principal(await house.opened())).is_verified
    with pytest.raises(Conflict):
        await house.staff()
    with pytest.raises(InvalidInput):
        await house.services.staff.add_user(OTHER, "short", Role.SUPPORT, "operator")


async def test_what_was_used_meanwhile_is_void(house: AccountHouse) -> None:
    """The look at a token and its use are two steps; only the use counts."""
    who = await house.signed_in()
    accounts, mint = house.services.credentials.accounts, house.services.credentials.mint
    account = await accounts.get(who.user_id)
    assert account is not None
    entry = mint.entry("somebody", "something.done", "something", None)
    mail = mint.mail(account.email, letters.password_changed("https://alpine.example"))

    async def used(token: Token) -> bool:
        if token.purpose is Purpose.VERIFY:
            return await accounts.verify(token, entry)
        if token.purpose is Purpose.RESET:
            return await accounts.reset(token, account.password, b"n" * 32, mail, entry)
        return await accounts.change_email(token, [], entry)

    for purpose in Purpose:
        token = mint.token(account.id, purpose, account.email).token
        await accounts.issue(token, [], entry)
        assert await used(token)
        assert not await used(token)


@define
class Together(PostgresAccounts):
    """Lets nobody use a token before all have looked at it."""

    barrier: asyncio.Barrier = field(factory=lambda: asyncio.Barrier(3))

    async def token(self, digest: bytes, purpose: Purpose, now: datetime) -> Token | None:
        found = await super().token(digest, purpose, now)
        await self.barrier.wait()
        return found


async def test_of_many_who_bring_a_token_at_once_one_uses_it(house: AccountHouse) -> None:
    registration = evolve(house.services.registration, accounts=Together(house.database))
    credentials = evolve(house.services.credentials, accounts=Together(house.database))
    await registration.register(EMAIL, PASSWORD, HOME)

    async def used_once(ask: Callable[[], Awaitable[None]]) -> bool:
        results = await asyncio.gather(*(ask() for _ in range(3)), return_exceptions=True)
        return [type(each) for each in results if each is not None] == [InvalidInput] * 2

    verify = await house.token()
    assert await used_once(lambda: registration.verify(verify, HOME))
    await credentials.ask_reset(EMAIL, HOME)
    reset = await house.token()
    assert await used_once(lambda: credentials.reset(reset, PASSWORD, HOME))
    who = await house.principal(await house.opened())
    await credentials.ask_email(who, Shown(PASSWORD), OTHER, HOME)
    change = await house.token(OTHER)
    assert await used_once(lambda: credentials.confirm_email(change, HOME))


async def test_whoever_is_gone_confirms_no_address(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.services.credentials.ask_email(who, Shown(PASSWORD), OTHER, HOME)
    token = await house.token(OTHER)
    await house.services.own_account.delete(who, Shown(PASSWORD), HOME)
    with pytest.raises(InvalidInput):
        await house.services.credentials.confirm_email(token, HOME)

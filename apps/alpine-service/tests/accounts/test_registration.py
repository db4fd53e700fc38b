"""Accounts come to be."""

import pytest

from alpine_service.errors import Conflict, InvalidInput, TooMany
from alpine_service.testing.account_house import (
    ELSEWHERE,
    EMAIL,
    HOME,
    PASSWORD,
    AccountHouse,
    account_house,
)
from alpine_service.testing.postgres import TestDatabase


@pytest.fixture
def house(database: TestDatabase) -> AccountHouse:
    return account_house(database.app)


async def test_whoever_registers_gets_a_mail_and_is_verified_by_its_token(
    house: AccountHouse,
) -> None:
    await house.services.registration.register(EMAIL, PASSWORD, HOME)
    assert await house.subjects() == ["Confirm your e-mail address"]
    before = await house.principal(await house.opened())
    assert not before.is_verified
    await house.services.registration.verify(await house.token(), HOME)
    after = await house.principal(await house.opened())
    assert after.is_verified
    assert after.entitlement.plan == "free"


async def test_an_address_that_has_an_account_gets_a_mail_that_says_so(house: AccountHouse) -> None:
    await house.registered()
    await house.services.registration.register(EMAIL.upper(), "another good one", ELSEWHERE)
    assert (await house.subjects(EMAIL.upper()))[-1:] == []
    rows = await house.database.fetch("SELECT subject FROM mail_queue ORDER BY ctid")
    assert [row["subject"] for row in rows][-1] == "You have an account already"
    assert await house.database.fetchval("SELECT count(*) FROM users") == 1
    assert (await house.opened()).secret
    assert "account.registered_again" in await house.deeds()


async def test_a_token_verifies_once(house: AccountHouse) -> None:
    await house.services.registration.register(EMAIL, PASSWORD, HOME)
    token = await house.token()
    await house.services.registration.verify(token, HOME)
    with pytest.raises(InvalidInput, match="unknown, used or expired"):
        await house.services.registration.verify(token, HOME)


async def test_a_token_lives_for_a_day(house: AccountHouse) -> None:
    await house.services.registration.register(EMAIL, PASSWORD, HOME)
    await house.clock.advance(24 * 3_600)
    with pytest.raises(InvalidInput, match="unknown, used or expired"):
        await house.services.registration.verify(await house.token(), HOME)


async def test_the_mail_can_be_asked_for_again_three_times_an_hour(house: AccountHouse) -> None:
    await house.services.registration.register(EMAIL, PASSWORD, HOME)
    who = await house.principal(await house.opened())
    for _ in range(3):
        await house.services.registration.send_again(who, HOME)
    with pytest.raises(TooMany) as caught:
        await house.services.registration.send_again(who, HOME)
    assert caught.value.retry_after_s == 1_200
    assert len(await house.mails()) == 4
    await house.services.registration.verify(await house.token(), HOME)
    with pytest.raises(Conflict):
        await house.services.registration.send_again(who, HOME)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "a b@people.example",
        "a@b@c.example",
        "ada@localhost",
        "x" * 260 + "@a.example",
        "a\r\nBcc: b@c.example",
        "ada@[192.0.2.1]",
        "\ud800@a.example",
    ],
)
async def test_what_is_no_address_is_refused_and_not_repeated(
    house: AccountHouse, email: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await house.services.registration.register(email, PASSWORD, HOME)
    assert caught.value.field == "email"
    assert not email or email not in str(caught.value)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "a known one that is",
        "x" * 129,
        "ada@people.example",
        "half \ud800 a pair",
        "n" * 1_000_000,
    ],
)
async def test_a_bad_password_is_refused_before_it_is_hashed(
    house: AccountHouse, password: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await house.services.registration.register(EMAIL, password, HOME)
    assert caught.value.field == "password"
    assert house.passwords.hashed == 0


async def test_registering_is_throttled_by_network(house: AccountHouse) -> None:
    for number in range(5):
        await house.services.registration.register(f"a{number}@b.example", PASSWORD, HOME)
    with pytest.raises(TooMany):
        await house.services.registration.register("a9@b.example", PASSWORD, HOME)
    await house.services.registration.register("a9@b.example", PASSWORD, ELSEWHERE)

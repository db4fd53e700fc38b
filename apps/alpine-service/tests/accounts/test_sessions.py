"""Sessions that are open, compared with a plain model besides."""

import asyncio
from datetime import timedelta

import pytest

from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import MOST_PER_ACCOUNT, Visitor
from alpine_service.errors import InvalidInput, NotThere
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


async def test_a_session_ends_after_so_long_without_a_request(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    await house.clock.advance(12 * 3_600 - 1)
    assert (await house.principal(opened)).means_id
    await house.clock.advance(12 * 3_600)
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None


async def test_a_session_ends_in_any_case_after_thirty_days(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    for _ in range(60):
        assert (await house.principal(opened)).means_id
        await house.clock.advance(12 * 3_600 - 1)
    await house.clock.advance(60)
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None


async def test_that_it_was_seen_is_written_once_a_minute(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()

    async def version() -> str:
        return str(await house.database.fetchval("SELECT xmin::text || seen_at FROM sessions"))

    first = await version()
    await house.clock.advance(59)
    await house.principal(opened)
    assert await version() == first
    await house.clock.advance(1)
    who = await house.principal(opened, ELSEWHERE)
    assert await version() != first
    (shown,) = await house.services.sessions.of(who)
    assert shown.address == ELSEWHERE.address
    assert shown.seen_at == house.clock.now()


async def test_what_is_stored_opens_nothing(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    digest = await house.database.fetchval("SELECT digest FROM sessions")
    assert len(opened.secret) == 43
    assert opened.secret.encode() != digest
    for guess in (digest.hex(), "", "A" * 43, "A" * 10_000, "\ud800", opened.secret + "="):
        assert await house.services.sessions.principal(guess, HOME.address) is None


async def test_one_sees_and_ends_ones_own_sessions_only(house: AccountHouse) -> None:
    who = await house.signed_in()
    other = await house.opened(ELSEWHERE)
    listed = await house.services.sessions.of(who)
    assert {each.device for each in listed} == {"Firefox on Linux", "curl"}
    await house.registered("eve@people.example")
    eve = await house.principal(await house.opened(email="eve@people.example"))
    theirs = (await house.principal(other)).means_id
    with pytest.raises(NotThere):
        await house.services.sessions.end(eve, theirs, PASSWORD, HOME)
    with pytest.raises(InvalidInput) as caught:
        await house.services.sessions.end(who, theirs, "not the password", HOME)
    assert caught.value.field == "password"
    await house.services.sessions.end(who, theirs, PASSWORD, HOME)
    assert await house.services.sessions.principal(other.secret, HOME.address) is None
    assert len(await house.services.sessions.of(who)) == 1


async def test_all_others_end_at_once(house: AccountHouse) -> None:
    await house.registered()
    opened = [await house.opened() for _ in range(3)]
    who = await house.principal(opened[1])
    assert await house.services.sessions.end_others(who, PASSWORD, HOME) == 2
    assert (await house.principal(opened[1])).means_id
    for each in (opened[0], opened[2]):
        assert await house.services.sessions.principal(each.secret, HOME.address) is None


async def test_logging_out_ends_it_for_good(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    who = await house.principal(opened)
    await house.services.sessions.log_out(who, HOME)
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None
    assert (await house.deeds())[-1] == "session.ended"
    await house.services.sessions.log_out(who, HOME)


async def test_the_oldest_of_too_many_ends(house: AccountHouse) -> None:
    await house.registered()
    opened = []
    for _ in range(MOST_PER_ACCOUNT + 2):
        opened.append(await house.opened())
        await house.clock.advance(60)
    alive = [
        await house.services.sessions.principal(each.secret, HOME.address) is not None
        for each in opened
    ]
    assert alive == [False] * 2 + [True] * MOST_PER_ACCOUNT


async def test_staff_end_sessions_and_change_roles(house: AccountHouse) -> None:
    who = await house.signed_in()
    assert await house.services.staff.end_sessions(who.user_id, "usr_admin", HOME) == 1
    opened = await house.opened()
    await house.services.staff.change_role(who.user_id, Role.SUPPORT, "usr_admin", HOME)
    assert await house.services.sessions.principal(opened.secret, HOME.address) is None
    assert (await house.principal(await house.opened())).role is Role.SUPPORT
    for deed in (
        house.services.staff.change_role("usr_none", Role.ADMIN, "usr_admin"),
        house.services.staff.suspend("usr_none", "usr_admin"),
        house.services.staff.restore("usr_none", "usr_admin"),
    ):
        with pytest.raises(NotThere):
            await deed


async def test_a_subscription_is_seen_at_once(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    who = await house.principal(opened)
    until = house.clock.now() + timedelta(days=1)
    await house.database.execute(
        "INSERT INTO subscriptions (user_id, plan, state, until, paid_until, changed_at)"
        " VALUES ($1, 'pro', 'active', $2, $2, $3)",
        who.user_id,
        until,
        house.clock.now(),
    )
    assert (await house.principal(opened)).entitlement.is_realtime


async def test_many_requests_at_once_are_one_session(house: AccountHouse) -> None:
    await house.registered()
    opened = await house.opened()
    await house.clock.advance(120)
    found = await asyncio.gather(
        *(house.principal(opened, Visitor(f"192.0.2.{n}")) for n in range(8))
    )
    assert len({each.means_id for each in found}) == 1
    assert EMAIL not in repr(found[0])

"""What has no use any more goes."""

import asyncio

import pytest

from alpine_service.adapters.postgres.expired_accounts import ExpiredAccounts
from alpine_service.services.sweeper import EVERY_S, Sweeper
from alpine_service.testing.account_house import (
    ELSEWHERE,
    EMAIL,
    HOME,
    PASSWORD,
    AccountHouse,
    account_house,
)
from alpine_service.testing.postgres import TestDatabase

_DAY = 24 * 3_600


@pytest.fixture
def house(database: TestDatabase) -> AccountHouse:
    return account_house(database.app)


def _sweeper(house: AccountHouse) -> Sweeper:
    return Sweeper([ExpiredAccounts(house.database)], house.clock, house.observer)


async def _rows(house: AccountHouse) -> dict[str, int]:
    tables = (
        "users",
        "email_tokens",
        "sessions",
        "throttle",
        "known_networks",
        "audit_addresses",
        "second_factors",
    )
    return {
        table: await house.database.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - ours
        for table in tables
    }


async def test_nothing_that_is_of_use_goes(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.services.second_factors.begin(who, PASSWORD, HOME)
    await house.services.credentials.ask_reset(EMAIL, HOME)
    before = await _rows(house)
    assert await _sweeper(house).once() == 0
    assert await _rows(house) == before
    assert house.observer.names() == []


async def test_everything_that_is_over_goes(house: AccountHouse) -> None:
    who = await house.signed_in()
    await house.services.second_factors.begin(who, PASSWORD, HOME)
    await house.services.credentials.ask_reset(EMAIL, HOME)
    await house.clock.advance(_DAY)
    assert await _sweeper(house).once() > 0
    after = await _rows(house)
    for gone in ("email_tokens", "sessions", "throttle", "second_factors"):
        assert after[gone] == 0
    assert after["users"] == after["known_networks"] == 1
    await house.clock.advance(90 * _DAY)
    await _sweeper(house).once()
    after = await _rows(house)
    assert after["known_networks"] == after["audit_addresses"] == 0
    assert after["users"] == 1
    assert "account.registered" in await house.deeds()


async def test_whoever_never_showed_the_address_to_be_theirs_goes(house: AccountHouse) -> None:
    await house.services.registration.register(EMAIL, PASSWORD, ELSEWHERE)
    await house.clock.advance(7 * _DAY - 1)
    await _sweeper(house).once()
    assert (await _rows(house))["users"] == 1
    await house.clock.advance(1)
    await _sweeper(house).once()
    assert (await _rows(house))["users"] == 0


async def test_the_sweeper_comes_back(house: AccountHouse) -> None:
    task = asyncio.create_task(_sweeper(house).run())
    try:
        for name in ("ada", "eve"):
            await house.registered(f"{name}@people.example")
            await house.clock.advance(_DAY)
            async with asyncio.timeout(10):
                while "sweeper.swept" not in house.observer.names():
                    await house.clock.advance(EVERY_S)
            house.observer.told.clear()
    finally:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

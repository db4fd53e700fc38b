"""Quotas: no more than the plan has, however many ask at once in however many processes."""

import asyncio
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.usage import UsageTable
from alpine_service.domain.accounts.principal import Means, Principal
from alpine_service.domain.plans.plan import FREE, TEST
from alpine_service.domain.plans.use import Counted, Used, counted_as, left_of_day_s
from alpine_service.errors import NotSignedIn, TooMany
from alpine_service.services.quotas import MOST_AT_ONCE, Quotas, Spent
from alpine_service.testing.fake_clock import BEGINNING, FakeClock
from alpine_service.testing.fake_platform import somebody
from alpine_service.testing.people import add_user
from alpine_service.testing.postgres import TestDatabase

TODAY = BEGINNING.date()
# So much a minute that only the day counts.
FAST = 10_000_000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest_asyncio.fixture
async def user(database: TestDatabase) -> str:
    return await add_user(database.app, "usr_1")


@pytest.fixture
def quotas(database: TestDatabase, clock: FakeClock) -> Quotas:
    return Quotas(UsageTable(database.app), clock)


def asker(
    per_day: int, per_minute: int = FAST, means: Means = Means.KEY, user: str = "usr_1"
) -> Principal:
    has = evolve(FREE, per_day=per_day, per_minute=per_minute)
    return somebody(user, means=means, entitlement=has)


async def spent_until_refused(quotas: Quotas, who: Principal, most: int) -> int:
    for number in range(most):
        try:
            await quotas.spend(who)
        except TooMany:
            return number
    return most


@pytest.mark.parametrize("limit", [1, 2, 31, 33, 100, 1_000])
@pytest.mark.usefixtures("user")
async def test_a_day_has_just_its_quota(quotas: Quotas, limit: int) -> None:
    assert await spent_until_refused(quotas, asker(limit), limit + 10) == limit
    with pytest.raises(TooMany) as refusal:
        await quotas.spend(asker(limit))
    assert refusal.value.retry_after_s == 12 * 3_600


@pytest.mark.usefixtures("user")
async def test_what_is_left_counts_down_to_nothing(quotas: Quotas) -> None:
    left = [(await quotas.spend(asker(50))).remaining for _ in range(50)]
    assert left == list(range(49, -1, -1))


async def test_what_was_asked_is_shown_and_not_what_is_held(quotas: Quotas, user: str) -> None:
    for _ in range(3):
        await quotas.spend(asker(1_000))
    (used,) = await quotas.used(user, TODAY)
    assert used == Used(TODAY, Counted.KEYS, 3)
    assert await quotas.used(user, TODAY + timedelta(days=1)) == []


@pytest.mark.usefixtures("user")
async def test_the_nearer_limit_is_told(quotas: Quotas) -> None:
    assert await quotas.spend(asker(1_000)) == Spent(1_000, 999, 12 * 3_600)
    assert await quotas.spend(asker(1_000, per_minute=60)) == Spent(60, 28, 1.0)


async def test_processes_at_once_give_no_more_than_the_quota_together(
    database: TestDatabase, clock: FakeClock, user: str
) -> None:
    limit, processes, askers = 500, 3, 8
    async with (
        open_database(database.url, size=5) as second,
        open_database(database.url, size=5) as third,
    ):
        services = [Quotas(UsageTable(each), clock) for each in (database.app, second, third)]
        counts = await asyncio.gather(
            *(
                spent_until_refused(services[number % processes], asker(limit), limit)
                for number in range(processes * askers)
            )
        )
    assert sum(counts) == limit
    assert await database.app.fetchval("SELECT taken FROM usage") == limit


async def test_a_crash_loses_a_block_at_most_and_gives_nobody_more(
    database: TestDatabase, clock: FakeClock, user: str
) -> None:
    limit, had = 2_000, 0
    for _ in range(20):
        process = Quotas(UsageTable(database.app), clock)
        had += await spent_until_refused(process, asker(limit), 1)
    lost = await database.app.fetchval("SELECT taken FROM usage") - had
    assert 0 < lost <= 20 * limit // 32
    rest = Quotas(UsageTable(database.app), clock)
    had += await spent_until_refused(rest, asker(limit), limit)
    assert had + lost == limit


async def test_a_process_that_stops_gives_back_what_it_holds(
    database: TestDatabase, clock: FakeClock, user: str
) -> None:
    table = UsageTable(database.app)
    process = Quotas(table, clock)
    await process.spend(asker(2_000))
    await process.release()
    await process.release()
    assert await table.used(user, TODAY) == [Used(TODAY, Counted.KEYS, 1)]


async def test_all_that_is_held_is_given_back_at_once(
    database: TestDatabase, quotas: Quotas, user: str
) -> None:
    other = await add_user(database.app, "usr_2")
    for who in (user, other):
        await quotas.spend(asker(2_000, user=who))
    await quotas.release()
    assert await database.app.fetchval("SELECT sum(taken) FROM usage") == 2


async def test_a_stop_does_not_fail_because_the_database_is_away(
    database: TestDatabase, clock: FakeClock, user: str
) -> None:
    async with open_database(database.url, size=1) as shut:
        quotas = Quotas(UsageTable(shut), clock)
        await quotas.spend(asker(2_000))
    await quotas.release()
    assert await UsageTable(database.app).used(user, TODAY) == [Used(TODAY, Counted.KEYS, 62)]


@pytest.mark.usefixtures("user")
async def test_a_new_day_of_utc_begins_anew(quotas: Quotas, clock: FakeClock) -> None:
    assert await spent_until_refused(quotas, asker(40), 50) == 40
    await clock.advance(12 * 3_600 - 1)
    with pytest.raises(TooMany):
        await quotas.spend(asker(40))
    await clock.advance(1)
    assert await spent_until_refused(quotas, asker(40), 50) == 40


async def test_what_is_held_of_yesterday_is_not_given_back_today(
    quotas: Quotas, clock: FakeClock, user: str
) -> None:
    await quotas.spend(asker(2_000))
    await clock.advance(86_400)
    await quotas.spend(asker(2_000))
    await quotas.release()
    days = [(each.day, each.count) for each in await quotas.used(user, TODAY)]
    assert days == [(TODAY + timedelta(days=1), 1), (TODAY, 2_000 // 32)]


@pytest.mark.usefixtures("user")
async def test_a_smaller_plan_counts_what_was_used_of_the_larger(quotas: Quotas) -> None:
    for _ in range(100):
        await quotas.spend(asker(10_000))
    assert await spent_until_refused(quotas, asker(130), 200) == 30
    assert await spent_until_refused(quotas, asker(50), 200) == 0
    assert await spent_until_refused(quotas, asker(140), 200) == 10


@pytest.mark.usefixtures("user")
async def test_a_key_that_used_up_everything_leaves_its_owner_the_session(
    quotas: Quotas,
) -> None:
    assert await spent_until_refused(quotas, asker(5), 10) == 5
    assert await spent_until_refused(quotas, asker(5, means=Means.SESSION), 10) == 5


def test_test_keys_are_counted_apart() -> None:
    assert counted_as(somebody(means=Means.KEY, entitlement=TEST)) is Counted.TEST
    assert counted_as(somebody(means=Means.KEY)) is Counted.KEYS
    assert counted_as(somebody(means=Means.SESSION)) is Counted.SESSIONS


async def test_one_account_does_not_use_up_anothers(
    database: TestDatabase, quotas: Quotas, user: str
) -> None:
    other = await add_user(database.app, "usr_2")
    assert await spent_until_refused(quotas, asker(5), 10) == 5
    assert await spent_until_refused(quotas, asker(5, user=other), 10) == 5


@pytest.mark.usefixtures("user")
async def test_a_burst_beyond_the_rate_is_refused_and_may_come_back_when_it_is_told(
    quotas: Quotas, clock: FakeClock
) -> None:
    who = asker(1_000, per_minute=60)
    assert await spent_until_refused(quotas, who, 100) == 30
    with pytest.raises(TooMany) as refusal:
        await quotas.spend(who)
    assert refusal.value.retry_after_s == 1.0
    await clock.advance(refusal.value.retry_after_s)
    await quotas.spend(who)


@pytest.mark.usefixtures("user")
async def test_what_the_rate_refuses_does_not_count_for_the_day(
    quotas: Quotas, database: TestDatabase
) -> None:
    who = asker(30, per_minute=2)
    await quotas.spend(who)
    for _ in range(5):
        with pytest.raises(TooMany, match="minute"):
            await quotas.spend(who)
    assert await database.app.fetchval("SELECT taken FROM usage") == 1


async def test_an_account_that_is_gone_is_nobodys(quotas: Quotas) -> None:
    with pytest.raises(NotSignedIn):
        await quotas.spend(asker(5, user="usr_gone"))


async def test_a_burst_of_one_account_takes_one_block(
    database: TestDatabase, quotas: Quotas, user: str
) -> None:
    await asyncio.gather(*(quotas.spend(asker(200_000)) for _ in range(40)))
    assert await database.app.fetchval("SELECT taken FROM usage") == MOST_AT_ONCE


async def test_accounts_that_are_remembered_are_bounded(
    database: TestDatabase, quotas: Quotas, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alpine_service.services.quotas.MOST_REMEMBERED", 1)
    other = await add_user(database.app, "usr_2")
    for who in (user, other, user):
        await quotas.spend(asker(320, user=who))
    used = await UsageTable(database.app).used(user, TODAY)
    assert used == [Used(TODAY, Counted.KEYS, 10 + (320 - 10) // 32)]


@given(st.datetimes(max_value=datetime(9000, 1, 1)))  # noqa: DTZ001 - of any zone
def test_the_rest_of_a_day_is_at_most_a_day(moment: datetime) -> None:
    left = left_of_day_s(moment)
    assert 0 < left <= 86_400

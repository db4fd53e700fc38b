"""Tries are counted by the database as the domain says."""

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.adapters.postgres.throttle import PostgresThrottle
from alpine_service.domain.accounts.throttle import (
    BY_ACCOUNT,
    BY_NETWORK,
    Allowance,
    Bucket,
    Deed,
    account_buckets,
    network_buckets,
    network_digest,
    network_of,
    take,
)
from alpine_service.testing.fake_clock import BEGINNING
from alpine_service.testing.postgres import TestDatabase

_SECONDS = st.integers(0, 8)


@given(st.lists(_SECONDS, max_size=40), st.integers(1, 4), st.integers(1, 12))
def test_no_window_has_more_than_twice_the_count_and_no_burst_more_than_the_count(
    gaps: list[int], count: int, period: int
) -> None:
    allowance = Allowance(count, timedelta(seconds=period))
    now, tat, passed = BEGINNING, None, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        taken = take(tat, now, allowance)
        if taken.tat is not None:
            tat = taken.tat
            passed.append(now)
        else:
            assert taken.wait > timedelta()
            # At the moment that was named a try passes, and a little before it does not.
            assert take(tat, now + taken.wait, allowance).tat is not None
            assert take(tat, now + taken.wait - timedelta(microseconds=1), allowance).tat is None
    for start in passed:
        burst = [each for each in passed if each == start]
        window = [each for each in passed if start <= each < start + allowance.period]
        assert len(burst) <= count
        assert len(window) < 2 * count


async def test_the_database_counts_as_the_domain_does(database: TestDatabase) -> None:
    throttle = PostgresThrottle(database.app)
    allowance = Allowance(3, timedelta(seconds=10))
    bucket = Bucket(b"k" * 32, allowance)
    tat: datetime | None = None
    now = BEGINNING
    for gap in (0, 0, 0, 0, 1, 2, 1, 0, 5, 0, 0, 30, 0, 0, 0, 0, 3, 3, 3, 3, 4):
        now += timedelta(seconds=gap)
        expected = take(tat, now, allowance)
        wait = await throttle.spend([bucket], now)
        assert wait == (None if expected.tat is not None else expected.wait)
        tat = expected.tat or tat


async def test_a_try_takes_from_all_buckets_or_from_none(database: TestDatabase) -> None:
    throttle = PostgresThrottle(database.app)
    wide = Bucket(b"w" * 32, Allowance(5, timedelta(minutes=1)))
    narrow = Bucket(b"n" * 32, Allowance(1, timedelta(minutes=1)))
    assert await throttle.spend([wide, narrow], BEGINNING) is None
    for _ in range(5):
        assert await throttle.spend([wide, narrow], BEGINNING) == timedelta(minutes=1)
    for _ in range(4):
        assert await throttle.spend([wide], BEGINNING) is None
    assert await throttle.spend([wide], BEGINNING) is not None
    await throttle.forget([wide, narrow])
    assert await throttle.spend([wide, narrow], BEGINNING) is None


async def test_of_many_at_once_as_many_pass_as_one_after_another(database: TestDatabase) -> None:
    throttle = PostgresThrottle(database.app)
    buckets = [Bucket(bytes([each]) * 32, Allowance(5, timedelta(minutes=1))) for each in range(3)]
    waits = await asyncio.gather(
        *(throttle.spend(buckets[:: 1 if n % 2 else -1], BEGINNING) for n in range(20))
    )
    assert waits.count(None) == 5


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("nonsense", "unknown"),
    ],
)
def test_a_network_is_what_one_customer_has(address: str, network: str) -> None:
    assert network_of(address) == network


def test_buckets_differ_by_all_that_they_count() -> None:
    keys = [
        bucket.key
        for deed in Deed
        for bucket in (
            *network_buckets(deed, "192.0.2.1"),
            *network_buckets(deed, "192.0.2.2"),
            *account_buckets(deed, "ada"),
            *account_buckets(deed, "ada", "192.0.2.1"),
            *account_buckets(deed, "eve"),
        )
    ]
    assert len(keys) == len(set(keys))
    assert network_digest("2001:db8::1") == network_digest("2001:db8::2")


def test_every_deed_has_its_rules() -> None:
    assert set(BY_NETWORK) == set(BY_ACCOUNT) == set(Deed)


def test_longer_buckets_fill_more_slowly() -> None:
    for allowances in (*BY_ACCOUNT.values(), *BY_NETWORK.values()):
        intervals = [each.interval for each in allowances]
        assert intervals == sorted(intervals)


def test_nobody_waits_longer_than_half_an_hour_at_sign_in() -> None:
    assert max(each.interval for each in BY_ACCOUNT[Deed.LOGIN]) < timedelta(minutes=30)


def test_a_mail_for_a_reset_outlives_the_wait_for_the_next() -> None:
    assert all(each.interval < timedelta(minutes=30) for each in BY_ACCOUNT[Deed.RESET])

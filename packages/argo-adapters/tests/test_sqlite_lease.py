"""The publisher's lease in a file keeps the promises of its port."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from argo_adapters.sqlite.lease import SqliteLease
from argo_core.errors import SharedAway
from argo_core.resilience.lease import Granted, Held
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.lease_contract import Leases, Passing, PublisherLeaseContract


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def passing(clock: FakeClock) -> Passing:
    return clock.advance


class TestSqliteLease(PublisherLeaseContract):
    @pytest.fixture
    async def leases(self, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Leases]:
        path, now = tmp_path / "lease", clock.monotonic
        async with (
            SqliteLease.open(path, now=now) as one,
            SqliteLease.open(path, now=now) as other,
        ):
            yield one, other


async def test_on_its_own_clock_it_lasts_as_well(tmp_path: Path) -> None:
    async with SqliteLease.open(tmp_path / "lease") as lease:
        assert isinstance(await lease.acquire("one", 60), Granted)
        held = await lease.look()
        assert held is not None
        assert 0 < held.ends_in_s <= 60


async def test_a_lease_of_before_the_machine_was_started_is_over(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    async with SqliteLease.open(path, boot="before") as lease:
        first = await lease.acquire("one", 1e9)
    async with SqliteLease.open(path, boot="after") as lease:
        assert isinstance(first, Granted)
        assert not await lease.renew(first.token, 60)
        second = await lease.acquire("other", 60)
        assert isinstance(second, Granted)
        assert second.token > first.token


async def test_another_programs_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (x)")
    with pytest.raises(SharedAway, match="another program"):
        async with SqliteLease.open(path):
            pass


async def test_a_file_that_somebody_is_writing_to_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    async with SqliteLease.open(path, busy_s=0.01) as lease:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("BEGIN EXCLUSIVE")
            for call in (
                lease.acquire("one", 1),
                lease.renew(1, 1),
                lease.release(1),
                lease.look(),
            ):
                with pytest.raises(SharedAway, match="locked"):
                    await call
        assert not isinstance(await lease.acquire("one", 1), Held)


async def test_whoever_died_has_no_lease_however_long_it_was_to_last(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    async with SqliteLease.open(path) as other:
        # Closing is what the kernel does with the files of a process that was killed.
        async with SqliteLease.open(path) as one:
            first = await one.acquire("one", 60)
            assert isinstance(first, Granted)
            assert isinstance(await other.acquire("other", 60), Held)
        assert await other.look() is None
        second = await other.acquire("other", 60)
        assert isinstance(second, Granted)
        assert second.token > first.token


async def test_whoever_waits_does_not_take_its_look_for_a_holders_life(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    async with SqliteLease.open(path) as waiting, SqliteLease.open(path) as other:
        async with SqliteLease.open(path) as one:
            await one.acquire("one", 60)
            for each in (waiting, other):
                assert isinstance(await each.acquire("another", 60), Held)
        assert await waiting.look() is None
        assert isinstance(await other.acquire("other", 60), Granted)
        held = await waiting.look()
        assert held is not None
        assert held.holder == "other"


async def test_where_the_holders_file_cannot_be_opened_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    (tmp_path / "lease.holders").mkdir()
    with pytest.raises(SharedAway, match="lease"):
        async with SqliteLease.open(path):
            pass


async def test_a_holder_keeps_its_lease_where_the_locks_file_is_deleted(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    async with SqliteLease.open(path) as one, SqliteLease.open(path) as waiting:
        first = await one.acquire("one", 60)
        assert isinstance(first, Granted)
        path.with_name("lease.holders").unlink()
        async with SqliteLease.open(path) as late:
            for _ in range(2):
                for each in (waiting, late):
                    held = await each.acquire("another", 60)
                    assert isinstance(held, Held)
                    assert held.holder == "one"
                assert await one.renew(first.token, 60)
    # The new file tells of its death as the old one did.
    async with SqliteLease.open(path) as next_one:
        assert isinstance(await next_one.acquire("next", 60), Granted)


async def test_a_holder_of_another_name_for_this_start_is_not_robbed_while_it_lives(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lease"
    # Some containers give each its own number for the machine's start.
    async with SqliteLease.open(path, boot="theirs") as other:
        async with SqliteLease.open(path, boot="ours") as one:
            assert isinstance(await one.acquire("one", 60), Granted)
            assert isinstance(await other.acquire("other", 60), Held)
        assert isinstance(await other.acquire("other", 60), Granted)


async def test_a_lease_whose_holder_locked_nothing_lasts_until_its_end(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "lease"
    async with SqliteLease.open(path, now=clock.monotonic, boot="this") as lease:
        with closing(sqlite3.connect(path)) as db, db:
            ends = clock.monotonic() + 60
            db.execute("INSERT INTO lease VALUES (1, 'as before', 'this', ?)", [ends])
        assert isinstance(await lease.acquire("one", 60), Held)
        await clock.advance(60)
        assert isinstance(await lease.acquire("one", 60), Granted)


@pytest.mark.parametrize("gone", [("lease",), ("lease", "lease.holders")])
async def test_where_the_lease_is_deleted_all_agree_on_a_new_one(
    tmp_path: Path, gone: tuple[str, ...]
) -> None:
    path = tmp_path / "lease"
    async with SqliteLease.open(path) as one, SqliteLease.open(path) as other:
        first = await one.acquire("one", 60)
        assert isinstance(first, Granted)
        for name in gone:
            (tmp_path / name).unlink()
        second = await other.acquire("other", 60)
        assert isinstance(second, Granted)
        assert not await one.renew(first.token, 60)
        assert isinstance(await one.acquire("one", 60, first.token), Held)
        await other.release(second.token)
        assert isinstance(await one.acquire("one", 60, first.token), Granted)


async def test_a_lease_that_became_rubbish_can_be_deleted(tmp_path: Path) -> None:
    path = tmp_path / "lease"
    async with SqliteLease.open(path) as one:
        path.unlink()
        path.write_bytes(b"rubbish" * 1000)
        for _ in range(2):
            with pytest.raises(SharedAway, match="not a database"):
                await one.acquire("one", 60)
        path.unlink()
        assert isinstance(await one.acquire("one", 60), Granted)

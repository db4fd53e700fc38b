"""The rig itself: its blows come again, its victims rise again, and it finds who is careless."""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from alpine_service.adapters.postgres.link import connected
from alpine_service.testing.mortal_postgres import MortalServer, mortal_server
from alpine_service.testing.postgres import TestServer, open_folder
from alpine_service.testing.torture import Process, Victim, blows, running, torture, until

TELLER = Path(__file__).with_name("teller.py")
TABLES = """
CREATE TABLE public.counter (n int);
CREATE TABLE public.told (n int PRIMARY KEY);
INSERT INTO public.counter VALUES (0);
"""
COUNTED = "SELECT n FROM public.counter"
STATE = f"SELECT ({COUNTED}) AS counted, count(*) AS told, max(n) AS last FROM public.told"  # noqa: S608


def test_the_same_seed_brings_the_same_blows() -> None:
    names = ("service", "database")
    plan = list(blows(7, 200, names))
    assert plan == list(blows(7, 200, names))
    assert plan != list(blows(8, 200, names))
    assert {one.victims for one in plan} == {
        frozenset({"service"}),
        frozenset({"database"}),
        frozenset(names),
    }
    assert min(one.after_s for one in plan) < 0.1
    assert max(one.after_s for one in plan) > 1
    assert 120 < sum(one.at_work for one in plan) < 180


async def test_whoever_ends_by_itself_is_started_again(
    tmp_path: Path, surroundings: Mapping[str, str]
) -> None:
    process = Process(["/bin/sh", "-c", "echo here; exit 3"], surroundings, tmp_path / "log")

    async def rose_again(_: int) -> None:
        async def often() -> bool:
            return len(process.ended_by_itself) >= 2

        await until(often, 10, "two ends")

    async with running(process):
        await torture({"one": process}, [], rose_again, settle_every=1)
    assert set(process.ended_by_itself) == {3}
    assert process.log.read_text().startswith("here\nhere\n")


async def test_what_does_not_come_is_not_waited_for_without_end() -> None:
    async def never() -> bool:
        return False

    with pytest.raises(AssertionError, match="not within 0 s: a miracle"):
        await until(never, 0, "a miracle")


@pytest.fixture(scope="module")
def mortal(postgres_server: TestServer) -> Iterator[MortalServer]:
    with open_folder() as folder, mortal_server(folder / "postgres") as server:
        yield server


@pytest.fixture
async def url(mortal: MortalServer) -> str:
    """A database with the teller's tables."""
    async with connected(mortal.url) as superuser:
        await superuser.execute("DROP DATABASE IF EXISTS telling WITH (FORCE)")
        await superuser.execute("CREATE DATABASE telling")
    url = mortal.url.replace("/postgres?", "/telling?")
    async with connected(url) as superuser:
        await superuser.execute(TABLES)
    return url


async def tortured(mortal: MortalServer, url: str, teller: Process, count: int) -> None:
    """Kill teller and database; what is counted and what is told have to agree each time."""
    seen = 0

    async def settle(_: int) -> None:
        nonlocal seen

        async def goes_on() -> bool:
            async with connected(url) as connection:
                return bool(await connection.fetchval(COUNTED) > seen)

        await until(goes_on, 30, "the teller goes on")
        await asyncio.to_thread(teller.kill)
        async with connected(url) as connection:
            row = await connection.fetchrow(STATE)
        assert row is not None
        assert row["counted"] == row["told"] == row["last"]
        seen = row["counted"]
        await asyncio.to_thread(teller.start)

    victims: dict[str, Victim] = {"teller": teller, "database": mortal}
    async with running(teller):
        await torture(victims, blows(1, count, sorted(victims)), settle, settle_every=2)


async def test_the_honest_are_never_caught(
    mortal: MortalServer, url: str, tmp_path: Path, surroundings: Mapping[str, str]
) -> None:
    teller = Process([sys.executable, str(TELLER), url, "honest"], surroundings, tmp_path / "log")
    await tortured(mortal, url, teller, 4)
    # Whoever loses the database in the middle may end; there was nothing else to end for.
    assert set(teller.ended_by_itself) <= {1}


async def test_the_careless_are_caught(
    mortal: MortalServer, url: str, tmp_path: Path, surroundings: Mapping[str, str]
) -> None:
    teller = Process([sys.executable, str(TELLER), url, "careless"], surroundings, tmp_path / "log")
    with pytest.raises(AssertionError, match="assert"):
        await tortured(mortal, url, teller, 100)

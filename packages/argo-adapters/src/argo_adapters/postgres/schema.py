"""How the tables come to be, and how they are told from what somebody else made or changed."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from attrs import frozen

from argo_adapters.postgres.link import Connection
from argo_core.errors import LogUnusable

_PLACE = files("argo_adapters.postgres") / "migrations"
# Two numbers make a lock: "Argo", and what it is for.
LOCK_SPACE = 0x4172676F
WRITER_LOCK, APPEND_LOCK, MIGRATION_LOCK = 1, 2, 3

_IS_THERE = "SELECT pg_catalog.to_regclass('record.migrations') IS NOT NULL"
# Who may publish is kept beside the record, and may be there before it.
_OTHERS = """
SELECT pg_catalog.min(n.nspname || '.' || c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'publisher')
AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
)
"""


@frozen
class Migration:
    """One step from an older schema to a newer one."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> bytes:
        return sha256(self.sql.encode()).digest()


@cache
def migrations() -> tuple[Migration, ...]:
    """All steps in order; blocking, the first time."""
    names = sorted(one.name for one in _PLACE.iterdir() if one.name[:1].isdigit())
    texts = {name: (_PLACE / name).read_text("utf-8") for name in names}
    return tuple(
        Migration(int(name[:4]), name[5:].removesuffix(".sql"), text)
        for name, text in texts.items()
    )


@cache
def shape() -> tuple[str, ...]:
    """What `describe` finds where nobody changed anything; blocking, the first time."""
    return tuple((_PLACE / "shape.txt").read_text("utf-8").splitlines())


@cache
def _text(name: str) -> str:
    return (_PLACE / name).read_text("utf-8")


async def migrate(owner: Connection, app: str, label: str) -> None:
    """Bring the schema up to date, as its owner, for an app's role of that name.

    Raises:
        LogUnusable: the database belongs to another program or to a newer version of this one, or
            a step that was taken was another one.
    """
    async with owner.transaction():
        await owner.execute(f"SELECT pg_advisory_xact_lock({LOCK_SPACE}, {MIGRATION_LOCK})")
        others = await owner.fetchval(_OTHERS)
        if others is not None and not await owner.fetchval(_IS_THERE):
            problem = f"it has {others}, so it belongs to another program"
            raise LogUnusable(f"{label}: {problem}; choose another database for the signal log")
        taken = 0 if others is None else await check_migrations(owner, label, whole=False)
        for one in migrations()[taken:]:
            await owner.execute(one.sql)
            await owner.execute(
                "INSERT INTO record.migrations VALUES ($1, $2, $3)",
                one.number,
                one.name,
                one.sha256,
            )
        usable = "SELECT pg_catalog.has_schema_privilege($1::text, 'record', 'USAGE')"
        if taken < len(migrations()) or not await owner.fetchval(usable, app):
            quoted = await owner.fetchval("SELECT pg_catalog.quote_ident($1)", app)
            await owner.execute(_text("grants.sql").replace("{app}", quoted))


async def check_migrations(connection: Connection, label: str, *, whole: bool = True) -> int:
    """How many steps were taken; with `whole`, all of them must have been.

    Raises:
        LogUnusable: there are none, some are missing or unknown, or one was another one.
    """
    if not await connection.fetchval(_IS_THERE):
        problem = "it has no signal log"
        raise LogUnusable(f"{label}: {problem}; open it once with the owner's URL, which makes one")
    rows = await connection.fetch("SELECT number, sha256 FROM record.migrations ORDER BY number")
    taken, known = [tuple(row) for row in rows], [(one.number, one.sha256) for one in migrations()]
    if len(taken) > len(known):
        problem = f"it has schema {len(taken)}, this program knows 1 to {len(known)}"
        raise LogUnusable(f"{label}: {problem}; update Argo, or choose another database")
    if taken != known[: len(taken)]:
        problem = "it was made by other migrations than this program's"
        raise LogUnusable(f"{label}: {problem}; restore it from a copy")
    if whole and len(taken) < len(known):
        problem = f"it has schema {len(taken)}, this program needs {len(known)}"
        raise LogUnusable(f"{label}: {problem}; open it once with the owner's URL")
    return len(taken)


async def check_shape(connection: Connection, label: str) -> None:
    """Refuse a database whose tables, triggers or rights are not as they were made.

    Raises:
        LogUnusable: something is missing, changed or new, and what.
    """
    found, made = set(await describe(connection)), set(shape())
    if found != made:
        new, lost = sorted(found - made), sorted(made - found)
        what = f"has [{new[0]}]" if new else f"lacks [{lost[0]}]"
        problem = f"its schema was changed: it {what}"
        raise LogUnusable(f"{label}: {problem}; restore it from a copy")


async def describe(connection: Connection) -> tuple[str, ...]:
    """The schema as the app's role sees it, a line for each part, sorted."""
    rows = await connection.fetch(_text("describe.sql"))
    return tuple(sorted(row[0] for row in rows))


def load_texts() -> None:
    """Read all that is read from files, so that nobody waits for them later; blocking."""
    migrations()
    shape()
    for name in ("grants.sql", "describe.sql"):
        _text(name)

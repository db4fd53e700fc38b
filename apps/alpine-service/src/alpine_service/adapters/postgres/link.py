"""How to reach a database, and its driver's errors as ours."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias

import asyncpg
import orjson
from attrs import frozen

from alpine_service.adapters.postgres.address import Address, address_of
from alpine_service.domain.rotating import Rotating
from alpine_service.errors import DatabaseAway, DatabaseRefused, SchemaNotCurrent

Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)

SCHEMA = "alpine"
_FAREWELL_S = 2.0
_MIGRATE = "run `alpine migrate` with the owner's URL"

# By the first letters of SQLSTATE, the longest that fit: what it is and what helps.
_KINDS: dict[str, tuple[type[DatabaseAway | DatabaseRefused], str]] = {
    "08": (DatabaseAway, "check the server and the way to it"),
    "22": (DatabaseRefused, "a value should not have come this far"),
    "23": (DatabaseRefused, "what is there contradicts it"),
    "25006": (DatabaseAway, "connect to the primary"),
    "25P03": (DatabaseAway, "try again"),
    "28": (DatabaseRefused, "check user and password, and what pg_hba.conf admits"),
    "3D000": (DatabaseRefused, "make the database, or name another"),
    "40": (DatabaseAway, "try again"),
    "42": (DatabaseRefused, "the program and its tables do not fit"),
    "42501": (DatabaseRefused, f"{_MIGRATE}, which grants what is needed"),
    "42P01": (SchemaNotCurrent, _MIGRATE),
    "42703": (SchemaNotCurrent, _MIGRATE),
    "3F000": (SchemaNotCurrent, _MIGRATE),
    "53": (DatabaseAway, "try again later"),
    "53100": (DatabaseAway, "free some disk space"),
    "53300": (DatabaseAway, "allow more connections"),
    "55": (DatabaseAway, "let its other user finish, then try again"),
    "57": (DatabaseAway, "check the server, then try again"),
    "58": (DatabaseAway, "check the server's disk"),
}
_DAMAGED = (DatabaseRefused, "restore it from a copy")


@frozen
class Waits:
    """How long anything may take, in seconds."""

    connect_s: float = 5.0
    """To connect, and for a connection of the pool to become free."""
    lock_s: float = 5.0
    """For a lock that somebody else holds."""
    statement_s: float = 15.0
    """For one statement."""
    idle_s: float = 30.0
    """For our next word within a transaction."""

    def settings(self, name: str) -> dict[str, str]:
        """What our sessions ask of the server, whatever is set for the role or the database."""
        return {
            "application_name": name,
            "search_path": f"{SCHEMA}, pg_temp",
            "timezone": "UTC",
            "default_transaction_isolation": "read committed",
            "statement_timeout": str(int(self.statement_s * 1_000)),
            "lock_timeout": str(int(self.lock_s * 1_000)),
            "idle_in_transaction_session_timeout": str(int(self.idle_s * 1_000)),
            # A machine that vanished must not hold locks for two hours.
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
            "jit": "off",
        }

    def how_to_reach(self, address: Address, name: str) -> dict[str, Any]:
        """What the driver is told, for one connection and for a pool."""
        return {
            "dsn": address.dsn,
            "ssl": address.tls,
            "timeout": self.connect_s,
            # When we stop to listen; the server, which knows why, is to say so first.
            "command_timeout": self.statement_s + 1,
            "server_settings": self.settings(name),
        }


WAITS = Waits()


@contextmanager
def translated(label: str) -> Iterator[None]:
    """Turn PostgreSQL's, the driver's and the system's errors into ours.

    What only a mistake of ours can bring about passes as it is.
    """
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _translate(label, error) from error
    except TimeoutError as error:
        raise DatabaseAway(f"{label}: no answer in time; check the server") from error
    except asyncpg.InterfaceError as error:
        if "clos" not in str(error) and "released" not in str(error):
            raise
        raise DatabaseAway(f"{label}: the connection is closed; try again") from error
    except (OSError, asyncpg.InternalClientError) as error:
        problem = f"{error}; check the server and the way to it"
        raise DatabaseAway(f"{label}: {problem}") from error


@asynccontextmanager
async def connected(
    url: str | Rotating, *, name: str = "alpine", waits: Waits = WAITS
) -> AsyncIterator[Connection]:
    """A connection of one's own, as for a listener, outside of any pool.

    Raises:
        DatabaseAway: the server cannot be reached now, or went away within the block.
        DatabaseRefused: it does not let us in, or refused something within the block.
        InvalidSetting: the URL is malformed.
    """
    way = as_way(url)
    address = await address_of(way.values[0])
    with translated(address.label):
        connection = await reach(way, name, waits)
        await speak_json(connection)
        try:
            yield connection
        finally:
            await _farewell(connection)


def as_way(url: str | Rotating) -> Rotating:
    """The URL to connect with, or two while its password is being changed."""
    return url if isinstance(url, Rotating) else Rotating((url,))


async def reach(
    way: Rotating, name: str, waits: Waits, **besides: Any
) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect with the likeliest URL; if the server does not know its password, with the other.

    `besides` is for the driver. Its errors are not translated.
    """
    # Each once, although a refusal changes their order.
    tried = way.values
    for url in tried:
        address = await address_of(url)
        try:
            connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(
                **waits.how_to_reach(address, name), **besides
            )
        except asyncpg.InvalidAuthorizationSpecificationError:
            way.turned_down(url)
            if url == tried[-1]:
                raise
        else:
            return connection
    raise ValueError("a way without a URL")


async def speak_json(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Let `jsonb` come and go as Python values."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_to_json, decoder=orjson.loads
    )


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


async def _farewell(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Close it; a server that does not answer is not waited for."""
    try:
        async with asyncio.timeout(_FAREWELL_S):
            await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


def _translate(label: str, error: asyncpg.PostgresError) -> DatabaseAway | DatabaseRefused:
    code = error.sqlstate or ""
    known = (_KINDS[code[:length]] for length in (5, 2) if code[:length] in _KINDS)
    kind, fix = next(known, _DAMAGED)
    # Only the message: the details quote rows. Class 22 quotes a value in the message, too.
    said = type(error).__name__ if code.startswith("22") else error.args[0]
    return kind(f"{label}: {said}; {fix}")

"""How to reach a database, and its driver's errors as the log's."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from attrs import field, frozen

from argo_core.errors import (
    InvalidInput,
    LogConflict,
    LogError,
    LogFenced,
    LogUnavailable,
    LogUnusable,
)

Connection: TypeAlias = asyncpg.Connection

CONNECT_S = 5.0
_FIX = "give postgresql://user:password@host:5432/database, with %40 for an @ in the password"

OUT_OF_ORDER, OUT_OF_LEASE, APPEND_ONLY = "AR001", "AR002", "AR003"
"""What our own triggers raise."""

# By the first letters of SQLSTATE, the longest that fit: what it is and what helps.
_KINDS: dict[str, tuple[type[LogError], str]] = {
    OUT_OF_ORDER: (LogConflict, "somebody else wrote to it"),
    OUT_OF_LEASE: (LogFenced, "leave the log to it"),
    APPEND_ONLY: (LogUnusable, "write to it through Argo only"),
    "08": (LogUnavailable, "check the server and the way to it, then try again"),
    "23": (LogConflict, "somebody else wrote to it"),
    "25006": (LogUnavailable, "connect to the primary, then try again"),
    "28": (LogUnusable, "check user and password, and what pg_hba.conf admits"),
    "3D000": (LogUnusable, "make the database, or name another"),
    "40": (LogUnavailable, "try again"),
    "42501": (LogUnusable, "open the log once with the owner's URL, which grants what is needed"),
    "42": (LogUnusable, "open the log once with the owner's URL, which makes what is missing"),
    "53": (LogUnavailable, "try again later"),
    "53100": (LogUnavailable, "free some disk space, then try again"),
    "53300": (LogUnavailable, "allow more connections, then try again"),
    "55": (LogUnavailable, "let its other user finish, then try again"),
    "57": (LogUnavailable, "check the server, then try again"),
    "58": (LogUnavailable, "check the server's disk, then try again"),
}
_DAMAGED = (LogUnusable, "restore it from a copy, or choose another database")


@frozen
class Address:
    """Where a database is and who asks: `url` is a secret, `label` may be shown."""

    url: str = field(repr=False)
    label: str


def address_of(url: str) -> Address:
    """The address that a URL spells.

    Raises:
        InvalidInput: it is malformed; the message has nothing of it, because a password may be
            anywhere in what is malformed.
    """
    try:
        parts = urlsplit(url)
        asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise InvalidInput("url", "it is malformed", _FIX) from None
    if parts.scheme not in {"postgresql", "postgres"} or parts.netloc.count("@") > 1:
        raise InvalidInput("url", "it is malformed", _FIX)
    host = parts.netloc.rpartition("@")[2] or asked.get("host", ["localhost"])[-1]
    return Address(url, f"{host}{parts.path}")


@contextmanager
def translated(label: str) -> Iterator[None]:
    """Turn PostgreSQL's, the driver's and the system's errors into the log's."""
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _translate(label, error) from error
    except TimeoutError as error:
        problem = "no answer in time; check the server, then try again"
        raise LogUnavailable(f"{label}: {problem}") from error
    except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        problem = f"{error}; check the server and the way to it, then try again"
        raise LogUnavailable(f"{label}: {problem}") from error


@asynccontextmanager
async def connected(address: Address, *, call_s: float) -> AsyncIterator[Connection]:
    """A connection for a while; errors of its use are the caller's to translate."""
    connection = await connect(address, call_s=call_s)
    try:
        yield connection
    finally:
        # Whoever waits for a farewell waits for a server that may be gone.
        connection.terminate()


async def connect(address: Address, *, call_s: float) -> Connection:
    """A connection that writes durably, waits for nothing much longer than `call_s`.

    Raises:
        LogUnavailable: the server cannot be reached now.
        LogUnusable: it does not let us in.
    """
    with translated(address.label):
        try:
            return await asyncpg.connect(
                address.url,
                timeout=CONNECT_S,
                command_timeout=call_s,
                server_settings=session_settings(call_s),
            )
        except ValueError:
            # The driver quotes what it cannot read, which may be a part of the password.
            problem = f"the URL is malformed; {_FIX}"
            raise LogUnusable(f"{address.label}: {problem}") from None


def session_settings(call_s: float) -> dict[str, str]:
    """What our sessions ask of the server, whatever is set for the role or the database."""
    return {
        "application_name": "argo-signal-log",
        "default_transaction_isolation": "read committed",
        # Names are written out, so that no other schema can slip something in between.
        "search_path": "",
        "statement_timeout": str(int(call_s * 1_000)),
        "idle_in_transaction_session_timeout": str(int(call_s * 2_000)),
        "synchronous_commit": "on",
        # A machine that vanished must not hold the writer's lock for two hours.
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        "jit": "off",
    }


def _translate(label: str, error: asyncpg.PostgresError) -> LogError:
    code = error.sqlstate or ""
    known = (_KINDS[code[:length]] for length in (5, 2) if code[:length] in _KINDS)
    kind, fix = next(known, _DAMAGED)
    # Only the message: the details may quote rows, and rows may have secrets in them.
    return kind(f"{label}: {error.args[0]}; {fix}")

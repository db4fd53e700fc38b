"""The two roles of a database: the owner makes tables, the app reads and adds, and no more."""

import secrets
from base64 import b64encode
from hashlib import pbkdf2_hmac, sha256
from hmac import digest
from urllib.parse import urlsplit

from attrs import field, frozen

from argo_adapters.postgres.link import Connection, address_of, connected, translated
from argo_core.errors import LogUnusable

_ROUNDS = 4_096
_CALL_S = 10.0

# Named as an operator would say it; the first that holds is told.
_EXCESS = {
    "is a superuser": "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user",
    "owns the tables, or is a member of their owner": (
        "SELECT pg_catalog.pg_has_role(nspowner, 'MEMBER') FROM pg_catalog.pg_namespace "
        "WHERE nspname = 'record'"
    ),
    "may make roles, replicate or pass by row security": (
        "SELECT rolcreaterole OR rolreplication OR rolbypassrls FROM pg_catalog.pg_roles "
        "WHERE rolname = current_user"
    ),
    "may switch triggers off": (
        "SELECT pg_catalog.has_parameter_privilege('session_replication_role', 'SET')"
    ),
    "may make schemas in the database": (
        "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')"
    ),
    "may make tables beside the log's": (
        "SELECT pg_catalog.has_schema_privilege('record', 'CREATE') "
        "OR pg_catalog.has_schema_privilege('reading', 'CREATE')"
    ),
    "may change or empty tables of the record": (
        "SELECT pg_catalog.bool_or(pg_catalog.has_table_privilege(c.oid, "
        "'UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES')) FROM pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'record' AND c.relkind = 'r'"
    ),
}


@frozen
class Roles:
    """The URLs of a database's two roles, passwords included."""

    owner_url: str = field(repr=False)
    app_url: str = field(repr=False)


async def check_app_role(app: Connection, label: str) -> None:
    """Refuse a role that could do more to the record than read it and add to it.

    Raises:
        LogUnusable: it could, and what.
    """
    for excess, question in _EXCESS.items():
        if await app.fetchval(question):
            role = await app.fetchval("SELECT current_user")
            fix = "give the app a role of its own, with LOGIN and nothing else"
            raise LogUnusable(f"{label}: the role {role} {excess}; {fix}")


async def make_roles(superuser_url: str, database: str) -> Roles:
    """A database with its two roles, with passwords that are new each time this is called.

    Raises:
        LogUnavailable: the server cannot be reached now.
        LogUnusable: it refused.
    """
    address = address_of(superuser_url)
    async with connected(address, call_s=_CALL_S) as superuser:
        with translated(address.label):
            urls = [
                await _role(superuser, superuser_url, database, f"{database}_{part}")
                for part in ("owner", "app")
            ]
            there = "SELECT true FROM pg_catalog.pg_database WHERE datname = $1"
            if not await superuser.fetchval(there, database):
                await superuser.execute(
                    f'CREATE DATABASE "{database}" OWNER "{database}_owner" TEMPLATE template0'
                )
    return Roles(*urls)


async def _role(superuser: Connection, superuser_url: str, database: str, name: str) -> str:
    password = secrets.token_hex(32)
    known = await superuser.fetchval(
        "SELECT true FROM pg_catalog.pg_roles WHERE rolname = $1", name
    )
    verb = "ALTER" if known else "CREATE"
    # The server learns how to check the password and never sees it, so it cannot log it either.
    await superuser.execute(f"{verb} ROLE \"{name}\" LOGIN PASSWORD '{_verifier(password)}'")
    parts = urlsplit(superuser_url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{name}:{password}@{host}", path=f"/{database}").geturl()


def _verifier(password: str) -> str:
    """What SCRAM-SHA-256 keeps of a password of plain ASCII: RFC 5803, as PostgreSQL writes it."""
    salt = secrets.token_bytes(16)
    salted = pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS)
    stored = sha256(digest(salted, b"Client Key", "sha256")).digest()
    server = digest(salted, b"Server Key", "sha256")
    written = [b64encode(one).decode() for one in (salt, stored, server)]
    return f"SCRAM-SHA-256${_ROUNDS}:{written[0]}${written[1]}:{written[2]}"

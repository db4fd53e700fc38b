"""The two roles of a database: the owner makes tables, the app uses them as it was granted.

On a server that somebody else runs, its superuser does once what `prepare` does on ours::

    CREATE ROLE alpine_owner LOGIN PASSWORD '...';
    CREATE ROLE alpine_app LOGIN PASSWORD '...';
    CREATE DATABASE alpine OWNER alpine_owner TEMPLATE template0 ENCODING 'UTF8';
"""

from hashlib import sha256
from hmac import digest
from urllib.parse import urlsplit

from attrs import field, frozen

from alpine_service.adapters.postgres.link import SCHEMA, Connection, connected

DATABASE = "alpine"
OWNER = "alpine_owner"
APP = "alpine_app"
_LOCK = 0x526F6C6573  # "Roles"


@frozen
class Urls:
    """The URLs of a database's two roles, passwords included."""

    owner: str = field(repr=False)
    app: str = field(repr=False)


async def prepare(superuser_url: str, database: str = DATABASE) -> Urls:
    """The database on a server of our own, with its roles; made where they are missing.

    The roles' passwords follow from the superuser's, so they stay the same and are kept nowhere.

    Raises:
        DatabaseAway: the server cannot be reached now.
        DatabaseRefused: it refused.
    """
    async with connected(superuser_url, name="alpine-prepare") as superuser:
        await superuser.execute(f"SELECT pg_advisory_lock({_LOCK})")
        passwords = {role: _password(superuser_url, role) for role in (OWNER, APP)}
        for role, password in passwords.items():
            there = await superuser.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
            verb = "ALTER" if there else "CREATE"
            await superuser.execute(f"{verb} ROLE {role} LOGIN PASSWORD '{password}'")
            await superuser.execute(f"ALTER ROLE {role} SET search_path = {SCHEMA}, pg_temp")
        there = await superuser.fetchval(
            "SELECT true FROM pg_database WHERE datname = $1", database
        )
        if not there:
            quoted = await quote(superuser, database)
            await superuser.execute(
                f"CREATE DATABASE {quoted} OWNER {OWNER} TEMPLATE template0 ENCODING 'UTF8'"
            )
    return Urls(*(_url(superuser_url, role, passwords[role], database) for role in (OWNER, APP)))


async def quote(connection: Connection, name: str) -> str:
    """The name as it is written in SQL."""
    return str(await connection.fetchval("SELECT quote_ident($1)", name))


def _password(superuser_url: str, role: str) -> str:
    known = urlsplit(superuser_url).password or ""
    return digest(known.encode(), role.encode(), sha256).hex()


def _url(superuser_url: str, role: str, password: str, database: str) -> str:
    parts = urlsplit(superuser_url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{role}:{password}@{host}", path=f"/{database}").geturl()

"""API keys: made once, shown once, kept only as a hash.

A key reads `argo_<id>_<secret>`: the id is public and finds the row, the secret is 256 random bits.
Only the SHA-256 of the whole key is stored; with that much chance in it no slow hash is needed.
They live in a small SQLite file of their own beside the database, readable by its owner only.
"""

import hashlib
import hmac
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from attrs import frozen

from argo_core.errors import InvalidInput, LogUnavailable, LogUnusable
from argo_core.market.moment import from_micros, to_micros
from argo_service.folder import make_folder_of

_KEY = re.compile(r"argo_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[ -~]{1,64}")
_OWNER_ONLY = 0o600
_BUSY_S = 2.0
_VERSION = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS api_key (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  expires_us INTEGER,
  revoked_us INTEGER,
  last_used_us INTEGER
) STRICT, WITHOUT ROWID
"""


class Scope(StrEnum):
    """What a key may do; `admin` may do everything.

    Positions and orders tell what sealed signals say, so reading those is a scope of its own. So is
    `backtest`, which lets the machine reckon.
    """

    READ = "read"
    REALTIME = "realtime"
    TRADING = "trading"
    BACKTEST = "backtest"
    ADMIN = "admin"


@frozen
class ApiKey:
    """A key as it is kept: everything but the secret."""

    id: str
    name: str
    sha256: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def is_alive(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def matches(self, presented: str) -> bool:
        """Whether `presented` is this very key; takes the same time whatever is presented."""
        return hmac.compare_digest(self.sha256, _hash(presented))


def key_id(presented: str) -> str | None:
    """The id inside a well-formed key, None if it is not well-formed."""
    found = _KEY.fullmatch(presented)
    return found[1] if found else None


def keys_path(database: Path) -> Path:
    """Where the keys of that database live."""
    return database.with_name(database.name + ".keys")


class ApiKeyFile:
    """The table of keys. Every method blocks on the disk: call it from a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def is_absent(self) -> bool:
        """Whether no key was ever made."""
        return not self._path.exists()

    def is_private(self) -> bool:
        """Whether nobody but the owner can read the file."""
        return self.is_absent() or not self._path.stat().st_mode & 0o077

    def add(
        self, name: str, scopes: frozenset[Scope], now: datetime, expires_at: datetime | None
    ) -> tuple[ApiKey, str]:
        """A new key, and the text to hand out, which cannot be had again.

        Raises:
            InvalidInput: the name, the scopes or the expiry make no sense.
            LogUnavailable: the file cannot be written.
        """
        if not _NAME.fullmatch(name):
            fix = "give 1 to 64 printable ASCII characters"
            raise InvalidInput("name", f"{name[:70]!r} cannot name a key", fix)
        if not scopes:
            fix = f"give some of {', '.join(Scope)}"
            raise InvalidInput("scopes", "a key without scopes opens nothing", fix)
        if expires_at is not None and expires_at <= now:
            raise InvalidInput(
                "expires", f"{expires_at.isoformat()} is past", "give a later moment"
            )
        number = secrets.token_hex(6)
        text = f"argo_{number}_{secrets.token_urlsafe(32)}"
        key = ApiKey(number, name, _hash(text), scopes, now, expires_at, None, None)
        make_folder_of(self._path)
        with self._open() as rows:
            rows.execute(
                "INSERT INTO api_key VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)",
                (
                    key.id,
                    key.name,
                    key.sha256,
                    " ".join(sorted(scopes)),
                    to_micros(now),
                    to_micros(expires_at) if expires_at else None,
                ),
            )
        return key, text

    def revoke(self, number: str, now: datetime) -> bool:
        """Close a key for ever; False if there is none of that id, True also the second time."""
        if self.is_absent():
            return False
        with self._open() as rows:
            rows.execute(
                "UPDATE api_key SET revoked_us = ? WHERE id = ? AND revoked_us IS NULL",
                (to_micros(now), number),
            )
            found = rows.execute("SELECT 1 FROM api_key WHERE id = ?", (number,)).fetchone()
        return found is not None

    def all(self) -> tuple[ApiKey, ...]:
        """Every key ever made, dead ones included, oldest first."""
        if self.is_absent():
            return ()
        with self._open() as rows:
            found = rows.execute("SELECT * FROM api_key ORDER BY created_us, id").fetchall()
        return tuple(map(_key, found))

    def used(self, moments: dict[str, datetime]) -> None:
        """Note when keys were last used."""
        with self._open() as rows:
            rows.executemany(
                "UPDATE api_key SET last_used_us = max(ifnull(last_used_us, 0), ?) WHERE id = ?",
                [(to_micros(moment), number) for number, moment in moments.items()],
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            # Made by us, because SQLite would make it readable for everybody.
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
            rows = sqlite3.connect(self._path, timeout=_BUSY_S)
            rows.row_factory = sqlite3.Row
        except (OSError, sqlite3.Error) as error:
            raise LogUnavailable(
                f"the API keys at {self._path} cannot be opened: {error}"
            ) from error
        try:
            with rows:
                rows.execute("BEGIN IMMEDIATE")
                self._prepare(rows)
                yield rows
        except sqlite3.OperationalError as error:
            raise LogUnavailable(
                f"the API keys at {self._path} are not to be had: {error}"
            ) from error
        except sqlite3.DatabaseError as error:
            raise LogUnusable(f"the API keys at {self._path} are damaged: {error}") from error
        finally:
            rows.close()

    def _prepare(self, rows: sqlite3.Connection) -> None:
        version = rows.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            raise LogUnusable(f"the API keys at {self._path} were written by a newer Argo")
        rows.execute(_TABLE)
        if version < _VERSION:
            rows.execute(f"PRAGMA user_version = {_VERSION}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _key(row: sqlite3.Row) -> ApiKey:
    def moment(name: str) -> datetime | None:
        return None if row[name] is None else from_micros(row[name])

    return ApiKey(
        id=row["id"],
        name=row["name"],
        sha256=row["sha256"],
        scopes=frozenset(Scope(each) for each in row["scopes"].split()),
        created_at=from_micros(row["created_us"]),
        expires_at=moment("expires_us"),
        revoked_at=moment("revoked_us"),
        last_used_at=moment("last_used_us"),
    )

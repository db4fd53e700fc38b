"""The record: its name and key, where it is kept, who cosigns it, and when it is shown."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from attrs import Attribute, field, frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.secret import Secret
from argo_service.config import checks

LONGEST_NAME = 255
OPEN: Final = "open"
DELAYED: Final = "delayed"
_LOG_NAME = re.compile(r"[a-z0-9.-]+(?:/[A-Za-z0-9._-]+)*")
_STRATEGY = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_DATABASE_FIX = "write it like postgresql://user:password@host:5432/argo"


def _log_name(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if len(value) > LONGEST_NAME or not _LOG_NAME.fullmatch(value):
        problem = f"{value[:60]!r} cannot name a log"
        raise InvalidInput(attribute.name, problem, "write it like argo.example.com/signals")


def _strategy(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if not _STRATEGY.fullmatch(value):
        problem = f"{value[:60]!r} cannot name a strategy"
        raise InvalidInput(attribute.name, problem, "use a-z, 0-9, dot, _ and -")


def _disclosure(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if value not in {OPEN, DELAYED}:
        problem = f"{value[:40]!r} is no way to show signals"
        raise InvalidInput(attribute.name, problem, f"give {OPEN} or {DELAYED}")


def _database(
    _instance: object, attribute: "Attribute[Secret | None]", value: Secret | None
) -> None:
    if value is None:
        return
    try:
        parts = urlsplit(value.reveal())
        # Only when asked for is the port looked at.
        is_whole = parts.port != 0
    except ValueError:
        # What it says is not repeated, for it may hold a password.
        raise InvalidInput(attribute.name, "it is not an address", _DATABASE_FIX) from None
    if parts.scheme not in {"postgresql", "postgres"} or not is_whole:
        raise InvalidInput(attribute.name, "it is no address of a PostgreSQL", _DATABASE_FIX)


@frozen
class Log:
    """`name` is the log's origin, a URL without scheme; `strategy` whose sequence we continue.

    Files that are not named lie beside the database: the key that signs the log, and, where signals
    are shown later, the key that seals them. With a `database_url` the log is in PostgreSQL; its
    owner's URL is needed to make the tables and to bring them up to date. Without a policy nobody
    cosigns; with one a checkpoint waits `witness_patience_s` for its witnesses. A start needs to
    hear from them, because a restored copy would go on with a second history; whoever is sure that
    it is none may `start_unheard`.
    """

    name: str = field(default="argo.local/signals", validator=_log_name)
    strategy: str = field(default="weighted-consensus", validator=_strategy)
    key_file: Path | None = None
    database_url: Secret | None = field(default=None, validator=_database)
    database_url_file: Path | None = None
    owner_url: Secret | None = field(default=None, validator=_database)
    owner_url_file: Path | None = None
    witness_policy: Path | None = None
    witness_patience_s: float = field(default=2.0, validator=checks.seconds)
    start_unheard: bool = False
    disclosure: str = field(default=OPEN, validator=_disclosure)
    reveal_after_s: int = field(default=900, validator=checks.seconds)
    reveal_key_file: Path | None = None

    @property
    def sealed_s(self) -> int:
        """How many seconds a signal is sealed before all may read it; 0 where it is open."""
        return self.reveal_after_s if self.disclosure == DELAYED else 0

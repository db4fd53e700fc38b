"""The pages of the record over a database in which a test has put it."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestClient
from attrs import frozen

from alpine_service.adapters.postgres.record_store import PostgresRecord
from alpine_service.adapters.postgres.signal_store import PostgresSignals
from alpine_service.api.keys import SIGNALS, TRACK_RECORD
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.pages.dashboard import build_site
from alpine_service.pages.rendering import Renderer
from alpine_service.services.signals import Signals
from alpine_service.services.track_record import TrackRecord
from alpine_service.testing.fake_platform import Fakes
from alpine_service.testing.members import strategy_members
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.stored_signals import BEGIN_US, store, tick

_STRATEGY = """
INSERT INTO strategies (strategy, registered_index, disclosure, registration, next_seq,
    retired_index, registered_us) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_UNREAD = re.compile(r"<(script|title|desc)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_HEARD = """
INSERT INTO feed_head (log, size, root, nodes, note, read_at, heard_at)
VALUES ('a log', 0, $1, '{}', '', $2, $2)
"""


class NoProofs:
    async def proof_file(self, log_index: int) -> bytes:
        raise AssertionError(log_index)


@frozen
class RecordSite:
    """What is in the record, and a stranger who looks at it; nobody fetches proofs here."""

    client: TestClient[web.Request, web.Application]
    database: TestDatabase
    fakes: Fakes

    async def register(
        self,
        name: str,
        disclosure: str = "open",
        retired_index: int | None = None,
        **changes: str | int,
    ) -> None:
        registration = orjson.dumps({**strategy_members(disclosure), **changes})
        row = (name, 12, disclosure, registration, 34, retired_index, BEGIN_US)
        await self.database.app.execute(_STRATEGY, *row)

    async def keep(self, signals: Iterable[SignalRecord]) -> None:
        await store(self.database.app, signals)
        await tick(self.database.app)

    async def heard(self) -> None:
        """The log is heard now: what is due after that is not overdue yet."""
        await self.database.app.execute(_HEARD, bytes(32), self.fakes.clock.now())

    async def html(self, path: str, status: int = 200) -> str:
        async with self.client.get(path, headers={"Accept": "text/html"}) as response:
            text = await response.text()
            if response.status != status:
                raise AssertionError(f"{path} was answered with {response.status}: {text}")
            return text

    async def words(self, path: str) -> str:
        """The page as it is read, with one space between words, thin ones included."""
        shown = re.sub(
            r"<(script|title|desc)\b.*?</\1>", " ", await self.html(path), flags=re.DOTALL
        )
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", shown)).split())


def record_site(database: TestDatabase, made_with: Renderer) -> tuple[web.Application, Fakes]:
    """The site without accounts, and the fakes that it has beside the record."""
    fakes = Fakes()
    services: dict[web.AppKey[Any], object] = {
        SIGNALS: Signals(PostgresSignals(database.app), NoProofs(), fakes.clock),
        TRACK_RECORD: TrackRecord(PostgresRecord(database.app), fakes.clock),
    }
    return build_site(fakes.platform(services=services), made_with), fakes

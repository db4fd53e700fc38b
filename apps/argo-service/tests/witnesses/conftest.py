"""A log in a file, a policy, and a witness that answers over loopback HTTP."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import define, field, frozen

from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.client import open_session
from argo_adapters.keys.ed25519 import Ed25519Signer, verify_ed25519
from argo_adapters.postgres.launcher import NoServer, private_server
from argo_adapters.postgres.roles import make_roles
from argo_core.engine.publication import Publication
from argo_core.events import CheckpointPublished, Event, WitnessFailed
from argo_core.ledger.record import Batch
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.resilience.secret import Secret
from argo_core.testing.entries import LOG, tiny_quiet
from argo_core.testing.witness import ReferenceWitness
from argo_service.config.log import Log
from argo_service.config.tree import Settings
from argo_service.record import OpenLog, opened_log
from argo_service.record_keys import signer_of
from argo_service.witnessing import publication_of

NAME = "argo.example/signals"
WITNESS = "witness.example/alpine"


@define
class Alpine:
    """The witness as a stranger runs it; `statuses` are its answers, in order."""

    reference: ReferenceWitness
    url: str = ""
    away: bool = False
    statuses: list[int] = field(factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        if self.away:
            raise web.HTTPServiceUnavailable
        now_s = int(time.time())
        reply = self.reference.answer(await request.read(), now_s)
        self.statuses.append(reply.status)
        headers = {"Content-Type": reply.content_type}
        return web.Response(status=reply.status, body=reply.body, headers=headers)


@define
class Watching:
    """An observer; `cosigned` is set when something is published that is not pending."""

    events: list[Event] = field(factory=list)
    cosigned: asyncio.Event = field(factory=asyncio.Event)

    def notice(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, CheckpointPublished) and not event.pending:
            self.cosigned.set()

    @property
    def problems(self) -> list[str]:
        return [one.error for one in self.events if isinstance(one, WitnessFailed)]


@frozen
class Argo:
    """A service's log and its publication, opened as the settings say."""

    settings: Settings
    alpine: Alpine

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[OpenLog, Publication, Watching]]:
        watching = Watching()
        async with opened_log(self.settings) as log, open_session() as session:
            publication = await publication_of(self.settings, log, session, SystemClock(), watching)
            try:
                await publication.start()
                yield log, publication, watching
            finally:
                await publication.stop()

    async def write(self, log: OpenLog, count: int, at_us: int = 0) -> None:
        """That many more entries; at another time they are others."""
        head = await log.head()
        first = head.next_seq.get("alpha", 0)
        entries = tuple(
            tiny_quiet(first + more, decided_us=at_us, log=NAME) for more in range(count)
        )
        await log.append(Batch(head.size, entries))

    async def write_without_witnesses(self, count: int, at_us: int) -> None:
        """What an insider does, who has the key and the machine."""
        async with opened_log(self.settings) as log:
            await self.write(log, count, at_us)

    def remove_log(self) -> None:
        for path in self.settings.database.parent.glob(self.settings.database.name + "*"):
            if path.suffix in {".sqlite3", ".sqlite3-wal", ".sqlite3-shm"}:
                path.unlink()


@pytest.fixture
async def argo(tmp_path: Path) -> AsyncIterator[Argo]:
    policy = tmp_path / "policy"
    log = Log(name=NAME, witness_policy=policy)
    settings = Settings(database=tmp_path / "argo.sqlite3", log=log)
    signer = await asyncio.to_thread(signer_of, settings)
    cosigner = Ed25519Signer(WITNESS, b"w" * 32, COSIGNATURE)
    alpine = Alpine(ReferenceWitness(cosigner, {NAME: signer.key}, verify_ed25519))
    app = web.Application()
    app.router.add_post("/argo/add-checkpoint", alpine.answer)
    async with TestServer(app) as server:
        alpine.url = str(server.make_url("/argo"))
        policy.write_text(f"witness alpine {cosigner.key} {alpine.url}\nquorum alpine\n")
        yield Argo(settings, alpine)


@pytest.fixture
def lacking() -> Callable[[str], NoReturn]:
    """Says what is not to be had here: a skip, and in CI a failure."""

    def say(problem: str) -> NoReturn:
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(problem)

    return say


@pytest.fixture
async def in_postgres(
    tmp_path: Path, lacking: Callable[[str], NoReturn]
) -> AsyncIterator[Settings]:
    """Settings of a log in a private PostgreSQL."""
    context = private_server()
    server = await asyncio.to_thread(context.__enter__)
    try:
        if isinstance(server, NoServer):
            lacking(server.problem)
        roles = await make_roles(server.url, "argo")
        log = Log(name=LOG, database_url=Secret(roles.app_url), owner_url=Secret(roles.owner_url))
        yield Settings(database=tmp_path / "argo.sqlite3", log=log)
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)

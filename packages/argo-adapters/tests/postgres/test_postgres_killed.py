"""kill -9 of the server at any moment: what was acknowledged is there, once, under its root."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest

from argo_adapters.postgres.launcher import PrivateServer, private_server
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import make_roles
from argo_core.errors import LogUnavailable
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.record import LogHead
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner

KILLS = int(os.environ.get("ARGO_TORTURE_KILLS", "5"))  # noqa: TID251 - how long to torture

# Where there is no server, this says so.
pytestmark = pytest.mark.usefixtures("server")


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[PrivateServer]:
    """A server over what is kept there; what is left of a killed one has ended when it is left."""
    context = private_server(folder=folder)
    server = await asyncio.to_thread(context.__enter__)
    assert isinstance(server, PrivateServer), server
    try:
        yield server
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


def moved(url: str, server: PrivateServer) -> str:
    """The same role's address at a server that has been started anew."""
    return urlsplit(url)._replace(query=urlsplit(server.url).query).geturl()


async def append_until_killed(
    log: PostgresLog, server: PrivateServer, chance: Random
) -> list[LogHead]:
    """Every head that was acknowledged before the server was gone."""
    heads = [await log.head()]
    loop = asyncio.get_running_loop()
    loop.call_later(chance.uniform(0.001, 0.15), os.kill, server.pid, signal.SIGKILL)
    with suppress(LogUnavailable):
        while True:
            head = heads[-1]
            seq = head.next_seq.get("alpha", 0)
            batch = signal_batch(head.size, range(seq, seq + chance.choice([1, 1, 7, 60])))
            heads.append(await log.append(batch))
    return heads


@pytest.mark.timeout(max(300, 10 * KILLS))
async def test_nothing_acknowledged_is_lost_doubled_or_moved() -> None:
    chance, signer = Random(9), FakeSigner(LOG)  # noqa: S311 - seeded on purpose
    acknowledged: dict[int, bytes] = {}
    with TemporaryDirectory(prefix="argo-") as place:
        # The server has another account than we when we are root, and must pass.
        await asyncio.to_thread(Path(place).chmod, 0o711)
        kept = Path(place) / "kept"
        async with running(kept) as server:
            roles = await make_roles(server.url, "argo")
        for _ in range(KILLS):
            async with running(kept) as server:
                app, owner = (moved(url, server) for url in (roles.app_url, roles.owner_url))
                async with PostgresLog.open(app, signer, owner_url=owner) as log:
                    assert (await log.head()).size >= max(acknowledged, default=0)
                    for head in await append_until_killed(log, server, chance):
                        # One size has one root, whoever says it and whenever.
                        assert acknowledged.setdefault(head.size, head.root) == head.root
                    with pytest.raises(LogUnavailable):
                        await log.entries(0, 1)
        async with (
            running(kept) as server,
            PostgresLog.open(moved(roles.app_url, server), signer) as log,
        ):
            await check(log, acknowledged)
    assert len(acknowledged) > KILLS


async def check(log: PostgresLog, acknowledged: dict[int, bytes]) -> None:
    """No gap, no second root: every acknowledged head is a beginning of what is there."""
    size = (await log.head()).size
    frontier, roots = Frontier(), {0: Frontier().root()}
    for start in range(0, size, 1_000):
        for one in await log.entries(start, size):
            assert one.index == frontier.size
            frontier = frontier.extend([leaf_hash(one.data)])
            roots[frontier.size] = frontier.root()
    assert frontier.size == size
    assert acknowledged.items() <= roots.items()

"""The large log for benchmarks is a right one, and made in little memory."""

import asyncio
import tracemalloc
from pathlib import Path

from aiohttp import ClientSession

from alpine_service.adapters.secrets.ed25519 import verify_ed25519
from alpine_service.domain.feed.entry import read_entry
from alpine_service.domain.feed.policy import Policy, read_witnessed
from alpine_service.domain.feed.proving import plan_frontier
from alpine_service.domain.feed.sequence import follow_all
from alpine_service.domain.feed.standing import Standing
from alpine_service.domain.feed.tile import bundles_of, read_bundle, read_tile, tiles_of
from alpine_service.domain.feed.tree import Frontier
from alpine_service.testing.large_log import serving, write_large_log


async def test_a_large_log_is_served_and_is_right(tmp_path: Path) -> None:
    log = await asyncio.to_thread(write_large_log, tmp_path, 600, strategies=3)
    async with serving(log) as url, ClientSession() as session:

        async def get(path: str) -> bytes:
            async with session.get(f"{url}/{path}") as response:
                assert response.status == 200, path
                return await response.read()

        note = await get("checkpoint")
        head = read_witnessed(note, Policy(log.key), verify_ed25519).head
        assert head.size == log.size == 603
        data = [one for each in bundles_of(603) for one in read_bundle(each, await get(each.path))]
        entries = [read_entry(index, one) for index, one in enumerate(data)]
        assert Frontier().extended(entry.leaf_hash for entry in entries).root() == head.root
        follow_all(head.origin, Standing(), entries)
        for path in ("tile/0/000.p/7", "tile/0/099", "tile/../checkpoint", "secret"):
            async with session.get(f"{url}/{path}") as response:
                assert response.status == (200 if path.endswith("checkpoint") else 404)
        tiles = {tile: read_tile(tile, await get(tile.path)) for tile in tiles_of(603)}
        assert Frontier(603, plan_frontier(603).fold(tiles)).root() == head.root


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    peaks = []
    for signals in (300, 1200):
        tracemalloc.start()
        write_large_log(tmp_path / str(signals), signals)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5

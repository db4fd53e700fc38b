"""A large honest log in files, made and served in little memory, for benchmarks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from attrs import frozen

from alpine_service.adapters.secrets.ed25519 import make_signer
from alpine_service.domain.feed.canonical import encode
from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.note import write_line
from alpine_service.domain.feed.tile import LEVELS, WIDTH, Bundle, Tile, read_path, write_bundle
from alpine_service.domain.feed.tree import Frontier, leaf_hash
from alpine_service.domain.feed.verifier_key import Algorithm, VerifierKey
from alpine_service.errors import Malformed
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.small_log import NAME, SEED
from alpine_service.testing.small_record import BEGINNING_US, SECOND_US

CHECKPOINT = "checkpoint"


@frozen
class LargeLog:
    """A log that lies below `folder` under the paths of the protocol."""

    folder: Path
    key: VerifierKey
    size: int


def write_large_log(
    folder: Path,
    signals: int,
    *,
    name: str = NAME,
    seed: bytes = SEED,
    strategies: int = 4,
    per_second: int = 100,
) -> LargeLog:
    """Write a log of so many signals of open strategies; the folder should be empty.

    The first entries register the strategies. Memory does not grow with the log.
    """
    signer = make_signer(name, seed, Algorithm.CHECKPOINT)
    pages = _Pages(folder)
    frontier = Frontier()
    leaves: list[bytes] = []
    for data in _entries(name, signals, strategies, per_second):
        leaves.append(leaf_hash(data))
        pages.add(data, leaves[-1])
        if len(leaves) == WIDTH:
            frontier, leaves = frontier.extended(leaves), []
    pages.finish()
    frontier = frontier.extended(leaves)
    text = Head(name, frontier.size, frontier.root()).text()
    note = f"{text}\n{write_line(signer.verifier_key, signer.sign(text.encode()))}"
    (folder / CHECKPOINT).write_bytes(note.encode())
    return LargeLog(folder, signer.verifier_key, frontier.size)


@asynccontextmanager
async def serving(log: LargeLog) -> AsyncIterator[str]:
    """Serve a log's files on loopback while the block runs; gives the address."""

    async def answer(request: web.Request) -> web.Response:
        path = request.path.removeprefix("/")
        if path != CHECKPOINT and not _is_tile(path):
            return web.Response(status=404)
        try:
            return web.Response(body=await asyncio.to_thread((log.folder / path).read_bytes))
        except FileNotFoundError:
            return web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{path:.+}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def _is_tile(path: str) -> bool:
    try:
        read_path(path)
    except Malformed:
        return False
    return True


def _entries(name: str, signals: int, strategies: int, per_second: int) -> Iterator[bytes]:
    """The entries, in order: every strategy in turn, BUY and SELL in turn."""
    names = [f"strategy-{number}" for number in range(strategies)]
    for strategy in names:
        yield encode({**strategy_members(), **_common(name, strategy, 0, BEGINNING_US)})
    for number in range(signals):
        turn, place = divmod(number, strategies)
        now_us = BEGINNING_US + SECOND_US + number * SECOND_US // per_second
        direction = "BUY" if turn % 2 else "SELL"
        signal = signal_members(f"signal-{number:08}", direction=direction)
        yield encode({**signal, **_common(name, names[place], turn + 1, now_us)})


def _common(name: str, strategy: str, seq: int, now_us: int) -> dict[str, str | int]:
    return {"v": 1, "log": name, "strategy": strategy, "seq": seq, "decided_us": now_us}


class _Pages:
    """The last, unfinished bundle, and the last, unfinished tile of each level."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bundles = 0
        self._entries: list[bytes] = []
        self._tiles = [0] * LEVELS
        self._hashes: list[list[bytes]] = [[] for _ in range(LEVELS)]

    def add(self, data: bytes, leaf: bytes) -> None:
        """Take in an entry, and write what is full with it."""
        self._entries.append(data)
        if len(self._entries) == WIDTH:
            self._write_bundle()
        hashed = leaf
        for level in range(LEVELS):
            hashes = self._hashes[level]
            hashes.append(hashed)
            if len(hashes) < WIDTH:
                break
            hashed = Frontier().extended(hashes).root()
            self._write_tile(level)

    def finish(self) -> None:
        """Write what is not full."""
        if self._entries:
            self._write_bundle()
        for level in range(LEVELS):
            if self._hashes[level]:
                self._write_tile(level)

    def _write_bundle(self) -> None:
        bundle = Bundle(self._bundles, len(self._entries))
        self._write(bundle.path, write_bundle(self._entries))
        self._bundles += 1
        self._entries.clear()

    def _write_tile(self, level: int) -> None:
        hashes = self._hashes[level]
        tile = Tile(level, self._tiles[level], len(hashes))
        self._write(tile.path, b"".join(hashes))
        self._tiles[level] += 1
        hashes.clear()

    def _write(self, path: str, data: bytes) -> None:
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

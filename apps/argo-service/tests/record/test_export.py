"""`argo export`: the same bytes under the same paths as the service, checked before written."""

import asyncio
import os
import resource
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from argo_adapters.keys.ed25519 import Ed25519Signer, verify_ed25519
from argo_adapters.keys.key_file import make_key_file
from argo_adapters.postgres.launcher import NoServer, private_server
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import make_roles
from argo_adapters.sqlite.log import SqliteLog
from argo_core.errors import InvalidInput, LogUnavailable, LogUnusable
from argo_core.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from argo_core.ledger.merkle import EMPTY_ROOT, Frontier
from argo_core.ledger.note import Note
from argo_core.ledger.record import LoggedEntry
from argo_core.ledger.tile import WIDTH, parse_tile_path, tile_at
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main
from argo_service.errors import CannotWrite
from argo_service.exporting.checked import checked_log
from argo_service.exporting.export import Exported, export
from argo_service.exporting.files import LOCK, open_files
from argo_service.exporting.log_file import open_log_file

SIZES = (1, 255, 256, 257, 512)


async def exported(log: Any, folder: Path, note: Note | None = None, **more: bool) -> Exported:
    note = note or await log.checkpoint()
    assert note is not None
    manager = open_files(folder)
    files = await asyncio.to_thread(manager.__enter__)
    try:
        return await export(log, note, files, **more)
    finally:
        await asyncio.to_thread(manager.__exit__, None, None, None)


def paths_in(folder: Path) -> list[str]:
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in files if path.name != LOCK)


def contents(folder: Path) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in paths_in(folder)}


@contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """A static file server that knows nothing of us."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Quiet(SimpleHTTPRequestHandler):
    """Logs nothing."""

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def fetched(address: str) -> bytes:
    with urllib.request.urlopen(address) as response:  # noqa: S310 - our own server
        data: bytes = response.read()
        return data


@pytest.mark.parametrize("size", SIZES)
async def test_a_file_server_gives_what_the_service_gives(
    desk: Any, tmp_path: Path, size: int
) -> None:
    await desk.write(size)
    await desk.press.publish(cosigned_at=1_700_000_001)
    folder = tmp_path / "site"
    note = await desk.log.checkpoint(cosigned=True)
    done = await exported(desk.log, folder, note, proofs=True)
    paths = await asyncio.to_thread(paths_in, folder)
    assert done == Exported(size, (await desk.log.head()).root.hex(), len(paths), 0)
    assert len([path for path in paths if path.startswith("proof/")]) == size
    with file_server(folder) as address:
        for path in paths:
            live = await desk.client.get(f"/{path}")
            assert live.status == 200
            assert await live.read() == await asyncio.to_thread(fetched, f"{address}/{path}"), path


async def test_an_export_that_goes_on_writes_only_what_is_new(desk: Any, tmp_path: Path) -> None:
    await desk.write(600)
    await exported(desk.log, tmp_path)
    before = await asyncio.to_thread(contents, tmp_path)
    full = [tmp_path / path for path in before if path.startswith("tile") and ".p" not in path]
    touched = {path: path.stat().st_mtime_ns for path in full}
    assert len(full) == 4
    await desk.write(200)
    done = await exported(desk.log, tmp_path)
    after = await asyncio.to_thread(contents, tmp_path)
    # What was there stays as it was, byte for byte, but for the checkpoint.
    assert {path: data for path, data in after.items() if path in before} == {
        **before,
        "checkpoint": after["checkpoint"],
    }
    assert {path: path.stat().st_mtime_ns for path in full} == touched
    assert sorted(after.keys() - before.keys()) == [
        "tile/0/002",
        "tile/0/003.p/32",
        "tile/1/000.p/3",
        "tile/entries/002",
        "tile/entries/003.p/32",
    ]
    assert (done.written, done.kept) == (6, 4)
    again = await exported(desk.log, tmp_path)
    assert again.written == 0


async def test_the_parts_that_an_earlier_export_checked_are_not_read_again(
    desk: Any, tmp_path: Path
) -> None:
    await desk.write(600)
    await exported(desk.log, tmp_path)
    await desk.write(1)
    log = Altered(desk.log)
    await exported(log, tmp_path)
    assert log.ranges == [(512, 601)]


@define
class Altered:
    """A log that notes which entries are read, and gives one of its bytes wrong."""

    log: Any
    level: int | None = None
    at: int = -1
    entry: int = -1
    ranges: list[tuple[int, int]] = field(factory=list)

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        self.ranges.append((start, stop))
        found = await self.log.entries(start, stop)
        return tuple(
            LoggedEntry(one.index, one.data[:-2] + b" }") if one.index == self.entry else one
            for one in found
        )

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        data = bytearray(await self.log.hashes(level, start, stop))
        if level == self.level and start <= self.at < stop:
            data[(self.at - start) * 32] ^= 1
        return bytes(data)

    async def checkpoint(self, *, cosigned: bool = False) -> Note | None:
        note: Note | None = await self.log.checkpoint(cosigned=cosigned)
        return note


@pytest.mark.parametrize(
    ("level", "at"), [(0, 0), (0, 255), (0, 256), (0, 511), (0, 512), (0, 599), (1, 0), (1, 1)]
)
async def test_a_wrong_hash_is_never_written(
    desk: Any, tmp_path: Path, level: int, at: int
) -> None:
    await desk.write(600)
    with pytest.raises(LogUnusable):
        await exported(Altered(desk.log, level=level, at=at), tmp_path)
    wrong = bytearray(await desk.log.hashes(level, at, at + 1))
    wrong[0] ^= 1
    written = await asyncio.to_thread(contents, tmp_path)
    assert "checkpoint" not in written
    assert not any(bytes(wrong) in data for data in written.values())


@define
class HashesAlone:
    """Nothing but the hashes of a log too long for a test to write."""

    rows: dict[int, bytes]

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        return ()

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        return self.rows.get(level, b"")[start * 32 : stop * 32]

    async def checkpoint(self, *, cosigned: bool = False) -> Note | None:
        return None


LONG = 256 * 256 + 256 + 3


@pytest.fixture(scope="module")
def long_log() -> tuple[HashesAlone, Checkpoint]:
    """A log of three levels of tiles, with a full tile in the second."""
    leaves = [sha256(b"%d" % place).digest() for place in range(LONG)]
    frontier, above = Frontier().grow(leaves)
    rows = {level: b"".join(row) for level, row in {0: leaves, **above}.items()}
    return HashesAlone(rows), Checkpoint(LOG, LONG, frontier.root())


async def test_a_long_log_is_checked_through_all_its_levels(
    long_log: tuple[HashesAlone, Checkpoint],
) -> None:
    log, head = long_log
    checked = await checked_log(log, head)
    assert [tile.path for tile, _ in checked.above()] == [
        "tile/1/000",
        "tile/1/001.p/1",
        "tile/2/000.p/1",
    ]
    read = [await checked.tile(tile) for tile in checked.tiles()]
    assert b"".join(read) == log.rows[0]


@pytest.mark.parametrize(
    ("level", "at"), [(0, LONG - 1), (0, LONG - 3), (1, 0), (1, 255), (1, 256), (2, 0)]
)
async def test_in_a_long_log_a_wrong_hash_is_found_before_anything_is_read(
    long_log: tuple[HashesAlone, Checkpoint], level: int, at: int
) -> None:
    log, head = long_log
    with pytest.raises(LogUnusable, match="another root"):
        await checked_log(Altered(log, level=level, at=at), head)


@pytest.mark.parametrize("at", [0, 255, 256, LONG - 4])
async def test_in_a_long_log_a_wrong_leaf_is_found_with_its_tile(
    long_log: tuple[HashesAlone, Checkpoint], at: int
) -> None:
    log, head = long_log
    checked = await checked_log(Altered(log, level=0, at=at), head)
    with pytest.raises(LogUnusable, match="than the tile above"):
        await checked.tile(tile_at(0, at, head.size))


@pytest.mark.parametrize("entry", [0, 255, 256, 599])
async def test_a_wrong_entry_is_never_written(desk: Any, tmp_path: Path, entry: int) -> None:
    await desk.write(600)
    with pytest.raises(LogUnusable):
        await exported(Altered(desk.log, entry=entry), tmp_path)
    written = await asyncio.to_thread(contents, tmp_path)
    assert "checkpoint" not in written
    assert not any(b" }" in data for data in written.values())


async def test_an_export_that_was_cut_off_is_finished_by_the_next(
    desk: Any, tmp_path: Path
) -> None:
    await desk.write(600)
    with pytest.raises(LogUnusable):
        await exported(Altered(desk.log, entry=300), tmp_path)
    # What a crash may leave: a file without its bytes, and parts of files.
    torn = tmp_path / "tile" / "0" / "000"
    assert torn.exists()
    torn.write_bytes(b"")
    (tmp_path / ".parts").mkdir()
    (tmp_path / ".parts" / "tmp").write_bytes(b"half")
    await exported(desk.log, tmp_path)
    whole = tmp_path / "whole"
    await exported(desk.log, whole)
    assert {
        path: data for path, data in contents(tmp_path).items() if not path.startswith("whole")
    } == contents(whole)


async def test_a_covered_file_of_a_wrong_size_is_written_again(desk: Any, tmp_path: Path) -> None:
    await desk.write(600)
    await exported(desk.log, tmp_path)
    for name in ("tile/0/000", "tile/entries/001"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[:7] if name.startswith("tile/0") else b"")
        await exported(desk.log, tmp_path)
        assert (tmp_path / name).read_bytes() == whole


async def test_a_folder_of_another_log_history_or_future_is_refused(
    desk: Any, tmp_path: Path
) -> None:
    await desk.write(5)
    first = await desk.log.checkpoint()
    other = FakeSigner("other.example/log")
    root = parse_checkpoint(first.text).root
    for text, said in (
        (Checkpoint(other.key.name, 3, root).text, "other.example/log"),
        (Checkpoint(LOG, 3, EMPTY_ROOT).text, "not this log's"),
        (Checkpoint(LOG, 6, root).text, "has 6 entries"),
    ):
        note = Note(text, first.signatures)
        (tmp_path / "checkpoint").write_bytes(note.encode())
        with pytest.raises(InvalidInput, match=said):
            await exported(desk.log, tmp_path)
        assert contents(tmp_path) == {"checkpoint": note.encode()}
    (tmp_path / "checkpoint").write_bytes(b"my notes")
    with pytest.raises(InvalidInput, match="another folder"):
        await exported(desk.log, tmp_path)


async def test_an_older_cosigned_checkpoint_exports_only_what_it_covers(
    desk: Any, tmp_path: Path
) -> None:
    await desk.write(3)
    await desk.press.publish(cosigned_at=1_700_000_001)
    await desk.write(300)
    done = await exported(desk.log, tmp_path, await desk.log.checkpoint(cosigned=True))
    assert done.size == 3
    assert paths_in(tmp_path) == ["checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"]


def test_two_exports_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with open_files(tmp_path), pytest.raises(LogUnavailable), open_files(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotWrite, match="file"), open_files(tmp_path / "file" / "deep"):
        pass


@contextmanager
def no_file_longer_than(count: int) -> Iterator[None]:
    """A disk that is as good as full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_finds_no_space_leaves_nothing_behind(tmp_path: Path) -> None:
    with open_files(tmp_path) as files:
        files.put("tile/0/000", b"before")
        with no_file_longer_than(10), pytest.raises(CannotWrite, match="tile/0/000"):
            files.put("tile/0/000", b"x" * 100_000)
        assert contents(tmp_path) == {"tile/0/000": b"before"}
        files.put("tile/0/000", b"after")
    assert contents(tmp_path) == {"tile/0/000": b"after"}
    assert not (tmp_path / ".parts").exists()


def test_what_is_in_the_way_of_a_file_is_said(tmp_path: Path) -> None:
    with open_files(tmp_path) as files:
        (tmp_path / "checkpoint").mkdir()
        (tmp_path / "tile").write_bytes(b"")
        for path in ("checkpoint", "tile/0/000"):
            with pytest.raises(CannotWrite):
                files.put(path, b"data")
        assert not files.has("tile/0/000", 1, 10)


async def test_every_file_is_public_to_read_and_named_as_the_service_does(
    desk: Any, tmp_path: Path
) -> None:
    await desk.write(700)
    await exported(desk.log, tmp_path)
    for path in paths_in(tmp_path):
        assert (tmp_path / path).stat().st_mode & 0o777 == 0o644
        if path.startswith("tile"):
            assert parse_tile_path(path).width <= WIDTH


def ready(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Ed25519Signer:
    """A folder with settings and a key, and a log of 300 entries signed with it."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ARGO_LOG__NAME", LOG)
    signer = make_key_file(folder / "argo.sqlite3.key", LOG)

    async def write() -> None:
        async with SqliteLog.open(folder / "argo.sqlite3", signer) as log:
            await log.append(signal_batch(0, range(300)))

    asyncio.run(write())
    return signer


def test_the_command_exports_a_log_that_is_being_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    signer = ready(tmp_path, monkeypatch)
    (tmp_path / "file").write_bytes(b"")
    assert main(["export", "file"]) == Exit.WRONG_USE
    assert "file is not a folder" in capsys.readouterr().err
    assert main(["export", "site"]) == Exit.WRONG_USE
    assert "--pending" in capsys.readouterr().err

    async def beside() -> int:
        async with SqliteLog.open(tmp_path / "argo.sqlite3", signer):
            return await asyncio.to_thread(main, ["export", "site", "--pending", "--proofs"])

    assert asyncio.run(beside()) == Exit.DONE
    told = capsys.readouterr()
    assert "300 entries" in told.out
    assert told.err == ""
    assert main(["export", "site", "--pending", "--json"]) == Exit.DONE
    assert '"written": 0' in capsys.readouterr().out
    site = tmp_path / "site"
    head, _ = open_checkpoint((site / "checkpoint").read_bytes(), signer.key, verify_ed25519)
    assert head.size == 300
    assert len(paths_in(site)) == 1 + 2 + 2 + 1 + 300


def test_a_checkpoint_that_the_logs_key_did_not_sign_is_not_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    signer = ready(tmp_path, monkeypatch)
    other = Ed25519Signer(LOG, b"x" * 32).key
    command = ["export", "site", "--pending", "--log-key"]
    assert main([*command, str(other)]) == Exit.WRONG_USE
    assert "no good signature" in capsys.readouterr().err
    assert main([*command, "nonsense"]) == Exit.WRONG_USE
    assert "--log-key" in capsys.readouterr().err
    assert paths_in(tmp_path / "site") == []
    (tmp_path / "argo.sqlite3.key").unlink()
    assert main([*command, str(signer.key)]) == Exit.DONE
    assert capsys.readouterr().err == ""
    assert main(command[:3]) == Exit.DONE
    assert "is not checked" in capsys.readouterr().err


def test_a_log_in_postgresql_is_exported_like_one_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = ready(tmp_path, monkeypatch)
    assert main(["export", "from-file", "--pending"]) == Exit.DONE
    with private_server() as server:
        if isinstance(server, NoServer):
            if os.environ.get("CI"):  # noqa: TID251 - as in the adapters' tests
                pytest.fail(server.problem)
            pytest.skip(server.problem)
        asyncio.run(copy(server.url, signer, monkeypatch))
        assert main(["export", "from-tables", "--pending"]) == Exit.DONE
    assert contents(tmp_path / "from-tables") == contents(tmp_path / "from-file")
    assert main(["export", "away", "--pending"]) == Exit.LOG_UNUSABLE


async def copy(url: str, signer: Ed25519Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    roles = await make_roles(url, "argo")
    monkeypatch.setenv("ARGO_LOG__DATABASE_URL", roles.app_url)
    opened = PostgresLog.open(roles.app_url, signer, owner_url=roles.owner_url)
    async with opened as log:
        await log.append(signal_batch(0, range(300)))


@pytest.mark.parametrize("content", [None, b"", b"not a database at all" * 100])
def test_what_is_no_log_is_not_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "argo.sqlite3").write_bytes(content)
    assert main(["export", "site", "--pending"]) == Exit.LOG_UNUSABLE
    assert paths_in(tmp_path / "site") == []


async def test_a_log_file_is_read_as_the_log_is(tmp_path: Path) -> None:
    async with SqliteLog.open(tmp_path / "argo.sqlite3", FakeSigner(LOG)) as log:
        await log.append(signal_batch(0, range(5)))
        async with open_log_file(tmp_path / "argo.sqlite3") as file:
            assert await file.entries(1, 9) == await log.entries(1, 9)
            assert await file.hashes(0, 0, 5) == await log.hashes(0, 0, 5)
            assert await file.checkpoint() == await log.checkpoint()
            assert await file.checkpoint(cosigned=True) is None

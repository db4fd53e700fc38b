"""Back up, write on, restore the old copy: the start is refused, and this is how to go on."""

import asyncio
import json
import resource
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from argo_adapters.sqlite.copying import copy_sqlite
from argo_core.errors import InvalidInput, InvalidSetting, LogBehind, LogUnavailable, LogUnusable
from argo_service.api_keys import ApiKeyFile, Scope, keys_path
from argo_service.backing_up import LOG, MANIFEST, back_up, restore
from argo_service.config.tree import Settings

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def cosign(argo: Any, count: int, folder: Path | None = None) -> None:
    """Write that many entries and have them cosigned; then copy them, the log still open."""
    async with argo.running() as (log, publication, watching):
        await argo.write(log, count)
        publication.offer()
        await asyncio.wait_for(watching.cosigned.wait(), 10)
        if folder is not None:
            made = await asyncio.to_thread(back_up, argo.settings, folder, NOW)
            assert made.size == count


async def test_an_old_copy_is_refused_and_the_newest_one_goes_on(argo: Any, tmp_path: Path) -> None:
    database, folder = argo.settings.database, tmp_path / "monday"
    await cosign(argo, 3, folder)
    await cosign(argo, 3)
    # What a replica, or the other disk, has.
    newest = tmp_path / "replica.sqlite3"
    await asyncio.to_thread(copy_sqlite, database, newest)

    argo.remove_log()
    restored = await asyncio.to_thread(restore, argo.settings, folder)
    assert restored.size == 3
    with pytest.raises(LogBehind, match="has cosigned 6 entries, and 3 are here"):
        async with argo.running():
            pass

    # The old copy is moved away and kept, and the whole log takes its place.
    argo.remove_log()
    await asyncio.to_thread(copy_sqlite, newest, database)
    async with argo.running() as (log, publication, watching):
        assert (await log.head()).size == 6
        await argo.write(log, 1)
        publication.offer()
        await asyncio.wait_for(watching.cosigned.wait(), 10)
        assert watching.problems == []


async def test_a_copy_nothing_was_written_after_goes_on(argo: Any, tmp_path: Path) -> None:
    await cosign(argo, 3, tmp_path / "monday")
    argo.remove_log()
    await asyncio.to_thread(restore, argo.settings, tmp_path / "monday")
    assert argo.settings.database.stat().st_mode & 0o777 == 0o600
    async with argo.running() as (log, _, _watching):
        assert (await log.head()).size == 3


async def test_without_its_key_a_restored_log_does_not_go_on(argo: Any, tmp_path: Path) -> None:
    await cosign(argo, 3, tmp_path / "monday")
    argo.remove_log()
    await asyncio.to_thread(restore, argo.settings, tmp_path / "monday")
    kept = {path.name for path in (tmp_path / "monday").iterdir()}
    assert kept == {LOG, MANIFEST}
    key = argo.settings.database.with_name(argo.settings.database.name + ".key")
    key.rename(key.with_name("elsewhere"))
    with pytest.raises(InvalidSetting, match="no key"):
        async with argo.running():
            pass


async def test_api_keys_come_back_with_the_rest(argo: Any, tmp_path: Path) -> None:
    keys = ApiKeyFile(keys_path(argo.settings.database))
    _, text = await asyncio.to_thread(keys.add, "reader", frozenset({Scope.READ}), NOW, None)
    await cosign(argo, 3, tmp_path / "monday")
    copied = await asyncio.to_thread((tmp_path / "monday" / "api-keys.sqlite3").read_bytes)
    assert text.encode() not in copied
    argo.remove_log()
    await asyncio.to_thread(keys_path(argo.settings.database).unlink)
    await asyncio.to_thread(restore, argo.settings, tmp_path / "monday")
    (found,) = await asyncio.to_thread(keys.all)
    assert found.matches(text)


async def test_nothing_is_written_over_and_nothing_changed_is_restored(
    argo: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "monday"
    await cosign(argo, 3, folder)
    with pytest.raises(InvalidInput, match="there already"):
        await asyncio.to_thread(back_up, argo.settings, folder, NOW)
    with pytest.raises(InvalidInput, match="nothing is written over"):
        await asyncio.to_thread(restore, argo.settings, folder)
    argo.remove_log()
    other = evolve(argo.settings, log=evolve(argo.settings.log, name="other.example/signals"))
    with pytest.raises(InvalidInput, match="settings have"):
        await asyncio.to_thread(restore, other, folder)

    def tamper() -> None:
        with closing(sqlite3.connect(folder / LOG)) as rows, rows:
            rows.execute("PRAGMA user_version = 99")

    await asyncio.to_thread(tamper)
    with pytest.raises(InvalidInput, match="not what was backed up"):
        await asyncio.to_thread(restore, argo.settings, folder)


async def test_nothing_is_restored_beside_what_a_killed_process_left(
    argo: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "monday"
    await cosign(argo, 3, folder)
    argo.remove_log()
    # SQLite would play it into whatever lies there under the log's name.
    left = argo.settings.database.with_name(argo.settings.database.name + "-wal")
    await asyncio.to_thread(left.write_bytes, b"pages of another file")
    with pytest.raises(InvalidInput, match="-wal is there"):
        await asyncio.to_thread(restore, argo.settings, folder)
    assert not argo.settings.database.exists()
    await asyncio.to_thread(left.unlink)
    await asyncio.to_thread(restore, argo.settings, folder)


async def test_a_log_that_is_not_the_one_the_backup_tells_of_is_not_restored(
    argo: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "monday"
    await cosign(argo, 3, folder)
    argo.remove_log()
    told = json.loads(await asyncio.to_thread((folder / MANIFEST).read_text))
    for said in ({"size": 4}, {"size": None}, {"root": "0" * 64}):
        await asyncio.to_thread((folder / MANIFEST).write_text, json.dumps(told | said))
        with pytest.raises(InvalidInput, match="said to have"):
            await asyncio.to_thread(restore, argo.settings, folder)
    assert not argo.settings.database.exists()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format": "x", "files": {}}', "[" * 100_000 + "]" * 100_000]
)
async def test_a_folder_that_is_no_backup_is_not_restored(
    argo: Any, tmp_path: Path, text: str
) -> None:
    await asyncio.to_thread((tmp_path / MANIFEST).write_text, text)
    with pytest.raises(InvalidInput, match="no backup"):
        await asyncio.to_thread(restore, argo.settings, tmp_path)
    named = {"format": "argo-backup-1", "made_at": "x", "log": argo.settings.log.name}
    listed = named | {"size": 0, "root": "", "files": {"../../etc/passwd": "0"}}
    await asyncio.to_thread((tmp_path / MANIFEST).write_text, json.dumps(listed))
    with pytest.raises(InvalidInput, match="nothing of ours"):
        await asyncio.to_thread(restore, argo.settings, tmp_path)


def test_what_is_no_database_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, but long enough to be one " * 100)
    with pytest.raises(LogUnusable):
        copy_sqlite(tmp_path / "text", tmp_path / "copy")
    with pytest.raises(LogUnavailable, match="no such file"):
        copy_sqlite(tmp_path / "absent", tmp_path / "copy")
    (tmp_path / "copy").touch()
    with pytest.raises(LogUnavailable, match="nothing is written over"):
        copy_sqlite(tmp_path / "text", tmp_path / "copy")
    assert {path.name for path in tmp_path.iterdir()} == {"text", "copy"}


def test_a_full_disk_is_an_error_of_the_tree(tmp_path: Path) -> None:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        with pytest.raises(LogUnavailable, match="check disk"):
            back_up(Settings(database=tmp_path / "argo.sqlite3"), tmp_path / "monday", NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)

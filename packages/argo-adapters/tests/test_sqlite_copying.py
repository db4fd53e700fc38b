"""A copy of a SQLite file is what was copied, whatever lay at its place before."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from argo_adapters.sqlite.copying import copy_sqlite, lying_at
from argo_core.errors import LogUnavailable


def _make(path: Path, word: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE said (word)")
        db.execute("INSERT INTO said VALUES (?)", [word])


def test_nothing_is_put_where_a_killed_writer_left_its_write_ahead_log(tmp_path: Path) -> None:
    source, target = tmp_path / "backup", tmp_path / "log"
    _make(source, "backed up")
    with closing(sqlite3.connect(target, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE later (word)")
        left = {end: (tmp_path / f"log{end}").read_bytes() for end in ("-wal", "-shm")}
    # Whoever is told to move the file moves this one, and leaves what a kill left beside it.
    target.unlink()
    for end, data in left.items():
        (tmp_path / f"log{end}").write_bytes(data)

    for end in ("-wal", "-shm"):
        with pytest.raises(LogUnavailable, match=f"log{end}: it is there already"):
            copy_sqlite(source, target)
        assert not target.exists()
        (tmp_path / f"log{end}").unlink()
    assert lying_at(target) is None
    copy_sqlite(source, target)
    with closing(sqlite3.connect(target)) as db:
        assert db.execute("SELECT word FROM said").fetchall() == [("backed up",)]
    assert lying_at(target) == target


def test_nothing_is_put_where_a_journal_would_be_rolled_back_into_it(tmp_path: Path) -> None:
    _make(tmp_path / "backup", "backed up")
    (tmp_path / "log-journal").touch()
    with pytest.raises(LogUnavailable, match="log-journal"):
        copy_sqlite(tmp_path / "backup", tmp_path / "log")


def test_a_link_to_nowhere_is_something_that_is_there(tmp_path: Path) -> None:
    _make(tmp_path / "backup", "backed up")
    (tmp_path / "log").symlink_to(tmp_path / "nowhere")
    with pytest.raises(LogUnavailable, match="log: it is there already"):
        copy_sqlite(tmp_path / "backup", tmp_path / "log")

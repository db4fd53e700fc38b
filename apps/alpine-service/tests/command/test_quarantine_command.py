"""What was refused, by command."""

from pathlib import Path

import pytest_asyncio

from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.domain.signals.rejection import CHECKPOINT, KEPT_CHECKPOINT, Rejection
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.operating import Operator
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.small_log import SmallLog

PIECES = {CHECKPOINT: b"one\n\xff", KEPT_CHECKPOINT: b"other\n"}


@pytest_asyncio.fixture
async def number(database: TestDatabase, log: SmallLog) -> str:
    """The number of a fork that is open."""
    store = PostgresQuarantine(database.app)
    fork = Rejection("fork", "two histories", PIECES, size=7, halts=True)
    await store.keep(log.name, fork, FakeClock().now())
    (one,) = await store.listed(resolved=False, limit=2)
    return str(one.id)


async def test_a_refusal_is_listed_shown_and_resolved(
    alpine: Operator, database: TestDatabase, log: SmallLog, number: str
) -> None:
    assert "two histories" in (await alpine("quarantine", "list")).out
    shown = await alpine("quarantine", "show", number, "--json")
    assert shown.json["evidence"] == sorted(PIECES)
    assert "halts:        True" in (await alpine("quarantine", "show", number)).out
    await alpine("quarantine", "resolve", number)
    assert (await alpine("quarantine", "list")).out == "nothing\n"
    (resolved,) = (await alpine("quarantine", "list", "--resolved", "--json")).json["quarantine"]
    assert resolved["resolved_by"] == "operator"
    assert not await PostgresQuarantine(database.app).is_halted(log.name)
    again = await alpine("quarantine", "resolve", number, code=1)
    assert again.errors == "alpine: no such open quarantine\n"
    assert "resolved_by:  operator" in (await alpine("quarantine", "show", number)).out


async def test_evidence_comes_out_byte_for_byte(
    alpine: Operator, number: str, tmp_path: Path
) -> None:
    folder = tmp_path / "evidence"
    await alpine("quarantine", "show", number, "--into", str(folder))

    laid = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert laid == {name.replace(" ", "-"): data for name, data in PIECES.items()}
    piece = await alpine("quarantine", "show", number, "--evidence", KEPT_CHECKPOINT)
    assert piece.out == "other\n"


async def test_what_is_not_there_is_one_line(alpine: Operator, number: str, tmp_path: Path) -> None:
    for words in (("show", "999"), ("show", number, "--evidence", "x"), ("resolve", "999")):
        done = await alpine("quarantine", *words, code=1)
        assert len(done.errors.splitlines()) == 1
    taken = tmp_path / "file"
    taken.touch()
    done = await alpine("quarantine", "show", number, "--into", str(taken), code=2)
    assert "--into" in done.errors

"""The ledger of trials on SQLite: its promises, its file, trouble, processes, kill -9."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings

from argo_adapters.trials.sqlite_trials import MOST, SqliteTrials
from argo_core.backtest.research.ground import Ground
from argo_core.backtest.research.trial import TrialLedger
from argo_core.errors import InvalidInput, TrialError
from argo_core.testing.trial_strategies import sha
from argo_core.testing.trials_contract import FIRST, IDLE, SECOND, TrialLedgerContract
from argo_core.testing.trials_machine import TrialsMachine

REPLACE = "INSERT OR REPLACE INTO trials"
SAME = "request, result, 0, 0, 0, 0 FROM trials"
GROUND = Ground(["MSFT", "AAPL"], date(2024, 6, 3), date(2024, 6, 4))
SCRIPT = Path(__file__).with_name("trials_until_killed.py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "a folder with ? and %"
    folder.mkdir()
    return folder / "trials.db"


@pytest.fixture
def ledger(path: Path) -> SqliteTrials:
    return SqliteTrials(path, busy_s=0.01)


@pytest.fixture
def shell(path: Path, ledger: SqliteTrials) -> Iterator[sqlite3.Connection]:
    """Another connection to a ledger with a trial, as from a shell."""
    ledger.add([FIRST])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


class TestSqliteTrials(TrialLedgerContract):
    @pytest.fixture
    def ledger(self, path: Path) -> SqliteTrials:
        return SqliteTrials(path)


class SqliteMachine(TrialsMachine):
    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()

    def opened(self) -> TrialLedger:
        return SqliteTrials(Path(self._folder.name) / "trials.db")

    def teardown(self) -> None:
        self._folder.cleanup()


TestSqliteMachine = SqliteMachine.TestCase
EXAMPLES = (settings.default or settings()).max_examples // 10
TestSqliteMachine.settings = settings(max_examples=max(5, EXAMPLES), stateful_step_count=15)


def test_trials_are_there_again_for_whoever_opens_the_file(path: Path) -> None:
    SqliteTrials(path).add([FIRST, SECOND])
    assert SqliteTrials(path).newest() == (SECOND, FIRST)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE trials SET sharpe = 9", "do not change"),
        ("DELETE FROM trials", "are kept"),
        (
            "INSERT INTO trials SELECT 7, at_us, '', '', 1, '', 'r', '', 0, 0, 0, 0 FROM trials",
            "gap",
        ),
        (f"{REPLACE} SELECT number, at_us, 'x', '', 1, '', {SAME}", "each once"),
        (f"{REPLACE} SELECT 2, at_us, 'x', '', 1, '', {SAME}", "each once"),
        ("UPDATE grounds SET last = last + 1", "do not change"),
        ("DELETE FROM grounds", "are kept"),
        ("INSERT INTO grounds VALUES (7, 1, 2, 'AAPL')", "gap"),
        ("INSERT OR REPLACE INTO grounds SELECT 2, first, last, symbols FROM grounds", "each once"),
    ],
)
def test_nothing_is_changed_by_hand_either(
    ledger: SqliteTrials, shell: sqlite3.Connection, statement: str, says: str
) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=says):
        shell.execute(statement)
    assert ledger.newest() == (FIRST,)


def test_a_locked_file_takes_nothing_and_then_the_same_call(
    ledger: SqliteTrials, shell: sqlite3.Connection
) -> None:
    shell.execute("BEGIN IMMEDIATE")
    with pytest.raises(TrialError, match=r"trials\.db: database is locked; let its other user"):
        ledger.add([SECOND])
    assert ledger.newest() == (FIRST,)
    shell.execute("ROLLBACK")
    assert ledger.add([SECOND]) == 1


def test_a_call_is_written_whole_or_not_at_all(ledger: SqliteTrials) -> None:
    unwritable: Any = {"fast": object()}
    with pytest.raises(TypeError, match="not JSON serializable"):
        ledger.add([FIRST, evolve(SECOND, parameters=unwritable)])
    assert ledger.newest() == ()


def test_batches_and_pages_are_bounded(ledger: SqliteTrials) -> None:
    with pytest.raises(InvalidInput, match="at most 10,000"):
        ledger.add([FIRST] * (MOST + 1))
    many = [evolve(FIRST, result_sha256=sha(number)) for number in range(MOST)]
    assert ledger.add(many) == MOST
    assert ledger.add([IDLE]) == 1
    assert len(ledger.newest(MOST + 1)) == MOST


def test_another_programs_file_is_left_as_it_is(path: Path, ledger: SqliteTrials) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
    before = path.read_bytes()
    with pytest.raises(TrialError, match="belongs to another program"):
        ledger.add([FIRST])
    assert path.read_bytes() == before


def test_a_newer_ledger_is_left_alone(ledger: SqliteTrials, shell: sqlite3.Connection) -> None:
    shell.execute("PRAGMA user_version = 3")
    with pytest.raises(TrialError, match="it has schema 3, this program knows 2; update Argo"):
        ledger.newest()


def test_a_ledger_without_its_triggers_is_not_believed(
    ledger: SqliteTrials, shell: sqlite3.Connection
) -> None:
    shell.execute("DROP TRIGGER trials_unchanged")
    with pytest.raises(TrialError, match="its table or triggers were changed"):
        ledger.tried(FIRST.ground)


@pytest.mark.parametrize("column", ["parameters", "data", "at_us", "sharpe", "ground"])
def test_damage_within_a_row_is_told(
    ledger: SqliteTrials, shell: sqlite3.Connection, column: str
) -> None:
    (trigger,) = shell.execute(
        "SELECT sql FROM sqlite_master WHERE name = 'trials_unchanged'"
    ).fetchone()
    shell.execute("DROP TRIGGER trials_unchanged")
    damage = {"at_us": str(2**60), "sharpe": "9e999", "ground": "9"}.get(column, "'{'")
    shell.execute(f"UPDATE trials SET {column} = {damage}")  # noqa: S608 - it is ours
    shell.execute(trigger)
    with pytest.raises(TrialError, match="a trial cannot be read"):
        ledger.newest()


def test_what_is_no_database_is_told(path: Path, ledger: SqliteTrials) -> None:
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(TrialError, match="file is not a database; restore it"):
        ledger.newest()


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(TrialError, match="it is not a file"):
        SqliteTrials(tmp_path).newest()


def started(path: Path, who: str, calls: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603 - it is ours
        [sys.executable, "-W", "error", str(SCRIPT), str(path), who, str(calls)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_write_to_the_same_file_at_once_and_nothing_is_lost(path: Path) -> None:
    whos = ("one", "two", "one")
    processes = [started(path, who, 8) for who in whos]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0]
    kept = SqliteTrials(path).newest(1_000)
    # Two of them had the same results, which are the same trials.
    assert len(kept) == 2 * 8 * 3
    tried = SqliteTrials(path).tried(GROUND)
    assert tried is not None
    assert tried.count == 8 * 3


def test_what_was_acknowledged_outlives_a_kill(path: Path) -> None:
    told = 0
    for who in ("one", "two", "three"):
        with started(path, who, -1) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if int(line) >= 12:
                    break
            process.kill()
            rest = process.stdout.read().splitlines()
            acknowledged = int(rest[-1]) if rest and rest[-1] else int(line)
        kept = [one for one in SqliteTrials(path).newest(MOST) if one.strategy == who]
        assert len(kept) >= acknowledged
        assert len(kept) % 3 == 0
        told += len(kept)
    assert len(SqliteTrials(path).newest(MOST)) == told

"""What `argo serve` refuses before it trades: one line, the exit code, and nothing written."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

from argo_adapters.file_lock import file_lock
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main

LIVE: Final = "https://api.alpaca.markets"
PAPER: Final = "https://paper-api.alpaca.markets"
KEYS: Final = {"alpaca__key_id": "HIDDEN-ID", "alpaca__secret_key": "HIDDEN-KEY"}
ENDLESS: Final = "it should not have begun"
Serve = Callable[..., str]


@pytest.fixture
def serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Serve:
    """Try to serve with these settings of trading; the one line that came of it."""
    monkeypatch.chdir(tmp_path)
    # Whoever gets that far has not been refused, and would serve for ever.
    monkeypatch.setattr("argo_service.cli.serve.run_loop", _begun)
    monkeypatch.setenv("ARGO_LISTEN__PORT", "0")
    monkeypatch.setenv("ARGO_TRADING__ENABLED", "true")
    monkeypatch.setenv("ARGO_YFINANCE__ENABLED", "false")

    def tried(code: int = Exit.WRONG_USE, **trading: str) -> str:
        with monkeypatch.context() as here:
            for name, value in trading.items():
                here.setenv(f"ARGO_TRADING__{name.upper()}", value)
            returned = main(["serve", "--quiet"])
        written = capsys.readouterr()
        assert returned == code, written.err
        assert written.out == ""
        assert written.err.count("\n") == 1
        assert written.err.startswith("argo: ")
        assert "HIDDEN" not in written.err
        return written.err

    return tried


async def _begun(*_: Any) -> None:
    raise AssertionError(ENDLESS)


def untouched(folder: Path) -> bool:
    return list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"broker": "alpaca", "alpaca__base_url": LIVE, **KEYS},
            ["trading.alpaca.base_url", "api.alpaca.markets", PAPER, "trading.live = true"],
        ),
        (
            {"broker": "alpaca", "live": "true", **KEYS},
            ["trading.live", "real money", "paper-api.alpaca.markets is not", LIVE],
        ),
        (
            {"broker": "alpaca", "live": "true", "alpaca__base_url": f"{LIVE}.evil.example"},
            ["trading.live", "api.alpaca.markets.evil.example is not api.alpaca.markets"],
        ),
        (
            {"broker": "alpaca", "alpaca__base_url": "https://proxy.example"},
            ["trading.alpaca.base_url", "proxy.example is no paper account's host"],
        ),
        ({"live": "true"}, ["trading.live", "the broker is paper", 'trading.broker = "alpaca"']),
        (
            {"broker": "alpaca"},
            ["trading.alpaca.key_id", "it is missing", "ARGO_TRADING__ALPACA__KEY_ID"],
        ),
        (
            {"broker": "alpaca", "alpaca__key_id": "HIDDEN-ID"},
            ["trading.alpaca.secret_key", "it is missing", "ARGO_TRADING__ALPACA__SECRET_KEY"],
        ),
    ],
)
def test_an_account_that_cannot_be_meant_is_refused_and_nothing_is_made(
    serve: Serve, tmp_path: Path, settings: dict[str, str], said: list[str]
) -> None:
    line = serve(**settings)
    assert [words for words in said if words not in line] == []
    assert untouched(tmp_path)


@pytest.mark.skipif(find_spec("alpaca") is not None, reason="the extra is installed here")
def test_a_missing_library_is_named_with_its_extra(serve: Serve, tmp_path: Path) -> None:
    line = serve(broker="alpaca", **KEYS)
    assert "alpaca-py is not installed" in line
    assert "install argo-adapters[alpaca]" in line
    assert untouched(tmp_path)


class TestAJournalThatIsNotOurs:
    """Trading went on before, and its journal is there."""

    @pytest.fixture
    def journal(
        self, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[Path]:
        with monkeypatch.context() as here:
            here.setattr("argo_service.cli.serve.run_loop", _at_once)
            assert main(["serve", "--quiet"]) == Exit.DONE
        return tmp_path / "argo.trading.sqlite3"

    def test_another_accounts_journal_is_refused(
        self,
        serve: Serve,
        journal: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        capsys.readouterr()
        monkeypatch.setenv("ARGO_LOG__STRATEGY", "another-strategy")
        with unchanged(journal):
            line = serve()
        assert "paper/another-strategy" in line
        assert "paper/weighted-consensus" in line

    def test_a_journal_that_somebody_writes_to_is_refused(
        self, serve: Serve, journal: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        capsys.readouterr()
        lock = journal.with_name(f"{journal.name}.lock")
        with unchanged(journal), file_lock(lock):
            line = serve(Exit.LOG_UNUSABLE)
        assert "already writes here" in line
        assert str(lock.name) in line

    def test_a_paper_account_that_somebody_has_is_refused(
        self, serve: Serve, journal: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        capsys.readouterr()
        account = journal.with_name("argo.trading.paper.sqlite3")
        with unchanged(journal), closing(sqlite3.connect(account)) as other:
            other.execute("BEGIN EXCLUSIVE")
            line = serve(Exit.LOG_UNUSABLE)
        assert str(account.name) in line
        assert "locked" in line

    def test_a_file_that_is_no_journal_is_refused(
        self, serve: Serve, journal: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        capsys.readouterr()
        journal.write_text("not a database, however long one looks at it" * 100)
        line = serve(Exit.LOG_UNUSABLE)
        assert str(journal.name) in line


async def _at_once(*_: Any) -> int:
    return 0


@contextmanager
def unchanged(journal: Path) -> Iterator[None]:
    """Neither the journal nor the log beside it has more in it than before."""
    before = facts(journal), entries(journal)
    yield
    assert (facts(journal), entries(journal)) == before


def facts(journal: Path) -> list[str]:
    with closing(sqlite3.connect(journal)) as connection:
        return [body for (body,) in connection.execute("SELECT body FROM facts ORDER BY number")]


def entries(journal: Path) -> list[str]:
    with closing(sqlite3.connect(journal.with_name("argo.sqlite3"))) as connection:
        rows = connection.execute("SELECT data FROM entries ORDER BY idx")
        return [str(json.loads(data)["kind"]) for (data,) in rows]

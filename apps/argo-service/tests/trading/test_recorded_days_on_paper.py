"""Signals of a recorded day never reach anybody's account, whatever the settings name."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from argo_adapters.tapes.file import shipped
from argo_core.resilience.secret import Secret
from argo_service.cli.exit_codes import Exit
from argo_service.cli.main import main
from argo_service.config.trading import PAPER, AlpacaBroker, Trading
from argo_service.config.tree import Settings
from argo_service.demo.record import DemoRecord
from argo_service.demo.stage import on_paper

Argo = Callable[..., str]
REAL = Trading(
    enabled=True,
    broker="alpaca",
    live=True,
    alpaca=AlpacaBroker("https://api.alpaca.markets", key_id=Secret("a"), secret_key=Secret("b")),
)


@pytest.fixture
def argo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Argo:
    """Run a command in a folder whose settings name an account with real money."""
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("ENABLED", "true"),
        ("BROKER", "alpaca"),
        ("LIVE", "true"),
        ("ALPACA__BASE_URL", "https://api.alpaca.markets"),
        ("ALPACA__KEY_ID", "a"),
        ("ALPACA__SECRET_KEY", "b"),
        # The machine may have others to think of.
        ("LIMITS__QUOTE_AGE_S", "120"),
    ):
        monkeypatch.setenv(f"ARGO_TRADING__{name}", value)

    def run(*arguments: str) -> str:
        assert main(arguments) == Exit.DONE
        return capsys.readouterr().out

    return run


def test_what_is_played_is_traded_on_paper() -> None:
    tape = shipped("ordinary-day")
    for trading in (on_paper(REAL), DemoRecord(tape).settings(Settings(trading=REAL)).trading):
        assert (trading.enabled, trading.broker, trading.live) == (True, PAPER, False)
        assert trading.alpaca == AlpacaBroker()
        assert not trading.asks_outside


@pytest.mark.timed
def test_a_run_is_recorded_with_its_trades_on_paper_and_replayed_to_the_byte(
    argo: Argo, tmp_path: Path
) -> None:
    argo(
        "tape",
        "record",
        "--tape",
        "ordinary-day",
        "--symbols",
        "NVR",
        "--speed",
        "30",
        "--for",
        "3m",
        "--out",
        "run.recording.gz",
        "--log",
        "run.sqlite3",
    )
    assert (tmp_path / "run.trading.paper.sqlite3").exists()
    told = json.loads(argo("tape", "info", "run.recording.gz", "--json"))
    assert told["entries"]["trade"] >= 1
    assert told["inputs"]["traded"] >= 1
    assert "byte for byte" in argo("replay", "run.recording.gz", "--log", "run.sqlite3")


def test_a_single_cycle_trades_nothing(argo: Argo, tmp_path: Path) -> None:
    argo("cycle", "--tape", "ordinary-day", "--at", "10:30", "--json")
    assert not list(tmp_path.rglob("*trading*"))

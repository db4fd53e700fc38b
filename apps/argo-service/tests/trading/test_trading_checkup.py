"""What `argo doctor` says about trading."""

from pathlib import Path

from attrs import evolve

from argo_core.resilience.secret import Secret
from argo_service.checkup_trading import trading_findings
from argo_service.config.trading import LIVE_HOST, AlpacaBroker, Trading
from argo_service.config.tree import Settings
from argo_service.finding import Finding, State


def findings(folder: Path, trading: Trading, *symbols: str) -> dict[str, Finding]:
    settings = Settings(database=folder / "argo.sqlite3", trading=trading)
    if symbols:
        settings = evolve(settings, symbols=symbols)
    return {one.name: one for one in trading_findings(settings)}


def faults(found: dict[str, Finding]) -> set[str]:
    assert all(one.fix for one in found.values() if one.state is not State.GOOD)
    return {name for name, one in found.items() if one.state is State.FAULT}


def test_trading_that_is_switched_off_is_looked_at_no_further(tmp_path: Path) -> None:
    found = findings(tmp_path, Trading())
    assert {name: one.detail for name, one in found.items()} == {"trading": "switched off"}


def test_paper_trading_needs_keys_for_market_data_and_nothing_more(tmp_path: Path) -> None:
    found = findings(tmp_path, Trading(enabled=True))
    wanting = {name: one.fix for name, one in found.items() if one.state is not State.GOOD}
    assert wanting == {"liquidity": "set ARGO_ALPACA__KEY_ID and ARGO_ALPACA__SECRET_KEY"}
    keys = evolve(Settings().alpaca, key_id=Secret("a"), secret_key=Secret("b"))
    settings = Settings(alpaca=keys, trading=Trading(enabled=True))
    assert {one.state for one in trading_findings(settings)} == {State.GOOD}
    assert found["trading journal"].detail == f"{tmp_path / 'argo.trading.sqlite3'} will be made"
    assert found["traded symbols"].detail.startswith("4 of 6 symbols")


def test_an_account_without_keys_is_at_fault_though_market_data_has_some(tmp_path: Path) -> None:
    found = findings(tmp_path, Trading(enabled=True, broker="alpaca"))
    assert {"trading.alpaca.key_id", "trading.alpaca.secret_key"} <= faults(found)
    assert "ARGO_TRADING__ALPACA__KEY_ID" in found["trading.alpaca.key_id"].fix


def test_real_money_is_pointed_out(tmp_path: Path) -> None:
    account = AlpacaBroker(f"https://{LIVE_HOST}", key_id=Secret("a"), secret_key=Secret("b"))
    found = findings(tmp_path, Trading(enabled=True, broker="alpaca", live=True, alpaca=account))
    assert found["trading"].state is State.WARNING
    assert "REAL MONEY" in found["trading"].detail
    assert found["trading.alpaca.key_id"].state is State.GOOD


def test_a_journal_that_cannot_be_written_is_at_fault(tmp_path: Path) -> None:
    found = findings(tmp_path, Trading(enabled=True, journal=tmp_path / "no" / "where"))
    assert faults(found) == {"trading journal"}


def test_a_table_of_sectors_that_cannot_be_read_is_at_fault(tmp_path: Path) -> None:
    found = findings(tmp_path, Trading(enabled=True, sectors_file=tmp_path / "absent"))
    assert faults(found) == {"sectors"}


def test_stocks_without_a_sector_are_named(tmp_path: Path) -> None:
    found = findings(tmp_path, Trading(enabled=True), "AAPL", "ZZZZ", "BTC/USD")
    assert found["sectors"].state is State.WARNING
    assert found["sectors"].detail.startswith("ZZZZ count")


def test_trading_pairs_alone_is_pointed_out(tmp_path: Path) -> None:
    found = findings(tmp_path, Trading(enabled=True), "BTC/USD")
    assert found["traded symbols"].state is State.WARNING

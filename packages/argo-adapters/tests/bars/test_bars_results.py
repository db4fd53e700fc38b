"""Results of backtests on the disk: whole, exact, or not at all."""

import csv
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet  # type: ignore[import-untyped] # it ships no types

from argo_adapters.bars import results
from argo_adapters.bars.results import EQUITY, TRADES, write_results
from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.bars.trading_result import FillReason, Traded
from argo_core.errors import InvalidInput
from argo_core.market.moment import to_micros

ROWS = 4
NOON = datetime(2024, 7, 1, 16, tzinfo=UTC)


def backtest() -> Backtest:
    known = [to_micros(NOON.replace(day=1 + row)) for row in range(ROWS)]
    table = np.full((ROWS, 1), 100_000)
    columns: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close", "volume"), table)
    panel = Panel(
        name="p",
        origin="",
        symbols=("AAA",),  # type: ignore[arg-type]
        bar_s=86_400,
        known_us=known,
        session=19_905 + np.arange(ROWS),
        **columns,
    )
    traded = Traded(
        equity=[1_000_000_000, 999_990_000, 1_000_012_345, 1_000_012_345],
        cash=[1_000_000_000, 999_000_000, 1_000_012_345, 999_012_345],
        gross=[0, 990_000, 0, 1_000_000],
        positions=[0, 1, 0, 1],
        halted=[0, 0, 0, 1],
        reduced=[0, 0, 0, 0],
        fills=[
            [1, 0, 1, 10, 100_000, 5_000, FillReason.ENTRY, 0, 90_000],
            [2, 0, -1, 10, 102_000, 2_655, FillReason.TARGET, 2, 0],
            [3, 0, 1, 10, 100_000, 0, FillReason.ENTRY, 2, 0],
        ],
    )
    return Backtest(strategy="s", parameters={}, plan=Plan(), panel=panel, traded=traded)


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))


def test_trades_and_equity_are_written_as_csv(tmp_path: Path) -> None:
    write_results(tmp_path, backtest(), ["csv"])
    equity = lines(tmp_path / "equity.csv")
    assert tuple(equity[0]) == EQUITY
    assert list(equity[2].values()) == [
        "2024-07-03T16:00:00+00:00",
        "2024-07-03",
        "100001.2345",
        "100001.2345",
        "0.0000",
        "0",
        "false",
        "false",
    ]
    assert equity[3]["halted"] == "true"
    closed, held = lines(tmp_path / "trades.csv")
    assert tuple(closed) == TRADES
    assert (closed["symbol"], closed["side"], closed["quantity"]) == ("AAA", "BUY", "10")
    assert (closed["decided"], closed["closed"]) == (
        "2024-07-01T16:00:00+00:00",
        "2024-07-03T16:00:00+00:00",
    )
    assert (closed["entry"], closed["exit"], closed["reasons"]) == ("10.0000", "10.2000", "target")
    assert (closed["fees"], closed["pnl"]) == ("0.7655", "1.2345")
    assert (held["closed"], held["risk"], held["r"], held["reasons"]) == ("", "", "", "")


def test_parquet_holds_the_same_as_csv(tmp_path: Path) -> None:
    made = write_results(tmp_path, backtest())
    assert sorted(path.name for path in made) == sorted(p.name for p in tmp_path.iterdir())
    for name in ("equity", "trades"):
        stored = parquet.read_table(tmp_path / f"{name}.parquet").to_pylist()
        for row, line in zip(stored, lines(tmp_path / f"{name}.csv"), strict=True):
            assert {key: text(value) for key, value in row.items()} == line


def text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:.4f}"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def test_the_same_result_makes_the_same_bytes(tmp_path: Path) -> None:
    one = write_results(tmp_path / "one", backtest())
    other = write_results(tmp_path / "other" / "deep", backtest())
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def test_older_files_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "equity.csv").write_text("old")
    write_results(tmp_path, backtest(), ["csv"])
    assert len(lines(tmp_path / "equity.csv")) == ROWS


def test_without_pyarrow_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidInput, match=r"needs pyarrow; install argo-adapters\[parquet\]"):
        write_results(tmp_path, backtest())
    assert list(tmp_path.iterdir()) == []
    write_results(tmp_path, backtest(), ["csv"])


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "trades.csv").mkdir()
    (tmp_path / "equity.csv").write_text("old")
    with pytest.raises(InvalidInput, match=r"trades.csv is a folder there"):
        write_results(tmp_path, backtest())
    with pytest.raises(InvalidInput, match=r"equity.csv cannot be written \(File exists\)"):
        write_results(tmp_path / "equity.csv", backtest())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["equity.csv", "trades.csv"]
    assert (tmp_path / "equity.csv").read_text() == "old"


def test_a_disk_that_fails_in_the_midst_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, table: object) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    (tmp_path / "equity.csv").write_text("old")
    monkeypatch.setitem(results._WRITERS, ".parquet", full)
    with pytest.raises(InvalidInput, match=r"cannot be written \(No space left on device\)"):
        write_results(tmp_path, backtest())
    assert [path.name for path in tmp_path.iterdir()] == ["equity.csv"]
    assert (tmp_path / "equity.csv").read_text() == "old"


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'xls' is unknown; use csv, parquet"):
        write_results(tmp_path, backtest(), ["xls", "csv"])

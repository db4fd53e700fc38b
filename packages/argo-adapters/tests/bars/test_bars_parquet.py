"""Panels come out of anybody's Parquet files, or an error says which column and what to do."""

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it ships no types
import pytest
from pyarrow import parquet

from argo_adapters.bars.parquet import MOST_FILES, parquet_rows, read_parquet
from argo_adapters.bars.selection import Selection
from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.data.options import Options, Rename
from argo_core.errors import InvalidInput

DATES = [date(2024, 11, 27), date(2024, 11, 29), date(2024, 12, 2)]
NOON = datetime(2024, 11, 25, 17, 0, tzinfo=UTC)
PRICES = {"open": [1.5] * 3, "high": [2.0] * 3, "low": [1.0] * 3, "close": [1.75] * 3}
NUMBERS: dict[str, Any] = PRICES | {"volume": [3, 4, 5]}


def write(folder: Path, name: str = "bars", **columns: Any) -> Path:
    path = folder / f"{name}.parquet"
    parquet.write_table(pa.table(columns), path)
    return path


def daily(folder: Path, name: str = "bars", **columns: Any) -> Path:
    every: dict[str, Any] = {"symbol": ["NVR", "AZO", "NVR"], "date": DATES, **NUMBERS}
    return write(folder, name, **every | columns)


def test_daily_bars_are_read_with_their_sessions(tmp_path: Path) -> None:
    panel = read_parquet(daily(tmp_path), origin="made up")
    assert (panel.name, panel.origin, panel.symbols) == ("bars", "made up", ("AZO", "NVR"))
    assert panel.bar_s == 86_400
    assert panel.close.tolist() == [[0, 17_500], [17_500, 0], [0, 17_500]]
    assert panel.volume.tolist() == [[0, 3], [4, 0], [0, 5]]
    # The day after Thanksgiving closes at 13:00 in New York.
    half = datetime(2024, 11, 29, 18, tzinfo=UTC)
    assert panel.known_us[1] == half.timestamp() * 1_000_000


@pytest.mark.parametrize(
    "kind",
    [
        pa.timestamp("us"),
        pa.timestamp("ns"),
        pa.date64(),
        pa.date32(),
    ],
)
def test_dates_may_be_stored_as_anything_without_a_zone(tmp_path: Path, kind: Any) -> None:
    path = daily(tmp_path, date=pa.array(DATES, pa.date32()).cast(kind))
    panel = read_parquet(path, Selection(since=DATES[1], until=DATES[2]))
    assert panel.symbols == ("AZO",)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_minutes_may_be_stored_in_any_unit_with_a_zone(tmp_path: Path, unit: str) -> None:
    at = [NOON, NOON.replace(minute=1), NOON.replace(minute=2)]
    stored = pa.array(at, pa.timestamp("us", "UTC")).cast(pa.timestamp(unit, "America/New_York"))
    panel = read_parquet(write(tmp_path, "NVR", ts=stored, **NUMBERS))
    assert (panel.symbols, panel.bar_s, panel.bars) == (("NVR",), 60, 3)
    longer = read_parquet(
        write(tmp_path, "NVR", ts=stored[:1], **{k: v[:1] for k, v in NUMBERS.items()}),
        Selection(bar_s=300),
    )
    assert longer.bar_s == 300


def test_numbers_may_be_decimals_whole_or_null(tmp_path: Path) -> None:
    path = daily(
        tmp_path,
        close=pa.array([Decimal("1.75")] * 3, pa.decimal128(10, 4)),
        high=pa.array([2, 2, None], pa.int32()),
        open=pa.array([1.5] * 3, pa.float32()),
    )
    panel = read_parquet(path)
    (found,) = [one for one in panel.findings if one.defect is Defect.NOT_A_NUMBER]
    assert (found.symbol, found.count, found.first) == ("NVR", 1, "2024-12-02")


def test_symbols_may_be_coded_and_columns_written_in_any_case(tmp_path: Path) -> None:
    columns = {name.upper(): column for name, column in NUMBERS.items()}
    coded = pa.array(["NVR", "AZO", "NVR"]).dictionary_encode()
    panel = read_parquet(write(tmp_path, Symbol=coded, Date=DATES, **columns, vwap=["x"] * 3))
    assert panel.symbols == ("AZO", "NVR")
    (one,) = read_parquet(tmp_path / "bars.parquet", Selection(symbols=("AZO",))).symbols
    assert one == "AZO"


def test_adjusted_closes_scale_prices(tmp_path: Path) -> None:
    panel = read_parquet(daily(tmp_path, adj_close=[0.875, 1.75, 1.75]))
    assert panel.close.max(axis=1).tolist() == [8_750, 17_500, 17_500]


def test_a_folder_is_read_as_one(tmp_path: Path) -> None:
    daily(tmp_path, "one")
    daily(tmp_path, "two", symbol=["LII", "LII", "NVR"], date=[*DATES[:2], date(2024, 12, 3)])
    (tmp_path / "notes.txt").write_text("no bars")
    panel = read_parquet(tmp_path, name="both")
    assert (panel.name, panel.symbols, panel.bars) == ("both", ("AZO", "LII", "NVR"), 6)


def test_files_of_different_kinds_are_not_read_as_one(tmp_path: Path) -> None:
    daily(tmp_path, "one")
    daily(tmp_path, "two", adj_close=[1.75] * 3)
    with pytest.raises(InvalidInput, match="some files have adjusted closes, some have not"):
        read_parquet(tmp_path)
    daily(tmp_path, "two")
    at = pa.array([NOON] * 3, pa.timestamp("us", "UTC"))
    write(tmp_path, "two", symbol=["A", "B", "C"], ts=at, **NUMBERS)
    with pytest.raises(InvalidInput, match="some bars are daily, some are not"):
        read_parquet(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="0 Parquet files in it; give a folder of 1 to "):
        read_parquet(tmp_path)
    assert MOST_FILES > 1


def test_only_what_was_chosen_is_read(tmp_path: Path) -> None:
    path = daily(tmp_path)
    rows, bar_s = parquet_rows(path, Selection(symbols=("NVR",), until=date(2024, 12, 2)))
    assert (rows.symbols, len(rows), bar_s) == (("NVR",), 1, 86_400)
    by_name = write(tmp_path, "LII", date=DATES, **NUMBERS)
    assert len(parquet_rows(by_name, Selection(symbols=("NVR",)))[0]) == 0


def test_a_renamed_symbol_is_chosen_by_its_newest_name(tmp_path: Path) -> None:
    path = daily(tmp_path, symbol=["FLT", "FLT", "CPAY"])
    options = Options(renames=[Rename("FLT", "CPAY")])
    panel = read_parquet(path, Selection(symbols=("CPAY",)), options)
    assert (panel.symbols, panel.bars) == (("CPAY",), 3)
    alone = read_parquet(daily(tmp_path, symbol=["FLT"] * 3), Selection(symbols=["CPAY"]), options)
    assert alone.symbols == ("CPAY",)


def test_a_symbol_without_bars_in_the_range_is_refused(tmp_path: Path) -> None:
    chosen = Selection(symbols=("NVR", "AZO"), until=DATES[1])
    with pytest.raises(InvalidInput, match="there are no bars of AZO in that range"):
        read_parquet(daily(tmp_path), chosen)
    with pytest.raises(InvalidInput, match="there are no bars; choose"):
        read_parquet(daily(tmp_path), Selection(since=date(2025, 1, 1)))


def test_too_many_rows_are_refused_before_they_are_read(tmp_path: Path) -> None:
    daily(tmp_path, "one")
    with pytest.raises(InvalidInput, match=r"3 rows of it .* 2 rows at most"):
        read_parquet(tmp_path / "one.parquet", Selection(most_rows=2))
    daily(tmp_path, "two")
    with pytest.raises(InvalidInput, match=r"two.parquet: 6 rows of it .* 5 rows at most"):
        read_parquet(tmp_path, Selection(most_rows=5))


@pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume", "date"])
def test_a_missing_column_is_named(tmp_path: Path, name: str) -> None:
    columns: dict[str, Any] = {"symbol": ["A"] * 3, "date": DATES, **NUMBERS}
    del columns[name]
    with pytest.raises(InvalidInput, match=f"column {name}.* is missing; name the columns"):
        read_parquet(write(tmp_path, **columns))


@pytest.mark.parametrize(
    ("column", "fix"),
    [
        ({"close": ["1.75"] * 3}, "column close is of type string; store numbers"),
        ({"close": [True] * 3}, "column close is of type bool; store numbers"),
        ({"symbol": [1, 2, 3]}, "column symbol is of type int64; store text"),
        ({"date": ["2024-11-27"] * 3}, "column date is of type string; store dates"),
        ({"date": pa.array([NOON] * 3, pa.timestamp("s", "UTC"))}, "store dates"),
    ],
)
def test_a_column_of_a_wrong_type_is_named(
    tmp_path: Path, column: dict[str, Any], fix: str
) -> None:
    with pytest.raises(InvalidInput, match=fix.replace("[", r"\[")):
        read_parquet(daily(tmp_path, **column))


def test_moments_without_a_zone_are_refused(tmp_path: Path) -> None:
    at = pa.array([NOON.replace(tzinfo=None)] * 3)
    with pytest.raises(InvalidInput, match=r"column ts .*store timestamps with a time zone"):
        read_parquet(write(tmp_path, ts=at, **NUMBERS))


def test_a_null_symbol_or_time_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="a symbol is null"):
        read_parquet(daily(tmp_path, symbol=["NVR", None, "NVR"]))
    with pytest.raises(InvalidInput, match="a date is null"):
        read_parquet(daily(tmp_path, date=[DATES[0], None, DATES[1]]))


def test_a_date_with_a_time_of_the_day_is_refused(tmp_path: Path) -> None:
    moments = pa.array([NOON.replace(tzinfo=None)] * 3, pa.timestamp("us"))
    with pytest.raises(InvalidInput, match="a date has a time of the day; name the column ts"):
        read_parquet(daily(tmp_path, date=moments))


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="column 'close' is there twice"):
        read_parquet(daily(tmp_path, Close=[1.0] * 3))


def test_a_file_that_is_absent_or_no_parquet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no such file"):
        read_parquet(tmp_path / "none.parquet")
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(daily(tmp_path).read_bytes()[:100])
    with pytest.raises(InvalidInput, match=r"broken.parquet: cannot be read"):
        read_parquet(broken)


def test_without_pyarrow_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = daily(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidInput, match=r"needs pyarrow; install argo-adapters\[parquet\]"):
        read_parquet(path)


def test_a_selection_is_checked() -> None:
    with pytest.raises(InvalidInput, match="nothing lies between"):
        Selection(since=DATES[0], until=DATES[0])
    with pytest.raises(InvalidInput, match="one is listed twice"):
        Selection(symbols=("A", "A"))
    with pytest.raises(InvalidInput, match="is not a symbol"):
        Selection(symbols=("../etc",))

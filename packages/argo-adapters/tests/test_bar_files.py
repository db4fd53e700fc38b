"""Bars come out of anybody's CSV and Parquet, or an error says which column and what to do."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it ships no types
import pytest
from pyarrow import parquet

from argo_adapters.tapes.bar_files import rows
from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol

HEADER = "symbol,ts,open,high,low,close,volume"
NVR = Symbol("NVR")
NOON = datetime(2024, 11, 25, 17, 0, tzinfo=UTC)
SECONDS = 1_732_554_000


def csv_file(folder: Path, *lines: str, name: str = "bars.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def parquet_file(folder: Path, **columns: Any) -> Path:
    path = folder / "bars.parquet"
    parquet.write_table(pa.table(columns), path)
    return path


def read(path: Path) -> list[Bar]:
    return [row.bar(NVR, row.start) for row in rows(path)]


NUMBERS = {"open": [1.5], "high": [2.0], "low": [1.0], "close": [1.75], "volume": [3]}


def test_csv_gives_its_bars_in_order(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        HEADER,
        "NVR,2024-11-25T17:00:00Z,1.5,2,1,1.75,3",
        "AZO,2024-11-25T12:01:00-05:00,5,5,5,5,0",
    )
    one, other = rows(path)
    assert (one.file, one.number, one.symbol, one.start) == ("bars.csv", 1, "NVR", NOON)
    assert one.bar(NVR, NOON) == Bar(NVR, NOON, 1.5, 2.0, 1.0, 1.75, 3.0)
    assert (other.symbol, other.start) == ("AZO", NOON.replace(minute=1))


@pytest.mark.parametrize(
    "time",
    [
        "2024-11-25 17:00:00+00:00",
        "2024-11-25T18:00+01:00",
        str(SECONDS),
        str(SECONDS * 1_000),
        str(SECONDS * 1_000_000),
        f" {SECONDS} ",
    ],
)
def test_times_may_be_iso_or_epochs(tmp_path: Path, time: str) -> None:
    (row,) = rows(csv_file(tmp_path, HEADER, f"NVR,{time},1,1,1,1,1"))
    assert row.start == NOON


@pytest.mark.parametrize("column", ["ts", "start", "timestamp", "TimeStamp", " start"])
def test_time_column_has_several_names(tmp_path: Path, column: str) -> None:
    path = csv_file(tmp_path, f"{column},Open,high,low,close,volume", f"{SECONDS},1,1,1,1,1")
    assert [row.start for row in rows(path)] == [NOON]


def test_semicolons_other_columns_and_a_byte_order_mark_are_no_trouble(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "\ufeffts;vwap;open;high;low;close;volume",
        f"{SECONDS};9;1.5;2;1;1.75;3",
        name="BTC-USD.2024.csv",
    )
    (row,) = rows(path)
    assert row.symbol == "BTC-USD"
    assert row.bar(NVR, NOON).close == 1.75


@pytest.mark.parametrize(
    "ts",
    [
        pa.array([NOON], pa.timestamp("ms", tz="UTC")),
        pa.array([NOON], pa.timestamp("us", tz="America/New_York")),
        pa.array([SECONDS], pa.int64()),
        pa.array([NOON.isoformat()], pa.string()),
    ],
    ids=["utc", "new_york", "epoch", "text"],
)
def test_parquet_gives_the_same_bars(tmp_path: Path, ts: pa.Array) -> None:
    (row,) = rows(parquet_file(tmp_path, ts=ts, symbol=["NVR"], vwap=[9.0], **NUMBERS))
    assert (row.file, row.number, row.symbol, row.start) == ("bars.parquet", 1, "NVR", NOON)
    assert row.bar(NVR, NOON) == Bar(NVR, NOON, 1.5, 2.0, 1.0, 1.75, 3.0)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "bars.csv: column ts or start or timestamp, open, .* is missing; name the columns"),
        (["ts,open,high,low,close"], "bars.csv: column volume is missing; name the columns ts or"),
        (["date,open,high,low,close,volume"], "column ts or start or timestamp is missing"),
        ([HEADER, "NVR,1,1,1"], "bars.csv row 1: 4 cells where the header has 7"),
        ([HEADER, ""], "bars.csv row 1: 0 cells where the header has 7"),
        ([HEADER, f"NVR,{SECONDS},x,1,1,1,1"], "bars.csv row 1, open: 'x' is not a number"),
        ([HEADER, f",{SECONDS},1,1,1,1,1"], "bars.csv row 1, symbol: '' is no symbol"),
        ([HEADER, "NVR,noon,1,1,1,1,1"], "bars.csv row 1, ts: 'noon' is not a time"),
        ([HEADER, f"NVR,{10**18},1,1,1,1,1"], "row 1, ts: '1000000000000000000' is not a time"),
        ([HEADER, "NVR,-5,1,1,1,1,1"], "row 1, ts: '-5' is not a time"),
        ([HEADER, "NVR,2024-11-25 17:00,1,1,1,1,1"], "row 1, ts: .* has no time zone; write an"),
        (
            [HEADER, f"NVR,{'1' * 200_000},1,1,1,1,1"],
            "bars.csv: not CSV in UTF-8 .a line is longer",
        ),
    ],
)
def test_bad_csv_names_the_place_and_the_fix(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(csv_file(tmp_path, *lines))


def test_csv_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match=r"bars\.csv: not CSV in UTF-8"):
        list(rows(path))


def test_bad_parquet_names_the_place_and_the_fix(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="column volume is missing"):
        list(rows(parquet_file(tmp_path, ts=[1], open=[1], high=[1], low=[1], close=[1])))
    naive = pa.array([NOON.replace(tzinfo=None)], pa.timestamp("us"))
    with pytest.raises(InvalidInput, match=r"row 1, ts: .* has no time zone"):
        list(rows(parquet_file(tmp_path, ts=naive, symbol=["NVR"], **NUMBERS)))
    with pytest.raises(InvalidInput, match="row 1, close: 'None' is not a number"):
        read(parquet_file(tmp_path, ts=[SECONDS], **{**NUMBERS, "close": [None]}))
    with pytest.raises(InvalidInput, match="row 1, symbol: None is no symbol"):
        list(rows(parquet_file(tmp_path, ts=[SECONDS], symbol=[None], **NUMBERS)))
    broken = csv_file(tmp_path, HEADER, name="broken.parquet")
    with pytest.raises(InvalidInput, match=r"broken\.parquet: not Parquet"):
        list(rows(broken))


@pytest.mark.parametrize("name", ["absent.csv", "absent.parquet"])
def test_absent_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match=f"{name}: there is no such file"):
        list(rows(tmp_path / name))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no regular file"):
        list(rows(tmp_path))


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet_file(tmp_path, ts=[SECONDS], **NUMBERS)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidInput, match=r"needs pyarrow; install argo-adapters\[parquet\]"):
        list(rows(path))


def test_a_line_without_an_end_is_refused_before_memory_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "NVR.csv"
    path.write_text("ts,open,high,low,close,volume\n" + "1" * 20_000, encoding="ascii")
    with pytest.raises(InvalidInput, match="longer than 10000 characters"):
        list(rows(path))

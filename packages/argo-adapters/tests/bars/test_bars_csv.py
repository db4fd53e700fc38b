"""Panels come out of anybody's CSV files, the same as out of Parquet."""

from datetime import date
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped] # it ships no types
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from argo_adapters.bars import csv_file
from argo_adapters.bars.csv_file import csv_rows, read_csv
from argo_adapters.bars.parquet import parquet_rows, read_parquet
from argo_adapters.bars.selection import Selection, to_panel
from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.options import Options, Rename
from argo_core.errors import InvalidInput

DAILY = "symbol,date,open,high,low,close,volume"
MINUTES = "ts;open;high;low;close;volume"


def write(folder: Path, *lines: str, name: str = "bars.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_daily_bars_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, DAILY, "NVR,2024-11-27,1.5,2,1,1.75,3", "AZO,2024-11-29,1,1,1,1,")
    panel = read_csv(path, origin="made up")
    assert (panel.name, panel.origin, panel.symbols) == ("bars", "made up", ("AZO", "NVR"))
    assert panel.close.tolist() == [[0, 17_500], [10_000, 0]]
    assert [one.symbol for one in panel.findings if one.defect is Defect.NO_VOLUME] == ["AZO"]


def test_minutes_are_read_by_the_file_s_name_with_any_offset_or_epoch(tmp_path: Path) -> None:
    lines = [
        "2024-11-25T12:00:00-05:00;1;1;1;1;5",
        "1732554060;1;1;1;1;5",
        "1732554120000;1;1;1;1;5",
    ]
    panel = read_csv(write(tmp_path, MINUTES, *lines, name="NVR.2024.csv"))
    assert (panel.symbols, panel.bars, panel.bar_s) == (("NVR",), 3, 60)


@pytest.mark.parametrize("column", ["adj_close", "Adj Close", "adjclose"])
def test_adjusted_closes_scale_prices(tmp_path: Path, column: str) -> None:
    path = write(tmp_path, f"{DAILY},{column}", "NVR,2024-11-27,2,2,2,2,3,1")
    assert read_csv(path).close.tolist() == [[10_000]]


def test_only_what_was_chosen_is_read(tmp_path: Path) -> None:
    # What is not chosen by its symbol may even be no bar at all.
    path = write(
        tmp_path,
        DAILY,
        "ZZZ,never,x,x,x,x,x",
        "NVR,2024-11-26,1,1,1,1,1",
        "NVR,2024-11-27,1,1,1,1,1",
        "FLT,2024-11-29,1,1,1,1,1",
    )
    chosen = Selection(
        symbols=("NVR",), since=date(2024, 11, 27), until=date(2024, 12, 1), most_rows=2
    )
    rows, bar_s = csv_rows(path, chosen, Options(renames=[Rename("FLT", "NVR")]))
    assert (rows.symbols, len(rows), bar_s) == (("FLT", "NVR"), 2, 86_400)
    with pytest.raises(InvalidInput, match="2 rows of it are asked for"):
        read_csv(path, Selection(symbols=("NVR",), most_rows=1))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("NVR,2024-11-27,x,1,1,1,1", "row 1, open: 'x' is not a number"),
        ("NVR,2024-11-27,1_000,1000,1000,1000,1", "row 1, open: '1_000' is not a number"),
        ("NVR,2024-11-27,1,1,1,\u0661,1", "row 1, close: '\u0661' is not a number"),
        ("NVR,27.11.2024,1,1,1,1,1", "row 1, date: '27.11.2024' is not a date"),
        ("NVR,2024-11-27,1,1,1,1", "row 1: 6 cells where the header has 7"),
        ("nvr,2024-11-27,1,1,1,1,1", "'nvr' is not a symbol"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, line: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        read_csv(write(tmp_path, DAILY, line))
    assert problem in str(wrong.value)


@pytest.mark.parametrize("when", ["2024-11-25T12:00:00", "noon", "1969-01-01T00:00:00Z"])
def test_a_time_that_is_none_is_named(tmp_path: Path, when: str) -> None:
    with pytest.raises(InvalidInput, match="row 1, ts"):
        read_csv(write(tmp_path, MINUTES, f"{when};1;1;1;1;5", name="NVR.csv"))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="column high, volume is missing"):
        read_csv(write(tmp_path, "symbol,date,open,low,close", "NVR,2024-11-27,1,1,1"))
    with pytest.raises(InvalidInput, match=r"column date \(daily bars\), or ts"):
        read_csv(write(tmp_path, ""))


def test_a_file_that_is_absent_a_folder_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no such file"):
        read_csv(tmp_path / "none.csv")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_csv(tmp_path)
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput, match="not CSV in UTF-8"):
        read_csv(binary)


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_file, "MOST_BYTES", 10)
    with pytest.raises(InvalidInput, match=r"bytes; split it, or use Parquet"):
        read_csv(write(tmp_path, DAILY))


SYMBOLS = ("AAA", "BBB", "CCC")
DAYS = [date(2024, 7, day) for day in (1, 2, 3, 5, 8)]
bars = st.lists(
    st.tuples(st.sampled_from(SYMBOLS), st.sampled_from(DAYS), st.sampled_from([0, 5, 10, 20])),
    min_size=1,
    max_size=15,
)
selections = st.builds(
    Selection,
    symbols=st.lists(st.sampled_from(SYMBOLS), unique=True).map(tuple),
    since=st.none() | st.sampled_from(DAYS[:2]),
    until=st.none() | st.sampled_from(DAYS[2:]),
)


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    head, row = "symbol,date,open,high,low,close,volume", "NVR,2024-11-27,1,1,1,1,1"
    path.write_text(f"{head}\n\n{row}\n\n\n")
    assert read_csv(path).bars == 1
    path.write_text(f"{head}\n\n")
    with pytest.raises(InvalidInput, match="there are no bars"):
        read_csv(path)


def test_a_file_without_symbols_that_is_named_for_none_is_told_what_would_do(
    tmp_path: Path,
) -> None:
    path = tmp_path / "my bars.csv"
    path.write_text("date,open,high,low,close,volume\n2024-11-27,1,1,1,1,1\n")
    told = r"there is no column symbol, and 'my bars' is no symbol; add .* as AAPL\.csv"
    with pytest.raises(InvalidInput, match=told):
        read_csv(path)


def tried(make: "object") -> Panel | str:
    try:
        return make()  # type: ignore[operator, no-any-return]
    except InvalidInput as wrong:
        return f"{wrong.problem}"


@given(bars, selections)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reading_a_selection_equals_selecting_after_reading(
    tmp_path: Path, drawn: list[tuple[str, date, int]], chosen: Selection
) -> None:
    lines = [f"{symbol},{day},{price},{price},{price},{price},7" for symbol, day, price in drawn]
    text = write(tmp_path, DAILY, *lines, name="some.csv")
    stored = tmp_path / "some.parquet"
    columns = {name: [float(one[2]) for one in drawn] for name in ("open", "high", "low", "close")}
    keys = {"symbol": [one[0] for one in drawn], "date": [one[1] for one in drawn]}
    table = pa.table({**keys, **columns, "volume": [7] * len(drawn)})
    parquet.write_table(table, stored, row_group_size=2)
    every, bar_s = parquet_rows(stored)
    days = every.at.astype("datetime64[D]").tolist()
    kept = [
        place
        for place, day in enumerate(days)
        if (not chosen.symbols or every.symbols[every.code[place]] in chosen.symbols)
        and (chosen.since is None or day >= chosen.since)
        and (chosen.until is None or day < chosen.until)
    ]

    def after() -> Panel:
        selected = every.chosen(pa.array(kept, pa.int64()).to_numpy())
        return to_panel(
            selected, bar_s, name="some", origin="", selection=chosen, options=Options()
        )

    expected = tried(after)
    assert tried(lambda: read_parquet(stored, chosen)) == expected
    assert tried(lambda: read_csv(text, chosen)) == expected


cells = st.sampled_from(
    [
        "AAA",
        "B",
        "",
        "2024-07-01",
        "2024-07-02",
        "1999-01-01",
        "1",
        "2.5",
        "-1",
        "nan",
        "1e999",
        "0",
    ]
) | st.text(max_size=6)


@given(st.lists(st.lists(cells, min_size=6, max_size=8).map(",".join), max_size=6), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_makes_a_panel_or_a_refusal(
    tmp_path: Path, drawn: list[str], headed: bool
) -> None:
    path = tmp_path / "any.csv"
    lines = "\n".join([DAILY, *drawn] if headed else drawn)
    path.write_text(lines, encoding="utf-8", errors="surrogatepass")
    panel = tried(lambda: read_csv(path))
    assert isinstance(panel, Panel) or panel

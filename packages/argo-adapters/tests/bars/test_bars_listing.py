"""A folder says what it offers to a backtest."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # it ships no types
import pytest
from pyarrow import parquet

from argo_adapters.bars import listing
from argo_adapters.bars.listing import datasets
from argo_adapters.bars.parquet import read_parquet
from argo_core.errors import InvalidInput

NUMBERS: dict[str, Any] = {name: [1.0, 1.0] for name in ("open", "high", "low", "close")}
NUMBERS |= {"volume": [1, 1]}
DATES = [date(2024, 11, 27), date(2024, 11, 29)]


def write(path: Path, **columns: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    parquet.write_table(pa.table(columns), path)
    return path


def test_files_and_folders_of_bars_are_listed_with_what_they_hold(tmp_path: Path) -> None:
    one = write(tmp_path / "one.parquet", symbol=["B", "A"], date=DATES, **NUMBERS)
    at = pa.array([datetime(2024, 11, 29, 15, tzinfo=UTC)] * 2, pa.timestamp("ms", "UTC"))
    write(tmp_path / "many" / "AAA.parquet", ts=at, **NUMBERS)
    write(tmp_path / "many" / "BBB.parquet", ts=at, **NUMBERS)
    (tmp_path / "many" / "readme.txt").write_text("no bars")
    found = datasets(tmp_path)
    assert [one.name for one in found.datasets] == ["many", "many/AAA", "many/BBB", "one"]
    assert not found.refused
    many, _, _, single = found.datasets
    assert (single.symbols, single.first, single.last) == (("A", "B"), *DATES)
    assert (single.rows, single.times, single.most_bars, single.daily) == (2, 2, 4, True)
    assert single.sha256 == hashlib.sha256(one.read_bytes()).hexdigest()
    assert (many.symbols, many.rows, many.times, many.daily) == (("AAA", "BBB"), 4, 1, False)
    assert many.first == many.last == date(2024, 11, 29)
    assert read_parquet(many.path).symbols == many.symbols


def test_a_folder_s_hash_changes_with_any_of_its_files(tmp_path: Path) -> None:
    write(tmp_path / "many" / "AAA.parquet", date=DATES, **NUMBERS)
    write(tmp_path / "many" / "BBB.parquet", date=DATES, **NUMBERS)
    before = datasets(tmp_path).datasets[0]
    write(tmp_path / "many" / "BBB.parquet", date=DATES[::-1], **NUMBERS)
    after = datasets(tmp_path).datasets[0]
    assert (before.name, after.name) == ("many", "many")
    assert before.sha256 != after.sha256


def test_a_folder_of_different_kinds_is_no_data_set_but_its_files_are(tmp_path: Path) -> None:
    write(tmp_path / "mixed" / "AAA.parquet", date=DATES, **NUMBERS)
    write(tmp_path / "mixed" / "BBB.parquet", date=DATES, adj_close=[1.0, 1.0], **NUMBERS)
    assert [one.name for one in datasets(tmp_path).datasets] == ["mixed/AAA", "mixed/BBB"]


def test_a_file_without_bars_is_named_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path / "quotes.parquet", ts=[1])
    empty = {name: pa.array([], pa.float64()) for name in NUMBERS}
    write(tmp_path / "empty.parquet", date=pa.array([], pa.date32()), **empty)
    write(tmp_path / "null.parquet", date=[DATES[0], None], **NUMBERS)
    write(tmp_path / "numbers.parquet", date=DATES, symbol=[1, 2], **NUMBERS)
    write(tmp_path / "nobody.parquet", date=DATES, symbol=["A", None], **NUMBERS)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    found = datasets(tmp_path)
    assert not found.datasets
    assert {name: why.split(";")[0][:16] for name, why in found.refused.items()} == {
        "broken": "cannot be read (",
        "empty": "it has no rows",
        "null": "a date is null",
        "nobody": "a symbol is null",
        "numbers": "column symbol is",
        "quotes": "column open, hig",
    }


@pytest.mark.parametrize(
    ("name", "far"),
    [
        ("date", pa.array([2**31 - 1] * 2, pa.int32()).cast(pa.date32())),
        ("ts", pa.array([2**61] * 2, pa.timestamp("us", "UTC"))),
    ],
)
def test_a_file_with_times_of_no_year_is_named_and_the_others_are_listed(
    tmp_path: Path, name: str, far: Any
) -> None:
    write(tmp_path / "far.parquet", symbol=["A", "B"], **{name: far}, **NUMBERS)
    write(tmp_path / "near.parquet", symbol=["A", "B"], date=DATES, **NUMBERS)
    found = datasets(tmp_path)
    assert [one.name for one in found.datasets] == ["near"]
    assert "beyond the years" in found.refused["far"]


def test_a_file_of_too_many_rows_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "long.parquet", date=DATES, **NUMBERS)
    monkeypatch.setattr(listing, "MOST_ROWS", 1)
    assert datasets(tmp_path).refused == {"long": "it has 2 rows; split it, 1 at most"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    one = write(outside / "AAA.parquet", date=DATES, **NUMBERS)
    (inside / "linked").symlink_to(outside)
    (inside / "linked.parquet").symlink_to(one)
    assert datasets(inside).datasets == ()


def test_a_folder_that_is_none_or_has_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="there is no folder none"):
        datasets(tmp_path / "none")
    write(tmp_path / "AAA.parquet", date=DATES, **NUMBERS)
    monkeypatch.setattr(listing, "MOST_DATASETS", 0)
    with pytest.raises(InvalidInput, match="there are more than 0 files"):
        datasets(tmp_path)

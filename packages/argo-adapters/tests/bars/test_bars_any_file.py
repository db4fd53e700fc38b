"""The suffix says how a file is read."""

from datetime import date
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped] # it ships no types
import pytest
from pyarrow import parquet

from argo_adapters.bars.any_file import read_bars
from argo_adapters.bars.selection import Selection
from argo_adapters.tapes.file import shipped, write_tape
from argo_core.errors import InvalidInput


def test_the_same_bars_are_read_whatever_the_file(tmp_path: Path) -> None:
    names = ("open", "high", "low", "close", "volume")
    (tmp_path / "A.csv").write_text(f"date,{','.join(names)}\n2024-11-27,1,1,1,1,1\n")
    columns = {name: [1.0] for name in names}
    parquet.write_table(pa.table({"date": [date(2024, 11, 27)], **columns}), tmp_path / "A.PQ")
    every = [read_bars(tmp_path / name, name="A") for name in ("A.csv", "A.PQ", ".")]
    assert every[0] == every[1] == every[2]
    assert read_bars(tmp_path / "A.csv", origin="made up").origin == "made up"


def test_a_tape_says_itself_what_it_is_called(tmp_path: Path) -> None:
    write_tape(shipped("ordinary-day"), tmp_path / "mine.tape.gz")
    panel = read_bars(tmp_path / "mine.tape.gz", Selection(symbols=("SW",)), name="other")
    assert panel.name == "ordinary-day"


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"its suffix is unknown; give \.parquet"):
        read_bars(tmp_path / "bars.xls")

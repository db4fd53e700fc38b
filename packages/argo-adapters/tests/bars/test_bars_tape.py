"""The project's own tapes are bars for a backtest too."""

from datetime import date
from pathlib import Path

import pytest

from argo_adapters.bars.selection import Selection
from argo_adapters.bars.tape import read_tape, tape_panel
from argo_adapters.tapes.file import shipped, write_tape
from argo_core.backtest.bars.finding import Defect
from argo_core.errors import InvalidInput
from argo_core.market.moment import from_micros

TAPE = shipped("half-day")


def test_a_tape_s_regular_minutes_make_a_panel() -> None:
    panel = tape_panel(TAPE)
    assert panel.name == "half-day"
    assert panel.bar_s == 60
    assert panel.symbols == tuple(TAPE.bars)
    dropped = {Defect.OUT_OF_SESSION}
    lost = sum(one.count for one in panel.findings if one.defect in dropped)
    assert panel.bars == sum(map(len, TAPE.bars.values())) - lost
    halves = [one for one in panel.findings if one.defect is Defect.HALF_DAY]
    assert [(one.count, one.first) for one in halves] == [(1, "2024-11-29T00:00:00Z")]


def test_a_tape_s_panel_ends_with_the_auction_of_the_half_day() -> None:
    panel = tape_panel(TAPE, Selection(symbols=("SW",), since=date(2024, 11, 29)))
    assert panel.symbols == ("SW",)
    assert from_micros(int(panel.known_us[-1])).isoformat() == "2024-11-29T18:01:00+00:00"
    assert panel.volume[-1, 0] == 0


def test_a_tape_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "half-day.tape.gz"
    write_tape(TAPE, path)
    chosen = Selection(symbols=("SW", "BTC/USD"), until=date(2024, 11, 29))
    assert read_tape(path, chosen) == tape_panel(TAPE, chosen)


def test_a_selection_that_the_tape_does_not_hold_is_refused() -> None:
    with pytest.raises(InvalidInput, match="there are no bars of AAPL"):
        tape_panel(TAPE, Selection(symbols=("AAPL", "SW")))
    with pytest.raises(InvalidInput, match="rows of it are asked for"):
        tape_panel(TAPE, Selection(most_rows=10))

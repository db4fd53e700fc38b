"""Tapes survive the disk, damage is told clearly, and the shipped ones are what they say."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyarrow import parquet

from argo_adapters.calendar.session_table import load_session_table
from argo_adapters.tapes.file import MAX_LINE, read_tape, shipped, shipped_names, write_tape
from argo_adapters.tapes.recipes import RECIPES, STOCKS, Recipe
from argo_core.backtest.path import ticks
from argo_core.backtest.tape import Tape, dump
from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.session import Phase

NVR = Symbol("NVR")
OPEN = datetime(2024, 11, 25, 14, 30, tzinfo=UTC)
DECEMBER = datetime(2024, 12, 1, tzinfo=UTC)
DATA = Path(__file__).parents[4] / "shared" / "data"

TAPE = Tape(
    name="small",
    origin="made by hand",
    licence="Apache-2.0",
    note="",
    seed=1,
    instruments=(instrument("NVR"),),
    sessions=(),
    starts=OPEN,
    ends=OPEN + timedelta(hours=1),
    bars={NVR: (Bar(NVR, OPEN, 2.0, 3.0, 1.0, 2.5, 100.0),)},
)


def test_tape_survives_the_disk(tmp_path: Path) -> None:
    write_tape(TAPE, tmp_path / "small.tape.gz")
    assert read_tape(tmp_path / "small.tape.gz") == TAPE
    assert [path.name for path in tmp_path.iterdir()] == ["small.tape.gz"]


def test_same_tape_makes_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    write_tape(TAPE, one)
    write_tape(TAPE, other)
    assert one.read_bytes() == other.read_bytes()


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    write_tape(TAPE, whole)
    packed = whole.read_bytes()
    middle = len(packed) // 2
    turned = packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :]
    for name, damaged in {"cut": packed[:-10], "text": b"no gzip", "turned": turned}.items():
        path = tmp_path / name
        path.write_bytes(damaged)
        with pytest.raises(InvalidInput, match=r"^tape"):
            read_tape(path)


def test_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="tape: there is no file"):
        read_tape(tmp_path / "absent")


def test_a_folder_is_no_tape(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_tape(tmp_path)


def test_a_file_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    with gzip.open(bomb, "wb") as packed:
        packed.write(b" " * (MAX_LINE + 1))
    with pytest.raises(InvalidInput, match="tape: a line exceeds 1,048,576 bytes"):
        read_tape(bomb)
    long = tmp_path / "long"
    with gzip.open(long, "wb") as packed:
        packed.writelines(dump(TAPE))
    with pytest.raises(InvalidInput, match="tape: it unpacks to over 300 bytes"):
        read_tape(long, max_unpacked=300)


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    with pytest.raises(InvalidInput, match=r"tape: .*taken cannot be written"):
        write_tape(TAPE, taken)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    with pytest.raises(InvalidInput, match=r"tape: .*cannot be written .No such file"):
        write_tape(TAPE, tmp_path / "absent" / "tape")


def test_unknown_shipped_tape_names_the_known_ones() -> None:
    assert shipped_names() == ("half-day", "ordinary-day")
    with pytest.raises(InvalidInput, match="'lunch' is not shipped; use half-day or ordinary-day"):
        shipped("lunch")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_shipped_tape_holds_a_day_and_four_sessions_before(recipe: Recipe) -> None:
    tape = shipped(recipe.name)
    listed = [session for session in load_session_table().sessions if session in tape.sessions]
    assert tuple(listed) == tape.sessions
    assert len(tape.sessions) == 5
    played = tape.sessions[-1]
    assert (tape.starts, tape.ends) == (played.open, played.post)
    assert played.open.date() == recipe.day
    assert set(tape.bars) == {*STOCKS, "BTC/USD", "ETH/USD"}
    for symbol in map(Symbol, STOCKS):
        for bar in tape.bars[symbol]:
            assert any(session.phase(bar.start) is not Phase.CLOSED for session in tape.sessions)
        # Enough bars to warm indicators up, and trading on the day itself.
        before = sum(bar.start < tape.starts for bar in tape.bars[symbol])
        assert before >= 300
        assert len(tape.bars[symbol]) - before >= 60


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_shipped_tape_says_where_it_comes_from(recipe: Recipe) -> None:
    tape = shipped(recipe.name)
    assert "blaizard/market-data" in tape.origin
    assert "QuantConnect/Lean" in tape.origin
    assert "MIT" in tape.licence
    assert "Apache-2.0" in tape.licence
    for source, target in recipe.moves.items():
        assert f"{source} to {target}" in tape.note


def test_closing_auctions_are_kept() -> None:
    for tape in map(shipped, shipped_names()):
        close = tape.sessions[-1].close
        starts = [bar.start for symbol in STOCKS for bar in tape.bars[Symbol(symbol)]]
        assert starts.count(close) >= 7


def test_every_shipped_bar_has_a_path() -> None:
    tape = shipped("half-day")
    for one in tape.instruments:
        for bar in tape.bars[one.symbol]:
            path = [tick.price for tick in ticks(bar, one, tape.seed)]
            assert float(max(path)) == pytest.approx(bar.high, abs=0.006)
            assert float(min(path)) == pytest.approx(bar.low, abs=0.006)


@pytest.fixture
def november(tmp_path: Path) -> Path:
    """The data of the month that the tapes are of, as reading all the year takes long."""
    month = [("ts", ">=", datetime(2024, 11, 1, tzinfo=UTC)), ("ts", "<", DECEMBER)]
    (tmp_path / "us_minute_2024").mkdir()
    for symbol in STOCKS:
        name = f"us_minute_2024/{symbol}.parquet"
        parquet.write_table(parquet.read_table(DATA / name, filters=month), tmp_path / name)
    (tmp_path / "lean_crypto_minute").symlink_to(DATA / "lean_crypto_minute")
    return tmp_path


@pytest.mark.skipif(not DATA.is_dir(), reason="the data the tapes were cut from are not here")
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_shipped_tape_can_be_cut_again(recipe: Recipe, november: Path) -> None:
    assert recipe.cut(november) == shipped(recipe.name)


def test_a_recipe_needs_its_data(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"AZO\.parquet: there is no such file"):
        RECIPES[0].cut(tmp_path)

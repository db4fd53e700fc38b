"""A tape holds the day played and the sessions before it, from whatever the files hold."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from argo_adapters.tapes import cut as tape_cut
from argo_adapters.tapes.cut import cut_tape
from argo_core.backtest.tape import Tape
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol

MONDAY = date(2024, 11, 25)
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def write(folder: Path, name: str, *starts: str, price: float = 10.0) -> Path:
    path = folder / name
    lines = [f"{start}Z,{price},{price},{price},{price},1" for start in starts]
    path.write_text("\n".join(["ts,open,high,low,close,volume", *lines]), encoding="ascii")
    return path


def cut(*paths: Path, **change: Any) -> Tape:
    asked: dict[str, Any] = {
        "name": "cut",
        "day": MONDAY,
        "warmup_sessions": 1,
        "symbols": ["NVR"],
        "origin": "made by hand",
        "licence": "Apache-2.0",
        "note": "",
        "seed": 3,
    }
    return cut_tape(paths, **{**asked, **change})


def test_play_begins_at_the_open_and_ends_with_extended_hours(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "NVR.csv",
        "2024-11-26 01:00",  # after the end
        "2024-11-26 00:59",
        "2024-11-25 14:30",
        "2024-11-22 09:00",
        "2024-11-22 08:59",  # before the warm-up
        "2024-11-21 16:00",
    )
    tape = cut(path)
    assert (tape.starts, tape.ends) == (at("2024-11-25 14:30"), at("2024-11-26 01:00"))
    assert [session.open for session in tape.sessions] == [at("2024-11-22 14:30"), tape.starts]
    kept = [bar.start for bar in tape.bars[Symbol("NVR")]]
    assert kept == [at("2024-11-22 09:00"), at("2024-11-25 14:30"), at("2024-11-26 00:59")]
    assert (tape.name, tape.seed, tape.origin, tape.licence) == (
        "cut",
        3,
        "made by hand",
        "Apache-2.0",
    )


def test_warm_up_skips_weekends_and_holidays(tmp_path: Path) -> None:
    path = write(tmp_path, "NVR.csv", "2024-11-29 14:30")
    tape = cut(path, day=date(2024, 11, 29), warmup_sessions=4)
    assert [session.open.day for session in tape.sessions] == [22, 25, 26, 27, 29]
    assert tape.ends == at("2024-11-29 22:00")


def test_crypto_alone_plays_the_whole_day(tmp_path: Path) -> None:
    path = write(tmp_path, "BTCUSD.csv", "2024-11-23 23:59", "2024-11-24 00:00", "2024-11-25 23:59")
    tape = cut(path, symbols=["BTC/USD"])
    assert (tape.starts, tape.ends) == (at("2024-11-25 00:00"), at("2024-11-26 00:00"))
    assert tape.sessions == ()
    assert len(tape.bars[Symbol("BTC/USD")]) == 2


@pytest.mark.parametrize("spelling", ["BTC-USD", "BTC_USD", "BTCUSD"])
def test_pairs_may_be_spelled_without_a_stroke(tmp_path: Path, spelling: str) -> None:
    path = write(tmp_path, f"{spelling}.csv", "2024-11-25 00:00")
    assert list(cut(path, symbols=["BTC/USD"]).bars) == ["BTC/USD"]


def test_symbols_not_asked_for_are_left_out(tmp_path: Path) -> None:
    wanted = write(tmp_path, "NVR.csv", "2024-11-25 14:30")
    other = write(tmp_path, "AZO.csv", "2024-11-25 14:30")
    tape = cut(wanted, other)
    assert [one.symbol for one in tape.instruments] == ["NVR"]
    assert list(tape.bars) == ["NVR"]


def test_moved_bars_keep_their_time_of_day(tmp_path: Path) -> None:
    stock = write(tmp_path, "NVR.csv", "2024-11-25 14:30")
    pair = write(
        tmp_path,
        "BTCUSD.csv",
        "2017-09-03 00:00",
        "2017-09-04 23:58",
        "2017-09-05 00:00",  # a date that is not moved
        "2024-11-25 14:30",  # and neither are the tape's own
    )
    moves = {"BTC/USD": {date(2017, 9, 3): date(2024, 11, 24), date(2017, 9, 4): MONDAY}}
    tape = cut(stock, pair, symbols=["NVR", "BTC/USD"], moves=moves)
    starts = [bar.start for bar in tape.bars[Symbol("BTC/USD")]]
    assert starts == [at("2024-11-24 00:00"), at("2024-11-25 23:58")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"symbols": []}, "symbols: none is named"),
        ({"symbols": ["nvr"]}, "symbol: 'nvr' is not a symbol"),
        ({"symbols": ["NVR", "AZO"]}, "symbols: no bar of AZO from"),
        ({"moves": {"AZO": {}}}, "moves: AZO is not among the symbols"),
        ({"day": date(2024, 11, 28)}, "day: the US stock market has no session on 2024-11-28"),
        ({"day": date(2023, 11, 27)}, "choose a trading day from 2024-01-02 to 2028-12-29"),
        ({"warmup_sessions": -1}, "warmup_sessions: -1 is negative"),
        ({"warmup_sessions": 300}, "warmup_sessions: only 227 sessions before 2024-11-25"),
        ({"name": "A tape"}, "name: 'A tape' is not a tape's name"),
    ],
)
def test_bad_wishes_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = write(tmp_path, "NVR.csv", "2024-11-25 14:30")
    with pytest.raises(InvalidInput, match=message):
        cut(path, **change)


def test_a_bar_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "NVR.csv", "2024-11-25 14:30", "2024-11-25 14:30")
    with pytest.raises(InvalidInput, match=r"bars of NVR: .* one bar for each minute"):
        cut(path)


def test_an_absurd_bar_names_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "NVR.csv", "2024-11-25 14:30", price=float("nan"))
    with pytest.raises(InvalidInput, match=r"NVR\.csv row 1, open: nan is not a price"):
        cut(path)


def test_a_cut_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape_cut, "MAX_BARS", 1)
    path = write(tmp_path, "NVR.csv", "2024-11-25 14:30", "2024-11-25 14:31")
    with pytest.raises(InvalidInput, match="symbols: over 1 bars; cut a shorter tape"):
        cut(path)

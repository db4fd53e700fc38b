"""The defects of real data are found, each as often as whoever looked at them by hand has counted.

The data lie beside the project, in `../shared/data`, or in the folder that ARGO_BAR_DATA names;
once it is named, the data must be there.
"""

import os
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from argo_adapters.bars.listing import datasets
from argo_adapters.bars.parquet import read_parquet
from argo_adapters.bars.selection import Selection
from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.options import Closing, Options, Rename
from argo_core.backtest.data.renames import day_of
from argo_core.market.moment import from_micros

NAMED = os.environ.get("ARGO_BAR_DATA")  # noqa: TID251 - says where this machine has the data
DATA = Path(NAMED) if NAMED else Path(__file__).parents[5] / "shared" / "data"


def folder(name: str) -> Path:
    path = DATA / name
    if NAMED is None and not path.is_dir():
        pytest.skip(f"{name} lies beside the project on the machines that have it")
    return path


@pytest.fixture(scope="module")
def stocks() -> Panel:
    return read_parquet(folder("sp500_daily_5y"))


@pytest.fixture(scope="module")
def minutes() -> Panel:
    return read_parquet(folder("us_minute_2024"))


def counted(panel: Panel, *defects: Defect) -> Counter[str]:
    """How often each symbol has them; what is told of all is under the empty name."""
    found: Counter[str] = Counter()
    for one in panel.findings:
        if one.defect in defects:
            found[one.symbol or ""] += one.count
    return found


def firsts(panel: Panel, defects: Iterable[Defect]) -> set[tuple[str | None, str]]:
    wanted = set(defects)
    return {(one.symbol, one.first) for one in panel.findings if one.defect in wanted}


def has(panel: Panel, symbol: str, day: date) -> bool:
    (row,) = np.flatnonzero(panel.session == day_of(day))
    return bool(panel.there[row, panel.symbols.index(symbol)])


def test_505_stocks_lose_the_23_bars_that_are_known_to_be_bad(stocks: Panel) -> None:
    assert (len(stocks.symbols), stocks.rows, stocks.bars) == (505, 1_259, 619_040 - 23 + 0)


def test_505_stocks_have_eleven_bars_without_prices(stocks: Panel) -> None:
    assert counted(stocks, Defect.NOT_A_NUMBER) == Counter(
        BHF=1, DHR=2, ES=1, FTV=1, O=2, REGN=1, UA=1, VRTX=1, WRK=1
    )
    for symbol, day in (("BHF", date(2017, 7, 26)), ("O", date(2016, 1, 12))):
        assert not has(stocks, symbol, day)


def test_505_stocks_have_twelve_bars_outside_their_range(stocks: Panel) -> None:
    assert counted(stocks, Defect.OUTSIDE_RANGE) == Counter(
        AOS=1, CHD=1, BBY=1, CHK=1, DHR=1, O=2, IP=1, LNT=1, SPG=1, UA=1, WRK=1
    )
    assert not has(stocks, "LNT", date(2016, 5, 19))
    assert not {one.symbol for one in stocks.findings if one.defect is Defect.JUMP} & {"LNT"}


def test_505_stocks_have_470_with_every_session_and_the_known_late_starts(stocks: Panel) -> None:
    short = counted(stocks, Defect.LATE_START, Defect.GAP, Defect.EARLY_END)
    assert len(short) == 35
    rows = {"APTV": 44, "DWDP": 109, "GOOG": 975, "HPQ": 581, "KHC": 655, "WRK": 662, "IQV": 1197}
    assert {symbol: 1_259 - short[symbol] for symbol in rows} == rows
    assert not counted(stocks, Defect.EARLY_END)


def test_505_stocks_have_holes_in_six(stocks: Panel) -> None:
    assert counted(stocks, Defect.GAP) == Counter(DHR=16, O=16, ES=10, ICE=5, BMY=2, ORCL=2)


def test_505_stocks_leap_where_spin_offs_and_news_made_them(stocks: Panel) -> None:
    known = {
        ("EBAY", "2015-07-20"),
        ("BAX", "2015-07-01"),
        ("NI", "2015-07-02"),
        ("DISCA", "2014-08-07"),
        ("DISCK", "2014-08-07"),
        ("AMD", "2016-04-22"),
        ("VRTX", "2013-04-19"),
        ("NWL", "2017-09-15"),
    }
    assert known <= firsts(stocks, [Defect.JUMP, Defect.LEAP])
    assert {("DISCA", "2014-08-07"), ("DISCK", "2014-08-07")} <= firsts(stocks, [Defect.JUMP])


def test_505_stocks_have_ten_early_closes_and_no_day_without_a_session(stocks: Panel) -> None:
    assert counted(stocks, Defect.HALF_DAY)[""] == 11
    assert not counted(stocks, Defect.OUT_OF_SESSION, Defect.UNSORTED, Defect.DUPLICATED)
    (row,) = np.flatnonzero(stocks.session == day_of(date(2013, 7, 3)))
    assert from_micros(int(stocks.known_us[row])) == datetime(2013, 7, 3, 17, tzinfo=UTC)


def test_five_stocks_are_scaled_by_their_adjusted_closes() -> None:
    panel = read_parquet(folder("us5_daily"))
    assert (panel.rows, panel.bars) == (3_270, 12_154)
    # What is left of AAPL's splits of 2000 and 2005 is nothing; its fall of 2000-09-29 is real.
    assert firsts(panel, [Defect.JUMP, Defect.LEAP]) == {("AAPL", "2000-09-29")}
    assert counted(panel, Defect.LATE_START) == Counter(FB=3_270 - 196, GOOG=3_270 - 2_148)
    clean = {Defect.OUTSIDE_RANGE, Defect.NOT_A_NUMBER, Defect.NO_VOLUME, Defect.GAP}
    assert not counted(panel, *clean)


def test_five_stocks_as_they_were_traded_have_their_three_splits() -> None:
    panel = read_parquet(folder("us5_daily"), options=Options(adjust=False))
    splits = [one for one in panel.findings if one.defect is Defect.JUMP]
    assert [(one.symbol, one.count, one.first) for one in splits] == [
        ("AAPL", 3, "2000-06-21"),
        ("MSFT", 1, "2003-02-18"),
    ]
    assert all("2:1" in one.rule for one in splits)


def test_a_year_of_minutes_starts_late_where_tickers_changed(minutes: Panel) -> None:
    assert counted(minutes, Defect.LATE_START) == Counter(CPAY=57, SW=128)
    assert firsts(minutes, [Defect.HALF_DAY]) == {(None, "2024-07-03T00:00:00Z")}
    assert counted(minutes, Defect.HALF_DAY)[""] == 3
    assert len(set(minutes.session.tolist())) == 252
    clean = {Defect.UNSORTED, Defect.DUPLICATED, Defect.NOT_A_NUMBER, Defect.OUTSIDE_RANGE}
    assert not counted(minutes, *clean, Defect.NO_VOLUME)


def test_a_year_of_minutes_has_the_gaps_of_shares_that_cost_thousands(minutes: Panel) -> None:
    # AZO has 101 of 390 minutes on a day, BKNG 150, CPAY 247 and SW nearly all.
    regular = 249 * 390 + 3 * 210
    per_day = {s: (regular - n) / 252 for s, n in counted(minutes, Defect.GAP).items()}
    assert per_day["AZO"] == pytest.approx(101, abs=2)
    assert per_day["BKNG"] == pytest.approx(150, abs=2)
    assert counted(minutes, Defect.GAP)["SW"] / (252 - 128) < 5


def test_a_year_of_minutes_keeps_regular_hours_across_both_changes_of_the_clock(
    minutes: Panel,
) -> None:
    known = minutes.known_us % 86_400_000_000 // 60_000_000
    for first, last, opens in (
        (date(2024, 1, 2), date(2024, 3, 8), 14 * 60 + 30),
        (date(2024, 3, 11), date(2024, 11, 1), 13 * 60 + 30),
        (date(2024, 11, 4), date(2024, 12, 31), 14 * 60 + 30),
    ):
        mask = (minutes.session >= day_of(first)) & (minutes.session <= day_of(last))
        assert (known[mask].min(), known[mask].max()) == (opens + 1, opens + 391)


def test_the_official_close_is_there_without_anything_to_fill(minutes: Panel) -> None:
    (row,) = np.flatnonzero(
        minutes.known_us == datetime(2024, 12, 31, 21, 1, tzinfo=UTC).timestamp() * 1e6
    )
    column = minutes.symbols.index("AZO")
    assert minutes.close[row, column] == 3_202_0000
    assert minutes.volume[row, column] == 0
    chosen = Selection(symbols=("AZO",), since=date(2024, 12, 31))
    traded = read_parquet(folder("us_minute_2024"), chosen, Options(closing=Closing.TRADE))
    assert traded.volume[-1, 0] == 401
    dropped = read_parquet(folder("us_minute_2024"), chosen, Options(closing=Closing.DROP))
    assert from_micros(int(dropped.known_us[-1])) <= datetime(2024, 12, 31, 21, tzinfo=UTC)


def test_pairs_are_read_round_the_clock_under_their_own_names() -> None:
    names = ("BTC/USD", "ETH/USD", "LTC/USD", "BTC/EUR")
    options = Options(renames=[Rename(name.replace("/", ""), name) for name in names])
    panel = read_parquet(folder("lean_crypto_minute") / "trades_1m.parquet", options=options)
    assert panel.symbols == tuple(sorted(names))
    assert panel.bars == 25_302 - sum(counted(panel, Defect.NOT_A_NUMBER).values())
    assert not counted(panel, Defect.OUT_OF_SESSION, Defect.CLOSING_PRINT)


def test_the_folder_lists_what_it_offers() -> None:
    folder("us5_daily")
    found = {one.name: one for one in datasets(DATA).datasets}
    assert found["sp500_daily_5y/sp500_daily_5y"].most_bars == 505 * 1_259
    assert found["us5_daily/us5_daily"].symbols == ("AAPL", "FB", "GOOG", "IBM", "MSFT")
    assert len(found["us_minute_2024"].symbols) == 12

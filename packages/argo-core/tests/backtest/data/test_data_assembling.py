"""Bars of anywhere become a panel; every defect has a rule, and every rule leaves a finding."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.assemble import assemble
from argo_core.backtest.data.hours import MarketHours
from argo_core.backtest.data.options import Closing, Options, Rename
from argo_core.backtest.data.renames import day_of
from argo_core.backtest.data.rows import Rows, rows_of
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import from_micros, to_micros

DAY_S = 86_400
HOUR_US = 3_600_000_000

# Monday to the next Wednesday; Thursday the 4th is no session, and Wednesday the 3rd a half day.
FULL, HALF = (13.5, 20.0), (13.5, 17.0)
DATES = {
    date(2024, 7, 1): FULL,
    date(2024, 7, 2): FULL,
    date(2024, 7, 3): HALF,
    date(2024, 7, 5): FULL,
    date(2024, 7, 8): FULL,
    date(2024, 7, 9): FULL,
    date(2024, 7, 10): FULL,
}
MON, TUE, WED, FRI, MON2, TUE2, WED2 = DATES

Bar = tuple[str, Any, float, float, float, float, float]


def hours() -> MarketHours:
    midnight = np.array([day_of(day) for day in DATES]) * 24 * HOUR_US
    edges = np.array(list(DATES.values())) * HOUR_US
    return MarketHours(
        since=day_of(date(2024, 6, 1)),
        until=day_of(date(2024, 8, 1)),
        day=[day_of(day) for day in DATES],
        open_us=midnight + edges[:, 0].astype(np.int64),
        close_us=midnight + edges[:, 1].astype(np.int64),
        half=[edge == HALF for edge in DATES.values()],
        told="a week in July",
    )


def bar(symbol: str, at: object, close: float = 10.0, volume: float = 100.0) -> Bar:
    return symbol, at, close, close, close, close, volume


def rows(bars: Sequence[Bar], adjusted: list[float] | None = None) -> Rows:
    symbols, at, opened, high, low, close, volume = zip(*bars, strict=True)
    times = [_whole(each) for each in at]
    return rows_of(
        symbols,
        times,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=volume,
        adjusted=adjusted,
    )


def _whole(at: object) -> int:
    return to_micros(at) if isinstance(at, datetime) else day_of(at)  # type: ignore[arg-type]


def daily(bars: Sequence[Bar], adjusted: list[float] | None = None, **chosen: Any) -> Panel:
    return assemble(
        rows(bars, adjusted),
        name="week",
        origin="made up",
        bar_s=DAY_S,
        sessions=hours(),
        options=Options(**chosen),
    )


def minutes(bars: Sequence[Bar], bar_s: int = 60, **chosen: Any) -> Panel:
    return assemble(
        rows(bars),
        name="minutes",
        origin="made up",
        bar_s=bar_s,
        sessions=hours(),
        options=Options(**chosen),
    )


def told(panel: Panel, defect: Defect) -> list[tuple[str | None, int, str]]:
    """Symbol, count and first case of each finding of that kind."""
    return [(one.symbol, one.count, one.first) for one in panel.findings if one.defect is defect]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def week(symbol: str = "AAA") -> list[Bar]:
    return [bar(symbol, day) for day in DATES]


def test_clean_bars_make_a_panel_and_the_only_thing_to_tell_is_the_half_day() -> None:
    panel = daily([*week("BBB"), *week("AAA")])
    assert panel.symbols == ("AAA", "BBB")
    assert panel.rows == 7
    assert panel.bars == 14
    assert panel.bar_s == DAY_S
    assert [one.defect for one in panel.findings] == [Defect.HALF_DAY]
    assert told(panel, Defect.HALF_DAY) == [(None, 1, "2024-07-03")]


def test_a_daily_bar_is_known_at_the_close_and_on_a_half_day_at_the_early_one() -> None:
    panel = daily(week())
    assert [from_micros(us) for us in panel.known_us[:3].tolist()] == [
        at(MON, 20),
        at(TUE, 20),
        at(WED, 17),
    ]
    assert panel.session.tolist() == [day_of(day) for day in DATES]


def test_a_pair_s_daily_bar_is_known_when_the_day_is_over_in_utc() -> None:
    panel = daily([bar("BTC/USD", MON), bar("BTC/USD", date(2024, 7, 4))])
    known = [from_micros(us) for us in panel.known_us.tolist()]
    assert known == [at(TUE, 0), at(FRI, 0)]
    assert panel.session.tolist() == [day_of(MON), day_of(date(2024, 7, 4))]


def test_stocks_and_pairs_whose_bars_overlap_are_refused() -> None:
    # A pair's day begins hours before the stocks' close that an exit of it may be decided at.
    with pytest.raises(InvalidInput, match="of stocks and of pairs overlap"):
        daily([*week(), bar("BTC/USD", MON)])
    both = [bar("AAA", at(MON, 13, 30)), bar("BTC/USD", at(MON, 14))]
    with pytest.raises(InvalidInput, match="of stocks and of pairs overlap"):
        minutes(both, bar_s=3_600)
    assert minutes(both, bar_s=1_800).rows == 2


def test_pairs_alone_need_no_sessions_and_stocks_do() -> None:
    pair = rows([bar("BTC/USD", MON), bar("BTC/USD", FRI)])
    panel = assemble(pair, name="p", origin="", bar_s=DAY_S, sessions=None)
    assert told(panel, Defect.GAP) == [("BTC/USD", 3, "2024-07-02")]
    with pytest.raises(InvalidInput, match="stocks need their market's"):
        assemble(rows(week()), name="p", origin="", bar_s=DAY_S, sessions=None)


def test_prices_are_whole_units_and_volumes_whole_shares() -> None:
    panel = daily([("AAA", MON, 10.1234, 10.5, 9.99, 10.0001, 1234.0)])
    assert (panel.open[0, 0], panel.high[0, 0]) == (101_234, 105_000)
    assert (panel.low[0, 0], panel.close[0, 0], panel.volume[0, 0]) == (99_900, 100_001, 1234)


def test_decimals_and_none_are_numbers_too() -> None:
    made = rows_of(
        ["AAA"],
        np.array(["2024-07-01"], "datetime64[D]"),
        open=[Decimal("1.1")],
        high=[Decimal("1.3")],
        low=[Decimal(1)],
        close=[Decimal("1.2")],
        volume=[None],
    )
    panel = assemble(made, name="p", origin="", bar_s=DAY_S, sessions=hours())
    assert panel.open[0, 0] == 11_000
    assert told(panel, Defect.NO_VOLUME) == [("AAA", 1, "2024-07-01")]


def test_bars_out_of_order_are_sorted_and_counted() -> None:
    bars = week()
    panel = daily([bars[1], bars[0], *bars[2:]])
    assert told(panel, Defect.UNSORTED) == [("AAA", 1, "2024-07-01")]
    assert panel.sha256 == daily(bars).sha256


def test_symbols_may_be_interleaved_without_being_unsorted() -> None:
    bars = [each for pair in zip(week("AAA"), week("BBB"), strict=True) for each in pair]
    assert not told(daily(bars), Defect.UNSORTED)


def test_of_the_same_bar_twice_one_is_kept() -> None:
    panel = daily([*week(), bar("AAA", TUE), bar("AAA", TUE)])
    assert told(panel, Defect.DUPLICATED) == [("AAA", 2, "2024-07-02")]
    assert panel.bars == 7


def test_bars_that_contradict_each_other_are_all_dropped() -> None:
    panel = daily([*week(), bar("AAA", TUE), bar("AAA", TUE, close=11)])
    assert told(panel, Defect.CONFLICTING) == [("AAA", 3, "2024-07-02")]
    assert panel.bars == 6
    other = daily([*week(), bar("AAA", TUE, volume=1)])
    assert told(other, Defect.CONFLICTING) == [("AAA", 2, "2024-07-02")]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("place", [2, 3, 4, 5])
def test_a_bar_with_a_price_that_is_no_number_is_dropped(wrong: float, place: int) -> None:
    broken = list(bar("AAA", TUE))
    broken[place] = wrong
    panel = daily([*week("BBB"), bar("AAA", MON), tuple(broken)])
    assert told(panel, Defect.NOT_A_NUMBER) == [("AAA", 1, "2024-07-02")]
    assert panel.close[1, 0] == 0


@pytest.mark.parametrize("wrong", [0.0, -1.0, 0.00004])
def test_a_bar_with_a_price_of_nothing_is_dropped(wrong: float) -> None:
    panel = daily([*week(), ("BBB", TUE, 10.0, 10.0, wrong, 10.0, 1.0), bar("BBB", MON)])
    assert told(panel, Defect.NOT_POSITIVE) == [("BBB", 1, "2024-07-02")]
    assert panel.bars == 8


@pytest.mark.parametrize("wrong", [10_000_001.0, 1e308])
def test_a_bar_with_an_absurd_price_is_dropped(wrong: float) -> None:
    panel = daily([*week(), ("BBB", TUE, 10.0, wrong, 9.0, 10.0, 1.0), bar("BBB", MON)])
    assert told(panel, Defect.TOO_LARGE) == [("BBB", 1, "2024-07-02")]


@pytest.mark.parametrize(
    ("opened", "high", "low", "close"),
    [(8, 12, 9, 10), (13, 12, 9, 10), (10, 12, 9, 8), (10, 12, 9, 13), (10, 9, 12, 10)],
)
def test_a_bar_whose_open_or_close_lies_outside_its_range_is_dropped(
    opened: float, high: float, low: float, close: float
) -> None:
    panel = daily([*week(), ("BBB", TUE, opened, high, low, close, 1.0), bar("BBB", MON)])
    assert told(panel, Defect.OUTSIDE_RANGE) == [("BBB", 1, "2024-07-02")]
    assert panel.close[:, 1].tolist() == [100_000, 0, 0, 0, 0, 0, 0]


def test_prices_finer_than_a_unit_are_rounded_to_the_nearest_and_counted() -> None:
    panel = daily([bar("AAA", MON, 10.00004), bar("AAA", TUE, 10.00006), bar("AAA", WED, 10.1234)])
    assert panel.close[:, 0].tolist() == [100_000, 100_001, 101_234]
    assert told(panel, Defect.TOO_FINE) == [("AAA", 2, "2024-07-01")]


def test_a_fraction_of_a_share_cannot_be_filled() -> None:
    panel = daily([bar("AAA", MON, volume=0.9), bar("AAA", TUE, volume=7.5)])
    assert panel.volume[:, 0].tolist() == [0, 7]
    assert told(panel, Defect.TOO_FINE) == [("AAA", 2, "2024-07-01")]
    assert not told(panel, Defect.NO_VOLUME)


@pytest.mark.parametrize("wrong", [float("nan"), -1.0, float("inf"), 1e13])
def test_a_volume_that_cannot_be_is_taken_as_none(wrong: float) -> None:
    panel = daily([bar("AAA", MON, volume=wrong), bar("AAA", TUE)])
    assert panel.volume[:, 0].tolist() == [0, 100]
    assert told(panel, Defect.NO_VOLUME) == [("AAA", 1, "2024-07-01")]


def test_a_bar_without_volume_is_kept() -> None:
    panel = daily([bar("AAA", MON, volume=0)])
    assert panel.bars == 1
    assert told(panel, Defect.NO_VOLUME) == [("AAA", 1, "2024-07-01")]


def test_sessions_before_after_and_between_bars_are_told_and_left_absent() -> None:
    panel = daily([*week(), bar("BBB", TUE), bar("BBB", MON2)])
    assert told(panel, Defect.LATE_START) == [("BBB", 1, "2024-07-01")]
    assert told(panel, Defect.GAP) == [("BBB", 2, "2024-07-03")]
    assert told(panel, Defect.EARLY_END) == [("BBB", 2, "2024-07-09")]
    assert panel.close[:, 1].tolist() == [0, 100_000, 0, 0, 100_000, 0, 0]


def test_a_session_in_which_nobody_has_a_bar_is_told_of_all() -> None:
    panel = daily([bar("AAA", MON), bar("AAA", WED), bar("BBB", MON), bar("BBB", WED)])
    assert told(panel, Defect.GAP) == [
        (None, 1, "2024-07-02"),
        ("AAA", 1, "2024-07-02"),
        ("BBB", 1, "2024-07-02"),
    ]


def test_a_bar_that_is_dropped_is_no_gap() -> None:
    panel = daily([bar("AAA", MON), bar("AAA", TUE, close=-1), bar("AAA", WED)])
    assert not told(panel, Defect.GAP)


def test_a_daily_bar_of_a_day_without_a_session_is_dropped() -> None:
    panel = daily([*week(), bar("AAA", date(2024, 7, 4)), bar("AAA", date(2024, 7, 6))])
    assert told(panel, Defect.OUT_OF_SESSION) == [("AAA", 2, "2024-07-04")]
    assert panel.rows == 7


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1 / 2, "split of 2:1"),
        (1 / 7, "split of 7:1"),
        (2 / 3 * 1.03, "split of 3:2"),
        (3.0, "split of 1:3"),
        (1.5, "split of 2:3"),
        (10 * 0.97, "split of 1:10"),
    ],
)
def test_a_close_that_moves_as_by_a_split_is_named_and_kept(factor: float, words: str) -> None:
    panel = daily([bar("AAA", MON, 100), bar("AAA", TUE, round(100 * factor, 2))])
    (found,) = [one for one in panel.findings if one.defect is Defect.JUMP]
    assert (found.symbol, found.count, found.first) == ("AAA", 1, "2024-07-02")
    assert words in found.rule
    assert panel.bars == 2


@pytest.mark.parametrize(
    ("factor", "named"), [(4 / 3, True), (1.30, False), (0.75, True), (0.77, False), (0.43, True)]
)
def test_another_leap_of_a_third_is_named_and_kept(factor: float, named: bool) -> None:
    panel = daily([bar("AAA", MON, 300), bar("AAA", TUE, round(300 * factor, 2))])
    assert bool(told(panel, Defect.LEAP)) is named
    assert not told(panel, Defect.JUMP)


def test_a_split_is_known_by_the_open_whatever_the_market_did_on_that_day() -> None:
    rallied = ("AAA", TUE, 50.5, 56.5, 50.0, 55.6, 100.0)
    panel = daily([bar("AAA", MON, 101.25), rallied])
    assert told(panel, Defect.JUMP) == [("AAA", 1, "2024-07-02")]
    assert not told(panel, Defect.LEAP)


def test_one_symbol_s_price_beside_another_s_is_no_leap() -> None:
    panel = daily([bar("AAA", MON, 100), bar("BBB", MON, 50), bar("CCC", MON, 500)])
    assert not [one for one in panel.findings if one.defect in (Defect.JUMP, Defect.LEAP)]


def test_a_symbol_with_a_defect_can_be_left_out() -> None:
    split = [bar("AAA", MON, 100), bar("AAA", TUE, 50)]
    panel = daily([*split, *week("BBB")], exclude={Defect.JUMP})
    assert panel.symbols == ("BBB",)
    (found,) = [one for one in panel.findings if one.defect is Defect.JUMP]
    assert found.rule.endswith("kept; the symbol was left out")


def test_data_with_a_defect_can_be_refused() -> None:
    with pytest.raises(InvalidInput, match=r"AAA: duplicated, 1 times, first 2024-07-01.*refuse"):
        daily([*week(), bar("AAA", MON)], refuse={Defect.DUPLICATED})
    with pytest.raises(InvalidInput, match="the data: half_day"):
        daily(week(), refuse={Defect.HALF_DAY})


def test_a_symbol_that_changed_its_name_is_joined_under_the_newest() -> None:
    old = [bar("FLT", day) for day in (MON, TUE, WED, MON2)]
    new = [bar("CPAY", day) for day in (TUE, FRI, MON2)]
    panel = daily(
        [*old, *new, *week("ZZZ")],
        renames=[Rename("FLT", "CPAY", FRI), Rename("NONE", "ZZZ")],
    )
    assert panel.symbols == ("CPAY", "ZZZ")
    assert panel.there[:, 0].tolist() == [True, True, True, True, True, False, False]
    assert told(panel, Defect.RENAMED) == [
        ("CPAY", 1, "2024-07-02"),
        ("FLT", 3, "2024-07-01"),
        ("FLT", 1, "2024-07-08"),
    ]


def test_a_symbol_whose_new_name_has_no_bars_yet_is_called_by_it_all_the_same() -> None:
    panel = daily(week("FLT"), renames=[Rename("FLT", "CPAY", date(2025, 1, 1))])
    assert panel.symbols == ("CPAY",)


def test_a_rename_without_a_date_joins_all_bars() -> None:
    bars = [bar("FB", MON), bar("META", TUE)]
    panel = daily(bars, renames=[Rename("FB", "META")])
    assert panel.close[:, 0].tolist() == [100_000, 100_000]


def test_a_pair_written_without_a_stroke_can_be_given_its_name() -> None:
    made = [bar("BTCUSD", at(FRI, 2)), bar("BTCUSD", at(FRI, 2, 1))]
    panel = minutes(made, renames=[Rename("BTCUSD", "BTC/USD")])
    assert panel.symbols == ("BTC/USD",)
    assert panel.bars == 2


def test_prices_are_scaled_by_adjusted_closes_and_volumes_against_them() -> None:
    bars = [("AAA", MON, 90.0, 110.0, 80.0, 100.0, 10.0), bar("AAA", TUE, 50)]
    panel = daily(bars, adjusted=[50.0, 50.0])
    assert [int(getattr(panel, name)[0, 0]) for name in ("open", "high", "low", "close")] == [
        450_000,
        550_000,
        400_000,
        500_000,
    ]
    assert panel.volume[:, 0].tolist() == [20, 100]
    assert told(panel, Defect.SPLIT_ADJUSTED) == [("AAA", 1, "2024-07-01")]
    assert not told(panel, Defect.JUMP)


def test_adjusted_closes_can_be_left_alone() -> None:
    panel = daily([bar("AAA", MON, 100)], adjusted=[50.0], adjust=False)
    assert panel.close[0, 0] == 1_000_000
    assert not told(panel, Defect.SPLIT_ADJUSTED)


@pytest.mark.parametrize(
    ("adjusted", "defect"),
    [
        (float("nan"), Defect.NOT_A_NUMBER),
        (float("inf"), Defect.NOT_A_NUMBER),
        (0.0, Defect.NOT_POSITIVE),
        (-5.0, Defect.NOT_POSITIVE),
        (1e9, Defect.TOO_LARGE),
    ],
)
def test_a_bar_whose_adjusted_close_cannot_be_is_dropped(adjusted: float, defect: Defect) -> None:
    panel = daily([bar("AAA", MON), bar("AAA", TUE)], adjusted=[adjusted, 10.0])
    assert told(panel, defect) == [("AAA", 1, "2024-07-01")]
    assert panel.bars == 1


def test_a_minute_bar_is_known_at_its_end() -> None:
    panel = minutes([bar("AAA", at(MON, 13, 30)), bar("AAA", at(MON, 19, 59))])
    known = [from_micros(us) for us in panel.known_us.tolist()]
    assert known == [at(MON, 13, 31), at(MON, 20)]
    assert panel.session.tolist() == [day_of(MON)] * 2


def test_a_bar_that_reaches_beyond_the_close_is_known_at_the_close() -> None:
    panel = minutes([bar("AAA", at(MON, 19, 30))], bar_s=3_600)
    assert from_micros(int(panel.known_us[0])) == at(MON, 20)


def test_bars_before_the_open_and_after_the_close_are_dropped() -> None:
    bars = [
        bar("AAA", at(MON, 13, 29)),
        bar("AAA", at(MON, 13, 30)),
        bar("AAA", at(MON, 20, 1)),
        bar("AAA", at(WED, 17, 1)),
        bar("AAA", at(date(2024, 7, 4), 15)),
    ]
    panel = minutes(bars)
    assert panel.bars == 1
    assert told(panel, Defect.OUT_OF_SESSION) == [("AAA", 4, "2024-07-01T13:29:00Z")]


@pytest.mark.parametrize(
    ("closing", "volumes"),
    [(Closing.MARK, [100, 0, 0]), (Closing.TRADE, [100, 500, 500]), (Closing.DROP, [100])],
)
def test_the_closing_auction_is_kept_as_chosen(closing: Closing, volumes: list[int]) -> None:
    bars = [
        bar("AAA", at(MON, 19, 59)),
        bar("AAA", at(MON, 20), volume=500),
        bar("AAA", at(WED, 17), volume=500),
    ]
    panel = minutes(bars, closing=closing)
    assert panel.volume[:, 0].tolist() == volumes
    assert told(panel, Defect.CLOSING_PRINT) == [("AAA", 2, "2024-07-01T20:00:00Z")]
    assert not told(panel, Defect.NO_VOLUME)
    known = [from_micros(us) for us in panel.known_us.tolist()]
    assert known == [at(MON, 20), at(MON, 20, 1), at(WED, 17, 1)][: len(volumes)]


def test_absent_minutes_are_counted_within_regular_hours_only() -> None:
    bars = [bar("AAA", at(MON, 19, 57)), bar("AAA", at(MON, 20)), bar("AAA", at(TUE, 13, 31))]
    panel = minutes([*bars, bar("AAA", at(TUE, 13, 32))])
    assert told(panel, Defect.GAP) == [("AAA", 3, "2024-07-01T19:58:00Z")]


def test_closing_prints_alone_leave_no_minutes_to_count() -> None:
    panel = minutes([bar("AAA", at(MON, 20)), bar("AAA", at(TUE, 20))])
    assert not told(panel, Defect.GAP)
    assert panel.bars == 2


def test_a_late_start_among_minutes_is_counted_in_sessions() -> None:
    panel = minutes([bar("AAA", at(MON, 15)), bar("AAA", at(WED, 15)), bar("BBB", at(WED, 13, 45))])
    assert told(panel, Defect.LATE_START) == [("BBB", 2, "2024-07-01T00:00:00Z")]
    assert told(panel, Defect.HALF_DAY) == [(None, 1, "2024-07-03T00:00:00Z")]


def test_pairs_trade_at_any_minute() -> None:
    bars = [
        bar("BTC/USD", at(date(2024, 7, 6), 23, 58)),
        bar("BTC/USD", at(date(2024, 7, 7), 0, 1)),
    ]
    panel = minutes(bars)
    assert panel.bars == 2
    assert told(panel, Defect.GAP) == [("BTC/USD", 2, "2024-07-06T23:59:00Z")]
    assert panel.session.tolist() == [day_of(date(2024, 7, 6)), day_of(date(2024, 7, 7))]


@pytest.mark.parametrize("symbol", ["AAA", "BTC/USD"])
def test_bars_off_the_grid_are_refused(symbol: str) -> None:
    wrong = at(MON, 15).replace(second=7)
    with pytest.raises(InvalidInput, match="1 bars do not begin on the grid of 60 s"):
        minutes([bar(symbol, wrong)])
    with pytest.raises(InvalidInput, match="on the grid of 3600 s"):
        minutes([bar(symbol, at(MON, 14, 1))], bar_s=3_600)


@pytest.mark.parametrize("bar_s", [0, -60, 7, 172_800])
def test_a_bar_of_an_impossible_length_is_refused(bar_s: int) -> None:
    with pytest.raises(InvalidInput, match="is no length of a bar"):
        minutes([bar("AAA", at(MON, 15))], bar_s=bar_s)


def test_no_bars_are_an_error() -> None:
    nothing = rows_of([], [], open=[], high=[], low=[], close=[], volume=[])
    with pytest.raises(InvalidInput, match="there are no bars"):
        assemble(nothing, name="p", origin="", bar_s=60, sessions=hours())


def test_no_good_bar_is_an_error_that_says_why() -> None:
    with pytest.raises(InvalidInput, match=r"no good bar is left \(.*not_positive"):
        daily([bar("AAA", MON, close=0)])
    with pytest.raises(InvalidInput, match=r"no good bar is left \(out_of_session\)"):
        daily([bar("AAA", date(2024, 7, 4))])


def test_too_many_bars_are_refused_before_their_memory_is_taken() -> None:
    with pytest.raises(InvalidInput, match="7 rows of 2 symbols are too much at once"):
        daily([*week("AAA"), *week("BBB")], most_bars=13)


def test_a_date_outside_the_known_sessions_is_refused() -> None:
    with pytest.raises(InvalidInput, match="choose a range inside 2024-06-01 to 2024-07-31"):
        daily([bar("AAA", date(2024, 8, 1))])


def test_times_in_the_wrong_unit_are_refused() -> None:
    microseconds = rows([bar("AAA", at(MON, 15))])
    with pytest.raises(InvalidInput, match="counted in days"):
        assemble(microseconds, name="p", origin="", bar_s=DAY_S, sessions=hours())
    negative = rows_of(["AAA"], [-1], open=[1], high=[1], low=[1], close=[1], volume=[1])
    with pytest.raises(InvalidInput, match="counted in microseconds"):
        assemble(negative, name="p", origin="", bar_s=60, sessions=hours())


def test_without_any_session_nothing_is_left() -> None:
    closed = MarketHours(
        since=0, until=30_000, day=[], open_us=[], close_us=[], half=[], told="never"
    )
    with pytest.raises(InvalidInput, match="out_of_session"):
        assemble(rows(week()), name="p", origin="", bar_s=DAY_S, sessions=closed)
    with pytest.raises(InvalidInput, match="out_of_session"):
        assemble(rows([bar("A", at(MON, 15))]), name="p", origin="", bar_s=60, sessions=closed)


def test_findings_come_by_kind_and_then_by_symbol() -> None:
    panel = daily([bar("BBB", TUE), bar("AAA", TUE), *week("CCC"), bar("CCC", MON)])
    assert [(one.defect, one.symbol) for one in panel.findings] == [
        (Defect.UNSORTED, "CCC"),
        (Defect.DUPLICATED, "CCC"),
        (Defect.LATE_START, "AAA"),
        (Defect.LATE_START, "BBB"),
        (Defect.EARLY_END, "AAA"),
        (Defect.EARLY_END, "BBB"),
        (Defect.HALF_DAY, None),
    ]


def test_every_finding_says_what_was_done() -> None:
    panel = daily([bar("AAA", MON, 10.00001), bar("AAA", TUE, 20, volume=0)])
    assert all(len(one.rule) > 10 for one in panel.findings)
    assert {one.symbol for one in panel.findings} == {Symbol("AAA")}

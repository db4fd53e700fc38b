"""Whatever bars come in, and in whatever order, a true panel comes out or a clear refusal."""

from datetime import date
from typing import Any

import numpy as np
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.assemble import assemble
from argo_core.backtest.data.hours import DAY_US, MarketHours
from argo_core.backtest.data.options import Closing, Options, Rename
from argo_core.backtest.data.rows import Rows
from argo_core.errors import InvalidInput

SYMBOLS = ("BBB", "AAA", "BTC/USD")
SINCE, UNTIL = 19_905, 19_912
DAYS = np.arange(SINCE, UNTIL)
OPEN_US = 14 * 3_600_000_000
HOURS = MarketHours(
    since=SINCE,
    until=UNTIL,
    day=DAYS,
    open_us=DAYS * DAY_US + OPEN_US,
    close_us=DAYS * DAY_US + OPEN_US + 180_000_000,
    half=DAYS % 3 == 0,
    told="three minutes a day",
)

prices = st.sampled_from([9.0, 10.0, 10.00004, 11.0, 20.0])
wild = st.floats() | st.sampled_from([0.0, -1.0, 0.00005, 1e7, 1e13])
bars = st.tuples(
    st.integers(0, 2), st.integers(0, 11), st.lists(prices | wild, min_size=4, max_size=4), wild
)
sane = st.tuples(
    st.integers(0, 2),
    st.integers(0, 6),
    st.lists(st.sampled_from([9.0, 10.0, 11.0, 20.0]), min_size=4, max_size=4).map(
        lambda each: [each[0], max(each), min(each), each[1]]
    ),
    st.sampled_from([0.0, 1.0, 2.5]),
)
options = st.builds(
    Options,
    refuse=st.frozensets(st.sampled_from(Defect), max_size=1),
    exclude=st.frozensets(st.sampled_from(Defect), max_size=2),
    closing=st.sampled_from(Closing),
    adjust=st.booleans(),
    renames=st.sampled_from([(), (Rename("BBB", "AAA"),), (Rename("BBB", "C", date(2024, 7, 3)),)]),
)


def rows(drawn: list[Any], at: list[int], adjusted: list[float] | None = None) -> Rows:
    names = ("open", "high", "low", "close")
    columns = {name: [one[2][place] for one in drawn] for place, name in enumerate(names)}
    return Rows(
        symbols=SYMBOLS,
        code=[one[0] for one in drawn],
        at=at,
        volume=[one[3] for one in drawn],
        adjusted=adjusted,
        **columns,
    )


def made(given_rows: Rows, chosen: Options, bar_s: int) -> Panel | str:
    try:
        return assemble(
            given_rows, name="p", origin="", bar_s=bar_s, sessions=HOURS, options=chosen
        )
    except InvalidInput as wrong:
        return wrong.field


def without_the_order(panel: Panel | str) -> Panel | str:
    if isinstance(panel, str):
        return panel
    kept = tuple(one for one in panel.findings if one.defect is not Defect.UNSORTED)
    return evolve(panel, findings=kept)


@given(st.lists(bars, max_size=12), options, st.data())
def test_any_bars_make_a_panel_or_a_refusal(
    drawn: list[Any], chosen: Options, data: st.DataObject
) -> None:
    adjusted = data.draw(st.none() | st.lists(wild, min_size=len(drawn), max_size=len(drawn)))
    days = [SINCE - 2 + one[1] for one in drawn]
    minutes = [SINCE * DAY_US + OPEN_US + (one[1] - 2) * 30_000_000 for one in drawn]
    for at, bar_s in ((days, 86_400), (minutes, 60), (minutes, 30), (minutes, 86_400)):
        panel = made(rows(drawn, at, adjusted), chosen, bar_s)
        if isinstance(panel, Panel):
            assert 0 < panel.bars <= len(drawn)


@given(
    st.lists(sane, min_size=1, max_size=12).flatmap(
        lambda drawn: st.tuples(st.just(drawn), st.permutations(drawn))
    ),
    options.filter(lambda one: Defect.UNSORTED not in one.refuse | one.exclude),
    st.booleans(),
)
def test_the_order_of_rows_is_no_matter(
    drawn: tuple[list[Any], list[Any]], chosen: Options, daily: bool
) -> None:
    panels = []
    for each in drawn:
        days = [SINCE + one[1] for one in each]
        minutes = [SINCE * DAY_US + OPEN_US + one[1] * 60_000_000 for one in each]
        one = made(rows(each, days if daily else minutes), chosen, 86_400 if daily else 60)
        panels.append(without_the_order(one))
    assert panels[0] == panels[1]


@given(
    st.lists(sane, min_size=1, max_size=12, unique_by=lambda one: one[:2]),
    st.sampled_from([{0, 1}, {2}]),
)
def test_what_is_sane_comes_out_as_it_went_in(drawn: list[Any], alike: set[int]) -> None:
    drawn = [one for one in drawn if one[0] in alike]
    assume(drawn)
    panel = made(rows(drawn, [SINCE + one[1] for one in drawn]), Options(), 86_400)
    assert isinstance(panel, Panel)
    assert panel.bars == len(drawn)
    for code, day, (opened, high, low, close), volume in drawn:
        column = panel.symbols.index(SYMBOLS[code])
        (row,) = np.flatnonzero((panel.session == SINCE + day) & panel.there[:, column])
        told = [int(getattr(panel, name)[row, column]) for name in ("open", "high", "low", "close")]
        assert told == [price * 10_000 for price in (opened, high, low, close)]
        assert panel.volume[row, column] == volume // 1

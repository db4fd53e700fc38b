"""Hidden moves, counted by numpy, are those that the clock and the bars show one by one."""

import math
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.hidden_moves import Watched, hidden, watch
from argo_core.backtest.market_time import tabulate
from argo_core.errors import InvalidInput
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.instrument import Instrument, instrument
from argo_core.market.moment import to_micros
from argo_core.market.session import Phase, Session, SessionTable
from argo_core.resilience.jumps import JumpRate
from argo_core.resilience.ttl import FirstPassage
from argo_core.resilience.variance_clock import VarianceClock
from argo_core.testing.walks import walk

STOCK, COIN = instrument("NVR"), instrument("BTC/USD")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


SINCE, UNTIL = _at("2024-07-01T00:00"), _at("2024-07-10T00:00")
# A short half day and a short day after a holiday, so that few minutes cross every boundary.
CLOCK = VarianceClock(
    SessionTable(
        (
            Session(*map(_at, ("2024-07-03T13:20", "2024-07-03T13:30", "2024-07-03T13:50",
                               "2024-07-03T14:00"))),
            Session(*map(_at, ("2024-07-05T13:20", "2024-07-05T13:30", "2024-07-05T13:50",
                               "2024-07-05T14:00"))),
        ),
        SINCE,
        UNTIL + MINUTE,
    )
)  # fmt: skip


def _seen(bars: tuple[Bar, ...], one: Instrument = STOCK) -> Watched:
    return watch(bars, tabulate(CLOCK, one, SINCE, UNTIL))


@st.composite
def tapes(draw: st.DrawFn) -> tuple[Bar, ...]:
    """Some of the minutes of both sessions, a few outside of them, and prices that move."""
    minutes = draw(st.sets(st.integers(-2, 42), min_size=2)), draw(st.sets(st.integers(-2, 42)))
    opens = (one.pre for one in CLOCK.table.sessions)
    starts = [
        pre + minute * MINUTE
        for pre, some in zip(opens, minutes, strict=True)
        for minute in sorted(some)
    ]
    bars, price = [], 100.0
    for start in starts:
        opened = price * math.exp(draw(st.sampled_from([0.0, 0.001, -0.004])))
        price = opened * math.exp(draw(st.sampled_from([0.0, 0.002, -0.002, 0.007])))
        reach = math.exp(draw(st.sampled_from([0.0, 0.003])))
        low, high = min(opened, price) / reach, max(opened, price) * reach
        bars.append(Bar(STOCK.symbol, start, opened, high, low, price, 1.0))
    return tuple(bars)


def _one_by_one(bars: tuple[Bar, ...], place: int, ttl_s: float) -> tuple[float, float, float]:
    ask = bars[place]
    expires = CLOCK.expires(STOCK, ask.end, ttl_s)
    inner = outer = False
    part = 0.0
    for bar in bars[place + 1 :]:
        strays = max(bar.high / ask.close, ask.close / bar.low) > 1.005
        if bar.end <= expires:
            inner |= strays
        elif bar.start < expires:
            outer |= strays
            whole = CLOCK.between(STOCK, bar.start, bar.end)
            part = CLOCK.between(STOCK, bar.start, expires) / whole
    most = inner or outer
    return float(inner), inner + part * (most - inner), float(most)


@given(tapes(), st.lists(st.sampled_from([0.0, 15.0, 60.0, 90.0, 300.0, 3_600.0])))
def test_counting_all_at_once_is_counting_one_by_one(
    bars: tuple[Bar, ...], some: list[float]
) -> None:
    traded = [bar for bar in bars if CLOCK.table.phase(STOCK, bar.start) is not Phase.CLOSED]
    if len(traded) < 2:
        with pytest.raises(InvalidInput, match="fewer than two"):
            _seen(bars)
        return
    ttls = (some * len(traded))[: len(traded) - 1] if some else [60.0] * (len(traded) - 1)
    found = hidden(_seen(bars), np.array(ttls))
    wanted = [_one_by_one(tuple(traded), place, ttl) for place, ttl in enumerate(ttls, 1)]
    shown = zip(found.least, found.estimate, found.most, strict=True)
    assert [pytest.approx(each) for each in wanted] == [tuple(map(float, one)) for one in shown]


@given(st.integers(0, 9 * 24 * 60 - 1), st.sampled_from([STOCK, COIN]))
def test_the_table_of_session_time_agrees_with_the_clock(minute: int, one: Instrument) -> None:
    at = SINCE + minute * MINUTE
    table, moment = tabulate(CLOCK, one, SINCE, UNTIL), np.array([float(to_micros(at))])
    assert table.seconds(moment)[0] == pytest.approx(CLOCK.between(one, SINCE, at))
    stretch = int(table.stretch(moment)[0])
    assert table.phases[stretch] is CLOCK.table.phase(one, at)
    if one is STOCK:
        expires = min(CLOCK.expires(one, at, 1e6), UNTIL)
        assert table.ends_s[stretch] == pytest.approx(CLOCK.between(one, SINCE, expires))


def test_what_is_known_after_a_close_owes_nothing_to_later_bars() -> None:
    bars = walk([0.001, -0.002, 0.0, 0.02, -0.001], start=_at("2024-07-03T13:31"))
    whole, early = _seen(bars), _seen(bars[:4])
    for name in ("sigma", "cautious", "jumps_per_s", "close", "ends_s"):
        assert getattr(whole, name)[:3].tolist() == getattr(early, name).tolist()


def test_the_gap_over_night_is_neither_volatility_nor_a_jump() -> None:
    first = walk([0.0005] * 15, start=_at("2024-07-03T13:30"))
    second = walk([0.0005] * 15, start=_at("2024-07-05T13:30"), price=200.0)
    seen = _seen(first + second)
    assert seen.sigma.max() < 0.0005
    assert np.all(np.diff(seen.jumps_per_s) < 0)


def test_few_observations_make_for_more_caution() -> None:
    seen = _seen(walk([0.001, -0.001] * 9, start=_at("2024-07-03T13:31")))
    ratio = seen.cautious / seen.sigma
    assert np.all(np.diff(ratio) < 0)
    assert ratio[-1] > 1.0


def test_a_market_that_never_closes_is_silent_past_its_recording() -> None:
    quiet, later = (
        walk([0.0] * 10, symbol="BTC/USD", start=_at("2024-07-02T10:00")),
        walk([0.0] * 10, symbol="BTC/USD", start=_at("2024-07-04T10:00")),
    )
    found = hidden(_seen(quiet + later, COIN), np.full(19, 120.0))
    assert np.isnan(found.estimate).nonzero()[0].tolist() == [7, 8, 17, 18]
    assert np.nansum(found.most) == 0


def _observed(moves: np.ndarray, per_minute: int, rule: str) -> float:
    """The share with a hidden move, on a walk given in pieces of a minute."""
    path = 100 * np.exp(np.concatenate(([0.0], np.cumsum(moves))))
    bars = []
    for count in range(len(moves) // per_minute):
        piece = path[count * per_minute : (count + 1) * per_minute + 1]
        start = _at("2024-07-02T00:00") + count * MINUTE
        bars.append(Bar(COIN.symbol, start, piece[0], piece.max(), piece.min(), piece[-1], 1.0))
    clock = VarianceClock(SessionTable((), SINCE, UNTIL))
    seen = watch(bars, tabulate(clock, COIN, SINCE, SINCE + timedelta(days=30)))
    passage = FirstPassage()
    ttls = {
        "inflated": [passage.ttl_s(sigma) for sigma in seen.cautious],
        "full": [passage.ttl_s(*one) for one in zip(seen.cautious, seen.jumps_per_s, strict=True)],
    }[rule]
    return float(np.nanmean(hidden(seen, np.array(ttls)).estimate))


def test_on_brownian_motion_the_promise_is_kept() -> None:
    chance = np.random.default_rng(5)
    calm = chance.normal(0, 1e-4 * math.sqrt(6), 8_000 * 10)
    assert _observed(calm, 10, "inflated") <= 0.05


def test_jumps_break_the_promise_of_diffusion_and_not_that_of_both() -> None:
    chance = np.random.default_rng(5)
    moves = chance.normal(0, 1e-4 * math.sqrt(6), 8_000 * 10)
    jumps = chance.random(len(moves)) < 10 * JumpRate().per_s * 6
    moves[jumps] += chance.choice([-0.01, 0.01], int(jumps.sum()))
    assert _observed(moves, 10, "inflated") > 0.05
    assert _observed(moves, 10, "full") <= 0.05


def test_one_bar_shows_no_move_and_is_refused() -> None:
    alone = Bar(STOCK.symbol, _at("2024-07-03T13:30"), 1.0, 1.0, 1.0, 1.0, 1.0)
    with pytest.raises(InvalidInput, match="fewer than two"):
        _seen((alone,))

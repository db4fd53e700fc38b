import math
import pickle
from datetime import timedelta
from typing import Any, cast

import pytest
from attrs import asdict, evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.indicators import WARM_UP, Technicals, batch
from argo_core.market.reading import Reading
from argo_core.testing.strategies import NOON
from argo_core.testing.walks import mirrored, walk

SIGNED = ("above_slow", "momentum", "macd", "macd_signal", "macd_hist")

moves = st.sampled_from([-0.02, -0.003, -0.0005, 0.0, 0.0, 0.0004, 0.002, 0.03])
# Every example is a market of 300 bars and more.
few = settings(max_examples=min(100, settings().max_examples))
gaps = st.sampled_from([1, 1, 1, 2, 30, 18 * 60])


@frozen
class Plan:
    """A warm-up that repeats a pattern, then bars with moves, gaps and volumes of their own."""

    pattern: list[float]
    wick: float
    tail: list[tuple[float, int, int]]

    def bars(self) -> tuple[Bar, ...]:
        bars = list(walk((self.pattern * WARM_UP)[:WARM_UP], wick=self.wick))
        start = bars[-1].start
        for move, gap, volume in self.tail:
            start += gap * MINUTE
            bars += walk([move], start=start, price=bars[-1].close, volume=float(volume))
        return tuple(bars)


plans = st.builds(
    Plan,
    pattern=st.lists(moves, min_size=1, max_size=7),
    wick=st.sampled_from([0.0, 0.001]),
    tail=st.lists(st.tuples(moves, gaps, st.integers(0, 3)), min_size=1, max_size=25),
)


@few
@given(plans)
def test_row_t_of_the_batch_is_the_live_reading_at_t_bit_for_bit(plan: Plan) -> None:
    bars = plan.bars()
    live = Technicals(bars[:WARM_UP])
    readings = [live.reading]
    readings += [live.update(bar) for bar in bars[WARM_UP:]]
    # Equal floats may still differ in the sign of a zero; their spelling may not.
    assert repr(batch(bars)) == repr(tuple(readings))


@few
@given(plans)
def test_a_handle_opened_later_agrees_with_one_that_saw_every_bar(plan: Plan) -> None:
    bars = plan.bars()
    live = Technicals(bars[:WARM_UP])
    for bar in bars[WARM_UP:]:
        live.update(bar)
    assert repr(Technicals(bars).reading) == repr(live.reading)


@few
@given(plans)
def test_a_mirrored_market_has_mirrored_readings(plan: Plan) -> None:
    bars = plan.bars()
    for one, other in zip(batch(bars), batch(mirrored(bars)), strict=True):
        for name in SIGNED:
            assert getattr(other, name) == pytest.approx(-getattr(one, name), abs=1e-9)
        assert other.plus_di == pytest.approx(one.minus_di, abs=1e-4)
        assert other.adx == pytest.approx(one.adx, abs=1e-4)
        assert (other.sigma, other.atr) == pytest.approx((one.sigma, one.atr), abs=1e-9)
        assert other.volume_ratio == one.volume_ratio
        if one.sigma > 1e-5:
            assert other.rsi == pytest.approx(100 - one.rsi, abs=1e-4)


@few
@given(plans, st.sampled_from([0.5, 2.0, 1_000.0]))
def test_the_price_level_does_not_matter(plan: Plan, factor: float) -> None:
    bars = plan.bars()
    scaled = [
        Bar(
            bar.symbol,
            bar.start,
            bar.open * factor,
            bar.high * factor,
            bar.low * factor,
            bar.close * factor,
            bar.volume,
        )
        for bar in bars
    ]
    one, other = batch(bars)[-1], batch(scaled)[-1]
    for name in (*SIGNED, "sigma", "atr"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), abs=1e-9)


def test_an_overnight_gap_or_a_split_is_a_level_and_not_a_move() -> None:
    zigzag = [0.002, -0.001, -0.001] * 100
    day = walk(zigzag)
    morning = day[-1].start + timedelta(hours=18)
    calm = day + walk([0.001, -0.001], start=morning, price=day[-1].close)
    split = day + walk([0.001, -0.001], start=morning, price=day[-1].close / 10)
    one, other = batch(calm)[-1], batch(split)[-1]
    for name in (*SIGNED, "sigma", "rsi", "adx"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), abs=1e-6)
    assert other.close == split[-1].close


def test_a_steady_rise_reads_as_one() -> None:
    reading = Technicals(walk([0.001] * 400)).reading
    assert reading.rsi == pytest.approx(100)
    assert reading.momentum == pytest.approx(0.030)
    assert reading.sigma == pytest.approx(0.001)
    assert reading.macd == pytest.approx(0.001 * (26 - 12) / 2, rel=1e-6)
    assert reading.above_slow == pytest.approx(0.001 * 59 / 2, rel=1e-3)
    assert (reading.volatility_ratio, reading.volume_ratio) == pytest.approx((1, 1))
    assert reading.adx > 90
    assert reading.plus_di > reading.minus_di


def test_a_steady_fall_has_no_strength_at_all() -> None:
    assert Technicals(walk([-0.001] * 400)).reading.rsi == 0.0


@pytest.mark.parametrize("before", [0.0, 0.02, -0.02])
def test_a_price_that_stands_still_has_a_neutral_rsi(before: float) -> None:
    reading = Technicals(walk([before] * 30 + [0.0] * 600, wick=0.0)).reading
    assert reading.rsi == 50.0


def test_without_any_move_or_trade_the_ratios_are_one() -> None:
    reading = Technicals(walk([0.0] * 300, wick=0.0, volume=0.0)).reading
    assert (reading.volatility_ratio, reading.volume_ratio) == (1.0, 1.0)


def test_more_trading_than_usual_lifts_the_volume_ratio() -> None:
    past = walk([0.0] * 300)
    live = Technicals(past)
    for bar in walk([0.0] * 10, start=past[-1].end, volume=5_000.0):
        live.update(bar)
    assert live.reading.volume_ratio > 2


def test_fewer_bars_than_the_warm_up_are_refused() -> None:
    bars = walk([0.001] * (WARM_UP - 1))
    for refused in (Technicals, batch):
        with pytest.raises(InvalidInput, match="299 are not enough"):
            refused(bars)


def test_a_repeated_or_late_bar_changes_nothing() -> None:
    bars = walk([0.001, -0.002] * 150)
    live, untouched = Technicals(bars), Technicals(bars)
    assert live.update(bars[-1]) is live.reading
    assert live.update(evolve(bars[10], close=bars[10].open)) is live.reading
    [following] = walk([0.01], start=bars[-1].end)
    assert live.update(following) == untouched.update(following)


def test_history_out_of_order_is_refused() -> None:
    bars = walk([0.001] * 300)
    with pytest.raises(InvalidInput, match="does not follow"):
        Technicals((*bars[:-2], bars[-1], bars[-2]))
    with pytest.raises(InvalidInput, match="does not follow"):
        batch((*bars, bars[-1]))


def test_bars_of_another_symbol_are_refused() -> None:
    bars = walk([0.001] * 300)
    live, before = Technicals(bars), Technicals(bars).reading
    for start in (bars[-1].end, bars[0].start):
        [stranger] = walk([0.0], symbol="AZO", start=start)
        with pytest.raises(InvalidInput, match="AZO is not NVR"):
            live.update(stranger)
    assert live.reading == before


def test_live_indicators_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(Technicals(walk([0.001] * 300)))


def test_a_reading_knows_when_it_could_be_known() -> None:
    bars = walk([0.001] * 300)
    assert Technicals(bars).reading.end == bars[-1].end == NOON + 300 * MINUTE


NUMBERS = [
    name
    for name in asdict(Technicals(walk([0.001] * 300)).reading)
    if name not in {"symbol", "start"}
]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_poisoned_reading_is_refused_with_its_field(name: str, value: float) -> None:
    reading = Technicals(walk([0.001] * 300)).reading
    with pytest.raises(InvalidInput) as refused:
        evolve(reading, **cast(dict[str, Any], {name: value}))
    assert refused.value.field == name


@pytest.mark.parametrize(
    ("name", "value"),
    [("close", 0.0), ("rsi", 100.1), ("adx", -0.1), ("sigma", -1e-9), ("volume_ratio", -1.0)],
)
def test_an_absurd_reading_is_refused_with_its_field(name: str, value: float) -> None:
    reading = Technicals(walk([0.001] * 300)).reading
    with pytest.raises(InvalidInput) as refused:
        evolve(reading, **cast(dict[str, Any], {name: value}))
    assert refused.value.field == name


def test_a_reading_at_a_naive_moment_is_refused() -> None:
    reading: Reading = Technicals(walk([0.001] * 300)).reading
    with pytest.raises(InvalidInput, match="start"):
        evolve(reading, start=NOON.replace(tzinfo=None))

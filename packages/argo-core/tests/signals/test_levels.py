"""Stop and target enclose the entry, on the tick, as far away as the rule says."""

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from argo_core.consensus.reasons import Direction
from argo_core.errors import InvalidInput
from argo_core.market.instrument import AssetClass, Instrument, instrument
from argo_core.signals.levels import levels
from argo_core.testing import strategies

SIDES = st.sampled_from([Direction.BUY, Direction.SELL])
SIGMAS = st.none() | st.floats(0, 0.01)
HORIZONS = st.integers(1, 86_400)
NVR = instrument("NVR")


@st.composite
def entries(draw: st.DrawFn) -> tuple[Instrument, Decimal]:
    """An instrument with a price on its tick that leaves room below it."""
    one = draw(strategies.instruments())
    return one, draw(st.integers(2, 1_000_000)) * one.tick


@given(entries(), SIDES, SIGMAS, HORIZONS)
def test_levels_lie_on_the_tick_on_opposite_sides_of_the_entry(
    where: tuple[Instrument, Decimal], side: Direction, sigma: float | None, horizon_s: int
) -> None:
    one, entry = where
    both = levels(one, side, entry, sigma, horizon_s)
    assert both.stop % one.tick == both.target % one.tick == 0
    if side is Direction.BUY:
        assert 0 < both.stop < entry < both.target
    else:
        assert 0 < both.target < entry < both.stop


@given(entries(), SIDES, SIGMAS, HORIZONS)
def test_levels_are_never_nearer_than_the_rule_and_less_than_a_tick_farther(
    where: tuple[Instrument, Decimal], side: Direction, sigma: float | None, horizon_s: int
) -> None:
    one, entry = where
    stray = 0.005 if sigma is None else sigma * math.sqrt(horizon_s)
    distance = entry * Decimal(f"{min(0.20, max(0.001, stray)):.6f}")
    # Where no tick is left below, the last one is the level, whatever the rule says.
    assume(entry - distance * Decimal("1.5") >= one.tick)
    both = levels(one, side, entry, sigma, horizon_s)
    assert 0 <= abs(entry - both.stop) - distance < one.tick
    assert 0 <= abs(entry - both.target) - distance * Decimal("1.5") < one.tick


@given(entries(), SIGMAS, HORIZONS)
def test_buying_and_selling_mirror_each_other_within_a_tick(
    where: tuple[Instrument, Decimal], sigma: float | None, horizon_s: int
) -> None:
    one, entry = where
    buy = levels(one, Direction.BUY, entry, sigma, horizon_s)
    sell = levels(one, Direction.SELL, entry, sigma, horizon_s)
    assume(min(buy.stop, sell.target) > one.tick)
    assert abs((entry - buy.stop) - (sell.stop - entry)) < one.tick
    assert abs((buy.target - entry) - (entry - sell.target)) < one.tick


@pytest.mark.parametrize(
    ("side", "stop", "target"),
    [(Direction.BUY, "98.80", "101.80"), (Direction.SELL, "101.20", "98.20")],
)
def test_one_deviation_to_the_stop_and_one_and_a_half_to_the_target(
    side: Direction, stop: str, target: str
) -> None:
    # 0.0002 per square root of a second strays 1.2 % within an hour.
    both = levels(NVR, side, Decimal("100.00"), 0.0002, 3_600)
    assert (str(both.stop), str(both.target)) == (stop, target)


def test_sleeping_and_raging_markets_have_bounded_levels() -> None:
    calm = levels(NVR, Direction.BUY, Decimal("100.00"), 0.0, 3_600)
    assert (str(calm.stop), str(calm.target)) == ("99.90", "100.15")
    wild = levels(NVR, Direction.BUY, Decimal("100.00"), 1.0, 3_600)
    assert (str(wild.stop), str(wild.target)) == ("80.00", "130.00")


def test_unknown_volatility_has_a_usual_distance() -> None:
    usual = levels(NVR, Direction.BUY, Decimal("100.00"), None, 60)
    assert (str(usual.stop), str(usual.target)) == ("99.50", "100.75")


def test_last_tick_is_the_lowest_level() -> None:
    coarse = Instrument("NVR", AssetClass.STOCK, Decimal(1))
    assert levels(coarse, Direction.BUY, Decimal(2), 0.01, 60).stop == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"direction": Direction.HOLD}, "direction: a HOLD has no levels"),
        ({"entry": Decimal(0)}, "entry: 0 is not a price"),
        ({"entry": Decimal("NaN")}, "entry: NaN is not a price"),
        ({"sigma": math.nan}, "sigma: nan is not finite"),
        ({"sigma": -0.1}, "horizon_s: 3600, -0.1"),
        ({"horizon_s": 0}, "horizon_s: 0, 0.0002"),
    ],
)
def test_nonsense_has_no_levels(change: dict[str, Any], message: str) -> None:
    asked = {
        "instrument": NVR,
        "direction": Direction.BUY,
        "entry": Decimal(100),
        "sigma": 0.0002,
        "horizon_s": 3_600,
    }
    with pytest.raises(InvalidInput, match=message):
        levels(**{**asked, **change})

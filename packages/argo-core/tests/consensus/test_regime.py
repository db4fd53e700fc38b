import pytest
from attrs import evolve

from argo_core.consensus.regime import Regime, classify
from argo_core.market.indicators import Technicals
from argo_core.testing.walks import mirrored, walk

QUIET = walk([0.001, -0.001] * 200)
READING = Technicals(QUIET).reading


def test_a_steady_move_is_a_trend_both_ways() -> None:
    rise = walk([0.001] * 400)
    assert classify(Technicals(rise).reading) is Regime.TREND
    assert classify(Technicals(mirrored(rise)).reading) is Regime.TREND


def test_going_nowhere_is_chop() -> None:
    assert classify(READING) is Regime.CHOP


def test_sudden_noise_is_a_crisis_whatever_the_direction() -> None:
    shock = walk([0.03, -0.03] * 8, start=QUIET[-1].end)
    crash = walk([-0.03] * 15, start=QUIET[-1].end)
    for event in (shock, crash):
        assert classify(Technicals(QUIET + event).reading) is Regime.CRISIS


@pytest.mark.parametrize(
    ("adx", "ratio", "regime"),
    [
        (24.99, 1.99, Regime.CHOP),
        (25.0, 1.99, Regime.TREND),
        (0.0, 2.0, Regime.CRISIS),
        (100.0, 2.0, Regime.CRISIS),
    ],
)
def test_each_boundary_belongs_to_what_it_begins(adx: float, ratio: float, regime: Regime) -> None:
    assert classify(evolve(READING, adx=adx, volatility_ratio=ratio)) is regime

"""A cache that may ask only so often: what it costs and how far off it is."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.rationed import serve
from argo_core.backtest.variance_rates import Moves, moves_by_phase
from argo_core.market.bar import MINUTE
from argo_core.market.instrument import instrument
from argo_core.market.session import Phase, Session, SessionTable
from argo_core.testing.strategies import NOON
from argo_core.testing.walks import walk

RISING = np.arange(6.0).reshape(-1, 1)
NEVER = np.zeros(6, dtype=bool)


def test_answers_are_as_old_as_their_lifetime_lets_them_be() -> None:
    served = serve(RISING, NEVER, lambda minute, asked: [3.0] * len(asked), (0.5, 1.5))
    assert served.calls == 2
    assert served.off == pytest.approx((4 / 6, 2 / 6))


def test_everybody_is_asked_about_when_a_session_begins() -> None:
    opens = np.array([True, False, False, True, False, False])
    served = serve(RISING, opens, lambda minute, asked: [9.0] * len(asked), (0.5,))
    assert (served.calls, served.off) == (2, (4 / 6,))


def test_a_symbol_that_is_not_known_yet_costs_nothing_and_answers_nothing() -> None:
    levels = np.column_stack([RISING[:, 0], [math.nan] * 5 + [7.0]])
    asked_in = []

    def lifetimes(minute: int, asked: Sequence[int]) -> Sequence[float]:
        asked_in.append((minute, *asked))
        return [9.0]

    served = serve(levels, NEVER, lifetimes, (0.5,))
    assert asked_in == [(0, 0), (5, 1)]
    assert served.off == (5 / 7,)


@given(st.floats(1.0, 30.0))
def test_lifetimes_of_no_whole_minute_are_kept_on_average(lifetime: float) -> None:
    levels = np.zeros((600, 1))
    served = serve(levels, np.zeros(600, bool), lambda minute, asked: [lifetime], (0.5,))
    assert abs(served.calls - 600 / lifetime) <= 1
    assert served.off == (0.0,)


def test_moves_count_in_the_phase_they_lie_in() -> None:
    day = Session(NOON - 3 * MINUTE, NOON, NOON + 3 * MINUTE, NOON + 6 * MINUTE)
    table = SessionTable((day,), NOON - 9 * MINUTE, NOON + 9 * MINUTE)
    moves = [0.001, 0.002, 0.003, 0.004, 0.01, 0.02, 0.9, 0.9, 0.03]
    bars = walk(moves, start=NOON - 3 * MINUTE)
    found = moves_by_phase(bars, instrument("NVR"), table)
    assert {phase: (each.count, each.seconds) for phase, each in found.items()} == {
        Phase.PRE: (2, 120),
        Phase.REGULAR: (3, 180),
        Phase.POST: (1, 60),
    }
    assert found[Phase.PRE].rate == pytest.approx((0.002**2 + 0.003**2) / 120)
    calm = moves_by_phase(bars, instrument("NVR"), table, largest=0.015)
    assert calm[Phase.REGULAR].rate == pytest.approx((0.004**2 + 0.01**2) / 120)
    assert Phase.POST not in calm


def test_no_time_has_no_rate() -> None:
    assert math.isnan(Moves().rate)
    assert (Moves(1, 2.0, 4.0) + Moves(2, 1.0, 2.0)).rate == 0.5

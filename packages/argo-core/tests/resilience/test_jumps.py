"""How often a price jumps."""

import math
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.resilience.jumps import SESSION_S, JumpRate

moves = st.lists(
    st.tuples(
        st.sampled_from([-0.03, -0.004, 0.0, 0.006, 0.03]), st.sampled_from([0.0, 5.0, 60.0])
    ),
    max_size=4,
)


def test_before_anything_is_seen_one_jump_a_session_is_expected() -> None:
    assert JumpRate().per_s * SESSION_S == pytest.approx(1)


def test_a_jump_raises_the_rate_and_calm_lowers_it() -> None:
    jumped = JumpRate().update(0.02, 5, 1e-4)
    assert jumped.per_s == pytest.approx(2 / (SESSION_S + 5))
    assert jumped.update(0.0001, SESSION_S, 1e-4).per_s == pytest.approx(2 / (2 * SESSION_S + 5))


@pytest.mark.parametrize(
    ("move", "elapsed_s", "sigma", "jump"),
    [
        (0.0049, 1.0, 1e-6, False),  # too small to matter
        (0.0051, 1.0, 1e-6, True),
        (-0.0051, 1.0, 1e-6, True),
        (0.0051, 400.0, 1e-4, False),  # 2.6 standard deviations of what the time explains
        (0.0081, 400.0, 1e-4, True),
        (0.0079, 400.0, 1e-4, False),
    ],
)
def test_a_jump_matters_and_is_more_than_volatility_explains(
    move: float, elapsed_s: float, sigma: float, jump: bool
) -> None:
    assert JumpRate().is_jump(move, elapsed_s, sigma) is jump


@given(moves)
def test_jumps_are_counted_one_by_one(seen: list[tuple[float, float]]) -> None:
    rate = JumpRate()
    for move, elapsed_s in seen:
        rate = rate.update(move, elapsed_s, 0.0)
    assert rate.jumps == sum(abs(move) > 0.005 for move, _ in seen)
    assert rate.seconds == sum(elapsed_s for _, elapsed_s in seen)
    assert rate.per_s > 0


def test_nonsense_is_no_rate() -> None:
    wrong: dict[str, Any] = dict.fromkeys(("prior_jumps", "prior_s", "least", "tall"), 0.0)
    wrong |= {"jumps": -1, "seconds": -1.0}
    for name, value in wrong.items():
        with pytest.raises(InvalidInput, match=name):
            evolve(JumpRate(), **{name: value})
    for elapsed_s, sigma in ((-1.0, 1.0), (1.0, math.nan)):
        with pytest.raises(InvalidInput):
            JumpRate().update(0.1, elapsed_s, sigma)

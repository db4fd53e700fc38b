"""Which curve is fitted, and what calibration would have said all along."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.signals.calibration.bins import Bins
from argo_core.signals.calibration.calibration import Running, calibrate

HISTORY = st.lists(
    st.tuples(st.integers(-2, 2), st.booleans(), st.integers(0, 30), st.integers(1, 10)),
    min_size=1,
    max_size=25,
)


def columns(
    history: list[tuple[int, bool, int, int]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    strengths = np.array([one / 2 for one, *_ in history])
    rose = np.array([one for _, one, *_ in history])
    said = np.array([at for *_, at, _ in history], dtype=np.int64)
    return strengths, rose, said, said + np.array([lasts for *_, lasts in history])


def as_it_went(
    strengths: np.ndarray, rose: np.ndarray, said: np.ndarray, known: np.ndarray
) -> np.ndarray:
    return Running(strengths, rose, known).told(strengths, said)


@pytest.mark.parametrize(
    ("outcomes", "method"),
    [(0, "bins"), (199, "bins"), (200, "platt"), (999, "platt"), (1_000, "isotonic")],
)
def test_the_curve_is_one_that_so_many_outcomes_can_bear(outcomes: int, method: str) -> None:
    chance = np.random.default_rng(1)
    strengths = chance.integers(-10_000, 10_001, outcomes) / 10_000
    fitted = calibrate(strengths, chance.random(outcomes) < (1 + strengths) / 2)
    assert (fitted.method.value, fitted.outcomes) == (method, outcomes)
    told = [fitted.probability(x) for x in (-0.9, 0.9)]
    assert told == [0.5, 0.5] if outcomes == 0 else told[0] < 0.3 and told[1] > 0.7


def test_confidence_is_told_in_the_direction_of_the_opinion() -> None:
    fitted = calibrate(np.array([-0.9] * 8), np.array([False] * 8))
    assert fitted.confidence(-0.9) == 1 - fitted.probability(-0.9) > 0.5
    assert fitted.confidence(0.0) == fitted.probability(0.0)


@given(HISTORY)
def test_each_is_told_what_the_outcomes_known_by_then_say(
    history: list[tuple[int, bool, int, int]],
) -> None:
    """With fewer than ten outcomes every one of them is learned from at once."""
    history = history[:10]
    strengths, rose, said, known = columns(history)
    told = as_it_went(strengths, rose, said, known)
    for number, at in enumerate(said):
        mine = known <= at
        plain = calibrate(strengths[mine], rose[mine]).probability(strengths[number])
        assert told[number] == pytest.approx(plain)


@given(HISTORY, st.integers(0, 45))
def test_the_curve_of_a_moment_is_that_of_the_outcomes_known_by_then(
    history: list[tuple[int, bool, int, int]], moment: int
) -> None:
    strengths, rose, _, known = columns(history[:10])
    running = Running(strengths, rose, known)
    curve = running.at(moment)
    assert curve.outcomes == np.count_nonzero(known <= moment)
    mine = known <= moment
    assert curve.probability(0.5) == calibrate(strengths[mine], rose[mine]).probability(0.5)
    assert running.at(moment) is curve


@given(HISTORY, st.randoms(use_true_random=False))
def test_the_order_of_a_history_does_not_matter(
    history: list[tuple[int, bool, int, int]], chance: object
) -> None:
    places = list(range(len(history)))
    chance.shuffle(places)  # type: ignore[attr-defined]
    told = as_it_went(*columns(history))
    again = as_it_went(*columns([history[place] for place in places]))
    assert again.tolist() == told[places].tolist()


@given(HISTORY)
def test_no_outcome_changes_what_was_told_before_it_was_known(
    history: list[tuple[int, bool, int, int]],
) -> None:
    strengths, rose, said, known = columns(history)
    last = int(np.argmax(known))
    other = rose.copy()
    other[last] = not other[last]
    before = said < known[last]
    told = as_it_went(strengths, rose, said, known)[before]
    assert as_it_went(strengths, other, said, known)[before].tolist() == told.tolist()


def test_many_outcomes_are_learned_from_a_tenth_at_a_time() -> None:
    # 105 outcomes one after the other; a curve serves on till a tenth more are known.
    count = 105
    strengths = np.full(count, 0.5)
    rose = np.arange(count) % 2 == 0
    said = np.arange(count, dtype=np.int64)
    told = as_it_went(strengths, rose, said, said + 1)
    curves = [calibrate(strengths[:n], rose[:n]).probability(0.5) for n in range(count)]
    assert told[:11].tolist() == curves[:11]
    assert all(told[n] in curves[max(0, int(n / 1.1) - 1) : n + 1] for n in range(count))
    assert len(set(told.tolist())) < count / 2
    assert isinstance(calibrate(strengths, rose).curve, Bins)

"""Cells, controls, prices and calibrations of judged opinions."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.opinion import GROK, MASSIVE, SONAR, SourceName
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import to_micros
from argo_core.signals.skill.ada_hedge import AdaHedge, blend
from argo_core.signals.skill.cell import Cell
from argo_core.signals.skill.judged import CONSENSUS, Judged
from argo_core.signals.skill.price import Price, Spent
from argo_core.signals.skill.shadows import Round, adaptive_weights
from argo_core.signals.skill.skill import calibrations, confidence_so_far, skill_of

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
AAPL = Symbol("AAPL")


def judged(
    source: SourceName,
    strength: float,
    went_up: bool,
    *,
    minutes: float = 0,
    symbol: str = "AAPL",
    regime: Regime = Regime.TREND,
    horizon_s: int = 3_600,
    explored: bool | None = None,
) -> Judged:
    at = MONDAY + timedelta(minutes=minutes)
    return Judged(
        source, Symbol(symbol), horizon_s, regime, strength, went_up, at, explored=explored
    )


def hourly(source: SourceName, cases: Iterable[tuple[float, bool]]) -> list[Judged]:
    return [judged(source, x, up, minutes=60 * hour) for hour, (x, up) in enumerate(cases)]


def only(cells: tuple[Cell, ...], source: SourceName, regime: str | None = None) -> Cell:
    (found,) = (one for one in cells if (one.source, one.regime) == (source, regime))
    return found


def test_what_confidences_came_to_is_known_by_horizon_and_moment() -> None:
    said = [
        *hourly(CONSENSUS, [(0.8, True), (0.8, True), (0.8, False)]),
        judged(CONSENSUS, 0.8, went_up=False, horizon_s=1_800),
        *hourly(MASSIVE, [(0.8, False)] * 3),
    ]
    so_far = confidence_so_far(said)
    assert so_far.keys() == {1_800, 3_600}
    moments = [MONDAY + timedelta(minutes=minutes) for minutes in (59, 60, 120, 180)]
    curves = [so_far[3_600].at(to_micros(moment)) for moment in moments]
    assert [curve.outcomes for curve in curves] == [0, 1, 2, 3]
    told = [curve.confidence(0.8) for curve in curves]
    assert told[0] == 0.5 < told[1] < told[2] > told[3]


@st.composite
def histories(draw: st.DrawFn) -> list[Judged]:
    rows = st.tuples(
        st.sampled_from([MASSIVE, GROK, CONSENSUS]),
        st.integers(-4, 4).map(lambda n: n / 4),
        st.booleans(),
        st.integers(0, 6),
        st.sampled_from(["AAPL", "NVR"]),
        st.sampled_from([Regime.TREND, Regime.CHOP]),
        st.sampled_from([1_800, 3_600]),
        st.sampled_from([True, False, None]),
    )
    return [
        judged(
            source,
            x,
            up,
            minutes=600 * place,
            symbol=symbol,
            regime=regime,
            horizon_s=horizon_s,
            explored=explored,
        )
        for source, x, up, place, symbol, regime, horizon_s, explored in draw(
            st.lists(rows, max_size=25)
        )
    ]


def test_a_cell_by_hand() -> None:
    cases = [(0.6, True), (0.6, False), (-0.2, False), (0.0, True)]
    cell = only(skill_of(hourly(MASSIVE, cases)).cells, MASSIVE)
    assert (cell.opinions, cell.horizons, cell.blocks) == (4, 4, 1)
    assert (cell.base_rate, cell.base_brier) == (0.5, 0.25)
    # .8 twice, .4 and .5 against rise, fall, fall, rise.
    assert cell.raw.brier.value == pytest.approx((0.04 + 0.64 + 0.16 + 0.25) / 4)
    assert cell.raw.skill.value == pytest.approx(1 - 1.09 / 4 / 0.25)
    assert cell.raw.log_score.value == pytest.approx(-np.log([0.8, 0.2, 0.6, 0.5]).mean())
    assert (cell.hits.hits, cell.hits.n) == (2, 3)
    assert cell.hit_rate.value == pytest.approx(2 / 3)
    curve = [(one.low, one.high, one.rose.hits, one.rose.n) for one in cell.reliability]
    expected = [(-0.2, 0.0, 0, 1), (0.0, 0.0, 1, 1), (0.4, 0.6, 1, 2)]
    assert curve == [pytest.approx(one) for one in expected]
    assert [one.raw for one in cell.reliability] == pytest.approx([0.4, 0.5, 0.8])
    assert cell.raw.brier.reason == "there are fewer than 10 blocks of time"


def test_calibrated_probabilities_know_earlier_outcomes_only() -> None:
    cell = only(skill_of(hourly(MASSIVE, [(0.9, True), (0.9, True)])).cells, MASSIVE)
    # The first is told .5; the second what one rise says: common share 2/3, so (1 + 20/3) / 11.
    second = (1 + 10 * 2 / 3) / 11
    assert cell.calibrated.brier.value == pytest.approx((0.25 + (1 - second) ** 2) / 2)


def test_overlapping_opinions_are_one_horizon() -> None:
    cases = [judged(MASSIVE, 0.5, True, minutes=minutes) for minutes in range(0, 120, 5)]
    cell = only(skill_of(cases).cells, MASSIVE)
    assert (cell.opinions, cell.horizons) == (24, 2)


def test_what_overlaps_in_another_symbol_counts_too() -> None:
    cases = [judged(MASSIVE, 0.5, True, symbol=symbol) for symbol in ("AAPL", "NVR")]
    assert only(skill_of(cases).cells, MASSIVE).horizons == 2


def test_regimes_and_horizons_have_cells_of_their_own() -> None:
    cases = [
        judged(MASSIVE, 0.5, True),
        judged(MASSIVE, 0.5, False, minutes=60, regime=Regime.CHOP),
        judged(MASSIVE, 0.5, False, horizon_s=60),
        judged(CONSENSUS, 0.8, True),
        judged(GROK, -0.5, True),
    ]
    cells = [(one.source, one.horizon_s, one.regime) for one in skill_of(cases).cells]
    assert cells == [
        (GROK, 3_600, None),
        (GROK, 3_600, "trend"),
        (MASSIVE, 60, None),
        (MASSIVE, 60, "trend"),
        (MASSIVE, 3_600, None),
        (MASSIVE, 3_600, "chop"),
        (MASSIVE, 3_600, "trend"),
        (CONSENSUS, 3_600, None),
        (CONSENSUS, 3_600, "trend"),
    ]


def test_where_the_price_always_rose_there_is_no_skill_to_tell() -> None:
    cell = only(skill_of(hourly(MASSIVE, [(0.9, True), (0.0, True)])).cells, MASSIVE)
    assert cell.raw.skill.value is None
    assert cell.raw.skill.reason == "the price always went the same way"


def test_who_only_holds_has_no_hit_rate() -> None:
    cell = only(skill_of(hourly(MASSIVE, [(0.0, True), (0.0, False)])).cells, MASSIVE)
    assert cell.hits.rate is None
    assert cell.hit_rate.reason == "it never took a side"


def test_intervals_come_with_enough_days_and_are_fixed_by_the_seed() -> None:
    chance = np.random.default_rng(3)
    cases = []
    for day in range(12):
        for hour in range(3):
            x, up = round(chance.uniform(-1, 1), 4), bool(chance.random() < 0.5)
            cases.append(judged(MASSIVE, x, up, minutes=1_440 * day + 60 * hour))
    one, same, other = (
        only(skill_of(cases, seed=seed, replicates=200).cells, MASSIVE) for seed in (1, 1, 2)
    )
    assert one == same != other
    assert one.blocks == 12
    brier = one.raw.brier
    assert brier.low is not None
    assert brier.high is not None
    assert brier.value is not None
    assert brier.low < brier.value < brier.high


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_opinions_does_not_matter(cases: list[Judged], chance: object) -> None:
    mixed = list(cases)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    spent = {MASSIVE: Spent(Decimal(1), MONDAY)}
    one, other = (skill_of(each, spent=spent, replicates=20) for each in (cases, mixed))
    assert shape(one) == shape(other)


def shape(value: object) -> object:
    """A value with its floats rounded: sums in another order differ in their last bits."""
    if isinstance(value, float):
        return round(value, 9) + 0.0
    if isinstance(value, tuple):
        return tuple(map(shape, value))
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    slots = getattr(value, "__attrs_attrs__", None)
    return value if slots is None else tuple(shape(getattr(value, one.name)) for one in slots)


def test_explored_asks_are_told_on_their_own() -> None:
    cases = [
        judged(GROK, 0.9, True, explored=False),
        judged(GROK, 0.4, False, minutes=10, explored=True),
        judged(MASSIVE, 0.5, True),
    ]
    found = skill_of(cases)
    assert found.known_asks == 2
    (cell, _) = found.explored
    assert (cell.source, cell.opinions) == (GROK, 1)
    assert cell.raw.brier.value == pytest.approx(0.49)


def test_without_opinions_there_is_nothing_to_say() -> None:
    found = skill_of([])
    assert (found.opinions, found.cells, found.shadows, found.calibrations) == (0, (), (), ())


def test_calibrations_are_told_on_a_grid_and_given_as_curves() -> None:
    cases = hourly(MASSIVE, [(0.9, True), (0.9, True), (-0.9, False)])
    (fitted,) = skill_of(cases).calibrations
    assert (fitted.method, fitted.outcomes, len(fitted.points)) == ("bins", 3, 21)
    curve = calibrations(cases)[MASSIVE, 3_600]
    told = dict(fitted.points)
    assert told[0.9] == curve.probability(0.9) > told[0.0] > told[-0.9]


def test_shadows_by_hand() -> None:
    weights = {MASSIVE: 0.75, GROK: 0.25, SONAR: 0.0}
    cases = [
        judged(MASSIVE, 0.6, True),
        judged(GROK, -0.2, True),
        judged(MASSIVE, 0.6, False, minutes=60),
        # Nobody of the profile speaks here.
        judged(SONAR, 0.2, True, minutes=120),
        judged(SONAR, 0.2, True, horizon_s=60),
        judged(CONSENSUS, 1.0, True),
    ]
    configured, equal, adaptive, grok, massive = skill_of(cases, weights).shadows
    assert [one.name for one in (configured, equal, adaptive, grok, massive)] == [
        "configured",
        "equal",
        "adaptive",
        "alone",
        "alone",
    ]
    # .8 and .4 make .7 by weight and .6 in the mean; then .8 alone, and the price fell.
    assert configured.horizons == 2
    assert configured.brier.value == pytest.approx((0.09 + 0.64) / 2)
    assert equal.brier.value == pytest.approx((0.16 + 0.64) / 2)
    assert equal.saved.value == pytest.approx((0.09 - 0.16) / 2)
    # Nothing is known at first, and who is alone has all the weight.
    assert adaptive.brier.value == pytest.approx((0.09 + 0.64) / 2)
    assert (grok.source, grok.horizons) == (GROK, 1)
    assert grok.brier.value == pytest.approx(0.36)
    assert grok.saved.value == pytest.approx(0.09 - 0.36)
    assert (massive.source, massive.horizons) == (MASSIVE, 2)
    assert massive.saved.value == pytest.approx((0.09 - 0.04) / 2)
    assert configured.weights == {GROK: 0.25, MASSIVE: 0.75}
    hedge = AdaHedge((0.25, 0.75)).after([0.36, 0.04]).after([None, 0.64])
    now = dict(zip((GROK, MASSIVE), blend(hedge.prior, hedge.weights()), strict=True))
    assert adaptive.weights == pytest.approx(now)


def test_adaptive_weights_learn_from_horizons_that_are_over_and_no_others() -> None:
    prior = (0.5, 0.5)
    rounds = [
        Round(AAPL, 0, 10, (1.0, -1.0), rose=True),
        Round(Symbol("NVR"), 9, 19, (1.0, -1.0), rose=True),
        Round(AAPL, 10, 20, (1.0, -1.0), rose=True),
        Round(AAPL, 20, 30, (1.0, -1.0), rose=True),
    ]
    used, now = adaptive_weights(rounds, prior)
    states = [AdaHedge(prior)]
    for _ in rounds:
        states.append(states[-1].after([0.0, 1.0]))
    seen = [0, 0, 1, 3]
    assert used.tolist() == [list(blend(prior, states[count].weights())) for count in seen]
    assert now == blend(prior, states[4].weights())


def test_two_strategies_that_heard_the_same_are_one_round() -> None:
    cases = [judged(MASSIVE, 0.6, True), judged(MASSIVE, 0.6, True)]
    assert skill_of(cases).shadows[0].horizons == 1


def test_the_price_of_a_point_is_dollars_for_what_calibration_saved() -> None:
    # After the first hundred hours .9 and -.9 are known to be right, and much is saved.
    cases = hourly(MASSIVE, [(0.9 if n % 2 else -0.9, bool(n % 2)) for n in range(200)])
    since = MONDAY + timedelta(hours=100)
    spent = {MASSIVE: Spent(Decimal("2.50"), since), GROK: Spent(Decimal(1), MONDAY)}
    silent, paid = skill_of(cases, spent=spent).prices
    assert silent == Price(
        GROK, MONDAY, Decimal(1), 0, 0.0, None, "nothing it said since then was judged"
    )
    assert (paid.horizons, paid.since) == (100, since)
    assert 20 < paid.saved < 25
    assert paid.usd_per_point is not None
    assert float(paid.usd_per_point) == pytest.approx(2.5 / paid.saved, abs=1e-6)


def test_what_saved_nothing_has_no_price() -> None:
    cases = hourly(GROK, [(0.5, bool(n % 2)) for n in range(20)])
    (price,) = skill_of(cases, spent={GROK: Spent(Decimal(1), MONDAY)}).prices
    assert price.usd_per_point is None
    assert price.reason == "it was no better than the base rate"


@pytest.mark.parametrize("usd", ["-1", "NaN", "Infinity"])
def test_what_is_no_amount_was_not_spent(usd: str) -> None:
    with pytest.raises(InvalidInput, match="usd"):
        Spent(Decimal(usd), MONDAY)


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -0.1, 0.0])
def test_weights_that_are_none_are_refused(weight: float) -> None:
    with pytest.raises(InvalidInput, match="weights"):
        skill_of([judged(MASSIVE, 0.5, True)], {MASSIVE: weight})


@pytest.mark.parametrize("strength", [1.01, -1.01, float("nan"), float("inf")])
def test_what_is_no_strength_is_not_judged(strength: float) -> None:
    with pytest.raises(InvalidInput, match="strength"):
        judged(MASSIVE, strength, True)


def test_a_horizon_is_ahead_and_a_moment_has_a_zone() -> None:
    with pytest.raises(InvalidInput, match="horizon_s"):
        judged(MASSIVE, 0.5, True, horizon_s=0)
    with pytest.raises(InvalidInput, match="at"):
        Judged(MASSIVE, AAPL, 60, Regime.TREND, 0.5, True, datetime(2026, 3, 2))  # noqa: DTZ001

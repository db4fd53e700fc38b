"""Rules beside each other: who promises what, at which cost."""

import numpy as np
import pytest

from argo_core.backtest.calibration import (
    FULL,
    INFLATED,
    PLAIN,
    RULES,
    TABLE,
    Case,
    by_loudness,
    cases,
    pooled,
)
from argo_core.backtest.hidden_moves import watch
from argo_core.backtest.market_time import tabulate
from argo_core.market.bar import MINUTE
from argo_core.market.instrument import instrument
from argo_core.market.session import Phase, Session, SessionTable
from argo_core.resilience.table_policy import TablePolicy
from argo_core.resilience.ttl import FirstPassage
from argo_core.resilience.variance_clock import VarianceClock
from argo_core.testing.strategies import NOON
from argo_core.testing.walks import walk

OPENS, CLOSES = NOON + 60 * MINUTE, NOON + 360 * MINUTE
DAY = Session(NOON, OPENS, CLOSES, CLOSES + 60 * MINUTE)
CLOCK = VarianceClock(SessionTable((DAY,), NOON, DAY.post + 60 * MINUTE))


@pytest.fixture(scope="module")
def found() -> tuple[Case, ...]:
    chance, seen = np.random.default_rng(3), {}
    for name, sigma in (("NVR", 0.0005), ("SW", 0.002)):
        bars = walk(chance.normal(0, sigma, 400), symbol=name, start=NOON)
        seen[instrument(name)] = watch(
            bars, tabulate(CLOCK, instrument(name), NOON, DAY.post + MINUTE)
        )
    return cases(seen, FirstPassage(), TablePolicy(), CLOCK.extended)


def test_each_precaution_shortens_what_came_before(found: tuple[Case, ...]) -> None:
    for case in found:
        assert set(case.ttls_s) == set(RULES)
        assert np.all(case.ttls_s[INFLATED] <= case.ttls_s[PLAIN])
        assert np.all(case.ttls_s[FULL] <= case.ttls_s[INFLATED])
        assert np.all(case.ttls_s[FULL] <= case.diffusion_s)


def test_the_table_is_scaled_to_the_same_calls_and_keeps_its_proportions(
    found: tuple[Case, ...],
) -> None:
    def calls(rule: str) -> float:
        # Every close but the last, in session seconds until the next.
        return sum(
            float(np.sum(np.diff(case.watched.ends_s) / case.ttls_s[rule][:-1])) for case in found
        )

    assert calls(TABLE) == pytest.approx(calls(FULL))
    calm = found[0]
    regular = np.array([phase is Phase.REGULAR for phase in calm.watched.phases])
    inside, outside = calm.ttls_s[TABLE][regular], calm.ttls_s[TABLE][~regular]
    assert len(set(inside)) == 1
    assert outside.min() == outside.max() == pytest.approx(inside[0] * 300 / 20 * CLOCK.extended)


def test_rows_add_up_over_phases_and_symbols(found: tuple[Case, ...]) -> None:
    rows = [row for case in found for row in case.rows(0.005)]
    both = pooled(rows, "both")
    assert {(row.rule, row.phase) for row in both} == {
        (rule, phase) for rule in RULES for phase in (None, Phase.PRE, Phase.REGULAR, Phase.POST)
    }
    for rule in RULES:
        whole, *parts = [row for row in both if row.rule == rule]
        assert whole.answers == sum(row.answers for row in parts) == 2 * 399
        assert whole.observed == pytest.approx(
            sum(row.observed * row.answers for row in parts) / whole.answers
        )
        assert whole.least <= whole.observed <= whole.most
        fifths = by_loudness(found, rule, 0.005)
        assert np.mean(fifths) == pytest.approx(whole.observed, abs=0.01)
    assert {row.jump_bound for row in rows if row.rule != FULL} == {0.0}

"""All statistics of a backtest: all there, none of them NaN, each with its meaning."""

import json
import math
from collections.abc import Callable

import hypothesis
import numpy as np
import pytest
from attrs import asdict
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import Exits, Plan
from argo_core.backtest.bars.trading_result import FillReason, Traded
from argo_core.backtest.run import run
from argo_core.backtest.statistics.statistic import (
    Meaning,
    Statistic,
    Undefined,
    Unit,
    finite,
    given,
)
from argo_core.backtest.statistics.summary import MEANINGS, summary
from argo_core.backtest.statistics.trials import Trials
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.errors import InvalidInput

FEW = Trials(count=5, sharpe_variance=0.3)


def _backtest(panel: Panel, traded: Traded) -> Backtest:
    return Backtest(strategy="by-hand", parameters={}, plan=Plan(), panel=panel, traded=traded)


@pytest.fixture
def crossed(make_panel: Callable[..., Panel]) -> Backtest:
    chance = np.random.Generator(np.random.PCG64(12))
    steps = chance.normal(0.001, 0.02, (120, 3)).cumsum(axis=0)
    panel = make_panel((100 * np.exp(steps)).tolist())
    return run(panel, SmaCross(fast=3, slow=9), Plan(exits=Exits(horizon_s=0)))


def test_a_summary_has_every_statistic_in_the_order_of_their_meanings(crossed: Backtest) -> None:
    told = summary(crossed, trials=FEW, seed=1)
    assert [one.name for one in told] == [one.name for one in MEANINGS]
    for one, meaning in zip(told, MEANINGS, strict=True):
        assert (one.unit, one.definition, one.source) == (
            meaning.unit,
            meaning.definition,
            meaning.source,
        )
    assert len({one.name for one in told}) == len(told)


def test_a_summary_says_the_same_for_the_same_seed(crossed: Backtest) -> None:
    assert summary(crossed, trials=FEW, seed=1) == summary(crossed, trials=FEW, seed=1)
    assert summary(crossed, trials=FEW, seed=1) != summary(crossed, trials=FEW, seed=2)


def test_intervals_lie_around_their_numbers(crossed: Backtest) -> None:
    told = {one.name: one for one in summary(crossed, trials=FEW, seed=1)}
    for name in ("cagr", "volatility", "sharpe", "sortino", "max_drawdown", "hit_rate"):
        one = told[name]
        assert one.low is not None
        assert one.value is not None
        assert one.high is not None
        assert one.low < one.value < one.high


def test_numbers_of_a_path_by_hand(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    traded = make_traded([100, 110, 99, 121], fees=12_500, borrow=400)
    told = {
        one.name: one.value
        for one in summary(_backtest(make_panel([[1]] * 4), traded), trials=None, seed=0)
    }
    returns = np.array([0.1, -0.1, 2 / 9])
    ratio = returns.mean() / returns.std(ddof=1)
    assert told["total_return"] == pytest.approx(0.21)
    assert told["sharpe"] == pytest.approx(ratio * math.sqrt(252))
    error = math.sqrt((1 + ratio**2 / 2) / 3 * 252)
    assert told["sharpe_standard_error"] == pytest.approx(error)
    assert told["max_drawdown"] == pytest.approx(-0.1)
    assert told["calmar"] == pytest.approx((1.21 ** (365.25 / 3) - 1) / 0.1)
    assert (told["fees"], told["borrow"]) == (1.25, 0.04)


def test_numbers_of_trades_by_hand(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    entry = (1, 0, 1, 10, 1_000_000, 0, FillReason.ENTRY, 0, 950_000)
    fills = [
        # One at a price as before, one for a dollar more each, one for two less; the last is open.
        entry,
        (2, 0, -1, 10, 1_000_000, 0, FillReason.TIME, 1, 0),
        (3, *entry[1:7], 2, 950_000),
        (4, 0, -1, 10, 1_010_000, 0, FillReason.TIME, 3, 0),
        (5, *entry[1:7], 4, 0),
        (6, 0, -1, 10, 980_000, 0, FillReason.TIME, 5, 0),
        (7, *entry[1:7], 6, 950_000),
    ]
    backtest = _backtest(make_panel([[100]] * 8), make_traded([10**9] * 8, fills))
    told = {one.name: one for one in summary(backtest, trials=None, seed=0)}
    assert (told["closed_trades"].value, told["hit_rate"].n) == (3, 3)
    # A trade that won nothing is not a hit, and not a loss.
    assert told["hit_rate"].value == pytest.approx(1 / 3)
    assert told["profit_factor"].value == 0.5
    assert told["expectancy"].value == pytest.approx(-10 / 3)
    # Two of them had a stop, 5 dollars away: 0 R and 0.2 R.
    assert told["mean_r"].value == pytest.approx(0.1)
    assert told["mean_r"].n == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@hypothesis.given(equity=st.lists(st.integers(-5, 10**12), min_size=1, max_size=12))
def test_a_summary_of_any_path_has_no_nan(
    equity: list[int],
    make_panel: Callable[..., Panel],
    make_traded: Callable[..., Traded],
) -> None:
    backtest = _backtest(make_panel([[1]] * len(equity)), make_traded(equity))
    told = summary(backtest, trials=FEW, seed=0)
    json.dumps([asdict(one) for one in told], allow_nan=False)


def test_a_risk_free_rate_is_taken_off_by_session(
    make_panel: Callable[..., Panel], make_traded: Callable[..., Traded]
) -> None:
    backtest = _backtest(make_panel([[1]] * 4), make_traded([100, 110, 99, 121]))
    (told,) = (
        one.value
        for one in summary(backtest, trials=None, seed=0, risk_free=0.0252)
        if one.name == "sharpe"
    )
    excess = np.array([0.1, -0.1, 2 / 9]) - 0.0001
    assert told == pytest.approx(excess.mean() / excess.std(ddof=1) * math.sqrt(252))


@pytest.mark.parametrize(
    ("equity", "reasons"),
    [
        (
            [100],
            {
                "cagr": "less than a day",
                "sharpe": "fewer than 2 returns",
                "sharpe_standard_error": "fewer than 2 returns",
                "sharpe_standard_error_robust": "fewer than 2 returns",
                "volatility": "fewer than 2 returns",
                "turnover": "no return yet",
            },
        ),
        (
            [100, 100, 100],
            {
                "sharpe": "no variation",
                "probabilistic_sharpe": "no variation",
                "deflated_sharpe": "no variation",
                "sortino": "no return below the target",
                "drawdown_recovery": "no drawdown",
                "calmar": "no drawdown",
                "hit_rate": "no closed trade",
                "profit_factor": "no closed trade",
                "mean_r": "no closed trade with a stop",
                "implementation_shortfall": "no fill that was decided at a close",
            },
        ),
        (
            [100, 50, -10],
            {
                "cagr": "equity lost",
                "sharpe": "equity fell to zero or below",
                "skewness": "equity fell to zero or below",
                "exposure": "equity fell to zero or below",
                "drawdown_recovery": "not recovered by the end",
            },
        ),
        ([100, 110, 90], {"expected_maximum_sharpe": "the number of trials is not known"}),
    ],
    ids=["one row", "nothing happens", "all is lost", "nobody counted"],
)
def test_what_is_undefined_says_why(
    equity: list[int],
    reasons: dict[str, str],
    make_panel: Callable[..., Panel],
    make_traded: Callable[..., Traded],
) -> None:
    panel = make_panel([[1]] * len(equity))
    told = summary(_backtest(panel, make_traded(equity)), trials=None, seed=0)
    found = {one.name: one.reason for one in told}
    assert {name: found[name] for name in reasons} == reasons
    meanings = {one.name: one.undefined for one in MEANINGS}
    for name, reason in found.items():
        # Every reason is announced where the statistic is defined; a loss of all money is so once,
        # for everything that is made of returns.
        assert (
            reason is None
            or reason in meanings[name]
            or reason == "equity fell to zero or below"
            or meanings[name].startswith("where")
        ), name
    # No NaN and no infinity: JSON as it is meant can say all of it.
    json.dumps([asdict(one) for one in told], allow_nan=False)


def _statistic(**changes: object) -> Statistic:
    told: dict[str, object] = {
        "name": "x",
        "value": 1.0,
        "unit": Unit.RATIO,
        "definition": "",
        "source": "",
        "reason": None,
        "n": 1,
    }
    return Statistic(**(told | changes))  # type: ignore[arg-type]  # made wrong on purpose


@pytest.mark.parametrize(
    "changes",
    [
        {"value": math.nan},
        {"value": math.inf},
        {"low": math.nan},
        {"high": -math.inf},
        {"value": None},
        {"reason": "too few"},
    ],
)
def test_a_statistic_is_a_finite_number_or_none_for_a_reason(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        _statistic(**changes)


def test_an_undefined_statistic_has_no_interval() -> None:
    meaning = Meaning(name="x", unit=Unit.R, definition="d", source="s", undefined="u")
    told = meaning.statistic(Undefined("too few"), 1, (0.0, 1.0))
    assert (told.value, told.reason, told.low, told.high) == (None, "too few", None, None)
    assert meaning.statistic(0.5, 9, (0.0, 1.0)).low == 0.0


def test_reasons_pass_through_formulas() -> None:
    assert given(Undefined("too few"), float) == Undefined("too few")
    assert given(2, float) == 2.0
    assert finite(math.nan, "none") == finite(math.inf, "none") == Undefined("none")
    assert finite(1.5, "none") == 1.5

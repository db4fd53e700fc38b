"""Scores on bars are judged by what the price did, a horizon at a time."""

import math

import numpy as np
import pytest
from attrs import evolve

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.scores import Scores
from argo_core.backtest.judging import judged
from argo_core.backtest.strategies.consensus import Consensus
from argo_core.backtest.strategies.moods import moods
from argo_core.consensus.opinion import GROK
from argo_core.consensus.regime import Regime, classify
from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.indicators import WARM_UP, batch
from argo_core.signals.skill.skill import skill_of
from argo_core.testing.hand_made_bars import bar, hand_made, no_bar
from argo_core.testing.panels import panel_of, sessions_of_bars
from argo_core.testing.walks import walk


def closes(*prices: float | None) -> Panel:
    return hand_made(*(no_bar() if one is None else bar(one) for one in prices)).panel


def scores(*strengths: float) -> Scores:
    return Scores(GROK, [[one] for one in strengths])


def test_the_next_horizon_begins_where_one_ends() -> None:
    panel = closes(10, 11, 12, 11, 10)
    found = list(judged(panel, [scores(0.5, 1, -0.5, 1, 1)], 2))
    assert [(one.strength, one.went_up) for one in found] == [(0.5, True), (-0.5, False)]
    assert {one.horizon_s for one in found} == {2 * panel.bar_s}
    assert found[1].said_us == panel.known_us[2]


def test_horizons_are_counted_in_bars_that_the_symbol_has() -> None:
    found = list(judged(closes(10, None, 11, None, None, 9), [scores(1, 1, 1, 1, 1, 1)], 1))
    assert [one.went_up for one in found] == [True, False]


def test_silence_and_prices_that_end_where_they_began_judge_nobody() -> None:
    assert not list(judged(closes(10, 10, 11), [scores(1, math.nan, 1)], 1))


def test_other_bars_and_horizons_that_are_not_ahead_are_refused() -> None:
    with pytest.raises(InvalidInput, match="scores"):
        list(judged(closes(10, 11), [scores(1)], 1))
    with pytest.raises(InvalidInput, match="horizon_bars"):
        list(judged(closes(10, 11), [scores(1, 1)], 0))


def test_moods_are_those_that_signals_are_labelled_with() -> None:
    bars = sessions_of_bars(3, 800, day=200)
    panel = panel_of([bars, sessions_of_bars(4, 50, symbol="FEW")])
    table = moods(panel)
    rows = np.flatnonzero(panel.there[:, 0])
    assert (table[rows[: WARM_UP - 1], 0] == Regime.UNKNOWN.value).all()
    expected = [classify(reading).value for reading in batch(bars)]
    assert table[rows[WARM_UP - 1 :], 0].tolist() == expected
    assert set(expected) == {Regime.TREND.value, Regime.CHOP.value}
    assert (table[:, 1] == Regime.UNKNOWN.value).all()


def test_a_storm_after_calm_is_a_crisis() -> None:
    bars = walk([0.0002, -0.0002] * 200 + [0.004, -0.004] * 8)
    assert moods(panel_of([[_in_cents(one) for one in bars]]))[-1, 0] == Regime.CRISIS.value


def _in_cents(bar: Bar) -> Bar:
    prices = {name: round(getattr(bar, name), 2) for name in ("open", "high", "low", "close")}
    return evolve(bar, **prices)


def test_what_sources_said_of_bars_has_a_skill() -> None:
    panel = panel_of([sessions_of_bars(1, 900), sessions_of_bars(2, 900, symbol="OTHER")])
    strategy = Consensus()
    found = list(judged(panel, strategy.scores(panel), 30, moods(panel)))
    skill = skill_of(found, {name: one.weight for name, one in strategy.stamped.sources.items()})
    assert skill.opinions == len(found) > 60
    assert {cell.regime for cell in skill.cells} > {None}

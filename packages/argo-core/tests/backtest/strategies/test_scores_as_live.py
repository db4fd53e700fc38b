"""What strategies compute on arrays is what the live rules say of the same bars, one by one."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import UNKNOWN
from argo_core.backtest.strategies.market_facts import strays
from argo_core.backtest.strategies.series import series_of
from argo_core.backtest.strategies.technical_scores import alpha_vantage, massive
from argo_core.consensus.rules import quotes_and_news, technicals
from argo_core.market.bar import Bar
from argo_core.market.indicators import WARM_UP, Technicals
from argo_core.market.volatility import from_bars
from argo_core.testing.panels import panel_of, sessions_of_bars


def said(strengths: Floats, panel: Panel, place: int) -> Floats:
    """The symbol's strengths, a bar each."""
    return strengths[series_of(panel).edges[place] : series_of(panel).edges[place + 1]]


@pytest.fixture(params=[1, 2, 3])
def two(request: pytest.FixtureRequest) -> tuple[Sequence[Bar], Sequence[Bar]]:
    return sessions_of_bars(request.param, 700, day=200), sessions_of_bars(
        9, 500, symbol="OTHER", traded=0.5
    )


def test_row_t_of_massives_scores_is_what_the_live_rule_says_at_t(
    two: tuple[Sequence[Bar], Sequence[Bar]],
) -> None:
    panel = panel_of(two)
    scores = massive(series_of(panel))
    for place, bars in enumerate(two):
        strengths = said(scores, panel, place)
        assert np.isnan(strengths[: WARM_UP - 1]).all()
        live = Technicals(bars[:WARM_UP])
        for at in range(WARM_UP - 1, len(bars)):
            reading = live.update(bars[at])
            expected = technicals.score(reading, bars[at].close, bars[at].end).strength
            assert strengths[at] == expected, at


def test_row_t_of_alpha_vantages_scores_is_what_the_live_rule_says_of_the_day_so_far(
    two: tuple[Sequence[Bar], Sequence[Bar]],
) -> None:
    panel = panel_of(two)
    scores = alpha_vantage(series_of(panel))
    for place, bars in enumerate(two):
        strengths = said(scores, panel, place)
        today: list[Bar] = []
        before = math.nan
        for at, bar in enumerate(bars):
            if today and bar.start.date() != today[0].start.date():
                before, today = today[-1].close, []
            today.append(bar)
            if math.isnan(before):
                assert np.isnan(strengths[at])
                continue
            quote = quotes_and_news.QuoteRow(
                price=bar.close,
                open=today[0].open,
                high=max(each.high for each in today),
                low=min(each.low for each in today),
                previous_close=before,
                at=bar.end,
            )
            expected = quotes_and_news.score(quote, None, (), bar.end).strength
            assert strengths[at] == pytest.approx(expected, abs=1.01e-4)


def test_strays_are_the_live_engines_sigma_over_the_horizon(
    two: tuple[Sequence[Bar], Sequence[Bar]],
) -> None:
    panel = panel_of(two)
    table = strays(series_of(panel), 60)
    for place, bars in enumerate(two):
        found = table[panel.there[:, place], place]
        for at in (0, 1, 5, 250, len(bars) - 1):
            live = from_bars(bars[: at + 1]).sigma or 0.0
            assert found[at] == pytest.approx(live * math.sqrt(3_600) * 1e6, abs=0.6)
        assert (table[~panel.there[:, place], place] == UNKNOWN).all()


def test_days_that_the_rule_would_refuse_have_no_opinion() -> None:
    bars = sessions_of_bars(4, 30, day=10, traded=1.0)
    halved = [
        Bar(each.symbol, each.start, *(round(price / 2.5, 2) for price in _ohlc(each)), each.volume)
        if at >= 10
        else each
        for at, each in enumerate(bars)
    ]
    panel = panel_of([halved])
    strengths = said(alpha_vantage(series_of(panel)), panel, 0)
    assert np.isnan(strengths[:20]).all()
    assert not np.isnan(strengths[20:]).any()


def test_a_symbol_with_few_bars_has_no_technicals_and_a_silent_one_has_nothing() -> None:
    panel = panel_of([sessions_of_bars(5, WARM_UP - 1)])
    assert np.isnan(massive(series_of(panel))).all()


def test_a_price_that_stands_still_says_nothing() -> None:
    first = sessions_of_bars(6, WARM_UP + 20, traded=1.0)
    still = [Bar(each.symbol, each.start, 50.0, 50.0, 50.0, 50.0, 0.0) for each in first]
    panel = panel_of([still])
    assert (said(massive(series_of(panel)), panel, 0)[WARM_UP - 1 :] == 0).all()
    days = said(alpha_vantage(series_of(panel_of([still[:50]]))), panel_of([still[:50]]), 0)
    assert np.isnan(days).all()


def test_daily_bars_count_their_moves_overnight() -> None:
    bars = sessions_of_bars(7, 400, day=1, traded=1.0)
    daily = panel_of([bars], bar_s=86_400)
    minutes = panel_of([bars])
    assert (strays(series_of(daily), 5)[-1] > strays(series_of(minutes), 5)[-1]).all()
    assert not np.array_equal(massive(series_of(daily))[-50:], massive(series_of(minutes))[-50:])


def _ohlc(bar: Bar) -> tuple[float, float, float, float]:
    return bar.open, bar.high, bar.low, bar.close

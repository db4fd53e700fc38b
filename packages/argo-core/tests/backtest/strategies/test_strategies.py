"""What strategies say, on bars small enough to reckon by hand, and how they are made from text."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from attrs import evolve

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.scores import Scores
from argo_core.backtest.bars.units import UNITS
from argo_core.backtest.bars.verdicts import UNKNOWN
from argo_core.backtest.kernel.turnover import MOST, SESSIONS
from argo_core.backtest.strategies.alone import Alone
from argo_core.backtest.strategies.consensus import Consensus
from argo_core.backtest.strategies.market_facts import average_daily_values
from argo_core.backtest.strategies.series import series_of
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.backtest.strategies.table import TABLE, make
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.consensus.profile import Profile
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol

DAY_US = 86_400_000_000


def closes(*columns: Sequence[float], volume: int = 1_000) -> Panel:
    """Daily bars with nothing but these closes, 0 where a symbol has no bar."""
    table = (np.array(columns).T * UNITS).astype(np.int64)
    rows = len(table)
    return Panel(
        name="closes",
        origin="by hand",
        symbols=tuple(Symbol(f"S{place}") for place in range(len(columns))),
        bar_s=86_400,
        known_us=(np.arange(rows) + 1) * DAY_US,
        session=np.arange(rows),
        open=table,
        high=table,
        low=table,
        close=table,
        volume=np.where(table > 0, volume, 0),
    )


def test_moving_averages_cross_at_the_close_that_makes_them() -> None:
    panel = closes([10, 10, 10, 13, 13, 7, 7], [5, 5, 5, 5, 5, 5, 5])
    said = SmaCross(fast=1, slow=3).verdicts(panel)
    assert said.direction[:, 0].tolist() == [0, 0, 0, 1, 1, -1, -1]
    assert not said.direction[:, 1].any()
    assert said.confidence_bp[3, 0] == 10_000


def test_averages_are_over_the_bars_that_a_symbol_has() -> None:
    full = SmaCross(fast=1, slow=3).verdicts(closes([10, 11, 12, 9]))
    holed = SmaCross(fast=1, slow=3).verdicts(closes([10, 0, 11, 12, 0, 9], [1, 1, 1, 1, 1, 1]))
    assert holed.direction[[0, 2, 3, 5], 0].tolist() == full.direction[:, 0].tolist()
    assert not holed.direction[[1, 4], 0].any()


def test_too_few_bars_for_the_long_average_say_nothing() -> None:
    assert not SmaCross().verdicts(closes([1, 2, 3], [0, 0, 3])).direction.any()


@pytest.mark.parametrize("wrong", [{"fast": 0}, {"fast": 30}, {"horizon_bars": 0}])
def test_averages_that_cannot_cross_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        SmaCross(**wrong)


def test_the_average_daily_value_is_known_after_twenty_sessions_and_of_those_before() -> None:
    prices = [10.0] * SESSIONS + [20.0, 20.0]
    panel = closes(prices, [0, *prices[1:]], [0.0] * len(prices))
    adv = average_daily_values(series_of(panel))
    assert (adv[:SESSIONS, 0] == UNKNOWN).all()
    assert adv[SESSIONS, 0] == 10 * 1_000 * UNITS
    assert adv[SESSIONS + 1, 0] == 10.5 * 1_000 * UNITS
    assert (adv[: SESSIONS + 1, 1] == UNKNOWN).all()
    assert adv[SESSIONS + 1, 1] == 10.5 * 1_000 * UNITS
    assert (adv[:, 2] == UNKNOWN).all()


@pytest.mark.parametrize("volume", [10**12, 2**62])
def test_what_no_market_trades_in_a_day_counts_as_the_most_and_overflows_nowhere(
    volume: int,
) -> None:
    prices = [100.0] * SESSIONS + [0.0001] * SESSIONS
    adv = average_daily_values(series_of(closes([*prices, 1.0], volume=volume)))[:, 0]
    assert adv[SESSIONS] == MOST
    least = min(volume, MOST)
    assert adv[-1] == least


def scores(source: SourceName, *strengths: float) -> Scores:
    return Scores(source, [[each] for each in strengths])


def test_recorded_opinions_are_pooled_with_what_bars_tell() -> None:
    panel = closes([10, 10, 10])
    strategy = Consensus(
        evolve(Profile(), theta_bp=5_000),
        recorded=(
            scores(MASSIVE, 1, 1, -1),
            scores(ALPHA_VANTAGE, 1, math.nan, -1),
            scores(GROK, 1, 1, -1),
        ),
    )
    said = strategy.verdicts(panel)
    assert said.direction[:, 0].tolist() == [1, 1, -1]
    assert [one.source for one in strategy.scores(panel)] == [ALPHA_VANTAGE, GROK, MASSIVE]
    # Two of three were heard in the middle row, with 0.60 of 0.85 of all weight.
    covered = 0.60 / 0.85
    assert said.confidence_bp[1, 0] == round(10_000 * 1.25 * covered / (covered + 0.25))


def test_sources_that_nobody_can_hear_are_disabled_and_stamped_on_the_profile() -> None:
    strategy = Consensus()
    assert strategy.stamped.name == "weighted-consensus-6.0-no-grok-no-sonar"
    assert sum(one.weight for one in strategy.stamped.sources.values()) == pytest.approx(1)
    assert strategy.parameters["recorded"] == ""
    assert strategy.parameters["sources"].startswith("alpha_vantage=0.384615384615")
    assert "massive=0.6153846153846154/15s/30s/market" in strategy.parameters["sources"]
    assert {one.source for one in strategy.scores(closes([10, 11]))} == {MASSIVE, ALPHA_VANTAGE}


def test_a_profile_without_a_technical_source_does_not_hear_it() -> None:
    strategy = Consensus(Profile().without(ALPHA_VANTAGE, GROK, SONAR))
    assert [one.source for one in strategy.scores(closes([10, 11]))] == [MASSIVE]


def test_recorded_opinions_of_strangers_and_doubles_are_refused() -> None:
    one = scores(GROK, 1)
    with pytest.raises(InvalidInput, match="recorded"):
        Consensus(recorded=(one, one))
    with pytest.raises(InvalidInput, match="recorded"):
        Consensus(recorded=(scores(SourceName("oracle"), 1),))
    with pytest.raises(InvalidInput, match="horizon_bars"):
        Consensus(horizon_bars=0)


def test_a_source_alone_needs_no_quorum() -> None:
    panel = closes([10, 10, 10, 10])
    strategy = Alone(GROK, theta_bp=5_000, recorded=scores(GROK, 0.5, -0.6, 0.4, math.nan))
    said = strategy.verdicts(panel)
    assert said.direction[:, 0].tolist() == [1, -1, 0, 0]
    assert said.confidence_bp[:, 0].tolist() == [5_000, -6_000, 4_000, 0]
    assert strategy.name == "alone-grok"
    assert not Alone(ALPHA_VANTAGE).verdicts(closes([10, 10])).direction.any()


def test_a_source_that_bars_do_not_tell_cannot_be_believed_without_its_scores() -> None:
    with pytest.raises(InvalidInput, match="grok"):
        Alone(GROK)
    with pytest.raises(InvalidInput, match="theta_bp"):
        Alone(MASSIVE, theta_bp=0)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_strategy_can_be_made_with_its_defaults_and_says_its_name(name: str) -> None:
    strategy = make(name, {})
    assert strategy.name == name
    assert strategy.verdicts(closes([10, 11, 12])).direction.shape == (3, 1)
    assert strategy.parameters


def test_parameters_are_read_from_text() -> None:
    assert make("sma-cross", {"fast": "5", "slow": "7"}).parameters["slow"] == "7"
    assert make("consensus", {"tau": "0.5"}).parameters["tau"] == "0.5"


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("golden", {}, "strategy"),
        ("sma-cross", {"medium": "5"}, "parameters"),
        ("sma-cross", {"fast": "five"}, "fast"),
        ("sma-cross", {"fast": "nan"}, "fast"),
        ("sma-cross", {"fast": "2.5"}, "fast"),
        ("consensus", {"theta_bp": "10001"}, "theta_bp"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(
    name: str, given: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        make(name, given)
    assert refused.value.field == field


def test_what_was_recorded_is_cut_with_the_rows() -> None:
    strategy = Consensus(recorded=(scores(GROK, 1, 1, -1),))
    assert strategy.upto(2).recorded == (scores(GROK, 1, 1),)
    alone = Alone(GROK, recorded=scores(GROK, 1, -1))
    assert alone.upto(1).recorded == scores(GROK, 1)
    assert Alone(MASSIVE).upto(1) == Alone(MASSIVE)


def test_scores_of_other_rows_are_refused() -> None:
    with pytest.raises(InvalidInput, match="scores"):
        Consensus(recorded=(scores(GROK, 1, 1),)).verdicts(closes([10, 10, 10]))


def test_recorded_opinions_age_in_the_consensus() -> None:
    recorded = Scores(GROK, [[1.0], [1.0]], [[0.0], [1e6]])
    technical = (scores(MASSIVE, 1, 1), scores(ALPHA_VANTAGE, 1, 1))
    said = Consensus(recorded=(recorded, *technical)).verdicts(closes([10, 10]))
    assert said.confidence_bp[:, 0].tolist() == [
        10_000,
        round(10_000 * 1.25 * (0.65 / 0.85) / (0.65 / 0.85 + 0.25)),
    ]

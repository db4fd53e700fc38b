"""The record as it is folded, beside the same counted anew from all signals."""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from attrs import asdict
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.signals.book import Book, StrategyBook, bin_of, share_ppm, together
from alpine_service.domain.signals.counted import Counted, Opinion, opinions_of
from alpine_service.domain.signals.day import DAY_US, day_of
from alpine_service.domain.signals.performance import WORST_BP, Tally, performance_of
from alpine_service.domain.signals.record_figures import figures_of

OPINIONS = st.lists(
    st.builds(
        Opinion, st.sampled_from(["news", "massive"]), st.integers(-2, 2), st.integers(-1, 1)
    ),
    max_size=2,
    unique_by=lambda one: one.source,
).map(tuple)
COUNTED = st.builds(
    Counted,
    position=st.integers(0, 9),
    signal_index=st.integers(0, 9),
    strategy=st.sampled_from(["alpha", "beta"]),
    decided_us=st.just(0),
    at_us=st.integers(0, 70).map(lambda day: day * DAY_US + day),
    return_bp=st.integers(-3, 3),
    symbol=st.just("AAPL"),
    direction=st.sampled_from(["BUY", "SELL"]),
    confidence_bp=st.sampled_from([-10_000, -1_000, -999, 0, 999, 1_000, 9_999, 10_000]),
    result=st.just("expired"),
    opinions=OPINIONS,
)
MANY = st.lists(COUNTED, max_size=12)


def book_of(signals: Sequence[Counted]) -> StrategyBook:
    book = Book()
    book.add(signals)
    return together(book.strategies.values())


@given(MANY, st.randoms(use_true_random=False), st.integers(0, 12))
def test_neither_order_nor_parts_of_adding_matter(
    signals: list[Counted], random: Random, cut: int
) -> None:
    shuffled = list(signals)
    random.shuffle(shuffled)
    whole, parts = Book(), Book()
    whole.add(signals)
    parts.add(shuffled[:cut])
    parts.add(shuffled[cut:])

    assert parts.strategies == whole.strategies


@given(MANY)
def test_all_strategies_together_are_as_if_they_were_one(signals: list[Counted]) -> None:
    one = StrategyBook()
    for each in signals:
        one.add(each)

    assert book_of(signals) == one


@given(MANY)
def test_days_and_equity_are_those_of_the_returns(signals: list[Counted]) -> None:
    days: dict[date, list[int]] = defaultdict(list)
    for each in signals:
        days[datetime.fromtimestamp(each.at_us / 1e6, UTC).date()].append(each.return_bp)

    figures = figures_of("all", book_of(signals))

    assert [(one.day, one.count, one.hits, one.total_bp) for one in figures.days] == [
        (day, len(days[day]), sum(each > 0 for each in days[day]), sum(days[day]))
        for day in sorted(days)
    ]
    assert [one.equity_bp for one in figures.days] == [
        sum(each for other in days if other <= day for each in days[other]) for day in sorted(days)
    ]


@given(MANY)
def test_the_deepest_fall_is_between_two_days_and_no_two_are_further_apart(
    signals: list[Counted],
) -> None:
    figures = figures_of("all", book_of(signals))
    equity: dict[date | None, int] = {None: 0} | {one.day: one.equity_bp for one in figures.days}
    ordered = list(equity.values())
    falls = [high - low for place, high in enumerate(ordered) for low in ordered[place:]]

    assert figures.drawdown.deepest_bp == max(falls)
    assert figures.drawdown.current_bp == max(ordered) - ordered[-1]
    if figures.drawdown.trough_day is not None:
        fall = equity[figures.drawdown.peak_day] - equity[figures.drawdown.trough_day]
        assert fall == figures.drawdown.deepest_bp > 0


@given(MANY)
def test_months_and_years_add_up_to_everything(signals: list[Counted]) -> None:
    figures = figures_of("all", book_of(signals))

    for year in figures.years:
        for place, span in enumerate(year.months):
            those = [
                each.return_bp
                for each in signals
                if (day_of(each.at_us).year, day_of(each.at_us).month) == (year.year, place + 1)
            ]
            assert (span is None) == (not those)
            if span is not None:
                assert (span.count, span.total_bp) == (len(those), sum(those))
    assert sum(year.whole.count for year in figures.years) == len(signals) == figures.counted
    assert sum(year.whole.total_bp for year in figures.years) == figures.total_bp


@given(MANY)
def test_each_bin_has_the_signals_of_its_confidence(signals: list[Counted]) -> None:
    figures = figures_of("all", book_of(signals))

    assert [one.low_bp for one in figures.reliability] == list(range(0, 10_000, 1_000))
    for one in figures.reliability:
        end_bp = one.high_bp + (one.high_bp == 10_000)
        those = [
            each
            for each in signals
            if each.confidence_bp is not None and one.low_bp <= abs(each.confidence_bp) < end_bp
        ]
        assert one.count == len(those)
        if those:
            assert one.hit_rate is not None
            assert one.hit_rate.hits == sum(each.return_bp > 0 for each in those)
            mean = sum(abs(each.confidence_bp or 0) for each in those) / len(those)
            assert one.mean_confidence_bp == pytest.approx(mean)
        else:
            assert one.mean_confidence_bp is one.hit_rate is None


@given(MANY)
def test_a_source_agrees_when_it_points_where_the_price_went(signals: list[Counted]) -> None:
    figures = figures_of("all", book_of(signals))

    said = [(each, opinion) for each in signals for opinion in each.opinions]
    assert [one.source for one in figures.sources] == sorted({each.source for _, each in said})
    for one in figures.sources:
        own = [(signal, each) for signal, each in said if each.source == one.source]
        judged = [
            (each.strength_e4 > 0) == ((signal.return_bp > 0) == (signal.direction == "BUY"))
            for signal, each in own
            if each.strength_e4 and signal.return_bp
        ]
        shares = [
            abs(each.phi_bp) / (sum(abs(other.phi_bp) for other in signal.opinions) or 1)
            for signal, each in own
        ]
        assert one.signals == len(own)
        assert one.mean_share == pytest.approx(math.fsum(shares) / len(own), abs=1e-6)
        if judged:
            assert one.agreement is not None
            assert (one.agreement.hits, one.agreement.count) == (sum(judged), len(judged))
        else:
            assert one.agreement is None


@given(MANY, st.integers(0, 2))
def test_figures_are_those_of_the_tally(signals: list[Counted], overdue: int) -> None:
    returns = [each.return_bp for each in signals]
    tally = Tally(
        "all",
        overdue=overdue,
        resolved=len(returns),
        hits=sum(each > 0 for each in returns),
        returns_bp=sum(returns),
        returns_squared=sum(each**2 for each in returns),
    )
    book = book_of(signals)
    if overdue:
        book.add_overdue(date(1970, 1, 3), WORST_BP, overdue)

    figures, performance = figures_of("all", book), performance_of(tally)

    assert (figures.counted, figures.overdue) == (performance.counted, overdue)
    assert figures.mean_return_bp == performance.mean_return_bp
    assert figures.standard_error_bp == performance.standard_error_bp
    if figures.hit_rate is None:
        assert performance.hit_rate is None
    else:
        assert asdict(figures.hit_rate) == {
            "hits": tally.hits,
            "count": performance.counted,
            "rate": performance.hit_rate,
            "low": performance.hit_rate_low,
            "high": performance.hit_rate_high,
        }


@given(MANY)
def test_extremes_and_the_profit_factor_are_those_of_the_returns(signals: list[Counted]) -> None:
    figures = figures_of("all", book_of(signals))
    returns = [each.return_bp for each in signals]
    losses = -sum(each for each in returns if each < 0)

    assert figures.best_bp == max(returns, default=None)
    assert figures.worst_bp == min(returns, default=None)
    if losses:
        assert figures.profit_factor == sum(each for each in returns if each > 0) / losses
    else:
        assert figures.profit_factor is None
    if figures.best_day is not None:
        assert figures.best_day.total_bp == max(one.total_bp for one in figures.days)
    if figures.worst_day is not None:
        assert figures.worst_day.total_bp == min(one.total_bp for one in figures.days)


def test_an_overdue_commit_is_a_loss_of_everything_on_the_day_it_was_due() -> None:
    book = StrategyBook()
    book.add_overdue(date(2026, 2, 28), WORST_BP, 2)

    figures = figures_of("alpha", book)

    assert figures.counted == figures.overdue == 2
    assert figures.total_bp == -figures.drawdown.deepest_bp == -20_000
    assert figures.hit_rate is not None
    assert figures.hit_rate.hits == 0
    assert figures.drawdown.peak_day is None, "it fell from where it began"
    assert figures.drawdown.trough_day == date(2026, 2, 28)
    (year,) = figures.years
    assert [place for place, span in enumerate(year.months) if span] == [1]
    assert not any(one.count for one in figures.reliability)
    assert figures.sources == ()


def test_of_nothing_there_is_no_figure_and_no_fall() -> None:
    figures = figures_of("alpha", StrategyBook())

    assert figures.counted == figures.total_bp == figures.drawdown.deepest_bp == 0
    assert figures.hit_rate is figures.mean_return_bp is figures.standard_error_bp is None
    assert figures.profit_factor is figures.best_bp is figures.best_day is None
    assert figures.days == figures.years == figures.sources == ()


def test_a_day_is_that_of_greenwich_to_the_microsecond() -> None:
    assert day_of(DAY_US - 1) == date(1970, 1, 1)
    assert day_of(DAY_US) == date(1970, 1, 2)
    assert day_of(2**53 - 1) == date(1970, 1, 1) + timedelta(microseconds=2**53 - 1)


@pytest.mark.parametrize(
    ("size_bp", "place"), [(0, 0), (999, 0), (1_000, 1), (9_999, 9), (10_000, 9)]
)
def test_full_confidence_is_in_the_last_bin(size_bp: int, place: int) -> None:
    assert bin_of(size_bp) == place


def test_shares_are_rounded_and_those_of_nothing_are_none() -> None:
    assert [share_ppm(part, 3) for part in range(4)] == [0, 333_333, 666_667, 1_000_000]
    assert share_ppm(0, 0) == 0


def test_opinions_are_read_from_the_members_of_the_entry() -> None:
    members: dict[str, str | int] = {
        "confidence_bp": 5,
        "phi_bp": 1,
        "phi_massive_bp": -7,
        "phi_phi_x_bp_bp": 3,
        "strength_massive_e4": -9,
        "strength_phi_x_bp_e4": 4,
    }

    assert opinions_of(members) == (Opinion("massive", -7, -9), Opinion("phi_x_bp", 3, 4))

"""What signals were worth."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.signals.performance import (
    WORST_BP,
    Tally,
    performance_of,
    standard_error,
    wilson,
)


def tally_of(returns: list[int], **more: int) -> Tally:
    return Tally(
        "alpha",
        resolved=len(returns),
        hits=sum(each > 0 for each in returns),
        returns_bp=sum(returns),
        returns_squared=sum(each**2 for each in returns),
        **more,
    )


def test_without_anything_that_counts_there_is_no_rate() -> None:
    performance = performance_of(Tally("alpha", signals=9, pending=4, sealed=5))

    assert performance.counted == 0
    assert performance.hit_rate is performance.mean_return_bp is performance.hit_rate_low is None


def test_a_commit_that_was_not_revealed_is_a_loss_of_everything() -> None:
    performance = performance_of(tally_of([100, 300], overdue=2))

    assert performance.counted == 4
    assert performance.hit_rate == 0.5
    assert performance.mean_return_bp == (400 + 2 * WORST_BP) / 4


RETURNS = st.lists(st.integers(-500, 500), min_size=1, max_size=6)


@given(RETURNS, st.integers(0, 3))
def test_not_to_reveal_never_pays(returns: list[int], hidden: int) -> None:
    honest = performance_of(tally_of([*returns, *[WORST_BP] * hidden]))
    silent = performance_of(tally_of(returns, overdue=hidden))

    assert silent.mean_return_bp == honest.mean_return_bp
    assert silent.hit_rate == honest.hit_rate
    assert silent.standard_error_bp == honest.standard_error_bp


@given(RETURNS)
def test_mean_and_error_are_those_of_the_returns(returns: list[int]) -> None:
    performance = performance_of(tally_of(returns))

    assert performance.mean_return_bp == pytest.approx(statistics.fmean(returns))
    if len(returns) == 1:
        assert performance.standard_error_bp is None
    else:
        expected = statistics.stdev(returns) / len(returns) ** 0.5
        assert performance.standard_error_bp == pytest.approx(expected)


# R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_the_literature(
    hits: int, count: int, low: float, high: float
) -> None:
    assert list(wilson(hits, count)) == pytest.approx([low, high], abs=5e-5)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_about_the_rate_and_mirrors(counts: tuple[int, int]) -> None:
    hits, count = counts
    low, high = wilson(hits, count)

    assert 0 <= low <= hits / count <= high <= 1
    mirrored = wilson(count - hits, count)
    assert [1 - high, 1 - low] == pytest.approx(list(mirrored))


def test_of_one_value_there_is_no_error() -> None:
    assert standard_error(1, 5, 25) is None


@given(st.lists(RETURNS, max_size=3))
def test_tallies_add_up(parts: list[list[int]]) -> None:
    together = tally_of([each for part in parts for each in part])

    assert sum((tally_of(part) for part in parts), Tally("alpha")) == together

"""Recorded opinions are seen from the moment they were available, the newest first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.opinions import RecordedOpinion, opinions_to_scores
from argo_core.consensus.opinion import GROK, Opinion
from argo_core.errors import InvalidInput
from argo_core.market.moment import to_micros

START = datetime(2024, 7, 1, 14, tzinfo=UTC)
ROWS = 6


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def panel() -> Panel:
    table = np.full((ROWS, 2), 10)
    columns: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close", "volume"), table)
    return Panel(
        name="p",
        origin="",
        symbols=("AAA", "BBB"),  # type: ignore[arg-type]
        bar_s=60,
        known_us=[to_micros(minute(row)) for row in range(ROWS)],
        session=[19_905] * ROWS,
        **columns,
    )


def said(strength: float, as_of: float, available: float, symbol: str = "AAA") -> RecordedOpinion:
    return RecordedOpinion(
        symbol=symbol, strength=strength, as_of=minute(as_of), available_at=minute(available)
    )


def seen(*opinions: RecordedOpinion) -> list[float | None]:
    scores = opinions_to_scores(panel(), GROK, opinions)
    column = scores.strength[:, 0]
    return [None if np.isnan(one) else float(one) for one in column]


def test_an_opinion_is_seen_in_rows_known_at_or_after_it_was_available() -> None:
    assert seen(said(0.5, 0, 2)) == [None, None, 0.5, 0.5, 0.5, 0.5]
    assert seen(said(0.5, 0, 2.01)) == [None, None, None, 0.5, 0.5, 0.5]


def test_the_newest_opinion_wins() -> None:
    assert seen(said(-1, 3, 3), said(0.5, 0, 1)) == [None, 0.5, 0.5, -1, -1, -1]


def test_an_older_opinion_that_arrives_late_is_ignored() -> None:
    assert seen(said(0.5, 2, 2), said(-1, 1, 4)) == [None, None, 0.5, 0.5, 0.5, 0.5]


def test_a_correction_of_the_same_time_replaces_what_it_corrects() -> None:
    assert seen(said(0.5, 1, 2), said(-1, 1, 4)) == [None, None, 0.5, 0.5, -1, -1]


def test_of_two_that_arrive_together_the_later_view_counts() -> None:
    assert seen(said(0.5, 2, 3), said(-1, 1, 3)) == [None, None, None, 0.5, 0.5, 0.5]


def test_the_age_is_reckoned_from_the_source_s_own_time_and_never_negative() -> None:
    scores = opinions_to_scores(panel(), GROK, [said(0.5, 1, 2), said(1, 5.5, 5)])
    assert scores.source == GROK
    assert scores.age_s is not None
    assert scores.age_s[:, 0].tolist() == [0, 0, 60, 120, 180, 0]


def test_symbols_are_kept_apart_and_strangers_are_ignored() -> None:
    scores = opinions_to_scores(panel(), GROK, [said(1, 0, 0, "BBB"), said(1, 0, 0, "ZZZ")])
    assert np.isnan(scores.strength[:, 0]).all()
    assert scores.strength[:, 1].tolist() == [1.0] * ROWS


def test_the_same_opinion_twice_is_one_and_a_contradiction_is_refused() -> None:
    assert seen(said(0.5, 0, 0), said(0.5, 0, 0)) == [0.5] * ROWS
    with pytest.raises(InvalidInput, match=r"AAA is both -1\.0 and 0\.5 at one moment"):
        seen(said(0.5, 0, 0), said(-1, 0, 0))


def test_a_domain_s_opinion_is_recorded_with_when_we_had_it() -> None:
    opinion = Opinion(GROK, said(1, 0, 0).symbol, 0.25, minute(1), 3_600, "0" * 64, "v1")
    assert RecordedOpinion.of(opinion, minute(2)) == said(0.25, 1, 2)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="available_at"):
        RecordedOpinion(
            symbol="AAA", strength=0, as_of=START, available_at=START.replace(tzinfo=None)
        )


@given(
    st.lists(st.tuples(st.integers(-1, 6), st.integers(-1, 6)), max_size=6, unique=True).flatmap(
        lambda times: st.tuples(st.just(times), st.permutations(range(len(times))))
    )
)
def test_each_row_sees_what_a_reader_of_the_day_would_have_seen(
    drawn: tuple[list[tuple[int, int]], list[int]],
) -> None:
    times, order = drawn
    opinions = [said(number / 10, *time) for number, time in enumerate(times)]
    found = seen(*(opinions[place] for place in order))
    for row in range(ROWS):
        known = [one for one in opinions if one.available_at <= minute(row)]
        newest = max(known, key=lambda one: (one.as_of, one.available_at), default=None)
        assert found[row] == (None if newest is None else newest.strength)

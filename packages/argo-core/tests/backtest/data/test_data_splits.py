"""Splits taken out of the prices of a panel."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.splits import Split, adjust
from argo_core.errors import InvalidInput

FIRST = 19_905  # 2024-07-01


def panel(closes: list[list[int]], volume: int = 10) -> Panel:
    table = np.array(closes)
    days = FIRST + np.arange(len(closes))
    prices: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close"), table)
    return Panel(
        name="p",
        origin="",
        symbols=("AAA", "BBB"),  # type: ignore[arg-type]
        bar_s=86_400,
        known_us=(days + 1) * 86_400_000_000,
        session=days,
        volume=np.where(table > 0, volume, 0),
        **prices,
    )


def test_prices_before_a_split_are_divided_and_volumes_multiplied() -> None:
    split = Split("AAA", date(2024, 7, 3), Decimal(2))
    made = adjust(panel([[200, 7], [201, 7], [100, 7]]), [split])
    assert made.close[:, 0].tolist() == [100, 100, 100]  # 100.5 goes to even
    assert made.close[:, 1].tolist() == [7, 7, 7]
    assert made.volume[:, 0].tolist() == [20, 20, 10]
    (found,) = made.findings
    assert (found.defect, found.symbol, found.count) == (Defect.SPLIT_ADJUSTED, "AAA", 2)
    assert found.first == "2024-07-01"


def test_splits_of_a_symbol_multiply_and_may_be_reverse() -> None:
    splits = [
        Split("AAA", date(2024, 7, 3), Decimal("0.1")),
        Split("AAA", date(2024, 7, 2), Decimal(4)),
    ]
    made = adjust(panel([[40, 1], [10, 1], [100, 1]]), splits)
    assert made.close[:, 0].tolist() == [100, 100, 100]
    assert made.volume[:, 0].tolist() == [4, 1, 10]


def test_a_split_before_the_first_bar_or_of_a_stranger_changes_nothing() -> None:
    before = panel([[0, 1], [10, 1]])
    splits = [
        Split("AAA", date(2024, 7, 2), Decimal(2)),
        Split("ZZZ", date(2024, 7, 2), Decimal(2)),
    ]
    assert adjust(before, splits) == before


def test_a_bar_that_a_split_leaves_no_price_is_dropped() -> None:
    made = adjust(panel([[1, 1], [7, 1]]), [Split("AAA", date(2024, 7, 2), Decimal(3))])
    assert made.there[:, 0].tolist() == [False, True]
    assert made.volume[0, 0] == 0
    assert [one.defect for one in made.findings] == [Defect.SPLIT_ADJUSTED, Defect.NOT_POSITIVE]


@pytest.mark.parametrize("ratio", ["0", "-1", "NaN", "Infinity", "10001", "0.00001"])
def test_a_ratio_that_is_none_is_refused(ratio: str) -> None:
    with pytest.raises(InvalidInput, match="is no ratio of a split"):
        Split("AAA", date(2024, 7, 2), Decimal(ratio))


def test_splits_that_cannot_all_be_are_refused() -> None:
    one = Split("AAA", date(2024, 7, 2), Decimal(5_000))
    with pytest.raises(InvalidInput, match="one is listed twice"):
        adjust(panel([[1, 1], [1, 1]]), [one, one])
    other = Split("AAA", date(2024, 7, 3), Decimal(5_000))
    with pytest.raises(InvalidInput, match="those of AAA multiply to a ratio beyond 10,000"):
        adjust(panel([[1, 1], [1, 1], [1, 1]]), [one, other])

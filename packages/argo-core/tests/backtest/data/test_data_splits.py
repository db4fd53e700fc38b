"""Splits that a source does not know of, taken out of its prices; and symbols that are left out."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.assemble import assemble
from argo_core.backtest.data.options import Options, Rename, Split
from argo_core.backtest.data.renames import day_of
from argo_core.backtest.data.rows import rows_of
from argo_core.errors import InvalidInput

FIRST = day_of(date(2024, 7, 1))
AAA, BBB = "AAA/USD", "BBB/USD"
DAY_S = 86_400


def panel(
    bars: dict[str, list[float]],
    volume: float = 10,
    adjusted: float | None = None,
    bar_s: int = DAY_S,
    **chosen: Any,
) -> Panel:
    """Bars of pairs, which trade every day; `adjusted` is the adjusted close of every bar."""
    symbols = [symbol for symbol, closes in bars.items() for _ in closes]
    at = [FIRST + place for closes in bars.values() for place in range(len(closes))]
    closes = [close for each in bars.values() for close in each]
    if bar_s != DAY_S:
        at = [day * DAY_S * 1_000_000 for day in at]
    rows = rows_of(
        symbols,
        at,
        **dict.fromkeys(("open", "high", "low", "close"), closes),
        volume=[volume] * len(closes),
        adjusted=None if adjusted is None else [adjusted] * len(closes),
    )
    return assemble(
        rows, name="p", origin="", bar_s=bar_s, sessions=None, options=Options(**chosen)
    )


def splits(*told: tuple[int, str], symbol: str = AAA) -> list[Split]:
    return [Split(symbol, date(2024, 7, day), Decimal(ratio)) for day, ratio in told]


def found(made: Panel) -> list[tuple[Defect, str | None, int]]:
    return [(one.defect, one.symbol, one.count) for one in made.findings]


def test_prices_before_a_split_are_divided_and_volumes_multiplied() -> None:
    closes = {AAA: [0.02, 0.0201, 0.01], BBB: [7, 7, 7]}
    made = panel(closes, splits=splits((3, "2")))
    assert made.close[:, 0].tolist() == [100, 100, 100]  # 100.5 goes to even
    assert made.close[:, 1].tolist() == [70_000] * 3
    assert made.volume[:, 0].tolist() == [20, 20, 10]
    assert found(made) == [(Defect.SPLIT_ADJUSTED, AAA, 2)]
    assert made.findings[0].first == "2024-07-01"


def test_shorter_bars_are_split_by_the_date_of_their_session() -> None:
    made = panel({AAA: [6, 3]}, splits=splits((2, "2")), bar_s=3_600)
    assert made.close[:, 0].tolist() == [30_000, 30_000]


def test_what_a_split_explains_is_no_jump() -> None:
    bars = {AAA: [60.0, 20.0]}
    assert Defect.JUMP in [defect for defect, *_ in found(panel(bars))]
    assert found(panel(bars, splits=splits((2, "3")), refuse=[Defect.JUMP])) == [
        (Defect.SPLIT_ADJUSTED, AAA, 1)
    ]


def test_splits_of_a_symbol_multiply_and_may_be_reverse() -> None:
    made = panel({AAA: [40, 10, 100]}, splits=splits((3, "0.1"), (2, "4")))
    assert made.close[:, 0].tolist() == [1_000_000] * 3
    assert made.volume[:, 0].tolist() == [4, 1, 10]


@pytest.mark.parametrize("ratio", ["3", "7", "49", "1.5"])
def test_no_share_is_lost_by_reckoning(ratio: str) -> None:
    made = panel({AAA: [98, 98]}, volume=1_000_000, splits=splits((2, ratio)))
    assert made.volume[0, 0] == 1_000_000 * Decimal(ratio)


def test_a_split_before_the_first_bar_or_of_a_stranger_changes_nothing() -> None:
    told = [*splits((1, "2")), *splits((2, "2"), symbol="ZZZ/USD")]
    assert panel({AAA: [1, 1]}, splits=told) == panel({AAA: [1, 1]})


def test_a_split_is_of_the_newest_name() -> None:
    made = panel(
        {AAA: [4, 2]},
        renames=[Rename(AAA, BBB)],
        splits=splits((2, "2"), symbol=BBB),
    )
    assert made.close[:, 0].tolist() == [20_000, 20_000]


def test_a_bar_that_a_split_leaves_no_price_is_dropped() -> None:
    made = panel({AAA: [0.0001, 0.0007]}, splits=splits((2, "3")))
    assert made.close[:, 0].tolist() == [7]
    assert found(made) == [(Defect.NOT_POSITIVE, AAA, 1)]


@pytest.mark.parametrize("ratio", ["0", "-1", "NaN", "Infinity", "10001", "0.00001"])
def test_a_ratio_that_is_none_is_refused(ratio: str) -> None:
    with pytest.raises(InvalidInput, match="is no ratio of a split"):
        Split(AAA, date(2024, 7, 2), Decimal(ratio))


def test_splits_that_cannot_all_be_are_refused() -> None:
    with pytest.raises(InvalidInput, match="splits: one is listed twice"):
        Options(splits=splits((2, "2"), (2, "3")))
    with pytest.raises(InvalidInput, match="those of AAA/USD multiply to a ratio beyond 10,000"):
        panel({AAA: [1, 1, 1]}, splits=splits((2, "5000"), (3, "5000")))


def test_prices_are_not_adjusted_twice() -> None:
    told = splits((2, "2"))
    with pytest.raises(InvalidInput, match="splits: the adjusted closes of AAA/USD know"):
        panel({AAA: [2, 2]}, adjusted=1, splits=told)
    assert panel({AAA: [2, 1]}, adjusted=1, adjust=False, splits=told).close[0, 0] == 10_000
    assert panel({AAA: [2, 2]}, adjusted=2, splits=told).close[0, 0] == 10_000
    assert panel({AAA: [2, 2]}, adjusted=1).close[0, 0] == 10_000


def test_symbols_are_left_out_by_name() -> None:
    both = {AAA: [1.0, 2.0], BBB: [3.0, 3.0]}
    made = panel(both, without=[AAA])
    assert made == panel({BBB: [3.0, 3.0]})
    assert panel(both, without=[BBB], renames=[Rename(AAA, "CCC/USD")]).symbols == ("CCC/USD",)


def test_excluding_everybody_is_refused_by_the_defects() -> None:
    with pytest.raises(InvalidInput, match="exclude: every symbol has jump or leap"):
        panel({AAA: [60.0, 20.0]}, exclude=[Defect.JUMP, Defect.LEAP])


def test_leaving_out_whom_nobody_knows_or_everybody_is_refused() -> None:
    with pytest.raises(InvalidInput, match="without: there are no bars of ZZZ/USD to leave out"):
        panel({AAA: [1]}, without=["ZZZ/USD"])
    with pytest.raises(InvalidInput, match="without: no symbol is left"):
        panel({AAA: [1]}, without=[AAA])

"""What bars are assembled from is refused where it contradicts itself."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from argo_core.backtest.data.hours import DAY_US, MarketHours
from argo_core.backtest.data.options import Closing, Options, Rename
from argo_core.backtest.data.rows import Rows, rows_of
from argo_core.errors import InvalidInput

ONE: dict[str, Any] = {"open": [1], "high": [1], "low": [1], "close": [1], "volume": [1]}


def test_a_column_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"^volume: its shape is \(2,\) where there are 1 rows"):
        rows_of(["AAA"], [1], **ONE | {"volume": [1, 2]})
    with pytest.raises(InvalidInput, match=r"^adjusted: its shape is \(2,\)"):
        rows_of(["AAA"], [1], **ONE, adjusted=[1, 2])


def test_a_symbol_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="7 is no symbol"):
        rows_of([7], [1], **ONE)  # type: ignore[list-item]
    with pytest.raises(InvalidInput, match="'brk b' is not a symbol"):
        rows_of(["brk b"], [1], **ONE)


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"^close: there is something that is no number"):
        rows_of(["AAA"], [1], **ONE | {"close": ["ten"]})
    with pytest.raises(InvalidInput, match=r"^close: there is something that is no number"):
        rows_of(["AAA"], [1], **ONE | {"close": [10**400]})


def test_times_that_are_no_whole_numbers_are_refused() -> None:
    with pytest.raises(InvalidInput, match="its type is float64"):
        rows_of(["AAA"], [1.5], **ONE)
    with pytest.raises(InvalidInput, match="a time is null"):
        rows_of(["AAA"], np.array(["NaT"], "datetime64[D]"), **ONE)


def test_times_of_numpy_are_dates_by_the_day_and_moments_otherwise() -> None:
    assert rows_of(["AAA"], np.array(["1970-01-03"], "datetime64[D]"), **ONE).at.tolist() == [2]
    second = np.array(["1970-01-01T00:00:02"], "datetime64[s]")
    assert rows_of(["AAA"], second, **ONE).at.tolist() == [2_000_000]


def test_more_rows_than_a_panel_may_have_are_refused_at_once() -> None:
    class Endless(list[str]):
        def __len__(self) -> int:
            return 10**10

    with pytest.raises(InvalidInput, match="10,000,000,000 rows are too many at once"):
        rows_of(Endless(), [1], **ONE)


def test_codes_name_symbols_and_each_symbol_is_named_once() -> None:
    with pytest.raises(InvalidInput, match="one names no symbol"):
        Rows(symbols=["AAA"], code=[1], at=[1], **ONE)
    with pytest.raises(InvalidInput, match="one is listed twice"):
        Rows(symbols=["AAA", "AAA"], code=[1], at=[1], **ONE)


def test_hours_are_refused_where_they_contradict_themselves() -> None:
    right: dict[str, Any] = {
        "since": 0,
        "until": 10,
        "day": [1, 2],
        "open_us": [DAY_US, 2 * DAY_US],
        "close_us": [DAY_US + 1, 2 * DAY_US + 1],
        "half": [False, False],
        "told": "",
    }
    MarketHours(**right)
    with pytest.raises(InvalidInput, match="its columns differ in length"):
        MarketHours(**right | {"half": [False]})
    wrong: dict[str, Any]
    for wrong in (
        {"day": [2, 1]},
        {"close_us": [DAY_US, 2 * DAY_US]},
        {"open_us": [DAY_US - 1, 2 * DAY_US]},
        {"close_us": [2 * DAY_US, 2 * DAY_US + 1]},
        {"since": 2},
        {"until": 2},
    ):
        with pytest.raises(InvalidInput, match="sessions are out of order"):
            MarketHours(**right | wrong)


def test_options_are_checked() -> None:
    assert Options(closing="drop").closing is Closing.DROP
    for most in (0, 10**9):
        with pytest.raises(InvalidInput, match="is out of range"):
            Options(most_bars=most)


def test_a_symbol_is_renamed_once_and_to_another_name() -> None:
    with pytest.raises(InvalidInput, match="AAA keeps its name"):
        Rename("AAA", "AAA")
    once = Rename("AAA", "BBB", date(2024, 1, 1))
    for again in (Rename("AAA", "CCC"), Rename("BBB", "CCC")):
        with pytest.raises(InvalidInput, match="one symbol is renamed twice"):
            Options(renames=[once, again])

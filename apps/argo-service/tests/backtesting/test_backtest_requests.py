"""What may be asked for, and what every wrong member is told."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.data.options import Closing, Options, Rename, Split
from argo_core.errors import InvalidInput
from argo_service.backtesting.dataset import Dataset, Kind
from argo_service.backtesting.defaults import DATASET, STRATEGY, refuse, strategy_of
from argo_service.backtesting.request import Asked, read_asked

SPLIT = {"symbol": "AAPL", "on": "2020-08-31", "ratio": "4"}

GIVEN: dict[str, Any] = {
    "dataset": "stocks/AAPL",
    "symbols": ["MSFT", "AAPL"],
    "start": "2024-01-02",
    "end": "2024-06-28",
    "strategy": "sma-cross",
    "parameters": {"fast": 5, "slow": "20"},
    "capital": "250000.50",
    "costs": {"spread_ppm": 300, "fees": {"per_share": 0.005}},
    "limits": {"positions": 3, "short_selling": True, "order_cap": 1000},
    "exits": {"stops": False, "horizon_s": 0},
    "patience_rows": 2,
    "data": {
        "splits": [{"symbol": "MSFT", "on": "2024-03-01", "ratio": "2.0"}],
        "renames": [{"old": "FB", "new": "META", "on": "2022-06-09"}, {"old": "A", "new": "B"}],
        "without": ["NVDA", "AMD"],
        "refuse": ["conflicting"],
        "exclude": ["leap", "jump"],
        "closing": "drop",
        "adjust": False,
    },
    "benchmarks": False,
    "lookahead": True,
}


def read(**given: Any) -> Asked:
    return read_asked(given, dataset=DATASET, strategy=STRATEGY)


def test_everything_that_is_given_is_meant() -> None:
    asked = read(**GIVEN)
    assert (asked.dataset, asked.symbols) == ("stocks/AAPL", ("AAPL", "MSFT"))
    assert (asked.start, asked.end) == (date(2024, 1, 2), date(2024, 6, 28))
    assert asked.parameters == {"fast": "5", "slow": "20"}
    plan = asked.plan
    assert (plan.capital, plan.patience_rows) == (Decimal("250000.5"), 2)
    assert (plan.costs.spread_ppm, plan.costs.fees.per_share) == (300, Decimal("0.005"))
    assert (plan.limits.positions, plan.limits.short_selling) == (3, True)
    assert plan.limits.order_cap == 1_000
    assert (plan.exits.stops, plan.exits.horizon_s, plan.exits.targets) == (False, 0, True)
    assert (asked.benchmarks, asked.lookahead, asked.fit_horizon) == (False, True, False)
    assert asked.data == Options(
        splits=[Split("MSFT", date(2024, 3, 1), Decimal(2))],
        renames=[Rename("FB", "META", date(2022, 6, 9)), Rename("A", "B")],
        without=["AMD", "NVDA"],
        refuse=[Defect.CONFLICTING],
        exclude=[Defect.JUMP, Defect.LEAP],
        closing=Closing.DROP,
        adjust=False,
    )


def test_what_is_left_out_or_null_has_its_default() -> None:
    asked = read()
    assert asked == read(**dict.fromkeys(GIVEN))
    assert (asked.dataset, asked.strategy, asked.plan) == (DATASET, STRATEGY, Plan())
    assert (asked.data, asked.fit_horizon) == (Options(), True)


def test_a_usual_horizon_that_is_asked_for_is_no_longer_left_to_the_bars() -> None:
    asked = read(exits={"horizon_s": 3_600})
    assert asked == evolve(read(), fit_horizon=False)
    assert asked.named() != read().named()


def test_null_is_as_good_as_nothing_inside_as_well() -> None:
    given = {
        "costs": {"spread_ppm": None, "fees": {"minimum": None}},
        "limits": {"order_cap": None},
        "exits": {"horizon_s": None, "stops": None},
        "data": dict.fromkeys(("splits", "renames", "without", "refuse", "closing", "adjust")),
    }
    assert read(**given) == read(costs={"fees": None}) == read()


@pytest.mark.parametrize(
    ("value", "shown"), [(True, "true"), ([None], "[null]"), (1.5, "1.5"), ("3", "'3'")]
)
def test_what_was_given_is_shown_as_it_was_written(value: object, shown: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(f"{shown} is no whole number")):
        read(limits={"positions": value})


@pytest.mark.parametrize("given", [GIVEN, {}, {"exits": {"stops": False}}, {"data": {}}])
def test_what_was_asked_for_is_told_and_read_back(given: dict[str, Any]) -> None:
    asked = read(**given)
    assert read(**asked.told()).told() == asked.told()
    assert read(**asked.told()).fit_horizon == asked.fit_horizon
    assert asked.named() == read(**asked.told()).named()


@pytest.mark.parametrize(
    "same",
    [
        {"capital": 250_000.5},
        {"capital": "250000.5000"},
        {"symbols": ["AAPL", "MSFT"]},
        {"parameters": {"slow": 20, "fast": "5"}},
    ],
)
def test_the_same_in_other_words_has_the_same_name(same: dict[str, Any]) -> None:
    assert read(**GIVEN | same).named() == read(**GIVEN).named()


@pytest.mark.parametrize("name", GIVEN)
def test_every_member_makes_another_name(name: str) -> None:
    assert read(**GIVEN | {name: None}).named() != read(**GIVEN).named()


@pytest.mark.parametrize(
    ("given", "field", "fix"),
    [
        ({"datasets": "x"}, "datasets", "did you mean dataset?"),
        ({"dataset": 5}, "dataset", "give a text in quotes"),
        ({"dataset": "../../etc/passwd"}, "dataset", "not a path"),
        ({"dataset": "/etc/passwd"}, "dataset", "not a path"),
        ({"dataset": "stocks/../x"}, "dataset", "not a path"),
        ({"dataset": "a/b/c"}, "dataset", "not a path"),
        ({"dataset": ".hidden"}, "dataset", "not a path"),
        ({"dataset": "x" * 300}, "dataset", "not a path"),
        ({"symbols": "AAPL"}, "symbols", "give a list of texts"),
        ({"symbols": ["AAPL", 5]}, "symbols[1]", "give a text"),
        ({"symbols": ["AAPL", "no symbol"]}, "symbols[1]", ""),
        ({"symbols": ["AAPL", "aapl"]}, "symbols[1]", ""),
        ({"symbols": ["AAPL", "AAPL"]}, "symbols[1]", "list each symbol once"),
        ({"symbols": ["A"] * 2_001}, "symbols", "give 2,000"),
        ({"start": "2024-13-01"}, "start", "write the date like 2024-11-25"),
        ({"start": 20240101}, "start", "write the date"),
        ({"start": "2024-02-01", "end": "2024-01-01"}, "end", "give a range"),
        ({"strategy": ["sma-cross"]}, "strategy", "give a text"),
        ({"parameters": [1]}, "parameters", "give a JSON object"),
        ({"parameters": {"Fast": 1}}, "parameters.Fast", "give names of a-z"),
        ({"parameters": {"fast": [1]}}, "parameters.fast", "give a number, a text"),
        ({"parameters": {"fast": "9" * 501}}, "parameters.fast", "give a number, a text"),
        ({"parameters": {f"p{n}": n for n in range(51)}}, "parameters", "give 50 at most"),
        ({"capital": True}, "capital", "give an amount"),
        ({"capital": "much"}, "capital", "give an amount"),
        ({"capital": "1e999999"}, "capital", ""),
        ({"capital": "NaN"}, "capital", "give an amount"),
        ({"capital": 0}, "capital", "give 0.0001 to ten billion"),
        ({"capital": "9" * 60}, "capital", "give an amount"),
        ({"costs": 5}, "costs", "give a JSON object"),
        ({"costs": {"spread": 5}}, "costs.spread", "did you mean spread_ppm?"),
        ({"costs": {"spread_ppm": -1}}, "costs.spread_ppm", "give millionths"),
        ({"costs": {"spread_ppm": 1.5}}, "costs.spread_ppm", "give a whole number"),
        ({"costs": {"spread_ppm": []}}, "costs.spread_ppm", "give a whole number"),
        ({"costs": {"slippage_ppm": True}}, "costs.slippage_ppm", "give a whole number"),
        ({"costs": {"fees": {"minimum": -1}}}, "costs.fees.minimum", "give zero or more"),
        ({"costs": {"fees": {"maximum": 1}}}, "costs.fees.maximum", "did you mean minimum?"),
        ({"limits": {"positions": 0}}, "limits.positions", "1 or more"),
        ({"limits": {"short_selling": 1}}, "limits.short_selling", "give true or false"),
        ({"limits": {"order_cap": "-5"}}, "limits.order_cap", "give 0.0001 to ten billion"),
        ({"exits": {"trail_ppm": 10**9}}, "exits.trail_ppm", "give millionths"),
        ({"exits": {"horizon_s": -1}}, "exits.horizon_s", "give whole seconds"),
        ({"patience_rows": 0}, "patience_rows", "1 or more"),
        ({"data": []}, "data", "give a JSON object"),
        ({"data": {"split": []}}, "data.split", "did you mean splits?"),
        ({"data": {"splits": {"AAPL": 4}}}, "data.splits", "give a JSON list"),
        ({"data": {"splits": [5]}}, "data.splits[0]", "give a JSON object"),
        ({"data": {"splits": [{"symbol": "A", "on": "2024-01-02"}]}}, "data.splits[0].ratio", ""),
        ({"data": {"splits": [SPLIT | {"ratio": 0}]}}, "data.splits[0].ratio", "the new shares"),
        ({"data": {"splits": [SPLIT | {"ratio": "x"}]}}, "data.splits[0].ratio", "give an amount"),
        ({"data": {"splits": [SPLIT | {"on": "soon"}]}}, "data.splits[0].on", "write the date"),
        ({"data": {"splits": [SPLIT | {"symbol": "a b"}]}}, "data.splits[0].symbol", "like AAPL"),
        ({"data": {"splits": [SPLIT, SPLIT]}}, "data.splits", "list each split once"),
        ({"data": {"splits": [SPLIT] * 2_001}}, "data.splits", "give 2,000 at most"),
        ({"data": {"renames": [{"old": "A"}]}}, "data.renames[0].new", "give it"),
        ({"data": {"renames": [{"old": "A", "new": "A"}]}}, "data.renames[0]", "leave it out"),
        ({"data": {"without": ["a b"]}}, "data.without[0]", "write it like AAPL"),
        ({"data": {"without": ["A"]}, "symbols": ["A"]}, "data.without", "leave it out"),
        ({"data": {"refuse": ["jumps"]}}, "data.refuse[0]", "give one of unsorted"),
        ({"data": {"exclude": [5]}}, "data.exclude[0]", "give one of unsorted"),
        ({"data": {"closing": "never"}}, "data.closing", "give one of mark, trade, drop"),
        ({"data": {"adjust": 1}}, "data.adjust", "give true or false"),
        ({"benchmarks": "yes"}, "benchmarks", "give true or false"),
        ({"lookahead": 1}, "lookahead", "give true or false"),
    ],
)
def test_every_wrong_member_is_named_with_what_would_do(
    given: dict[str, Any], field: str, fix: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(**given)
    assert refused.value.field == field
    assert fix in refused.value.fix


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"strategy": "martingale"}, "strategy"),
        ({"strategy": "sma-cross", "parameters": {"faste": 5}}, "parameters"),
        ({"strategy": "sma-cross", "parameters": {"fast": "many"}}, "parameters.fast"),
        ({"strategy": "sma-cross", "parameters": {"fast": 30, "slow": 30}}, "parameters.fast"),
    ],
)
def test_a_strategy_that_cannot_be_made_is_refused_by_name(
    given: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        refuse(read(**given))
    assert refused.value.field == field


def test_the_default_strategy_can_be_made() -> None:
    assert strategy_of(read()).name == STRATEGY


def days(**more: Any) -> Dataset:
    known: dict[str, Any] = {
        "symbols": 500,
        "times": 1_258,
        "start": date(2013, 2, 8),
        "end": date(2018, 2, 7),
        "daily": True,
    }
    return Dataset(name="days", kind=Kind.PARQUET, stamp="", **known | more)


@pytest.mark.parametrize(
    ("given", "bars"),
    [
        ({}, 629_000),
        ({"symbols": ["AAPL", "MSFT"]}, 2_516),
        ({"start": "2018-02-01"}, 3_500),
        ({"start": "2018-02-01", "end": "2018-02-02", "symbols": ["AAPL"]}, 2),
        ({"start": "2030-01-01"}, 0),
        ({"data": {"without": ["AAPL", "MSFT"]}}, 498 * 1_258),
        ({"end": "2000-01-01"}, 0),
        ({"start": "0001-01-01", "end": "9999-12-31"}, 629_000),
    ],
)
def test_bars_are_estimated_from_what_is_asked_for(given: dict[str, Any], bars: int) -> None:
    assert days().estimate(read(**given)) == bars


def test_a_day_of_minutes_has_as_many_bars_as_minutes_at_most() -> None:
    minutes = days(daily=False, symbols=7, times=10_000_000)
    assert minutes.estimate(read(start="2018-02-07")) == 7 * 1_440

"""Panels, scores and plans refuse what cannot be, and name it."""

import pickle
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from argo_core.backtest.bars import panel as panels
from argo_core.backtest.bars.finding import Defect, Finding
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Costs, Exits, Plan
from argo_core.backtest.bars.scores import Scores
from argo_core.backtest.bars.units import from_units, to_units
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.trading import trade
from argo_core.consensus.opinion import GROK
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol

ONE, TWO = Symbol("ONE"), Symbol("TWO")


def panel(**changed: Any) -> Panel:
    price = np.full((3, 2), 10_000)
    given: dict[str, Any] = {
        "name": "three days",
        "origin": "by hand",
        "symbols": (ONE, TWO),
        "bar_s": 86_400,
        "known_us": [1, 2, 3],
        "session": [1, 2, 3],
        "open": price,
        "high": price,
        "low": price,
        "close": price,
        "volume": price,
    }
    return Panel(**given | changed)


def prices(*rows: tuple[int, int]) -> np.ndarray:
    return np.array(rows)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("panel", {"known_us": []}),
        ("panel", {"symbols": ()}),
        ("symbols", {"symbols": (ONE, ONE)}),
        ("bar_s", {"bar_s": 0}),
        ("volume", {"volume": prices((1, 1))}),
        ("session", {"session": [1, 2]}),
        ("known_us", {"known_us": [1, 3, 2]}),
        ("known_us", {"known_us": [1, 1, 2]}),
        ("session", {"session": [1, 3, 2]}),
        ("open", {"open": prices((0, 1), (1, 1), (1, 1))}),
        ("open", {"open": np.full((3, 2), 20_000)}),
        ("close", {"close": np.full((3, 2), 9_999)}),
        ("high", {name: np.full((3, 2), 10**12) for name in ("open", "high", "low", "close")}),
        ("volume", {"volume": np.full((3, 2), -1)}),
    ],
)
def test_a_panel_that_cannot_be_is_refused(field: str, changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        panel(**changed)
    assert refused.value.field == field


def test_too_much_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "MOST_BARS", 5)
    with pytest.raises(InvalidInput, match="3 rows of 2 symbols are too much"):
        panel()


def test_a_panel_is_cut_in_time_and_down_to_some_symbols() -> None:
    findings = tuple(Finding(Defect.GAP, who, 1, "1970-01-02", "left") for who in (None, ONE, TWO))
    holed = prices((10_000, 0), (10_000, 10_000), (10_000, 10_000))
    whole = panel(findings=findings, open=holed, high=holed, low=holed, close=holed)
    assert whole.bars == 5
    assert whole.upto(2).rows == 2
    assert whole.cut(1, 3).known_us.tolist() == [2, 3]
    second = whole.only([TWO])
    assert second.bars == 2
    assert [each.symbol for each in second.findings] == [None, TWO]
    with pytest.raises(InvalidInput, match="TEN has no bars here"):
        whole.only([Symbol("TEN")])


def test_bars_are_named_by_every_number_and_not_by_their_name() -> None:
    assert panel().sha256 == panel(name="others", origin="elsewhere").sha256
    assert panel().sha256 != panel(volume=np.full((3, 2), 9)).sha256
    assert panel().sha256 != panel(symbols=(TWO, ONE)).sha256


def test_nobody_can_write_to_a_panel() -> None:
    with pytest.raises(ValueError, match="read-only"):
        panel().close[0, 0] = 1


@pytest.mark.parametrize(
    ("field", "strength", "age"),
    [
        ("strength", [0.5], None),
        ("strength", [[1.1]], None),
        ("age_s", [[0.5]], [[1.0, 2.0]]),
        ("age_s", [[0.5]], [[-1.0]]),
        ("age_s", [[0.5]], [[float("nan")]]),
    ],
)
def test_scores_that_cannot_be_are_refused(field: str, strength: Any, age: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        Scores(GROK, strength, age)
    assert refused.value.field == field


def test_scores_are_cut_and_named_with_their_ages() -> None:
    aged = Scores(GROK, [[0.5], [0.25]], [[1.0], [2.0]])
    assert aged.upto(1) == Scores(GROK, [[0.5]], [[1.0]])
    assert aged.sha256 != Scores(GROK, [[0.5], [0.25]]).sha256
    assert Scores(GROK, [[0.5], [0.25]]).upto(1) == Scores(GROK, [[0.5]])


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (Costs, "spread_ppm", -1),
        (Costs, "slippage_ppm", 200_001),
        (Costs, "participation_ppm", 1_000_001),
        (Costs, "borrow_ppm", 0.5),
        (BarLimits, "positions", 0),
        (BarLimits, "order_cap", Decimal(0)),
        (BarLimits, "risk_ppm", True),
        (Exits, "horizon_s", -1),
        (Plan, "capital", Decimal("NaN")),
        (Plan, "capital", Decimal("1e11")),
        (Plan, "patience_rows", 0),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_name(kind: Any, field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        kind(**{field: value})
    assert refused.value.field == field


def test_amounts_are_whole_units_and_back() -> None:
    assert to_units("capital", Decimal("1.00005")) == 10_000
    assert from_units(10_001) == Decimal("1.0001")
    for wrong in (Decimal("Infinity"), Decimal(10) ** 11):
        with pytest.raises(InvalidInput, match="capital"):
            to_units("capital", wrong)


@pytest.mark.parametrize("direction", [[[0.5]], [[float("nan")]], [[2]], [[300]], [[-129]]])
def test_verdicts_that_are_no_directions_are_refused(direction: Any) -> None:
    zero = [[0]]
    with pytest.raises(InvalidInput):
        Verdicts(direction=direction, confidence_bp=zero, stray_ppm=zero, adv=zero)


def test_whole_numbers_may_be_floats() -> None:
    one, zero = [[1.0]], [[0]]
    said = Verdicts(direction=one, confidence_bp=zero, stray_ppm=zero, adv=zero)
    assert said.direction[0, 0] == 1


def test_money_that_is_no_decimal_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no Decimal"):
        Plan(capital=1_000.0)


def later(asked: list[str], shape: tuple[int, int] = (3, 2)) -> Verdicts:
    """Verdicts whose facts note that somebody asked for them."""

    def made(name: str, number: int) -> np.ndarray:
        asked.append(name)
        return np.full(shape, number)

    zero = np.zeros((3, 2), dtype=np.int8)
    return Verdicts(
        direction=zero,
        confidence_bp=zero,
        stray_ppm=lambda: made("stray", 7),
        adv=lambda: made("adv", 8),
    )


def test_facts_that_nobody_asks_for_are_not_computed_and_others_once() -> None:
    asked: list[str] = []
    said = later(asked)
    said.fit(panel())
    assert not asked
    assert said.adv.tolist() == [[8, 8]] * 3
    assert said.adv is said.adv
    assert asked == ["adv"]
    assert said.rows(slice(1, 3)).adv.tolist() == [[8, 8]] * 2
    assert said.rows(slice(0, 1)).stray_ppm.tolist() == [[7, 7]]
    assert asked == ["adv", "stray"]


def test_facts_travel_as_numbers_and_are_compared_by_them() -> None:
    said = later([])
    assert pickle.loads(pickle.dumps(said)) == said == later([])  # noqa: S301 - our own


def test_facts_of_other_bars_are_refused_when_they_are_asked_for() -> None:
    said = later([], (2, 2))
    said.fit(panel())
    with pytest.raises(InvalidInput, match="stray_ppm"):
        _ = said.stray_ppm
    with pytest.raises(InvalidInput, match="stray_ppm"):
        said.fit(panel())


def test_a_plan_without_levels_and_limits_by_turnover_asks_for_neither() -> None:
    asked: list[str] = []
    bare = Plan(limits=BarLimits(adv_ppm=0), exits=Exits(stops=False, targets=False, horizon_s=0))
    trade(panel(), later(asked), bare)
    assert not asked
    trade(panel(), later(asked), Plan())
    assert sorted(asked) == ["adv", "stray"]

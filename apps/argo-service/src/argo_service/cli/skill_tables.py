"""Skill as tables for people."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from argo_core.signals.skill.cell import Cell
from argo_core.signals.skill.intervals import Estimate, Proportion
from argo_core.signals.skill.price import Price
from argo_core.signals.skill.shadows import Shadow
from argo_core.signals.skill.skill import Fitted
from argo_service.drawing import colour
from argo_service.skill.told import ToldSkill

_NOTHING = "-"


def draw_skill(console: Console, told: ToldSkill, *, curves: bool) -> None:
    """Everything but the curves, which are drawn when they are asked for."""
    console.print(
        Text(
            f"{told.strategy}: {told.signals} signals judged, {told.waiting} waiting,"
            f" {told.void} without a price, {told.unmoved} ended where they began"
        )
    )
    if not told.skill.cells:
        console.print("nothing is judged yet")
        return
    console.print(_cells(told.skill.cells))
    if told.skill.explored:
        console.print(Text("asks that bypassed the gate", "bold"))
        console.print(_cells(told.skill.explored))
    console.print(_shadows(told.skill.shadows))
    if told.skill.prices:
        console.print(_prices(told.skill.prices))
    console.print(_fitted(told.skill.calibrations))
    if curves:
        for cell in told.skill.cells:
            if cell.regime is None:
                console.print(_curve(cell))
    console.print(
        Text(
            "Horizons do not overlap. Skill is 1 - Brier / Brier of the base rate: above 0 it is"
            " better than that. In brackets 95 %: hits as if all were independent, the rest by"
            " days drawn anew.",
            "dim",
        )
    )
    for note in told.notes:
        console.print(Text(f"{note[:1].upper()}{note[1:]}.", "dim"))


def _table(*left: str, right: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in left:
        table.add_column(title, no_wrap=True)
    for title in right:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _cells(cells: tuple[Cell, ...]) -> Table:
    numbers = ("said", "horizons", "rises", "hits", "Brier", "calibrated", "skill", "log")
    table = _table("source", "horizon", "regime", right=numbers)
    for one in cells:
        table.add_row(
            Text(one.source, colour(one.source)),
            _span(one.horizon_s),
            one.regime or "all",
            f"{one.opinions:,}",
            f"{one.horizons:,}",
            f"{one.base_rate:.1%}",
            _share(one.hits),
            _number(one.raw.brier.value),
            _number(one.calibrated.brier.value),
            _signed(one.calibrated.skill),
            _number(one.calibrated.log_score.value),
        )
    return table


def _shadows(shadows: tuple[Shadow, ...]) -> Table:
    table = _table("weights", "horizon", right=("horizons", "Brier", "saved"))
    table.add_column("now", no_wrap=True)
    for one in shadows:
        now = " ".join(f"{source} {weight:.3f}" for source, weight in one.weights.items())
        table.add_row(
            Text(one.name if one.source is None else f"{one.source} {one.name}"),
            _span(one.horizon_s),
            f"{one.horizons:,}",
            _number(one.brier.value),
            _signed(one.saved),
            "" if one.source else now,
        )
    return table


def _prices(prices: tuple[Price, ...]) -> Table:
    table = _table("source", right=("dollars", "since", "horizons", "saved", "dollars a point"))
    for one in prices:
        exact = one.reason if one.usd_per_point is None else f"{one.usd_per_point:f}"
        table.add_row(
            Text(one.source, colour(one.source)),
            f"{one.usd:f}",
            f"{one.since:%Y-%m-%d}",
            f"{one.horizons:,}",
            f"{one.saved:+.3f}",
            exact,
        )
    return table


def _fitted(calibrations: tuple[Fitted, ...]) -> Table:
    shown = (-1.0, -0.5, 0.0, 0.5, 1.0)
    table = _table(
        "calibrated", "horizon", "by", right=("outcomes", *(f"at {x:+.1f}" for x in shown))
    )
    for one in calibrations:
        rises = dict(one.points)
        table.add_row(
            Text(one.source, colour(one.source)),
            _span(one.horizon_s),
            one.method,
            f"{one.outcomes:,}",
            *(f"{rises[x]:.1%}" for x in shown),
        )
    return table


def _curve(cell: Cell) -> Table:
    table = _table(cell.source, right=("raw", "calibrated", "rose", "horizons"))
    for one in cell.reliability:
        edges = "0" if one.low == one.high else f"{one.low:+.1f} to {one.high:+.1f}"
        table.add_row(
            edges, f"{one.raw:.1%}", f"{one.calibrated:.1%}", _share(one.rose), f"{one.rose.n:,}"
        )
    return table


def _span(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{seconds} s" if rest else f"{minutes:,} min"


def _share(share: Proportion) -> str:
    if share.rate is None:
        return _NOTHING
    return f"{share.rate:.1%} [{share.low:.1%}, {share.high:.1%}]"


def _number(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.4f}"


def _signed(estimate: Estimate) -> str:
    if estimate.value is None:
        return _NOTHING
    if estimate.low is None:
        return f"{estimate.value:+.4f}"
    return f"{estimate.value:+.4f} [{estimate.low:+.4f}, {estimate.high:+.4f}]"

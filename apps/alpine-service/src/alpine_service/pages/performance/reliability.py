"""How often signals hit at each size of confidence, with what that could be at best and worst."""

from collections.abc import Sequence

from alpine_service.domain.signals.skill import Reliability
from alpine_service.pages.charts.drawing import Plot
from alpine_service.pages.charts.numbers import Numbers, Unit
from alpine_service.pages.charts.scale import Span
from alpine_service.pages.charts.values import Chart, Dot, Drawn, LegendItem, Panel, Table, Tick
from alpine_service.pages.formats import NOTHING, count, percent, percent_bp
from alpine_service.pages.performance.tiles import interval

_PLOT = Plot(Span(0.0, 1.0), Span(0.0, 1.0))
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_PART = Numbers(Unit.PART)
_BP = 10_000
# Were a strength of confidence c odds of (1 + c) / 2, the points would lie here.
_ODDS = ((0.0, 0.5), (1.0, 1.0))
_CHANCE = ((0.0, 0.5), (1.0, 0.5))


def reliability_chart(bins: Sequence[Reliability]) -> Chart | None:
    """None before anything counts."""
    filled = [each for each in bins if each.hit_rate is not None]
    if not filled:
        return None
    says = _says(filled)
    panel = Panel(
        name="Hit rate by size of confidence",
        says=says,
        size="square",
        x_ticks=tuple(Tick(_PLOT.left(at), _PART.say(at)) for at in _QUARTERS),
        y_ticks=tuple(Tick(_PLOT.top(at), _PART.say(at)) for at in _QUARTERS),
        drawn=(
            Drawn("dash", "still", _PLOT.path(_CHANCE)),
            Drawn("line", "still", _PLOT.path(_ODDS)),
        ),
        dots=tuple(dot for each in filled if (dot := _dot(each)) is not None),
        x_name="Confidence of the signal",
    )
    legend = (
        LegendItem("Hit rate, 95 % interval", "accent", "big"),
        LegendItem("If confidence were odds", "still", "line"),
        LegendItem("A coin", "still", "dash"),
    )
    return Chart("reliability", "Reliability", says, (panel,), _table(bins), legend)


def _dot(one: Reliability) -> Dot | None:
    if one.hit_rate is None or one.mean_confidence_bp is None:
        return None
    rate = one.hit_rate
    return Dot(
        _PLOT.left(one.mean_confidence_bp / _BP),
        _PLOT.top(rate.rate),
        "accent",
        "big",
        f"{percent(rate.rate)} of {count(rate.count)}",
        _PLOT.top(rate.low),
        _PLOT.top(rate.high),
    )


def _table(bins: Sequence[Reliability]) -> Table:
    return Table(
        ("Confidence", "Signals", "Mean confidence", "Hit rate", "95 % interval"),
        tuple(
            (
                f"{each.low_bp / 100:.0f}\u2013{each.high_bp / 100:.0f}\u202f%",
                count(each.count),
                percent_bp(each.mean_confidence_bp),
                NOTHING if each.hit_rate is None else percent(each.hit_rate.rate),
                NOTHING
                if each.hit_rate is None
                else interval(each.hit_rate.low, each.hit_rate.high),
            )
            for each in bins
        ),
    )


def _says(filled: Sequence[Reliability]) -> str:
    least, most = filled[0], filled[-1]
    low = f"{_rate(least)} of signals with a confidence of {_size(least)} hit"
    return f"{low}." if least is most else f"{low}, and {_rate(most)} of those with {_size(most)}."


def _rate(one: Reliability) -> str:
    return percent(one.hit_rate.rate if one.hit_rate else None)


def _size(one: Reliability) -> str:
    return percent_bp(one.mean_confidence_bp, 0)

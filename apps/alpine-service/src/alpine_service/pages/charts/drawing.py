"""Series, levels and moments drawn into a plot: paths, dots, and labels out of each other's way."""

from collections.abc import Sequence
from itertools import pairwise

from attrs import frozen

from alpine_service.pages.charts.scale import Span
from alpine_service.pages.charts.thinning import thin
from alpine_service.pages.charts.values import Dot, Drawn, Kind, Level, Moment, Point, Rule, Series

WIDE = 1000
"""A path's plot is so wide and so high."""

# A label of a level is as high as this part of a plot, in per cent.
_LABEL_HEIGHT = 8.0
SIGNS = ("ring", "square", "diamond")


@frozen
class Plot:
    """Where values are in a plot."""

    x: Span
    y: Span

    def left(self, x: float) -> float:
        """Per cent from the left."""
        return round(100 * self.x.place(x), 2)

    def top(self, y: float) -> float:
        """Per cent from the top."""
        return round(100 - 100 * self.y.place(y), 2)

    def path(self, points: Sequence[Point]) -> str:
        """A line through the points."""
        return "M" + "L".join(f"{self.left(x) * 10:g} {self.top(y) * 10:g}" for x, y in points)


def draw(series: Series, plot: Plot) -> tuple[Drawn, ...]:
    """The paths of a series, none of a series without points."""
    points = thin(series.points)
    if not points or series.kind is Kind.POINTS:
        return ()
    if series.kind is Kind.STEP:
        points = _stepped(points)
    line = Drawn("line", series.look, plot.path(points))
    if series.kind is not Kind.AREA:
        return (line,)
    ground = plot.top(0.0)
    first, last = plot.left(points[0][0]), plot.left(points[-1][0])
    down = f"L{last * 10:g} {ground * 10:g}L{first * 10:g} {ground * 10:g}Z"
    return Drawn("area", series.look, line.path + down), line


def dots(series: Series, plot: Plot) -> tuple[Dot, ...]:
    """The points of a series one by one, where it is of points."""
    if series.kind is not Kind.POINTS:
        return ()
    return tuple(Dot(plot.left(x), plot.top(y), series.look) for x, y in thin(series.points))


def marks(moments: Sequence[Moment], plot: Plot) -> tuple[Dot, ...]:
    """Moments with a sign each, as many different ones as there are."""
    return tuple(
        Dot(plot.left(each.at), plot.top(each.value), each.look, sign_of(place), each.name)
        for place, each in enumerate(moments)
    )


def sign_of(place: int) -> str:
    """The sign of a moment at its place among the moments."""
    return SIGNS[place % len(SIGNS)]


def rules(levels: Sequence[Level], plot: Plot, labels: Sequence[str]) -> tuple[Rule, ...]:
    """Levels within the plot; a label that another would cover goes below it."""
    placed = sorted(
        (plot.top(each.value), label, str(each.look))
        for each, label in zip(levels, labels, strict=True)
        if plot.y.has(each.value)
    )
    tops = apart([top for top, _, _ in placed], _LABEL_HEIGHT)
    return tuple(
        Rule(top, label_top, label, look)
        for (top, label, look), label_top in zip(placed, tops, strict=True)
    )


def apart(tops: Sequence[float], least: float) -> tuple[float, ...]:
    """Places in order, moved so that each is `least` below the one before, all within the plot."""
    moved: list[float] = []
    for top in tops:
        moved.append(max(top, least, moved[-1] + least if moved else 0.0))
    below = 100.0
    for place in reversed(range(len(moved))):
        moved[place] = max(0.0, min(moved[place], below))
        below = moved[place] - least
    return tuple(round(each, 2) for each in moved)


def _stepped(points: Sequence[Point]) -> Sequence[Point]:
    """With a corner before each new value."""
    corners = [points[0]]
    for (_, before), (x, y) in pairwise(points):
        corners += [(x, before), (x, y)]
    return corners

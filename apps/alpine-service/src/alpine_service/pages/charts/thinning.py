"""Fewer points that look the same: of each column of pixels the first, least, most and last."""

from collections.abc import Sequence

from alpine_service.pages.charts.values import Point

MOST = 600


def thin(points: Sequence[Point], columns: int = MOST // 4) -> Sequence[Point]:
    """The points, in order of x; four of each column at most where there are more than that.

    Extremes are kept, so a peak of a moment stays on a chart of years. The columns are equally wide
    in x.
    """
    if len(points) <= 4 * columns:
        return points
    first, last = points[0][0], points[-1][0]
    wide = (last - first) / columns or 1.0
    kept: list[Point] = []
    column: list[Point] = []
    number = 0
    for point in points:
        mine = min(columns - 1, int((point[0] - first) / wide))
        if mine != number and column:
            kept.extend(_four(column))
            column = []
        number = mine
        column.append(point)
    kept.extend(_four(column))
    return kept


def _four(column: Sequence[Point]) -> Sequence[Point]:
    if len(column) <= 4:  # noqa: PLR2004 - four are what it is for
        return column
    places = range(len(column))
    least = min(places, key=lambda place: column[place][1])
    most = max(places, key=lambda place: column[place][1])
    return [column[place] for place in sorted({0, least, most, len(column) - 1})]

"""A line in a line of text: where prices went, and where a signal's levels are.

There are hundreds on a page, so the path is written in one go.
"""

from collections.abc import Sequence

from alpine_service.pages.charts.scale import LEAST, is_drawable, span_of
from alpine_service.pages.charts.thinning import thin
from alpine_service.pages.charts.values import Level, Point, SparkLevel, Sparkline

_ROOM = 3.0


def sparkline(
    points: Sequence[Point], levels: Sequence[Level] = (), width: int = 112, height: int = 32
) -> Sparkline:
    """The points, in order of x, with the last one marked, and the levels across.

    A point that is no number is left out. The same for the same points, so that a script may be
    sent `path` when there is a new one.
    """
    shown = thin(_numbers(points), width // 4)
    levels = [each for each in levels if is_drawable(each.value)]
    values = span_of([*[y for _, y in shown], *[each.value for each in levels]])
    deep = (height - 2 * _ROOM) / (values.high - values.low)
    ground = height - _ROOM + values.low * deep
    drawn = tuple(SparkLevel(round(ground - each.value * deep, 1), each.look) for each in levels)
    if not shown:
        return Sparkline(width, height, "", None, None, drawn)
    first, extent = shown[0][0], shown[-1][0] - shown[0][0]
    if extent <= LEAST:
        # One moment alone is now, which is at the right; nothing leads there.
        last_y = round(ground - shown[-1][1] * deep, 1)
        return Sparkline(width, height, "", width - _ROOM, last_y, drawn)
    wide = (width - 2 * _ROOM) / extent
    places: list[float] = []
    for x, y in shown:
        places += (_ROOM + (x - first) * wide, ground - y * deep)
    path = ("M%.1f %.1f" + "L%.1f %.1f" * (len(shown) - 1)) % tuple(places)
    return Sparkline(width, height, path, round(places[-2], 1), round(places[-1], 1), drawn)


def _numbers(points: Sequence[Point]) -> Sequence[Point]:
    if is_drawable(sum([abs(x) + abs(y) for x, y in points])):
        return points
    return [each for each in points if is_drawable(*each)]

"""What charts are made of, and what comes of it: view values for the templates in `charts/`.

Places are per cent of the chart's plot, x from the left and y from the top, each from 0 to 100;
paths are in a plot of 1000 by 1000, which is stretched. Colours are words, each a class: `accent`,
`good`, `bad`, `still`, `warn`, `line`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

Point = tuple[float, float]
"""A time in microseconds since 1970, or another number, and a value."""


class Look(StrEnum):
    """The colour of something drawn; never the only thing that tells it from others."""

    ACCENT = "accent"
    GOOD = "good"
    BAD = "bad"
    STILL = "still"
    WARN = "warn"


class Kind(StrEnum):
    """How the points of a series are drawn."""

    LINE = "line"
    AREA = "area"  # From the line to zero.
    STEP = "step"  # A value stands until the next.
    POINTS = "points"


@frozen
class Series:
    """Points in order of x, with a name for the legend and the table."""

    name: str
    points: tuple[Point, ...]
    kind: Kind = Kind.LINE
    look: Look = Look.ACCENT


@frozen
class Level:
    """A value with a name that is drawn across: an entry, a stop, a target, zero."""

    name: str
    value: float
    look: Look = Look.STILL


@frozen
class Moment:
    """A point with a name and a sign of its own: a decision, where an outcome began or ended."""

    name: str
    at: float
    value: float
    look: Look = Look.ACCENT


@frozen
class Tick:
    """A line of the grid and what stands at it."""

    at: float
    label: str


@frozen
class Drawn:
    """A path; `kind` and `look` are classes."""

    kind: str
    look: str
    path: str


@frozen
class Dot:
    """A sign at a place: `sign` is `dot`, `big`, `ring`, `square` or `diamond`.

    With an error bar it reaches from `low` to `high`, both places.
    """

    x: float
    y: float
    look: str
    sign: str = "dot"
    says: str = ""
    low: float | None = None
    high: float | None = None


@frozen
class Rule:
    """A level that is drawn; its label stands at `label_y`, out of the way of others."""

    y: float
    label_y: float
    label: str
    look: str


@frozen
class Panel:
    """One plot with its axes. `size` is a class that gives it its height."""

    name: str
    says: str
    size: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    drawn: tuple[Drawn, ...] = ()
    dots: tuple[Dot, ...] = ()
    rules: tuple[Rule, ...] = ()
    has_x_labels: bool = True
    x_name: str = ""


@frozen
class LegendItem:
    """A sign and what it means."""

    name: str
    look: str
    sign: str


@frozen
class Table:
    """The chart's data in words; `left_out` rows of more are not in it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0


@frozen
class Chart:
    """A chart as a template takes it. `name` is unique in its page.

    `says` is the main fact in words. `data` is what the script draws anew, None where the server's
    picture is all there is. `more` is where all the data is, for a table that has not all rows.
    """

    name: str
    title: str
    says: str
    panels: tuple[Panel, ...]
    table: Table
    legend: tuple[LegendItem, ...] = ()
    more: str | None = None
    data: Mapping[str, Any] | None = field(default=None, repr=False)


@frozen
class SparkLevel:
    """A level in a sparkline; `look` is a class."""

    y: float
    look: str


@frozen
class Sparkline:
    """A line without axes, in pixels of a box of that width and height.

    `path` is empty where there is nothing to draw, and a dot alone where there is one point.
    """

    width: int
    height: int
    path: str
    last_x: float | None
    last_y: float | None
    levels: tuple[SparkLevel, ...]

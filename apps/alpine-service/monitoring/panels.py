"""The kinds of panel that Alpine's boards have, and how a board is laid out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from attrs import define, field, frozen
from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    timeseries,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as choices
from grafana_foundation_sdk.models import dashboard as grafana

LINE_WIDTH: Final = 24
_FROM: Final = grafana.DataSourceRef("prometheus", "${datasource}")
# Grafana's names for the colours of what is well, what is doubtful and what is not well.
_WELL, _DOUBTFUL, _ILL = "semi-dark-green", "semi-dark-yellow", "semi-dark-red"

_Panel = TypeVar("_Panel", timeseries.Panel, stat.Panel, bargauge.Panel, statetimeline.Panel)


@frozen
class Line:
    """One query of a panel, and how its series are named; `traced` shows exemplars."""

    query: str
    name: str = ""
    traced: bool = False


@frozen
class Bounds:
    """Where a value becomes doubtful, and where ill: above these, or `below` them."""

    doubtful: float | None = None
    ill: float | None = None
    below: bool = False

    def colours(self) -> list[grafana.Threshold]:
        """From minus infinity up."""
        marks = ((self.doubtful, _DOUBTFUL), (self.ill, _ILL))
        given = [(value, colour) for value, colour in marks if value is not None]
        steps: list[tuple[float | None, str]] = [(None, _WELL), *given]
        if self.below:
            # Going up it gets better: a colour reigns below its value, and not above it.
            worst_first = given[::-1]
            colours = [*(colour for _, colour in worst_first), _WELL]
            steps = list(zip([None, *(value for value, _ in worst_first)], colours, strict=True))
        return [grafana.Threshold(value=value, color=colour) for value, colour in steps]


@define
class Board:
    """A dashboard that grows by rows; `name` is what alarms call it."""

    name: str
    title: str
    about: str
    rows: list[tuple[str, Sequence[Builder[grafana.Panel]]]] = field(factory=list)

    def row(self, title: str, *panels: Builder[grafana.Panel]) -> "Board":
        """This board with one more row."""
        self.rows.append((title, panels))
        return self

    def laid_out(self) -> grafana.Dashboard:
        """Grafana's model of it."""
        board = dashboard.Dashboard(self.title).uid(self.name).description(self.about)
        board.tags(["alpine"]).timezone("utc").time("now-3h", "now").refresh("30s").readonly()
        board.tooltip(grafana.DashboardCursorSync.CROSSHAIR)
        board.with_variable(
            dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus")
        )
        for label in ("colour", "instance"):
            board.with_variable(_picker(label))
        board.annotation(
            dashboard.AnnotationQuery()
            .name("Alarms")
            .datasource(_FROM)
            .enable(enable=True)
            .icon_color(_ILL)
            .expr('ALERTS{alertstate="firing",company="alpine"}')
        )
        board.link(
            dashboard.DashboardLink("Alpine's boards")
            .type(grafana.DashboardLinkType.DASHBOARDS)
            .tags(["alpine"])
            .as_dropdown(as_dropdown=True)
            .include_vars(include_vars=True)
            .keep_time(keep_time=True)
        )
        for title, panels in self.rows:
            board.with_row(dashboard.Row(title))
            for panel in panels:
                board.with_panel(panel)
        made = board.build()
        for place, placed in enumerate(made.panels or []):
            placed.id_val = place + 1
        return made

    def file(self) -> str:
        """The JSON that Grafana reads."""
        return json.dumps(self.laid_out(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"

    def read(self) -> dict[str, Any]:
        """That JSON as it is read."""
        read: dict[str, Any] = json.loads(self.file())
        return read


def curve(
    title: str,
    about: str,
    *drawn: Line,
    unit: str = "short",
    bounds: Bounds | None = None,
    piled: bool = False,
    width: int = 12,
) -> Builder[grafana.Panel]:
    """Values over time."""
    limits = bounds or Bounds()
    style = "line+area" if bounds else "off"
    piling = choices.StackingMode.NORMAL if piled else choices.StackingMode.NONE
    return (
        _about(timeseries.Panel(), title, about, drawn, width)
        .unit(unit)
        .min(0)
        .thresholds(_coloured(limits))
        .thresholds_style(
            common.GraphThresholdsStyleConfig().mode(choices.GraphTresholdsStyleMode(style))
        )
        .stacking(common.StackingConfig().mode(piling))
        .fill_opacity(40 if piled else 0)
        .line_width(2)
        .legend(
            common.VizLegendOptions()
            .show_legend(show_legend=True)
            .placement(choices.LegendPlacement.BOTTOM)
            .display_mode(choices.LegendDisplayMode.LIST)
            .calcs(["lastNotNull"])
        )
    )


def figure(
    title: str,
    about: str,
    query: str,
    *,
    unit: str = "short",
    bounds: Bounds | None = None,
    width: int = 4,
) -> Builder[grafana.Panel]:
    """The newest value, large."""
    return (
        _about(stat.Panel(), title, about, (Line(query),), width)
        .unit(unit)
        .thresholds(_coloured(bounds or Bounds()))
        .color_mode(choices.BigValueColorMode.BACKGROUND)
        .graph_mode(choices.BigValueGraphMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .no_value("none yet")
        .height(4)
    )


def ranking(
    title: str,
    about: str,
    *drawn: Line,
    unit: str = "short",
    bounds: Bounds | None = None,
    width: int = 12,
) -> Builder[grafana.Panel]:
    """The newest values as bars."""
    return (
        _about(bargauge.Panel(), title, about, drawn, width)
        .unit(unit)
        .min(0)
        .thresholds(_coloured(bounds or Bounds()))
        .display_mode(choices.BarGaugeDisplayMode.GRADIENT)
        .orientation(choices.VizOrientation.HORIZONTAL)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    )


def strip(
    title: str, about: str, line: Line, meanings: Mapping[float, str], width: int = 12
) -> Builder[grafana.Panel]:
    """What two or three values mean, over time; the best meaning comes first."""
    colours = {2: (_WELL, _ILL), 3: (_WELL, _DOUBTFUL, _ILL)}[len(meanings)]
    mapped = {
        f"{value:g}": grafana.ValueMappingResult(text=text, color=colour, index=place)
        for place, ((value, text), colour) in enumerate(zip(meanings.items(), colours, strict=True))
    }
    return (
        _about(statetimeline.Panel(), title, about, (line,), width)
        .unit("short")
        .thresholds(_coloured(Bounds()))
        .mappings([grafana.ValueMap(options=mapped)])
    )


def _about(panel: _Panel, title: str, about: str, drawn: Sequence[Line], width: int) -> _Panel:
    """What panels of all kinds are told."""
    panel.title(title).description(about).datasource(_FROM).span(width).height(8)
    return panel.targets(_asked(drawn))


def _asked(drawn: Sequence[Line]) -> list[Builder[Any]]:
    return [
        prometheus.Dataquery()
        .ref_id("ABCDEFGH"[place])
        .expr(line.query)
        .legend_format(line.name or "__auto")
        .exemplar(line.traced)
        .range()
        .datasource(_FROM)
        for place, line in enumerate(drawn)
    ]


def _coloured(bounds: Bounds) -> dashboard.ThresholdsConfig:
    return (
        dashboard.ThresholdsConfig().mode(grafana.ThresholdsMode.ABSOLUTE).steps(bounds.colours())
    )


def _picker(label: str) -> Builder[grafana.VariableModel]:
    """Lets one pick processes by a label of theirs; `.*` also finds those that have none."""
    return (
        dashboard.QueryVariable(label)
        .label(label.capitalize())
        .datasource(_FROM)
        .query(f'label_values(up{{job="alpine"}}, {label})')
        .refresh(grafana.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
        .current(grafana.VariableOption(selected=True, text="All", value="$__all"))
    )

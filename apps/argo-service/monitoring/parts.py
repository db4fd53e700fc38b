"""What dashboards are made of: pages of rows of panels, each with its unit and its meaning."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen
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
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models

Panel: TypeAlias = Builder[models.Panel]
_FULL: Final = 24
_SOURCE: Final = models.DataSourceRef("prometheus", "${datasource}")
_GOOD, _WARN, _BAD = "green", "orange", "red"
# What a state is worth; the text is the state's own.
Colours: TypeAlias = Mapping[str, str]


@frozen
class Ask:
    """An expression and what its lines are called; `exemplars` lead from a point to its trace."""

    expression: str
    called: str = ""
    exemplars: bool = False


@frozen
class Limits:
    """From where a value is to be looked at, and from where it is bad; or below where, if `low`.

    They are those of the alerts, so that a page is red where an alert fires.
    """

    warn: float | None = None
    bad: float | None = None
    low: bool = False

    def steps(self) -> Sequence[models.Threshold]:
        """The colours from the lowest value up."""
        if self.low:
            rising = [(None, _BAD), (self.bad, _WARN), (self.warn, _GOOD)]
            if self.bad is None:
                rising = [(None, _WARN), (self.warn, _GOOD)]
        else:
            rising = [(None, _GOOD), (self.warn, _WARN), (self.bad, _BAD)]
        return [
            models.Threshold(value=value, color=color)
            for place, (value, color) in enumerate(rising)
            if place == 0 or value is not None
        ]


NONE: Final = Limits()


@frozen
class Row:
    """Panels under a title; their widths fill whole lines of 24."""

    title: str
    panels: Sequence[Panel]


@frozen
class Page:
    """One dashboard; alerts name it by its `uid`."""

    uid: str
    title: str
    says: str
    rows: Sequence[Row]

    def build(self) -> models.Dashboard:
        """As Grafana has it: panels placed, numbered, and with the choices at the top."""
        built = (
            dashboard.Dashboard(self.title)
            .uid(self.uid)
            .description(self.says)
            .tags(["argo"])
            .timezone("browser")
            .time("now-1h", "now")
            .refresh("10s")
            .tooltip(models.DashboardCursorSync.CROSSHAIR)
            .readonly()
            .variables([_datasource(), _choice("colour", "Colour"), _choice("instance", "Process")])
            .annotation(_alerts())
            .link(_others())
        )
        for row in self.rows:
            built.with_row(dashboard.Row(row.title))
            for panel in row.panels:
                built.with_panel(panel)
        done = built.build()
        for identity, placed in enumerate(done.panels or (), 1):
            placed.id_val = identity
        return done

    def text(self) -> str:
        """The file that Grafana is given."""
        return json.dumps(self.build(), cls=JSONEncoder, sort_keys=True, indent=2) + "\n"

    def json(self) -> Any:
        """The same, as it is read."""
        return json.loads(self.text())


def lines(
    title: str,
    says: str,
    *asks: Ask,
    unit: str,
    limits: Limits = NONE,
    stacked: bool = False,
    from_zero: bool = True,
    width: int = 12,
) -> Panel:
    """How something went, in lines; limits are drawn where there are any."""
    mode = kinds.StackingMode.NORMAL if stacked else kinds.StackingMode.NONE
    shown = "dashed" if limits != NONE else "off"
    legend = (
        common.VizLegendOptions()
        .display_mode(kinds.LegendDisplayMode.TABLE)
        .placement(kinds.LegendPlacement.RIGHT)
        .calcs(["lastNotNull", "max"])
        .show_legend(show_legend=True)
    )
    panel = (
        timeseries.Panel()
        .title(title)
        .description(says)
        .datasource(_SOURCE)
        .targets(_targets(asks))
        .unit(unit)
        .thresholds(_thresholds(limits))
        .thresholds_style(
            common.GraphThresholdsStyleConfig().mode(kinds.GraphTresholdsStyleMode(shown))
        )
        .stacking(common.StackingConfig().mode(mode))
        .fill_opacity(30 if stacked else 8)
        .line_width(1)
        .legend(legend)
        .tooltip(common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI))
        .span(width)
        .height(8)
    )
    return panel.min(0) if from_zero else panel


def number(
    title: str,
    says: str,
    ask: Ask,
    *,
    unit: str,
    limits: Limits = NONE,
    width: int = 4,
    tall: bool = False,
) -> Panel:
    """One value, and behind it how it went; `tall` beside panels that are."""
    return (
        stat.Panel()
        .title(title)
        .description(says)
        .datasource(_SOURCE)
        .targets(_targets((ask,)))
        .unit(unit)
        .thresholds(_thresholds(limits))
        .color_mode(kinds.BigValueColorMode.VALUE)
        .graph_mode(kinds.BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .no_value("–")
        .span(width)
        .height(8 if tall else 4)
    )


def bars(
    title: str,
    says: str,
    *asks: Ask,
    unit: str,
    limits: Limits = NONE,
    most: float | None = None,
    width: int = 12,
) -> Panel:
    """The latest values side by side."""
    panel = (
        bargauge.Panel()
        .title(title)
        .description(says)
        .datasource(_SOURCE)
        .targets(_targets(asks))
        .unit(unit)
        .min(0)
        .thresholds(_thresholds(limits))
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .display_mode(kinds.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .span(width)
        .height(8)
    )
    return panel if most is None else panel.max(most)


def states(title: str, says: str, *asks: Ask, colours: Colours, width: int = 12) -> Panel:
    """Which state something was in; each ask gives the number of its colour's place, from 0."""
    options = {
        str(place): models.ValueMappingResult(text=text, color=color, index=place)
        for place, (text, color) in enumerate(colours.items())
    }
    return (
        statetimeline.Panel()
        .title(title)
        .description(says)
        .datasource(_SOURCE)
        .targets(_targets(asks))
        .unit("short")
        .thresholds(_thresholds(NONE))
        .mappings([models.ValueMap(options=options)])
        .merge_values(merge_values=True)
        .span(width)
        .height(8)
    )


def _targets(asks: Sequence[Ask]) -> list[Builder[Any]]:
    return [
        prometheus.Dataquery()
        .expr(ask.expression)
        .legend_format(ask.called or "__auto")
        .exemplar(ask.exemplars)
        .datasource(_SOURCE)
        .range()
        .ref_id(chr(ord("A") + place))
        for place, ask in enumerate(asks)
    ]


def _thresholds(limits: Limits) -> Builder[models.ThresholdsConfig]:
    config = dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE)
    return config.steps(list(limits.steps()))


def _datasource() -> Builder[models.VariableModel]:
    return dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")


def _choice(label: str, called: str) -> Builder[models.VariableModel]:
    """Processes by a label that the scrape gives them; those without one are among all."""
    return (
        dashboard.QueryVariable(label)
        .label(called)
        .datasource(_SOURCE)
        .query(f'label_values(up{{job="argo"}}, {label})')
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )


def _alerts() -> Builder[models.AnnotationQuery]:
    """Marks when an alert fired, on every panel."""
    return (
        dashboard.AnnotationQuery()
        .name("Alerts")
        .datasource(_SOURCE)
        .enable(enable=True)
        .icon_color("red")
        .expr('ALERTS{alertstate="firing",service="argo"}')
    )


def _others() -> Builder[models.DashboardLink]:
    return (
        dashboard.DashboardLink("Argo")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags(["argo"])
        .as_dropdown(as_dropdown=True)
        .include_vars(include_vars=True)
        .keep_time(keep_time=True)
    )

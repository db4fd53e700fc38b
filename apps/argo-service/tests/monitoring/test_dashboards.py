"""Dashboards are what their code says, and show what there is."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from monitoring.live import filled
from monitoring.parts import Limits, Page
from monitoring.promql import Named, grouped, metrics
from monitoring.written import HERE, PAGES, written

from argo_adapters.observers.metric_book import Kind
from argo_adapters.observers.prometheus import catalogue

# What Prometheus itself adds to a series, or its configuration does.
TARGET = {"job", "instance", "colour"}
SERIES = {series: set(one.labels) for one in catalogue() for series in one.series}
TIMES = {one.name for one in catalogue() if one.kind is Kind.HISTOGRAM}
# Addresses that a process has put aside are no memory, and say nothing to anybody.
UNSEEN = {"process_virtual_memory_bytes"}
WIDTH = 24
GROUPING = re.compile(r"\b(sum|min|max|count|topk)\b")


def panels(page: Page) -> list[dict[str, Any]]:
    return [panel for panel in page.json()["panels"] if panel["type"] != "row"]


def targets(*kinds: str) -> list[Any]:
    """Every question of every panel, or of those of these types."""
    return [
        pytest.param(target, id=f"{page.uid}: {panel['title']} {target['refId']}")
        for page in PAGES
        for panel in panels(page)
        if not kinds or panel["type"] in kinds
        for target in panel["targets"]
    ]


def unknown(named: Named) -> set[str]:
    """The labels of that metric that nobody gives it; all are unknown if it is."""
    if named.metric == "up":
        return set(named.labels) - TARGET
    if named.metric not in SERIES:
        return {named.metric}
    edges = {"le"} if named.metric.endswith("_bucket") else set()
    return set(named.labels) - SERIES[named.metric] - TARGET - edges


def test_the_files_are_what_the_code_makes() -> None:
    there = {path: path.read_text("utf-8") for path in written() if path.exists()}
    assert there == written(), "run `python -m monitoring` in apps/argo-service"
    folder = HERE / "grafana" / "dashboards"
    assert {path for path in written() if path.suffix == ".json"} == set(folder.glob("*"))


def test_dashboards_and_panels_have_names_of_their_own() -> None:
    assert len({page.uid for page in PAGES}) == len(PAGES)
    for page in PAGES:
        titles = [panel["title"] for panel in panels(page)]
        assert sorted(set(titles)) == sorted(titles)
        identities = [panel["id"] for panel in page.json()["panels"]]
        assert identities == list(range(1, len(identities) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.uid)
def test_every_panel_says_what_it_shows_and_in_which_unit(page: Page) -> None:
    for panel in panels(page):
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.uid)
def test_panels_fill_their_rows(page: Page) -> None:
    x = 0
    for panel in page.json()["panels"]:
        place = panel["gridPos"]
        assert place["x"] == x, panel["title"]
        x = (x + place["w"]) % WIDTH
    assert x == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.uid)
def test_every_page_lets_one_choose_a_colour_and_a_process_and_marks_alerts(page: Page) -> None:
    made = page.json()
    names = [variable["name"] for variable in made["templating"]["list"]]
    assert names == ["datasource", "colour", "instance"]
    (alerts,) = made["annotations"]["list"]
    assert alerts["expr"] == 'ALERTS{alertstate="firing",service="argo"}'
    for panel in panels(page):
        for target in panel["targets"]:
            assert 'colour=~"$colour",instance=~"$instance"' in target["expr"], panel["title"]


@pytest.mark.parametrize("target", targets())
def test_every_metric_and_label_of_a_panel_is_argos(target: dict[str, Any]) -> None:
    named = list(metrics(target["expr"]))
    assert named
    assert [one for one in named if unknown(one)] == []
    labels = set().union(*(SERIES.get(one.metric, set()) for one in named)) | TARGET | {"le"}
    assert grouped(target["expr"]) <= labels
    shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
    assert shown <= (grouped(target["expr"]) if GROUPING.search(target["expr"]) else labels)


def test_every_metric_is_on_a_board() -> None:
    asked = {one.metric for param in targets() for one in metrics(param.values[0]["expr"])}
    assert {one.name for one in catalogue() if asked.isdisjoint(one.series)} == UNSEEN


def test_prometheus_understands_what_every_panel_asks(
    promtool: Callable[..., str], tmp_path: Path
) -> None:
    asked = [filled(param.values[0]["expr"]) for param in targets()]
    # As if each were recorded, for promtool reads rules.
    recorded = [{"record": f"asked_{n}", "expr": each} for n, each in enumerate(asked)]
    file = tmp_path / "asked.yml"
    file.write_text(json.dumps({"groups": [{"name": "asked", "rules": recorded}]}))
    assert f"{len(asked)} rules found" in promtool("check", "rules", file)
    file.write_text(file.read_text().replace("sum by", "sum buy", 1))
    with pytest.raises(AssertionError, match="could not parse expression"):
        promtool("check", "rules", file)


@pytest.mark.parametrize("target", targets("timeseries"))
def test_points_of_latencies_lead_to_traces(target: dict[str, Any]) -> None:
    times = {one.metric.removesuffix("_bucket") for one in metrics(target["expr"])} & TIMES
    # Nobody can say which request or cycle it was that kept the loop from waking up.
    is_traced = "histogram_quantile" in target["expr"] and times != {"argo_event_loop_lag_seconds"}
    assert target["exemplar"] or not is_traced


@pytest.mark.parametrize(
    ("limits", "steps"),
    [
        (Limits(), [(None, "green")]),
        (Limits(1, 2), [(None, "green"), (1, "orange"), (2, "red")]),
        (Limits(bad=2), [(None, "green"), (2, "red")]),
        (Limits(0.7, 0.5, low=True), [(None, "red"), (0.5, "orange"), (0.7, "green")]),
        (Limits(warn=0, low=True), [(None, "orange"), (0, "green")]),
    ],
)
def test_colours_change_at_the_limits(
    limits: Limits, steps: list[tuple[float | None, str]]
) -> None:
    assert [(step.value, step.color) for step in limits.steps()] == steps


@pytest.mark.parametrize(
    ("expression", "found", "groups"),
    [
        ("up", {"up": set()}, set()),
        ('a_b{x="1",y!~"b{}c"}', {"a_b": {"x", "y"}}, set()),
        ("sum by (j, k) (rate(a[5m])) / on (j) b offset 5m", {"a": set(), "b": set()}, {"j", "k"}),
        ("histogram_quantile(0.9, sum (rate(h_bucket[$i])))", {"h_bucket": set()}, set()),
        ("time() - max(a:b:c > 0) or vector(0)", {"a:b:c": set()}, set()),
        ("count(max by (s) (a == 1)) < 2e3", {"a": set()}, {"s"}),
    ],
)
def test_names_are_found_in_expressions(
    expression: str, found: dict[str, set[str]], groups: set[str]
) -> None:
    assert {one.metric: set(one.labels) for one in metrics(expression)} == found
    assert grouped(expression) == groups

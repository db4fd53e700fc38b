"""Boards are those of the code, can be read by people, and ask for metrics that there are."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from monitoring.catalogue import BOARDS
from monitoring.expressions import names
from monitoring.making import GRAFANA, made
from monitoring.panels import LINE_WIDTH, Board, Bounds
from monitoring.trying import all_questions

from alpine_service.adapters.observers.metric_tables import METRICS, Kind

# Labels that Prometheus gives to all that it reads from a target.
GIVEN = frozenset({"job", "instance", "colour"})
LABELS = {"up": GIVEN} | {
    metric.name + suffix: GIVEN | set(metric.labels) | ({"le"} if suffix == "_bucket" else set())
    for metric in METRICS
    for suffix in (("_bucket", "_count", "_sum") if metric.kind is Kind.HISTOGRAM else ("",))
}
each_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)


def panels_of(board: Board) -> list[dict[str, Any]]:
    return [panel for panel in board.read()["panels"] if panel["type"] != "row"]


LINES = [
    pytest.param(panel["type"], line, id=f"{board.name}/{panel['title']}/{line['refId']}")
    for board in BOARDS
    for panel in panels_of(board)
    for line in panel["targets"]
]


def test_what_is_committed_is_what_the_code_makes() -> None:
    for path, text in made().items():
        assert path.read_text("utf-8") == text, f"python -m monitoring writes {path.name}"
    assert {path for path in made() if path.suffix == ".json"} == {
        *(GRAFANA / "dashboards").iterdir()
    }


@each_board
def test_a_panel_has_a_title_of_its_own_an_explanation_and_a_unit(board: Board) -> None:
    panels = panels_of(board)
    assert len({panel["title"] for panel in panels}) == len(panels)
    for panel in panels:
        assert len(panel["description"]) > 5, panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]


@each_board
def test_rows_are_filled_to_the_edge(board: Board) -> None:
    edge = 0
    for panel in board.read()["panels"]:
        assert panel["gridPos"]["x"] == edge, panel["title"]
        edge = (edge + panel["gridPos"]["w"]) % LINE_WIDTH
    assert edge == 0


@each_board
def test_one_can_pick_processes_see_alarms_and_go_to_other_boards(board: Board) -> None:
    read = board.read()
    picked = [variable["name"] for variable in read["templating"]["list"]]
    assert picked == ["datasource", "colour", "instance"]
    assert read["annotations"]["list"][0]["expr"].startswith("ALERTS{")
    assert read["links"][0]["tags"] == read["tags"] == ["alpine"]


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_a_line_asks_for_metrics_and_labels_that_there_are(kind: str, line: dict[str, Any]) -> None:
    found = names(line["expr"])
    assert found.metrics
    for metric, chosen in found.metrics:
        assert chosen <= LABELS[metric]
        assert {"job", "colour", "instance"} <= chosen, "it is asked of the picked processes"
    known = frozenset().union(*(LABELS[metric] for metric, _ in found.metrics))
    assert found.listed <= known
    named = set(re.findall(r"{{(\w+)}}", line["legendFormat"]))
    assert named <= (found.listed if found.folds else known)


def test_promtool_can_parse_every_line(judged: Callable[..., str], tmp_path: Path) -> None:
    questions = [question for where, question in all_questions() if not where.startswith("rule ")]
    assert len(questions) == len(LINES)
    # Only rules are parsed by it, so each question becomes one.
    rules = [{"record": f"line:{place}", "expr": each} for place, each in enumerate(questions)]
    path = tmp_path / "lines.yml"
    path.write_text(json.dumps({"groups": [{"name": "lines", "rules": rules}]}), "utf-8")
    assert f"{len(LINES)} rules" in judged("check", "rules", path)
    rules[-1]["expr"] += ")"
    path.write_text(json.dumps({"groups": [{"name": "lines", "rules": rules}]}), "utf-8")
    with pytest.raises(AssertionError, match="could not parse expression"):
        judged("check", "rules", path)


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_curves_of_times_have_marks_that_lead_to_traces(kind: str, line: dict[str, Any]) -> None:
    is_of_times = kind == "timeseries" and "histogram_quantile" in line["expr"]
    # A turn of the event loop is nobody's.
    is_anybodys = "alpine_event_loop_lag_seconds" not in line["expr"]
    assert line["exemplar"] == (is_of_times and is_anybodys)


@pytest.mark.parametrize(
    ("bounds", "colours"),
    [
        (Bounds(), {None: "green"}),
        (Bounds(1, 2), {None: "green", 1: "yellow", 2: "red"}),
        (Bounds(ill=2), {None: "green", 2: "red"}),
        (Bounds(0.7, 0.5, below=True), {None: "red", 0.5: "yellow", 0.7: "green"}),
        (Bounds(doubtful=3, below=True), {None: "yellow", 3: "green"}),
    ],
)
def test_bounds_are_where_colours_change(bounds: Bounds, colours: dict[float | None, str]) -> None:
    found = {step.value: step.color.removeprefix("semi-dark-") for step in bounds.colours()}
    assert found == colours


@pytest.mark.parametrize(
    ("expression", "metrics", "listed", "folds"),
    [
        ("up == 0", {"up": set()}, set(), False),
        (
            'x{a="}",b!~"c"} * on (d) group_left (e) y',
            {"x": {"a", "b"}, "y": set()},
            {"d", "e"},
            False,
        ),
        ("1e3 * sum by (f, g) (rate(z_total[5m] offset 1h))", {"z_total": set()}, {"f", "g"}, True),
        ("topk(3, max(h:i:j) or vector(0))", {"h:i:j": set()}, set(), True),
    ],
)
def test_the_names_in_expressions(
    expression: str, metrics: dict[str, set[str]], listed: set[str], folds: bool
) -> None:
    found = names(expression)
    assert {metric: set(chosen) for metric, chosen in found.metrics} == metrics
    assert (found.listed, found.folds) == (listed, folds)

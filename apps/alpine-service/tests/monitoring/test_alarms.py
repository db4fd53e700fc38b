"""Alarms are heard when they should be, and lead whoever hears them to what to do."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from monitoring.alarms import RULES, Rule, read_rules
from monitoring.catalogue import BOARDS
from monitoring.expressions import names
from monitoring.plays import PLAYS

from alpine_service.adapters.observers.metric_tables import METRICS, Kind

HOME = Path(__file__).parents[2]
PAGE = "docs/how-to/answer-an-alert.md"
GIVEN = frozenset({"job", "instance"})
READ = read_rules()
ALARMS = [rule for rule in READ if rule.is_alarm]
BEFOREHAND = {rule.name: rule for rule in READ if not rule.is_alarm}
LABELS = {"up": GIVEN} | {
    metric.name + suffix: GIVEN | set(metric.labels) | ({"le"} if suffix == "_bucket" else set())
    for metric in METRICS
    for suffix in (("_bucket", "_count", "_sum") if metric.kind is Kind.HISTOGRAM else ("",))
}
each_rule = pytest.mark.parametrize("rule", READ, ids=lambda rule: rule.name)
each_alarm = pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.name)


def labels(metric: str) -> frozenset[str]:
    if metric in BEFOREHAND:
        return names(BEFOREHAND[metric].query).listed
    return frozenset(LABELS[metric])


@each_rule
def test_it_asks_for_metrics_and_labels_that_there_are(rule: Rule) -> None:
    found = names(rule.query)
    assert found.metrics
    for metric, chosen in found.metrics:
        assert chosen <= labels(metric), metric
        assert metric in BEFOREHAND or "job" in chosen, "others may have a metric of that name"
    assert found.listed <= frozenset().union(*(labels(metric) for metric, _ in found.metrics))


def test_what_is_reckoned_beforehand_is_used() -> None:
    used = {metric for alarm in ALARMS for metric, _ in names(alarm.query).metrics}
    assert used >= set(BEFOREHAND)


@each_alarm
def test_it_has_all_that_a_person_needs(alarm: Rule) -> None:
    assert alarm.labels.keys() == {"severity", "company"}
    assert alarm.labels["severity"] in {"critical", "warning"}
    assert alarm.notes.keys() == {"summary", "description", "runbook", "dashboard"}
    assert "$value" in alarm.notes["description"]
    assert alarm.notes["runbook"] == f"{PAGE}#{alarm.name.lower()}"


@each_alarm
def test_its_board_shows_what_it_is_about(alarm: Rule) -> None:
    (board,) = [each for each in BOARDS if alarm.notes["dashboard"] == f"/d/{each.name}"]
    asked = {metric for metric, _ in names(alarm.query).metrics}
    for metric in asked & set(BEFOREHAND):
        asked |= {inner for inner, _ in names(BEFOREHAND[metric].query).metrics}
    assert any(metric in board.file() for metric in asked)


def test_the_page_has_for_each_what_it_means_what_to_look_at_and_what_to_do() -> None:
    page = (HOME / PAGE).read_text("utf-8")
    found = re.split(r"^##+ (.+)\n", page, flags=re.MULTILINE)
    told = dict(zip(found[1::2], found[2::2], strict=True))
    about = {title: text for title, text in told.items() if title.startswith("Alpine")}
    assert sorted(about) == sorted(alarm.name for alarm in ALARMS)
    for title, text in about.items():
        assert re.findall(r"^\*\*(.+)\*\*: \S", text, re.MULTILINE) == [
            "What it means",
            "What to look at",
            "What to do",
        ], title


def test_each_is_played_to() -> None:
    assert {play.alarm for play in PLAYS} == {alarm.name for alarm in ALARMS}


def test_each_is_heard_when_it_should_be_and_else_not(judged: Callable[..., str]) -> None:
    assert "SUCCESS" in judged("test", "rules", RULES.with_name("alpine.test.yml"))


def test_one_that_is_deaf_is_found_out(judged: Callable[..., str], tmp_path: Path) -> None:
    shutil.copy2(RULES.with_name("alpine.test.yml"), tmp_path)
    deaf = RULES.read_text("utf-8").replace("alpine_tasks_ill{", "alpine_tasks_i11{")
    (tmp_path / RULES.name).write_text(deaf, "utf-8")
    with pytest.raises(AssertionError, match="AlpineTasksIll"):
        judged("test", "rules", tmp_path / "alpine.test.yml")


def test_prometheus_can_read_the_rules_and_the_example(judged: Callable[..., str]) -> None:
    assert f"{len(READ)} rules" in judged("check", "rules", RULES)
    assert "SUCCESS" in judged("check", "config", RULES.with_name("prometheus.yml"))

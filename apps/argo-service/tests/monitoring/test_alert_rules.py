"""Every alert fires when it should, names what there is, and leads to what to do."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from monitoring.cases import CASES
from monitoring.promql import grouped, metrics
from monitoring.rules import FILE, Rule, rules
from monitoring.written import HERE, PAGES

from argo_adapters.observers.prometheus import catalogue

ROOT = Path(__file__).parents[4]
TARGET = {"job", "instance"}
SERIES = {series: set(one.labels) for one in catalogue() for series in one.series}
SERIES["up"] = set()
RULES = tuple(rules())
ALERTS = tuple(rule for rule in RULES if rule.is_alert)
RECORDED = {rule.name: rule for rule in RULES if not rule.is_alert}
RUNBOOK = "docs/how-to/answer-an-alert.md"
SECTION = re.compile(r"^### (\w+)$\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def by_name(rule: Rule) -> str:
    return rule.name


def labels_of(metric: str) -> set[str]:
    """The labels that its series have; those of what is recorded are what it is grouped by."""
    if metric in RECORDED:
        return set(grouped(RECORDED[metric].expression))
    return SERIES[metric] | TARGET | ({"le"} if metric.endswith("_bucket") else set())


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_every_metric_and_label_of_a_rule_is_argos(rule: Rule) -> None:
    named = list(metrics(rule.expression))
    assert named
    for one in named:
        assert one.labels <= labels_of(one.metric), one.metric
        # What another job calls by the same name is none of ours.
        assert one.metric in RECORDED or "job" in one.labels, one.metric
    assert grouped(rule.expression) <= set().union(*(labels_of(one.metric) for one in named))


def test_what_is_recorded_is_asked_for() -> None:
    asked = {one.metric for rule in ALERTS for one in metrics(rule.expression)}
    assert asked >= RECORDED.keys()


def test_an_alert_has_one_name() -> None:
    names = [rule.name for rule in RULES]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("rule", ALERTS, ids=by_name)
def test_an_alert_says_how_bad_it_is_what_is_seen_and_where_to_look(rule: Rule) -> None:
    assert rule.labels["severity"] in {"critical", "warning"}
    assert rule.labels["service"] == "argo"
    assert set(rule.annotations) == {"summary", "description", "runbook", "dashboard"}
    assert rule.annotations["summary"]
    assert "{{ $value" in rule.annotations["description"]
    assert rule.annotations["runbook"] == f"{RUNBOOK}#{rule.name.lower()}"


@pytest.mark.parametrize("rule", ALERTS, ids=by_name)
def test_an_alerts_dashboard_shows_what_it_is_about(rule: Rule) -> None:
    (page,) = [page for page in PAGES if rule.annotations["dashboard"] == f"/d/{page.uid}"]
    asked = [one.metric for one in metrics(rule.expression)]
    asked += [
        one.metric
        for name in asked
        if name in RECORDED
        for one in metrics(RECORDED[name].expression)
    ]
    about = {re.sub(r"_(bucket|sum|count)$", "", metric) for metric in asked}
    text = page.text()
    assert any(metric in text for metric in about), about


def test_every_alert_has_a_section_that_says_what_it_means_and_what_to_do() -> None:
    sections = dict(SECTION.findall((ROOT / RUNBOOK).read_text("utf-8")))
    assert sorted(sections) == sorted(rule.name for rule in ALERTS)
    for name, text in sections.items():
        for part in ("**Means.** ", "**Look at.** ", "**Do.** "):
            assert len(text.partition(part)[2].partition("**")[0]) > 20, (name, part)


def test_every_alert_is_played() -> None:
    assert {case.alert for case in CASES} == {rule.name for rule in ALERTS}


def test_every_alert_fires_when_it_should_and_only_then(promtool: Callable[..., str]) -> None:
    told = promtool("test", "rules", HERE / "prometheus" / "argo.test.yml")
    assert "SUCCESS" in told


def test_a_case_in_which_an_alert_does_not_fire_is_found(
    promtool: Callable[..., str], tmp_path: Path
) -> None:
    shutil.copy2(HERE / "prometheus" / "argo.test.yml", tmp_path)
    text = FILE.read_text("utf-8")
    (tmp_path / FILE.name).write_text(
        text.replace('percent{job="argo"}) > 80', 'percent{job="argo"}) > 99')
    )
    with pytest.raises(AssertionError, match="ArgoCpuHigh"):
        promtool("test", "rules", tmp_path / "argo.test.yml")


def test_prometheus_takes_rules_and_configuration(
    promtool: Callable[..., str], tmp_path: Path
) -> None:
    assert f"{len(RULES)} rules found" in promtool("check", "rules", FILE)
    for name in ("prometheus.yml", FILE.name):
        shutil.copy2(HERE / "prometheus" / name, tmp_path)
    # The key that the example names; it is looked for.
    (tmp_path / "argo.key").write_text("argo_test_key")
    assert "SUCCESS" in promtool("check", "config", tmp_path / "prometheus.yml")

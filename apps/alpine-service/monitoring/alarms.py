"""Alpine's rules for Prometheus as values, and the plays as promtool reads them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml  # type: ignore[import-untyped] # PyYAML brings no types along
from attrs import frozen

from monitoring.plays import PLAYS
from monitoring.stories import Play, Story

RULES: Final = Path(__file__).parent / "prometheus" / "alpine.rules.yml"
# Playing begins with a new database each time, so that many plays share one where they can.
_Heard = tuple[Play, Story, Sequence[Mapping[str, Any]]]


@frozen
class Rule:
    """A rule that records under a name, or an alarm of that name with its labels and notes."""

    name: str
    query: str
    labels: Mapping[str, str]
    notes: Mapping[str, str]

    @property
    def is_alarm(self) -> bool:
        """What records has no notes."""
        return bool(self.notes)


def read_rules() -> list[Rule]:
    """Every rule, in order."""
    read = yaml.safe_load(RULES.read_text("utf-8"))
    return [
        Rule(
            each.get("alert", each.get("record")),
            each["expr"],
            each.get("labels", {}),
            each.get("annotations", {}),
        )
        for group in read["groups"]
        for each in group["rules"]
    ]


def played() -> str:
    """`alpine.test.yml`."""
    alarms = {rule.name: rule for rule in read_rules()}
    loud: list[_Heard] = [(each, each.loud, [_heard(each, alarms[each.alarm])]) for each in PLAYS]
    calm: list[_Heard] = [(each, each.calm, []) for each in PLAYS]
    stages = [
        _stage(f"{how} {number}", several)
        for how, every in (("loud", loud), ("calm", calm))
        for number, several in enumerate(_side_by_side(every))
    ]
    text: str = yaml.safe_dump(
        {"rule_files": [RULES.name], "evaluation_interval": "1m", "tests": stages},
        allow_unicode=True,
        sort_keys=False,
        width=200,
    )
    return f"# Written by `python -m monitoring`; promtool plays it to the rules.\n{text}"


def _heard(play: Play, alarm: Rule) -> dict[str, Any]:
    return {
        "exp_labels": {"job": "alpine", **alarm.labels, **play.grouped},
        "exp_annotations": dict(alarm.notes) | {"description": play.words},
    }


def _stage(name: str, several: Sequence[_Heard]) -> dict[str, Any]:
    told: dict[str, str] = {}
    for _, story, _ in several:
        told |= story
    return {
        "name": name,
        "interval": "1m",
        "input_series": [{"series": one, "values": values} for one, values in told.items()],
        "alert_rule_test": [
            {"eval_time": f"{play.minute}m", "alertname": play.alarm, "exp_alerts": list(heard)}
            for play, _, heard in several
        ],
    }


def _side_by_side(every: Sequence[_Heard]) -> list[list[_Heard]]:
    """In as few stages as there are plays about one metric."""
    stages: list[list[_Heard]] = []
    taken: list[set[str]] = []
    for one in every:
        about = {series.split("{")[0] for series in one[1]}
        place = next((n for n, others in enumerate(taken) if not others & about), len(stages))
        if place == len(stages):
            stages.append([])
            taken.append(set())
        stages[place].append(one)
        taken[place] |= about
    return stages

"""The rules as they are written for Prometheus, and the file that promtool tests them by."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml  # type: ignore[import-untyped] # its types would be one more thing to lock
from attrs import frozen

from monitoring.cases import CASES, Case, History

FILE: Final = Path(__file__).parent / "prometheus" / "argo.rules.yml"
_HEAD: Final = "# Made by `python -m monitoring` from cases.py: `promtool test rules` plays it.\n"
_Play: TypeAlias = tuple[Case, History, list[dict[str, Any]]]


@frozen
class Rule:
    """One rule; `name` is the alert's, or that of the series that is recorded."""

    name: str
    expression: str
    is_alert: bool
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


def rules() -> Iterator[Rule]:
    """All rules of the file, in its order."""
    for group in yaml.safe_load(FILE.read_text("utf-8"))["groups"]:
        for one in group["rules"]:
            yield Rule(
                name=one.get("alert") or one["record"],
                expression=one["expr"],
                is_alert="alert" in one,
                labels=one.get("labels", {}),
                annotations=one.get("annotations", {}),
            )


def tests() -> str:
    """The file for `promtool test rules`: each case fires, and each is quiet."""
    alerts = {rule.name: rule for rule in rules() if rule.is_alert}
    fires = [(case, case.fires, [_fired(case, alerts[case.alert])]) for case in CASES]
    quiet: list[_Play] = [(case, case.quiet, []) for case in CASES]
    played = [
        {
            "name": f"{what} {number}",
            "interval": "1m",
            "input_series": [
                {"series": name, "values": values}
                for _, history, _ in plays
                for name, values in history.items()
            ],
            "alert_rule_test": [
                {"eval_time": f"{case.at}m", "alertname": case.alert, "exp_alerts": expected}
                for case, _, expected in plays
            ],
        }
        for what, all_plays in (("fires", fires), ("is quiet", quiet))
        for number, plays in enumerate(_apart(all_plays), 1)
    ]
    file = {"rule_files": [FILE.name], "evaluation_interval": "1m", "tests": played}
    return _HEAD + str(yaml.safe_dump(file, sort_keys=False, allow_unicode=True, width=1000))


def _fired(case: Case, rule: Rule) -> dict[str, Any]:
    return {
        "exp_labels": {**rule.labels, **case.labels},
        # What it says is of the case, so that the value in it is seen by somebody.
        "exp_annotations": {**rule.annotations, "description": case.says},
    }


def _apart(plays: Sequence[_Play]) -> list[list[_Play]]:
    """Plays that have no metric in common go together: promtool starts a database for each lot."""
    lots: list[tuple[set[str], list[_Play]]] = []
    for play in plays:
        metrics = {series.partition("{")[0] for series in play[1]}
        for taken, lot in lots:
            if not taken & metrics:
                taken.update(metrics)
                lot.append(play)
                break
        else:
            lots.append((metrics, [play]))
    return [lot for _, lot in lots]

"""What is made of the code here, file by file."""

from collections.abc import Mapping
from pathlib import Path

from monitoring.alarms import RULES, played
from monitoring.catalogue import BOARDS

GRAFANA = Path(__file__).parent / "grafana"


def made() -> Mapping[Path, str]:
    """The text of each file."""
    boards = {GRAFANA / "dashboards" / f"{board.name}.json": board.file() for board in BOARDS}
    return boards | {RULES.with_name("alpine.test.yml"): played()}

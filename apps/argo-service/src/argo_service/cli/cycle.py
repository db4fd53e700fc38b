"""`argo cycle`: one cycle on a recorded day, every source awaited, explained."""

import argparse
from typing import Any

from argo_service.cli.exit_codes import Exit

DEFAULT_AT = "11:00"


def add(commands: "argparse._SubParsersAction[Any]") -> None:
    cycle = commands.add_parser(
        "cycle", help="run one cycle on a recorded day at a fixed time, and explain it"
    )
    cycle.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    return Exit.DONE

"""`argo diff`: a live log against the backtest of the same day, signal by signal."""

import argparse
from functools import partial
from pathlib import Path

from argo_adapters.keys.reveal_key_file import read_reveal_key
from argo_core.backtest.day.compare import Verdict
from argo_core.errors import ArgoError, InvalidInput
from argo_service.cli.exit_codes import Exit
from argo_service.cli.output import complain, console, write_json
from argo_service.diffing.difference import Compared, diff
from argo_service.diffing.paper_plan import paper_plan
from argo_service.diffing.shown import draw
from argo_service.diffing.told import told
from argo_service.diffing.tried import read_what_if
from argo_service.settings import read_configuration

MOST = 20
_MOST = 100_000


def configure(command: argparse.ArgumentParser) -> None:
    command.description = (
        "Decide a recorded day anew with the engine's own code, and compare every signal with what"
        " the live log has; the first input that differs is named. Other numbers can be tried on"
        " the day. Exit code 0: the same; 1: not the same; 2: it could not be compared."
    )
    add = command.add_argument
    add("log", type=Path, help="the log's file, or a folder that it was exported to")
    add("recording", type=Path, help="what `argo tape record` or `argo serve --record` wrote")
    add("--theta-bp", metavar="N", help="try another threshold, in basis points of confidence")
    add(
        "--weight",
        action="append",
        default=[],
        metavar="SOURCE=SHARE",
        help="try another weight; those of all sources have to sum to 1",
    )
    add(
        "--disable",
        action="append",
        default=[],
        metavar="SOURCE",
        help="try without a source; its weight is shared out",
    )
    add(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="try another number of the profile, such as quorum=0.6 or half_life_s.grok=60",
    )
    add("--trade", action="store_true", help="trade it on paper as well, as [trading] says")
    add("--reveal-key", type=Path, metavar="FILE", help="the key that its signals were sealed with")
    add("--partial", action="store_true", help="use what there is of a recording that was cut off")
    add("--most", type=int, default=MOST, metavar="N", help=f"list so many (default {MOST})")
    add("--json", action="store_true", help="for machines")
    command.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """0 for the same, 1 for a difference, 2 for what could not be compared."""
    try:
        if not 0 <= given.most <= _MOST:
            raise InvalidInput("--most", f"{given.most} is too many or too few", "give 0 to 100000")
        found = _diff(given)
    except ArgoError as error:
        complain(str(error))
        return Exit.UNCHECKED
    if given.json:
        write_json(told(found, given.most))
    else:
        draw(console(), found, given.most)
    return _code(found, partial_wanted=given.partial)


def _diff(given: argparse.Namespace) -> Compared:
    settings = read_configuration(given.config).settings if given.trade else None
    return diff(
        given.log,
        given.recording,
        read_what_if(given.theta_bp, given.weight, given.disable, given.set),
        partial=given.partial,
        reveal_key=None if given.reveal_key is None else read_reveal_key(given.reveal_key),
        plan_of=None if settings is None else partial(paper_plan, settings),
    )


def _code(found: Compared, *, partial_wanted: bool) -> int:
    comparison, counts = found.comparison, found.comparison.counts
    # Where other numbers are tried, that they are others is no news.
    if comparison.differences or (comparison.settings and found.day.as_recorded):
        return Exit.REFUTED
    if counts[Verdict.SEALED] and not counts[Verdict.SAME]:
        return Exit.UNCHECKED
    return Exit.UNCHECKED if found.missing is not None and not partial_wanted else Exit.GOOD

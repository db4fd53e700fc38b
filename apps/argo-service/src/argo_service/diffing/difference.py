"""The signals of a live log against those that its recording gives."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from attrs import frozen

from argo_adapters.tapes.recorded import open_recording
from argo_core.backtest.day.compare import Comparison, LiveSignal, compare, moments
from argo_core.backtest.day.paper import PaperPlan
from argo_core.backtest.day.result import Day
from argo_core.backtest.day.run import run
from argo_core.backtest.day.what_if import WhatIf
from argo_core.backtest.recording import About
from argo_core.engine.inputs import Input, Started
from argo_core.errors import InvalidInput
from argo_core.market.moment import to_micros
from argo_service.diffing.live_log import open_live_log, read_run

PlanOf = Callable[[About], PaperPlan]


@frozen
class Compared:
    """A comparison and the day it is of.

    `beyond` are signals of the log that were decided after the recording ends, where that is not
    whole; `missing` says why it is not.
    """

    comparison: Comparison
    day: Day
    beyond: int
    missing: str | None


def diff(
    log: Path,
    recording: Path,
    what_if: WhatIf,
    *,
    partial: bool = False,
    reveal_key: bytes | None = None,
    plan_of: PlanOf | None = None,
) -> Compared:
    """Run the recorded day and compare it; traded on paper too where there is a plan for it.

    Raises:
        InvalidInput: the recording is damaged or of another log, the log's export is damaged, or
            what is to be tried cannot be.
        LogError: the log's file cannot be read.
    """
    with open_live_log(log) as live, open_recording(recording, partial=partial) as told:
        about, inputs = told.about, iter(told)
        started = _started(inputs)
        written = read_run(live, started.size, about.log, about.strategy)
        day = run(
            about,
            chain((started,), inputs),
            what_if=what_if,
            paper=None if plan_of is None else plan_of(about),
            reveal_key=reveal_key,
            look_at=moments(written.signals),
        )
        if day.recorded_registration not in {None, written.registration}:
            problem = f"the log's entry {started.size} is not what the recorded run began with"
            raise InvalidInput("recording", problem, "name the log that was recorded")
        known = [one for one in written.signals if not _is_beyond(one, day, told.missing)]
        return Compared(
            comparison=compare(known, day, written.registration),
            day=day,
            beyond=len(written.signals) - len(known),
            missing=told.missing,
        )


def _started(inputs: Iterator[Input]) -> Started:
    first = next(inputs, None)
    if not isinstance(first, Started):
        problem = "it does not begin with the start of an engine"
        raise InvalidInput("recording", problem, "restore the file")
    return first


def _is_beyond(one: LiveSignal, day: Day, missing: str | None) -> bool:
    if missing is None:
        return False
    return day.ends is None or one.decided_us > to_micros(day.ends)

"""The way of a signal in time: commit, cosigned, delivered, revealed, outcome."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from attrs import frozen

from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.domain.signals.timeline import Timeline
from alpine_service.pages.board.status import since_us
from alpine_service.pages.formats import change_bp, of_us, span

_US = 1_000_000


class StepState(StrEnum):
    """Whether it has been."""

    DONE = "done"
    WAITING = "waiting"
    MISSED = "missed"  # It was promised, and the time is over.


@frozen
class Step:
    """One of them; `at` is None while it has not been, `by` says whose clock that is."""

    name: str
    state: StepState
    at: datetime | None
    by: str
    words: str


def steps_of(
    seen: SignalRecord, times: Timeline, horizon_s: int, now: datetime
) -> tuple[Step, ...]:
    """In their order; what a signal never has, such as an outcome of a HOLD, is not among them."""
    return tuple(_steps(seen, times, horizon_s, now))


def _steps(seen: SignalRecord, times: Timeline, horizon_s: int, now: datetime) -> Iterator[Step]:
    is_delayed = seen.disclosure is Disclosure.DELAYED
    said = "Committed" if is_delayed else "Published"
    yield Step(
        said, StepState.DONE, of_us(times.decided_us), "the log's clock", f"entry #{seen.log_index}"
    )
    yield _step("Cosigned", times.cosigned_us, "a witness's clock", "a witness vouches for it")
    yield _step("Delivered", times.delivered_us, "our clock", "to streams, webhooks and the API")
    if is_delayed:
        yield _reveal(seen, times, now)
    if seen.direction == "HOLD":
        return
    yield _outcome(seen, times, horizon_s, now)


def _step(name: str, at_us: int | None, by: str, words: str) -> Step:
    if at_us is None:
        return Step(name, StepState.WAITING, None, by, "not yet")
    return Step(name, StepState.DONE, of_us(at_us), by, words)


def _reveal(seen: SignalRecord, times: Timeline, now: datetime) -> Step:
    by = "our clock"
    if times.revealed_us is not None:
        words = f"to everybody, in entry #{seen.revealed_index}"
        return Step("Revealed", StepState.DONE, of_us(times.revealed_us), by, words)
    span_us = 0 if times.due_us is None else times.due_us - times.decided_us
    left_s = (since_us(seen) + span_us) / _US - now.timestamp()
    if left_s > 0:
        return Step("Revealed", StepState.WAITING, None, by, f"due in {span(left_s)}")
    return Step("Revealed", StepState.MISSED, None, by, f"overdue for {span(-left_s)}")


def _outcome(seen: SignalRecord, times: Timeline, horizon_s: int, now: datetime) -> Step:
    by = "our clock"
    if seen.result is not None:
        change = "" if seen.return_bp is None else f", {change_bp(seen.return_bp)}"
        words = f"{seen.result}{change}, in entry #{seen.outcome_index}"
        at = None if times.resolved_us is None else of_us(times.resolved_us)
        return Step("Outcome", StepState.DONE, at, by, words)
    left_s = since_us(seen) / _US + horizon_s - now.timestamp()
    if seen.data is None:
        words = "not open to you yet"
    else:
        words = f"within {span(left_s)}" if left_s > 0 else "being resolved"
    return Step("Outcome", StepState.WAITING, None, by, words)

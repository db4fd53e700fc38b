"""When what was told of a signal: from the log's decision to its outcome, as one asker saw it."""

from collections.abc import Iterable

from attrs import frozen

from alpine_service.domain.signals.event import EventKind
from alpine_service.domain.signals.signal import SignalRecord


@frozen
class Told:
    """An event about an entry: when we told it."""

    log_index: int
    kind: EventKind
    at_us: int


@frozen
class Timeline:
    """Times in microseconds since 1970, None for what has not been, or is hidden from the asker.

    `decided_us` and `due_us`, when the reveal is promised, are by the log's clock; `cosigned_us` is
    a witness's, in whole seconds; the others are ours. `told_us` is when we first told of it at
    all, `delivered_us` when we first told what it says, `revealed_us` when we told of its reveal,
    and `resolved_us` when we told its outcome.
    """

    decided_us: int
    cosigned_us: int | None
    told_us: int | None
    delivered_us: int | None
    due_us: int | None
    revealed_us: int | None
    resolved_us: int | None


def entries_of(seen: SignalRecord) -> tuple[int, ...]:
    """The entries that its timeline is about, of a record as the asker may see it."""
    entries = (seen.log_index, seen.revealed_index, seen.outcome_index)
    return tuple(index for index in entries if index is not None)


def timeline_of(seen: SignalRecord, told: Iterable[Told]) -> Timeline:
    """Of a record as the asker may see it, and the events about it that the asker may see."""
    events = {(each.log_index, each.kind): each.at_us for each in told}
    own = [at_us for (index, _), at_us in events.items() if index == seen.log_index]
    published = events.get((seen.log_index, EventKind.SIGNAL_PUBLISHED))
    revealed = resolved = None
    if seen.revealed_index is not None:
        revealed = events.get((seen.revealed_index, EventKind.SIGNAL_REVEALED))
    if seen.outcome_index is not None:
        # An outcome that came before the reveal was told to everybody with it.
        resolved = events.get((seen.outcome_index, EventKind.OUTCOME_RESOLVED), revealed)
    return Timeline(
        decided_us=seen.decided_us,
        cosigned_us=None if seen.official_s is None else seen.official_s * 1_000_000,
        told_us=min(own, default=None),
        delivered_us=revealed if published is None else published,
        due_us=seen.reveal_after_us,
        revealed_us=revealed,
        resolved_us=resolved,
    )

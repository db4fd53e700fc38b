"""What is answered about the log, past events and the state of the service."""

import base64
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from alpine_service.services.log_view import LogShown


class Freshness(StrEnum):
    """Whether what is shown is of now."""

    FRESH = "fresh"
    STALE = "stale"  # The log was not heard for a minute, or is not read any more.
    NO_LOG = "no log"  # None is read.


@frozen
class LogBody:
    """The log that is read. Trust none of these keys because they are here: pin your own."""

    log: str
    key: str = field(metadata={"meaning": "The log's verifier key that we pinned."})
    witnesses: tuple[str, ...] = field(
        metadata={"meaning": "The witnesses' verifier keys that we pinned; one is our own."}
    )
    size: int = field(metadata={"meaning": "How many entries were verified and accepted."})
    promised: int = field(metadata={"meaning": "How many the newest checkpoint has."})
    root: str | None = field(metadata={"meaning": "The root of `checkpoint`, in base64."})
    checkpoint: str | None = field(
        metadata={"meaning": "The newest checkpoint of which all entries were accepted: a note."}
    )
    cosigned_s: int | None = field(
        metadata={"meaning": "The least time at which a pinned witness cosigned it."}
    )
    heard_at: datetime | None
    silent_s: float | None = field(metadata={"meaning": "Seconds since the log was heard."})
    freshness: Freshness
    refused: int = field(
        metadata={"meaning": "How many things of it were refused and await a person."}
    )
    is_halted: bool = field(
        metadata={"meaning": "Two histories under its signatures were seen: nothing is read."}
    )


@frozen
class StatusBody:
    """How the service stands, in what everybody may know."""

    version: str
    now: datetime
    freshness: Freshness
    silent_s: float | None
    behind: int = field(metadata={"meaning": "Entries that the log promised and we lack."})
    newest_event: int


def log_of(shown: LogShown) -> LogBody:
    standing, checkpoint = shown.facts.standing, shown.checkpoint
    return LogBody(
        log=standing.log,
        key=str(shown.key),
        witnesses=tuple(str(each) for each in shown.witnesses),
        size=standing.size,
        promised=standing.promised,
        root=None if checkpoint is None else base64.b64encode(checkpoint.root).decode(),
        checkpoint=None if checkpoint is None else checkpoint.note.decode(),
        cosigned_s=None if checkpoint is None else checkpoint.cosigned_s,
        heard_at=standing.heard_at,
        silent_s=shown.facts.silent_s,
        freshness=freshness_of(shown),
        refused=standing.open_quarantines,
        is_halted=standing.is_halted,
    )


def freshness_of(shown: LogShown) -> Freshness:
    return Freshness.STALE if shown.is_stale else Freshness.FRESH

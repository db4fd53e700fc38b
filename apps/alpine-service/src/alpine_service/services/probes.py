"""Probes of what runs in this process, and of what was read of the log."""

from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import frozen

from alpine_service.domain.feed.policy import Policy, read_witnessed
from alpine_service.domain.feed.verifier_key import VerifierKey, Verify
from alpine_service.errors import FeedError
from alpine_service.ports.feed import FeedStore
from alpine_service.ports.health import Condition, Finding, Level
from alpine_service.ports.outside import Clock
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.services.log_view import STALE_S


class Faring(Protocol):
    """A background task, as far as health goes."""

    @property
    def name(self) -> str: ...

    def is_well(self, now: float) -> bool: ...


@frozen
class IngestProbe:
    """The reading of the log. What it lacks makes answers old, and none of them wrong."""

    standing: IngestStanding
    name: str = "ingest"
    level: Level = Level.DEEP

    async def check(self) -> Finding:
        found = await self.standing.facts()
        problems = []
        if found.standing.is_halted:
            problems.append("two histories under the log's signatures: nothing is read")
        elif found.standing.open_quarantines:
            problems.append("something of the log was refused")
        if found.silent_s is None or found.silent_s > STALE_S:
            problems.append("the log was not heard for long")
        return Finding(
            Condition.DEGRADED if problems else Condition.OK,
            {
                "size": found.standing.size,
                "behind": found.lag,
                "silent_s": found.silent_s,
                "quarantined": found.standing.open_quarantines,
                "halted": found.standing.is_halted,
            },
            "; ".join(problems) or None,
        )


@frozen
class LogProbe:
    """Whether what is stored of the log is what the log signed: our own record, checked anew.

    The kept checkpoint is by the pinned key, and the tree that is stored is its, or the beginning
    of it that a checkpoint proved.
    """

    store: FeedStore
    log: VerifierKey
    verify: Verify
    name: str = "log"
    level: Level = Level.DEEP

    async def check(self) -> Finding:
        head = await self.store.head(self.log.name)
        if head is None or not head.note:
            return Finding(facts={"entries": 0})
        facts = {"entries": head.size}
        try:
            signed = read_witnessed(head.note, Policy(self.log), self.verify)
        except FeedError:
            return Finding(Condition.DOWN, facts, "the stored checkpoint is not the log's")
        accepted = await self.store.checkpoint()
        root = head.frontier.root()
        known = {signed.head.size: signed.head.root}
        if accepted is not None:
            known.setdefault(accepted.size, accepted.root)
        if head.size > signed.head.size or known.get(head.size, root) != root:
            return Finding(Condition.DOWN, facts, "the stored tree is not what was signed")
        return Finding(facts=facts)


@frozen
class WitnessProbe:
    """Whether what our witness cosigned is the history that we read."""

    store: FeedStore
    log: str
    name: str = "witness"
    level: Level = Level.DEEP

    async def check(self) -> Finding:
        witness, accepted = await self.store.witness_head(self.log), await self.store.checkpoint()
        if witness is None or accepted is None:
            return Finding(facts={"cosigned": witness.head.size if witness else None})
        facts = {
            "cosigned": witness.head.size,
            "cosigned_s": witness.cosigned_s,
            "behind": max(0, accepted.size - witness.head.size),
        }
        same_size = witness.head.size == accepted.size
        if same_size and witness.head.root != accepted.root:
            return Finding(Condition.DOWN, facts, "the witness cosigned another history")
        return Finding(facts=facts)


@frozen
class TasksProbe:
    """The background tasks."""

    tasks: Callable[[], Sequence[Faring]]
    clock: Clock
    name: str = "tasks"
    level: Level = Level.DEEP

    async def check(self) -> Finding:
        now = self.clock.monotonic()
        tasks = self.tasks()
        ill = sorted(each.name for each in tasks if not each.is_well(now))
        facts = {"running": len(tasks) - len(ill), "ill": len(ill)}
        if ill:
            return Finding(Condition.DEGRADED, facts, f"not well: {', '.join(ill)}")
        return Finding(facts=facts)


@frozen
class StreamProbe:
    """How many listen."""

    listeners: Callable[[], int]
    name: str = "stream"
    level: Level = Level.DEEP

    async def check(self) -> Finding:
        return Finding(facts={"listeners": self.listeners()})

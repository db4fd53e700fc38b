"""Reads bodies of commits before their reveal, for those who may see signals in real time.

A body counts if it opens the commitment of an entry that was accepted, and is the signal that the
commit stands for. What is refused is left out, and its signal comes with the reveal.
"""

from attrs import define

from alpine_service.domain.feed.entry import read_entry
from alpine_service.domain.signals.bodies import Body, read_bodies
from alpine_service.domain.signals.opened import Opened, open_early
from alpine_service.domain.signals.rejection import ANSWER, BODY, ENTRY, Rejected, Rejection
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.errors import FeedAway, FeedRefused, Malformed, Refuted
from alpine_service.ports.feed import Feed, FeedHead, FeedStore
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock
from alpine_service.services.ingest_pace import Waiting
from alpine_service.services.rejecting import Rejecting, rejected_answer

_LARGEST_PAGE = 1000


@define
class BodyReader:
    """Reads bodies as far as entries were accepted.

    It has a wait of its own: entries are read on while bodies are refused or do not come.
    """

    _feed: Feed
    _store: FeedStore
    _rejecting: Rejecting
    _clock: Clock
    _observer: Observer
    _log: str
    _waiting: Waiting
    _again_s: float = 0.0

    async def read(self, head: FeedHead) -> bool:
        """Read a page of bodies, if one is missing; whether there is more."""
        if not self._feed.has_key or self._clock.monotonic() < self._again_s:
            return False
        if not await self._store.has_sealed(head.bodies_from, head.size):
            return False
        wish_s = None
        try:
            is_more = await self._read(head)
        except (FeedAway, FeedRefused) as error:
            if not self._waiting.failures:
                self._observer.tell("ingest.no_bodies", Weight.WARNING, problem=str(error))
            wish_s = error.retry_after_s if isinstance(error, FeedAway) else None
        except Malformed as error:
            await self._rejecting.keep(rejected_answer(error))
        except Rejected as error:
            await self._rejecting.keep(error.rejection)
        else:
            self._waiting.after_success()
            return is_more
        self._again_s = self._clock.monotonic() + self._waiting.after_failure(wish_s)
        return False

    async def _read(self, head: FeedHead) -> bool:
        start = head.bodies_from
        served = await self._feed.bodies(start)
        try:
            page = read_bodies(served)
        except Malformed as error:
            raise Rejected(Rejection(error.reason, str(error), {ANSWER: served})) from error
        bodies = {one.index: one for one in page.bodies[:_LARGEST_PAGE] if one.index < head.size}
        following = min(page.next, head.size)
        opened = await self._open(bodies)
        await self._store.open(self._log, opened, following)
        return start < following < head.size

    async def _open(self, bodies: dict[int, Body]) -> list[Opened]:
        opened: list[Opened] = []
        ids: set[str] = set()
        for data, record in await self._store.commits(bodies):
            one = await self._try(data, record, bodies[record.log_index], ids)
            if one is not None:
                ids.add(str(one.record.signal_id))
                opened.append(one)
        return opened

    async def _try(
        self, commit: bytes, record: SignalRecord, body: Body, ids: set[str]
    ) -> Opened | None:
        at_us = int(self._clock.now().timestamp() * 1_000_000)
        try:
            entry = read_entry(record.log_index, commit)
            opened = open_early(entry, record, body.nonce, body.body, at_us)
            await self._require_new(str(opened.record.signal_id), ids)
        except (Malformed, Refuted) as error:
            evidence = {BODY: body.body, "nonce": body.nonce, ENTRY: commit}
            await self._rejecting.keep(
                Rejection(
                    error.reason,
                    str(error),
                    evidence,
                    log_index=record.log_index,
                )
            )
            return None
        return opened

    async def _require_new(self, signal_id: str, ids: set[str]) -> None:
        if signal_id in ids or await self._store.has_id(signal_id):
            raise Refuted("reused-id", "the body has the id of another signal")

"""Reads bodies of commits before their reveal, for those who may see signals in real time.

A body counts if it opens the commitment of an entry that was accepted, and is the signal that the
commit stands for. What is refused is left out, and its signal comes with the reveal.
"""

from attrs import frozen

from alpine_service.domain.feed.entry import read_entry
from alpine_service.domain.signals.bodies import Body, read_bodies
from alpine_service.domain.signals.opened import Opened, open_early
from alpine_service.domain.signals.rejection import ANSWER, BODY, ENTRY, Rejected, Rejection
from alpine_service.domain.signals.signal import SignalRecord
from alpine_service.errors import Malformed, Refuted
from alpine_service.ports.feed import Feed, FeedHead, FeedStore
from alpine_service.ports.outside import Clock
from alpine_service.services.rejecting import Rejecting

_LARGEST_PAGE = 1000


@frozen
class BodyReader:
    """Reads bodies as far as entries were accepted."""

    _feed: Feed
    _store: FeedStore
    _rejecting: Rejecting
    _clock: Clock
    _log: str

    async def read(self, head: FeedHead) -> bool:
        """Read a page of bodies, if one is missing; whether there is more.

        Raises:
            FeedAway, FeedRefused, Malformed: as the port says.
            Rejected: the answer is no page of bodies.
        """
        start = head.bodies_from
        if not self._feed.has_key or not await self._store.has_sealed(start, head.size):
            return False
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

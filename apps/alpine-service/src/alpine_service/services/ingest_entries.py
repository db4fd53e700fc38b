"""Entries of a chunk that was proved: read by the protocol's rules, and followed as a story."""

from itertools import chain

from alpine_service.domain.feed.entry import Entry, read_entry
from alpine_service.domain.feed.policy import Witnessed
from alpine_service.domain.feed.standing import Needs, needs
from alpine_service.domain.signals.rejection import CHECKPOINT, ENTRY, Rejected, Rejection
from alpine_service.domain.signals.story import OfficialTime, Story
from alpine_service.errors import Malformed, Refuted
from alpine_service.ports.feed import FeedStore
from alpine_service.ports.outside import Clock
from alpine_service.services.ingest_chunk import Chunk


async def follow(
    chunk: Chunk, served: Witnessed, official_s: OfficialTime, store: FeedStore, clock: Clock
) -> Story:
    """What the chunk tells, with what is known of what it speaks about. Others get turns between.

    Raises:
        Rejected: one of its entries is not of the protocol, or contradicts what came before.
    """
    entries = await _entries(chunk, served, clock)
    wanted = _needs(entries, served)
    traded = {
        entry.number("signal_index")
        for entry in chain.from_iterable(entries)
        if entry.kind == "trade" and "signal_index" in entry.members
    }
    known = await store.known(wanted, traded)
    at_us = int(clock.now().timestamp() * 1_000_000)
    story = Story(served.head.origin, known, official_s, at_us)
    for bundle in entries:
        for entry in bundle:
            try:
                story.hear((entry,))
            except (Malformed, Refuted) as error:
                raise _bad_entry(error, entry.index, entry.data, served) from error
        await clock.sleep(0)
    return story


async def _entries(chunk: Chunk, served: Witnessed, clock: Clock) -> list[list[Entry]]:
    index, read = chunk.start, []
    for bundle in chunk.bundles:
        entries = []
        for data in bundle:
            try:
                entries.append(read_entry(index, data))
            except Malformed as error:
                raise _bad_entry(error, index, data, served) from error
            index += 1
        read.append(entries)
        await clock.sleep(0)
    return read


def _needs(bundles: list[list[Entry]], served: Witnessed) -> Needs:
    try:
        return needs(entry for entries in bundles for entry in entries)
    except (Malformed, Refuted) as error:
        culprit = next(entry for entry in chain.from_iterable(bundles) if _shows_no_signal(entry))
        raise _bad_entry(error, culprit.index, culprit.data, served) from error


def _shows_no_signal(entry: Entry) -> bool:
    try:
        needs((entry,))
    except (Malformed, Refuted):
        return True
    return False


def _bad_entry(error: Malformed | Refuted, index: int, data: bytes, served: Witnessed) -> Rejected:
    return Rejected(
        Rejection(
            error.reason,
            str(error),
            {ENTRY: data, CHECKPOINT: served.checkpoint.data},
            size=served.head.size,
            log_index=index,
            identity=data,
        )
    )

"""The next entries of a log, as many as are taken at once."""

from itertools import islice

from attrs import field, frozen

from alpine_service.domain.feed.tile import WIDTH, Bundle, bundles_of, read_bundle
from alpine_service.domain.signals.rejection import Rejected, Rejection
from alpine_service.errors import Malformed
from alpine_service.ports.feed import Feed
from alpine_service.services.together import together

# Bundles that are asked for at once.
WINDOW = 4


@frozen
class ChunkSize:
    """What is taken at once: about so many entries, or fewer if they have so many bytes.

    With the bundles that are on their way when the bytes are reached, each at most of the
    protocol's size, that bounds what is held in memory.
    """

    entries: int = 4096
    bytes: int = 16 * 1024 * 1024


CHUNK_SIZE = ChunkSize()


@frozen
class Chunk:
    """Entries from `start` on, unverified, in the bundles they came in."""

    start: int
    bundles: tuple[tuple[bytes, ...], ...] = field(repr=False)


async def fetch_chunk(feed: Feed, start: int, size: int, most: ChunkSize) -> Chunk:
    """Entries from `start` on of a log of `size` entries, at least one.

    A long way is gone in steps that end where a bundle ends. Entries of the first bundle that were
    accepted before are left out.

    Raises:
        FeedAway, FeedRefused, Malformed: as the port says.
        Rejected: a bundle is none.
    """
    bundles = islice(bundles_of(size, start=start), 1 + most.entries // WIDTH)
    taken: list[tuple[bytes, ...]] = []
    weight = 0
    while weight < most.bytes and (window := list(islice(bundles, WINDOW))):
        served = await together(feed.bundle(bundle) for bundle in window)
        for bundle, data in zip(window, served, strict=True):
            taken.append(_read(bundle, data)[max(0, start - bundle.first) :])
            weight += len(data)
    return Chunk(start, tuple(taken))


def _read(bundle: Bundle, data: bytes) -> tuple[bytes, ...]:
    try:
        return read_bundle(bundle, data)
    except Malformed as error:
        raise Rejected(
            Rejection(error.reason, str(error), {bundle.path: data}, log_index=bundle.first)
        ) from error

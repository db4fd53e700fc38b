"""How much and how long the log's server is listened to."""

from attrs import frozen

from alpine_service.domain.feed.note import LARGEST_NOTE
from alpine_service.domain.feed.tile import LARGEST_BUNDLE, LARGEST_TILE


@frozen
class Limits:
    """Sizes in bytes and times in seconds; what exceeds them is refused, or counts as away.

    The protocol gives the first three sizes. `chunk_s` is how long one read may bring nothing,
    `total_s` how long a whole answer may take: a server that sends a byte now and then runs into
    the latter. The stream of hints has no end, only silences.
    """

    checkpoint: int = LARGEST_NOTE
    tile: int = LARGEST_TILE
    bundle: int = LARGEST_BUNDLE
    bodies: int = 8 * 1024 * 1024
    # A line of the stream holds an entry, or a line of a note.
    line: int = LARGEST_NOTE
    connections: int = 6
    connect_s: float = 5.0
    chunk_s: float = 10.0
    total_s: float = 60.0
    # The log sends a comment every 15 s.
    silence_s: float = 45.0


LIMITS = Limits()

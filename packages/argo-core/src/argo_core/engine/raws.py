"""What language models replied, word for word, until the record has it."""

from collections.abc import Iterable, Mapping

from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.intake import MAX_CAPSULE_BYTES

MOST_BYTES = 16 * MAX_CAPSULE_BYTES


def well_formed(raws: Mapping[str, bytes], named: Iterable[str]) -> dict[str, bytes]:
    """Those of `raws` that are `named`, have the hash that they claim, and are not too long."""
    return {
        digest: raws[digest]
        for digest in dict.fromkeys(named)
        if isinstance(raws.get(digest), bytes)
        and len(raws[digest]) <= MAX_CAPSULE_BYTES
        and sha256_hex(raws[digest]) == digest
    }


class Raws:
    """Replies by SHA-256, at most `most_bytes` of them; the oldest give way."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held: dict[str, bytes] = {}

    def keep(self, raws: Mapping[str, bytes], wanted: Iterable[str]) -> None:
        """Take new ones in, and forget all but those that are still `wanted`."""
        if not raws:
            return
        still = frozenset(wanted)
        held = self._held | dict(raws)
        self._held = {digest: raw for digest, raw in held.items() if digest in still}
        size = sum(map(len, self._held.values()))
        while size > self._most_bytes:
            size -= len(self._held.pop(next(iter(self._held))))

    def of(self, digests: Iterable[str]) -> dict[str, bytes]:
        """Those that are held among these."""
        return {digest: self._held[digest] for digest in digests if digest in self._held}

    def recorded(self, digests: Iterable[str]) -> None:
        """Forget these, because the record has them."""
        for digest in digests:
            self._held.pop(digest, None)

"""Committing to a signal now and showing it later, as log entries."""

from datetime import datetime

from argo_core.codec.members import common
from argo_core.ledger.commitment import nonce_of
from argo_core.ledger.entry import encode_entry
from argo_core.ledger.record import Sealed
from argo_core.market.moment import aware, to_micros


def seal(body: bytes, reveal_key: bytes, *, log: str, strategy: str, seq: int) -> Sealed:
    """A signal's canonical bytes with the nonce that its place in the sequence gives it.

    Raises:
        InvalidInput: the key is too short.
    """
    return Sealed(body, nonce_of(reveal_key, log, strategy, seq))


def commit_entry(
    sealed: Sealed,
    *,
    log: str,
    strategy: str,
    seq: int,
    decided_at: datetime,
    reveal_after: datetime,
) -> bytes:
    """The canonical log entry that commits to a signal and says when it will be shown."""
    return encode_entry(
        {
            **common("commit", log, strategy, seq, decided_at),
            "commitment": sealed.commitment,
            "reveal_after_us": to_micros(aware("reveal_after", reveal_after)),
        }
    )


def reveal_entry(
    sealed: Sealed, *, index: int, log: str, strategy: str, seq: int, decided_at: datetime
) -> bytes:
    """The canonical log entry that shows what the entry at `index` committed to."""
    return encode_entry(
        {
            **common("reveal", log, strategy, seq, decided_at),
            "commitment": sealed.commitment,
            "commit_index": index,
            "nonce": sealed.nonce.hex(),
            "body": sealed.body.decode("ascii"),
        }
    )

"""`commit` and `reveal`: a signal that is fixed now and shown later.

The body is a whole `signal` entry, with the log, strategy and sequence number of its commit.
"""

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Fields
from argo_core.ledger.commitment import commitment
from argo_core.ledger.kinds.common import COMMON
from argo_core.ledger.schema import ANY_TEXT, COUNT, DIGEST, MICROS, Kind

COMMIT = Kind(required={**COMMON, "commitment": DIGEST, "reveal_after_us": MICROS})


def _opens(fields: Fields) -> None:
    nonce, body = bytes.fromhex(str(fields["nonce"])), str(fields["body"]).encode()
    if commitment(nonce, body) != fields["commitment"]:
        problem = "nonce and body have another commitment"
        raise InvalidInput("commitment", problem, "reveal what was committed to, unchanged")


REVEAL = Kind(
    required={
        **COMMON,
        "commitment": DIGEST,
        "commit_index": COUNT,
        "nonce": DIGEST,
        "body": ANY_TEXT,
    },
    agree=_opens,
)

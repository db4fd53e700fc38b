"""What may be shown: nothing at or after the size of the newest published checkpoint."""

from collections.abc import Mapping
from typing import Protocol

from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.merkle import EMPTY_ROOT
from argo_core.ledger.note import Note
from argo_core.ledger.record import LogHead
from argo_core.ledger.verifier_key import VerifierKey
from argo_service.api.bodies import LogBody
from argo_service.api.errors import NotThere


class Published(Protocol):
    """The first `size` entries are public by this checkpoint; `pending` is short of a quorum."""

    @property
    def size(self) -> int: ...

    @property
    def note(self) -> Note: ...

    @property
    def pending(self) -> bool: ...


class Publication(Protocol):
    """Where checkpoints become public."""

    @property
    def published(self) -> Published | None:
        """The newest; None while there is none."""
        ...

    def lags_s(self) -> Mapping[str, float]:
        """How long each witness owes a cosignature."""
        ...

    async def beyond(self, size: int) -> Published:
        """Wait until more than `size` entries are public."""
        ...


def newest(publication: Publication | None) -> Published | None:
    """The newest published checkpoint; None while there is none."""
    return None if publication is None else publication.published


def shown_size(publication: Publication | None) -> int:
    """How many entries are published."""
    published = newest(publication)
    return 0 if published is None else published.size


def some_published(publication: Publication | None) -> Published:
    """The newest published checkpoint.

    Raises:
        NotThere: there is none.
    """
    published = newest(publication)
    if published is None:
        raise NotThere("nothing is published yet")
    return published


def log_body(publication: Publication | None, log: VerifierKey) -> LogBody:
    """The published checkpoint, and who cosigned it beside the log's own key."""
    published = newest(publication)
    if published is None:
        return LogBody(0, EMPTY_ROOT.hex(), pending=False, cosigned_by=())
    names = [line.name for line in published.note.signatures if not line.is_by(log)]
    checkpoint = parse_checkpoint(published.note.text)
    return LogBody(checkpoint.size, checkpoint.root.hex(), published.pending, tuple(names))


def head_body(head: LogHead) -> LogBody:
    """Where a log stands that nobody else has seen."""
    return LogBody(head.size, head.root.hex(), pending=False, cosigned_by=())

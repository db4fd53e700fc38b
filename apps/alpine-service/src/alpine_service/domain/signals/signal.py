"""A signal as subscribers see it, and its place in the log."""

from enum import StrEnum

from attrs import field, frozen

from alpine_service.domain.signals.event import Audience


class Disclosure(StrEnum):
    """Whether a strategy's signals are in the log at once, or as commitments first."""

    OPEN = "open"
    DELAYED = "delayed"


@frozen
class SignalRecord:
    """One signal that was published or committed.

    `data` is the canonical bytes of the signal's entry, or of the body behind its commitment, and
    None while the body has not come; then the members that stand in it are None too, and so is
    `audience`. `official_s` is the least time, in seconds, at which a pinned witness had cosigned
    it. `outcome` is the canonical bytes of the outcome's entry, if there is one.
    """

    log_index: int
    strategy: str
    seq: int
    decided_us: int
    disclosure: Disclosure
    official_s: int | None = None
    commitment: bytes | None = None
    reveal_after_us: int | None = None
    revealed_index: int | None = None
    audience: Audience | None = None
    signal_id: str | None = None
    symbol: str | None = None
    direction: str | None = None
    confidence_bp: int | None = None
    data: bytes | None = field(default=None, repr=False)
    nonce: bytes | None = field(default=None, repr=False)
    outcome_index: int | None = None
    outcome: bytes | None = field(default=None, repr=False)
    result: str | None = None
    return_bp: int | None = None

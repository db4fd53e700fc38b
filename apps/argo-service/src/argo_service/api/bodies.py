"""What the API answers, as values; the documentation's schemas are made from these."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.reasons import Direction


@frozen
class ContributionBody:
    """One source's part of a signal.

    The `phi_bp` of all sources, signed basis points, add up to the signed confidence exactly.
    `strength` is the source's view from -1 (sell) to 1 (buy). `raw_sha256` is the SHA-256 of the
    vendor's answer it was read from.
    """

    source: str
    phi_bp: int
    strength: float
    age_s: float
    raw_sha256: str


@frozen
class EvidenceBody:
    """A numbered fact the reasoning cites."""

    id: str
    source: str
    kind: str
    value: str
    unit: str
    as_of: datetime


@frozen
class OutcomeBody:
    """What became of a signal by the `rule` its strategy registered beforehand.

    `result` is `target`, `stop`, `expired`, or `void` when there was no price; then the figures are
    null. `start` is the first price after the official time, `end` the one that ended it;
    `return_bp` is what following the signal would have earned before costs, in basis points.
    `official_at` is null where no witness vouches for when the signal was said. `index` is the
    place of the outcome's own entry in the log.
    """

    index: int
    rule: str
    result: str
    return_bp: int | None
    official_at: datetime | None
    start: Decimal | None
    start_at: datetime | None
    end: Decimal | None
    end_at: datetime | None
    prices: int
    longest_gap_s: float


@frozen
class CalibratedBody:
    """How likely a signal is to be right, from 0 to 1, by the outcomes of earlier confidences.

    `outcomes` were known when it was decided; `method` made a curve of them.
    """

    probability: float
    method: str
    outcomes: int


@frozen
class SignalBody:
    """A published signal.

    `confidence` is percent, `confidence_bp` the same in signed basis points: negative sells.
    Prices are decimals in strings. `reasoning` is what the log says, by `reasoning_source`; `prose`
    are a language model's words about the same numbers by `prose_source`, null until they have come
    and were verified.

    `index` is the entry's place in the log, `leaf_hash` its leaf in the log's Merkle tree,
    `signal_sha256` the SHA-256 of the signal's bytes. The entry of a delayed signal is a
    `commitment`, null otherwise; `revealed` is the index of the entry that shows the signal to
    everybody, its own if it is open, null while it is sealed. `entry_path` and `proof_path` lead to
    the entry's bytes and to a file that proves it.
    `state` is `cosigned` once a witness has seen it, at `witnessed_at`, its official time;
    `pending` while witnesses are awaited, `unwitnessed` where there are none. `outcome` is null
    until its horizon has passed.
    `confidence` is no probability; `calibrated` is, null for a HOLD and while no outcome is known
    to reckon it from.
    """

    id: str
    symbol: str
    direction: Direction
    reason: str
    confidence: float
    confidence_bp: int
    coverage_bp: int
    agreement_bp: int
    entry: Decimal
    stop: Decimal | None
    target: Decimal | None
    horizon_s: int
    decided_at: datetime
    expires_at: datetime
    regime: str
    profile: str
    feed: str
    reasoning: str
    reasoning_source: str
    contributions: tuple[ContributionBody, ...]
    evidence: tuple[EvidenceBody, ...]
    inputs_sha256: str
    log: str
    strategy: str
    seq: int
    index: int
    signal_sha256: str
    leaf_hash: str
    commitment: str | None
    revealed: int | None
    entry_path: str
    proof_path: str
    state: str
    witnessed_at: datetime | None
    outcome: OutcomeBody | None
    prose: str | None = None
    prose_source: str | None = None
    calibrated: CalibratedBody | None = None


@frozen
class LogBody:
    """The newest published checkpoint: `root` is the RFC 6962 root in hexadecimal.

    `cosigned_by` names the witnesses who cosigned it; while they are fewer than the log's policy
    asks for, it is `pending`. Nothing at or after `size` is shown anywhere.
    """

    size: int
    root: str
    pending: bool
    cosigned_by: tuple[str, ...]


@frozen
class SignalsBody:
    """A page of signals, newest first; `next` is the cursor of the page after, null on the last."""

    signals: tuple[SignalBody, ...]
    next: str | None
    log: LogBody


@frozen
class QuoteBody:
    """A price: `at` is the exchange's time, `age_s` how long ago that was."""

    price: Decimal
    bid: Decimal | None
    ask: Decimal | None
    at: datetime
    age_s: float
    feed: str


@frozen
class ShareBody:
    """One source's part of the view the last cycle took."""

    source: str
    phi_bp: int
    strength: float
    age_s: float


@frozen
class ViewBody:
    """What the last evaluation made of the symbol.

    `outcome` is `signal`, `hold` or `skip`; `reason` says in one word why. `why` lists, for a HOLD,
    the smallest single changes that would have made a signal, smallest first. `missing` and
    `faded` name sources that did not count.
    """

    outcome: str
    direction: Direction
    reason: str
    confidence: float
    confidence_bp: int
    coverage: float
    agreement: float
    contributions: tuple[ShareBody, ...]
    missing: tuple[str, ...]
    faded: tuple[str, ...]
    phase: str
    regime: str
    evaluated_at: datetime
    age_s: float
    why: tuple[str, ...]


@frozen
class SymbolBody:
    """Everything about one symbol.

    `latest` is its newest signal, `history` the page asked for, newest first, `view` what the last
    cycle made of it; null while a signal of it stands that may not be shown yet.
    """

    symbol: str
    latest: SignalBody | None
    history: tuple[SignalBody, ...]
    next: str | None
    quote: QuoteBody | None
    view: ViewBody | None
    log: LogBody


@frozen
class SealedBody:
    """What the entry at `index` commits to.

    `commitment` is SHA-256(`signal-commit/v1`, a line feed, the nonce, the body) in hexadecimal;
    `body` and `nonce` are base64. From `reveal_after` on an entry of the log shows them to all.
    """

    index: int
    commitment: str
    body: str
    nonce: str
    reveal_after: datetime


@frozen
class BodiesBody:
    """A page of bodies, oldest first; ask again from `next`, at `log.size` there is no more yet."""

    bodies: tuple[SealedBody, ...]
    next: int
    log: LogBody


@frozen
class ProblemBody:
    """An error after RFC 9457; `field` and `fix` are there when a parameter was refused."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    field: str | None = None
    fix: str | None = None

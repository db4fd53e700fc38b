"""What staff ask and are answered. Nothing is read from a body that is not named here."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.staff import PersonShown, TrailEntry
from alpine_service.domain.plans.billing import Billed, BillingKind, BillingShown
from alpine_service.domain.plans.subscription import SubscriptionState
from alpine_service.ports.feed import Quarantine
from alpine_service.services.ingest_standing import IngestFacts


@frozen
class Searching:
    """Accounts whose address has `text` in it, or whose id it is.

    It is in the body and not in the path, because addresses do not belong into logs of proxies.
    """

    text: str = field(repr=False)
    role: Role | None = None
    cursor: str | None = None
    limit: int = 50


@frozen
class ChangingRole:
    """The role that the account is to have."""

    role: Role


@frozen
class RecordingPayment:
    """What happened outside. `reference` is what the payment is known by, and counts once.

    A payment or grant has `plan` and `days`; a refund has the reference of its payment in
    `refunds`.
    """

    kind: BillingKind
    reference: str
    plan: str | None = None
    days: int | None = None
    refunds: str | None = None


@frozen
class PersonBody:
    """An account as staff see it."""

    id: str
    email: str = field(repr=False)
    role: Role
    created_at: datetime
    verified_at: datetime | None
    suspended_at: datetime | None
    second_factor: bool
    plan: str | None
    state: str | None
    until: datetime | None


@frozen
class PeoplePage:
    """Accounts, the newest first."""

    accounts: tuple[PersonBody, ...]
    next: str | None


@frozen
class Ended:
    """How many were ended."""

    ended: int


@frozen
class BillingBody:
    """What was told of a payment; `is_applied` is false for what came too late to matter."""

    provider: str
    reference: str
    kind: BillingKind
    plan: str | None
    days: int | None
    refunds: str | None
    at: datetime
    received_at: datetime
    by: str
    is_applied: bool
    paid_until: datetime | None


@frozen
class BillingList:
    """What was told of an account's payments, the newest first."""

    events: tuple[BillingBody, ...]


@frozen
class BilledBody:
    """What became of it: `is_new` is false if it was told before."""

    is_new: bool
    is_applied: bool
    plan: str | None
    state: SubscriptionState | None
    until: datetime | None


@frozen
class DeedBody:
    """A deed of the audit trail."""

    number: int
    at: datetime
    actor: str
    deed: str
    subject: str
    details: Mapping[str, str]
    address: str | None


@frozen
class Trail:
    """Deeds, the newest first."""

    deeds: tuple[DeedBody, ...]
    next: str | None


@frozen
class IngestBody:
    """How it stands with the reading of the log."""

    log: str
    size: int
    promised: int
    lag: int
    read_at: datetime | None
    heard_at: datetime | None
    silent_s: float | None
    open_quarantines: int
    is_halted: bool


@frozen
class QuarantineBody:
    """A refusal that is kept; `evidence` names its pieces."""

    id: int
    log: str
    at: datetime
    reason: str
    problem: str
    halts: bool
    size: int | None
    log_index: int | None
    times: int
    last_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    evidence: tuple[str, ...]


@frozen
class QuarantineList:
    """Refusals, the newest first."""

    refusals: tuple[QuarantineBody, ...]


def person_body(person: PersonShown) -> PersonBody:
    return PersonBody(
        id=person.id,
        email=person.email,
        role=person.role,
        created_at=person.created_at,
        verified_at=person.verified_at,
        suspended_at=person.suspended_at,
        second_factor=person.has_factor,
        plan=person.plan,
        state=person.state,
        until=person.until,
    )


def billing_list(events: list[BillingShown]) -> BillingList:
    return BillingList(
        tuple(
            BillingBody(
                each.provider,
                each.reference,
                each.kind,
                each.plan,
                each.days,
                each.refunds,
                each.at,
                each.received_at,
                each.by,
                each.is_applied,
                each.paid_until,
            )
            for each in events
        )
    )


def billed_body(billed: Billed) -> BilledBody:
    now = billed.subscription
    return BilledBody(
        billed.is_new,
        billed.is_applied,
        now.plan if now else None,
        now.state if now else None,
        now.until if now else None,
    )


def trail_page(entries: list[TrailEntry], limit: int) -> Trail:
    deeds = tuple(
        DeedBody(
            each.number, each.at, each.actor, each.deed, each.subject, each.details, each.address
        )
        for each in entries
    )
    return Trail(deeds, str(entries[-1].number) if len(entries) == limit else None)


def ingest_body(facts: IngestFacts) -> IngestBody:
    standing = facts.standing
    return IngestBody(
        log=standing.log,
        size=standing.size,
        promised=standing.promised,
        lag=facts.lag,
        read_at=standing.read_at,
        heard_at=standing.heard_at,
        silent_s=facts.silent_s,
        open_quarantines=standing.open_quarantines,
        is_halted=standing.is_halted,
    )


def quarantine_list(refusals: list[Quarantine]) -> QuarantineList:
    return QuarantineList(
        tuple(
            QuarantineBody(
                id=each.id,
                log=each.log,
                at=each.at,
                reason=each.reason,
                problem=each.problem,
                halts=each.halts,
                size=each.size,
                log_index=each.log_index,
                times=each.times,
                last_at=each.last_at,
                resolved_at=each.resolved_at,
                resolved_by=each.resolved_by,
                evidence=each.evidence,
            )
            for each in refusals
        )
    )

"""What accounts need from outside: a store for each concept, and what looks at passwords."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from alpine_service.domain.accounts.account import Account, NewAccount, Purpose, Token
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.factor import Factor, Proof, Proved
from alpine_service.domain.accounts.password import Judgement
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.role import Role
from alpine_service.domain.accounts.session import NewSession, PendingTry, SessionShown
from alpine_service.domain.accounts.throttle import Bucket
from alpine_service.ports.mail import Mail


class Passwords(Protocol):
    """Turns passwords into hashes and compares; slow on purpose, and never many at once."""

    async def hash(self, password: str) -> str:
        """A text that says how it was made.

        Raises:
            TooMany: too many wait for it already.
        """
        ...

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether the hash was made of that password; for None the same work is done for False.

        Raises:
            TooMany: too many wait for it already.
        """
        ...

    def is_outdated(self, hashed: str) -> bool:
        """Whether a hash made now would be stronger."""
        ...


class PasswordJudge(Protocol):
    """Says how easily a password is guessed."""

    async def judge(self, password: str, words: Sequence[str]) -> Judgement:
        """`words` are those that whoever guesses would try first."""
        ...


class Throttle(Protocol):
    """Counts tries."""

    async def spend(self, buckets: Sequence[Bucket], now: datetime) -> timedelta | None:
        """Take one try from each, or from none and give how long to wait; None: go ahead.

        Of tries at the same time no more pass than of tries one after another.
        """
        ...

    async def forget(self, buckets: Sequence[Bucket]) -> None:
        """Fill them again."""
        ...


class Accounts(Protocol):
    """Accounts, and the tokens in mails.

    Each method that changes something is one transaction with its audit entry and its mails. Those
    that use a token or replace something give False, and changed nothing, if another was first.
    """

    async def find(self, key: str, network: bytes) -> tuple[Account | None, bool]:
        """The account of an address, and whether the network is one it was opened from before."""
        ...

    async def get(self, user_id: str) -> Account | None: ...

    async def is_known_network(self, user_id: str, network: bytes) -> bool: ...

    async def register(
        self, account: NewAccount, token: Token, mail: Mail, otherwise: Mail, entry: AuditEntry
    ) -> bool:
        """Add it with a token to verify it; False, and the other mail, if the address has one.

        Both take the same time, as far as that is in our hands.
        """
        ...

    async def add(self, account: NewAccount, entry: AuditEntry) -> bool:
        """False if the address has an account."""
        ...

    async def issue(self, token: Token, mails: Sequence[Mail], entry: AuditEntry) -> None:
        """Keep a token, and send it."""
        ...

    async def write(self, mails: Sequence[Mail], entry: AuditEntry) -> None:
        """Send mails about what changes nothing."""
        ...

    async def token(self, digest: bytes, purpose: Purpose, now: datetime) -> Token | None:
        """What it is good for, if it has neither expired nor been used."""
        ...

    async def verify(self, token: Token, entry: AuditEntry) -> bool:
        """Use the token: the address is theirs."""
        ...

    async def reset(
        self, token: Token, hashed: str, network: bytes, mail: Mail, entry: AuditEntry
    ) -> bool:
        """Use the token: a new password, no sessions; the address is shown to be theirs, too."""
        ...

    async def change_password(
        self, account: Account, hashed: str, session: NewSession, mail: Mail, entry: AuditEntry
    ) -> bool:
        """A new password in the place of the account's; `session` is the only one left."""
        ...

    async def rehash(self, account: Account, hashed: str) -> None:
        """The same password, hashed anew; nothing happens if it was changed meanwhile."""
        ...

    async def change_email(self, token: Token, tell: Sequence[Mail], entry: AuditEntry) -> bool:
        """Use the token: its address is the account's, and no other token is good any more.

        Raises:
            Conflict: another account has the address.
        """
        ...

    async def delete(self, user_id: str, mail: Mail, entry: AuditEntry) -> None:
        """All that belongs to the account; of the audit trail the clients' addresses."""
        ...

    async def change_role(self, user_id: str, role: Role, entry: AuditEntry) -> bool:
        """Sessions end, because they were opened for another role; False: no such account."""
        ...

    async def suspend(self, user_id: str, at: datetime | None, entry: AuditEntry) -> bool:
        """Close the account from then on, or open it again for None; False: no such account."""
        ...


class AuditTrail(Protocol):
    """The deeds, the newest first."""

    async def note(self, entry: AuditEntry) -> None:
        """Add one that changes nothing else."""
        ...

    async def page(
        self, limit: int, *, before: int | None = None, about: str | None = None
    ) -> list[tuple[int, AuditEntry]]:
        """Those numbered below `before`, by and to the one they are `about`, with their numbers."""
        ...


class SessionStore(Protocol):
    """Sessions, found by the digest of their secret."""

    async def open(self, session: NewSession, replaces: bytes | None, entry: AuditEntry) -> None:
        """Store it and end the one it replaces, and the oldest of too many."""
        ...

    async def principal(self, digest: bytes, address: str, now: datetime) -> Principal | None:
        """Whose open session it is, if it still lives; that it was seen is noted now and then."""
        ...

    async def attempt(self, digest: bytes, now: datetime) -> PendingTry | None:
        """Count a try of a pending session; None if it has none left, or has ended."""
        ...

    async def complete(
        self, pending: bytes, session: NewSession, mails: Sequence[Mail], entry: AuditEntry
    ) -> bool:
        """Replace the pending session; False if it is gone."""
        ...

    async def of_user(self, user_id: str, now: datetime) -> list[SessionShown]:
        """Those that are open, the one that was seen last first."""
        ...

    async def end(self, user_id: str, session_id: str, entry: AuditEntry) -> bool:
        """False: the user has no such session."""
        ...

    async def end_others(self, user_id: str, kept: str | None, entry: AuditEntry) -> int:
        """End all of the user's but the kept one; how many."""
        ...


class Factors(Protocol):
    """Second factors and recovery codes; changes are one transaction, as with accounts."""

    async def get(self, user_id: str) -> Factor | None: ...

    async def begin(self, user_id: str, sealed: bytes, entry: AuditEntry) -> bool:
        """Keep a secret that guards nothing yet; False if one guards already."""
        ...

    async def confirm(
        self,
        proved: Proved,
        codes: Sequence[bytes],
        session: NewSession,
        mail: Mail,
        entry: AuditEntry,
    ) -> bool:
        """From now on it guards; `session` is the only one left. False if another was first."""
        ...

    async def use(self, user_id: str, proof: Proof) -> bool:
        """Use a code up; False if it was used already, however many ask at the same time."""
        ...

    async def renew_codes(
        self, user_id: str, codes: Sequence[bytes], mail: Mail, entry: AuditEntry
    ) -> None:
        """These codes and no others."""
        ...

    async def remove(self, session: NewSession, mail: Mail, entry: AuditEntry) -> None:
        """The session's user has no second factor, and that session only."""
        ...

    async def codes_left(self, user_id: str) -> int: ...


class Expired(Protocol):
    """What has no use any more."""

    async def sweep(self, now: datetime) -> int:
        """Delete some of it; how many rows, 0 when there is nothing left."""
        ...


class Exporter(Protocol):
    """One area's part of what somebody may take with them."""

    @property
    def name(self) -> str: ...

    async def export(self, user_id: str) -> Any:
        """All that the area keeps of the user, without secrets."""
        ...

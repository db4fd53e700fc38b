"""Everything that can go wrong, one tree, branched by what the caller should do next.

::

    AlpineError
    ├── InvalidSetting        the operator's configuration is wrong: change it as `fix` says
    ├── NeedsStart            what changed in the settings takes a new start of the service
    ├── CannotListen          the address cannot be had: free it or take another
    ├── Refused               a request that cannot be granted: the asker changes it, or stops
    │   ├── InvalidInput      a field is wrong: mend it as `fix` says
    │   ├── NotSignedIn       nobody known is asking: sign in, or send a key
    │   ├── NotAllowed        somebody known may not: ask somebody else
    │   │   └── PlanTooLow    another plan has it
    │   ├── NotThere          it does not exist, or not for the one who asks
    │   ├── Conflict          what is there contradicts it: look, then decide anew
    │   │   └── KeyUsed       the Idempotency-Key came with another request: take a new one
    │   └── TooMany           wait `retry_after_s`, then ask again
    ├── FeedError             what the log or its server answered
    │   ├── FeedAway          nothing came, or not in time: wait and ask again
    │   ├── FeedRefused       the server will not answer us: the operator looks at the keys
    │   ├── Malformed         not of the protocol: keep it as evidence, use nothing of it
    │   └── Refuted           contradicts a signature, a proof or what came before: the same
    ├── Unavailable           something of ours does not answer: wait and try again
    │   ├── DatabaseAway      the database
    │   ├── MailAway          the mail server
    │   └── SecretsAway       whoever keeps our secrets
    ├── DatabaseRefused       the database answered no: the operator looks at roles and migrations
    │   └── SchemaNotCurrent  its tables are older or newer than this program: `alpine migrate`
    ├── NoServer              no PostgreSQL of our own can be had or started: `fix` says what helps
    ├── MailRefused           the mail server will never take this one: give up on it
    └── StepFailed            a step of a deployment: what comes after a failure comes next
"""

from collections.abc import Sequence


class AlpineError(Exception):
    """Anything Alpine refuses or fails to do."""


class InvalidSetting(AlpineError):
    """A value in the environment was refused before anything started."""

    def __init__(self, name: str, problem: str, fix: str) -> None:
        super().__init__(f"{name}: {problem}; {fix}")
        self.name = name
        self.problem = problem
        self.fix = fix


class NeedsStart(AlpineError):
    """Something changed that a running service cannot take on."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"{', '.join(names)}: a new start takes it on; nothing was changed")
        self.names = tuple(names)


class CannotListen(AlpineError):
    """The address is taken, is not ours, or needs more rights than we have."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"cannot listen on {address}: {problem}")
        self.address = address
        self.problem = problem


class Refused(AlpineError):
    """A request that cannot be granted as it is; the words are for the one who asks."""


class InvalidInput(Refused):
    """One field of a request is wrong. Its value is not repeated, it may be a secret."""

    def __init__(self, field: str, problem: str, fix: str) -> None:
        super().__init__(f"{field}: {problem}; {fix}")
        self.field = field
        self.problem = problem
        self.fix = fix


class NotSignedIn(Refused):
    """No session and no key, or one that is wrong, ended or expired; which, nobody is told."""

    def __init__(self, problem: str = "no valid session or key") -> None:
        super().__init__(problem)


class NotAllowed(Refused):
    """Role, scope or state of the account does not allow it."""


class PlanTooLow(NotAllowed):
    """The account's plan does not have it."""

    def __init__(self, what: str, plan: str) -> None:
        super().__init__(f"{what} is not part of the plan {plan}")
        self.what = what
        self.plan = plan


class NotThere(Refused):
    """There is no such thing, or it is somebody else's, which looks the same from outside."""

    def __init__(self, what: str) -> None:
        super().__init__(f"no such {what}")
        self.what = what


class Conflict(Refused):
    """It would contradict what is there already."""


class KeyUsed(Conflict):
    """An Idempotency-Key that came with another request before."""


class TooMany(Refused):
    """A limit or quota is used up for now; `retry_after_s` is when to try again, in seconds."""

    def __init__(self, what: str, retry_after_s: float) -> None:
        super().__init__(f"too many {what}")
        self.what = what
        self.retry_after_s = retry_after_s


class FeedError(AlpineError):
    """Something about the log or its server."""


class FeedAway(FeedError):
    """No answer, not in time, or one that says to come back later."""

    def __init__(self, problem: str, retry_after_s: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after_s = retry_after_s


class FeedRefused(FeedError):
    """The server knows us and says no, as to a wrong key."""


class Malformed(FeedError):
    """Bytes that are not of the protocol. `reason` is a word for machines.

    `served` is the beginning of what came, where that is at hand.
    """

    def __init__(self, reason: str, problem: str, served: bytes = b"") -> None:
        super().__init__(problem)
        self.reason = reason
        self.served = served


class Refuted(FeedError):
    """Well-formed, and contradicted by a signature, a proof or what was accepted before.

    `reason` is a word for machines.
    """

    def __init__(self, reason: str, problem: str) -> None:
        super().__init__(problem)
        self.reason = reason


class Unavailable(AlpineError):
    """Something that we need does not answer now."""


class DatabaseAway(Unavailable):
    """The database is not reachable, is starting, or took too long."""


class MailAway(Unavailable):
    """The mail server is not reachable, or says to come back later."""


class SecretsAway(Unavailable):
    """The secrets manager is not reachable, or says to come back later."""


class DatabaseRefused(AlpineError):
    """The database answered, and will answer the same again: a missing right or migration."""


class SchemaNotCurrent(DatabaseRefused):
    """The tables are not the ones that this program was written for."""


class NoServer(AlpineError):
    """A PostgreSQL server of our own was wanted, and there is none, or it would not start."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}; {fix}")
        self.problem = problem
        self.fix = fix


class MailRefused(AlpineError):
    """The mail server will never take this mail, as one to an address that does not exist."""


class StepFailed(AlpineError):
    """A step of a deployment could not be done, or what it looked at was not good enough."""

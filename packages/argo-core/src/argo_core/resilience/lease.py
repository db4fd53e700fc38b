"""The lease of the one process that may publish, as that process sees it: no clock, no I/O.

A store grants leases by its own clock, and the process counts by its own monotonic one. It counts
from the moment when it *asked*, which is before the store began to count, and stops a good while
before the store's count can be over. So two processes believe in one lease at the same time only
where a clock runs wrong; then the log's fence refuses the late one's batch all the same.
"""

from attrs import field, frozen, mutable

from argo_core.errors import InvalidInput
from argo_core.resilience.door import positive
from argo_core.resilience.lease_table import HOLDING, TRANSITIONS, Role, Turn


@frozen
class LeasePolicy:
    """Seconds: a lease lasts `ttl_s`, is renewed every `renew_s`, believed in for `stop_s`.

    After an attempt that failed the next one comes `retry_s` later.

    Raises:
        InvalidInput: they are not in that order.
    """

    ttl_s: float = 6.0
    renew_s: float = 2.0
    stop_s: float = 4.0
    retry_s: float = 0.5

    def __attrs_post_init__(self) -> None:
        for name in ("ttl_s", "renew_s", "stop_s", "retry_s"):
            positive(name, getattr(self, name))
        if not self.retry_s < self.renew_s < self.stop_s < self.ttl_s:
            problem = "a lease has to outlast belief in it, and that a renewal and a second attempt"
            raise InvalidInput("lease", problem, "keep retry_s < renew_s < stop_s < ttl_s")

    @classmethod
    def lasting(cls, ttl_s: float) -> "LeasePolicy":
        """The defaults' proportions for a lease that lasts `ttl_s` seconds."""
        return cls(ttl_s=ttl_s, renew_s=ttl_s / 3, stop_s=ttl_s * 2 / 3, retry_s=ttl_s / 12)


@frozen
class Granted:
    """A lease was granted; `token` is greater than that of any lease before."""

    token: int


@frozen
class Held:
    """Another has it: `holder` in its own words, for `ends_in_s` more seconds at most."""

    holder: str
    ends_in_s: float


@mutable
class Tenancy:
    """One process's standing. Times are its own monotonic seconds; nothing here looks at a clock.

    `token` is the newest lease's that it had, 0 before the first.
    """

    policy: LeasePolicy = field(factory=LeasePolicy)
    role: Role = field(default=Role.STANDBY, init=False)
    token: int = field(default=0, init=False)
    _asked_at: float = field(default=0.0, init=False)

    def acquired(self, token: int, asked_at: float, now: float) -> bool:
        """A lease was granted that was asked for at `asked_at`; False if that came too late.

        Raises:
            InvalidInput: the token is not greater than the last one.
        """
        if token <= self.token:
            problem = f"{token} comes after {self.token}"
            raise InvalidInput("token", problem, "grant each lease a greater number")
        self.token = token
        if self.role is not Role.STANDBY or now >= asked_at + self.policy.stop_s:
            return False
        self._asked_at = asked_at
        return self._turn(Turn.ACQUIRED)

    def renewed(self, token: int, asked_at: float, now: float) -> None:
        """The lease of that token was renewed, which was asked for at `asked_at`.

        An answer about another lease than the one in force, and one that comes after the end of
        belief, changes nothing.
        """
        if token == self.token and self.look(now) in HOLDING:
            self._asked_at = max(self._asked_at, asked_at)

    def look(self, now: float) -> Role:
        """The role, once the end of belief has been reckoned with."""
        if now >= self.believes_until:
            self._turn(Turn.LAPSED)
        return self.role

    @property
    def believes_until(self) -> float:
        """When belief ends unless the lease is renewed; of use only while there is a lease."""
        return self._asked_at + self.policy.stop_s

    def may_write(self, now: float) -> bool:
        """Whether a batch may be offered to the log now."""
        return self.look(now) in HOLDING

    def refused(self, token: int) -> None:
        """The store says that the lease of that token is another's, or over."""
        if token == self.token:
            self._turn(Turn.LAPSED)

    def opened(self) -> None:
        """The log is open for writing."""
        self._turn(Turn.OPENED)

    def wish_away(self) -> None:
        """Somebody wants this process to stand by."""
        self._turn(Turn.WISHED_AWAY)

    def fenced(self) -> None:
        """The log has refused a batch, because another has opened it since."""
        self._turn(Turn.FENCED)

    def closed(self) -> None:
        """The log is not open for writing any more, and the lease is given back or over."""
        self._turn(Turn.CLOSED)

    def _turn(self, turn: Turn) -> bool:
        after = TRANSITIONS.get((self.role, turn))
        if after is None:
            return False
        self.role = after
        return True

"""Who of several processes publishes."""

from datetime import datetime

from attrs import frozen

from argo_core.resilience.lease_table import Role


@frozen
class RoleChanged:
    """This process changed its role beside a standby; `token` is its newest lease's.

    `fence` is the number by which it writes, None while it does not.
    """

    at: datetime
    before: Role
    after: Role
    token: int
    fence: int | None
    reason: str


@frozen
class LeaseFailed:
    """The store of the publisher's lease did not answer; the same problem is told of once."""

    at: datetime
    problem: str


@frozen
class FencedOff:
    """The log refused this process, because another has opened it since."""

    at: datetime
    problem: str


StandbyEvent = RoleChanged | LeaseFailed | FencedOff

"""What somebody may have, here and now: made of a plan and the state of a subscription."""

from enum import StrEnum

from attrs import frozen


class Channel(StrEnum):
    """A way by which signals reach a subscriber."""

    API = "api"
    STREAM = "stream"
    DIGEST = "digest"
    WEBHOOKS = "webhooks"


@frozen
class Entitlement:
    """`is_realtime` sees signals once they are cosigned, others once they are revealed.

    `per_minute` and `per_day` bound requests of the account: those of all its keys together, and
    as many again of all its sessions.
    """

    plan: str
    is_realtime: bool
    channels: frozenset[Channel]
    per_minute: int
    per_day: int
    keys: int
    streams: int
    endpoints: int

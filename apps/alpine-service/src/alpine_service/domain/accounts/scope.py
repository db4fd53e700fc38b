"""What an API key may be used for; a session may do all of it."""

from enum import StrEnum


class Scope(StrEnum):
    """A key has one or more."""

    SIGNALS = "signals"  # Read signals, proofs, strategies, performance and past events.
    STREAM = "stream"  # Listen to the stream.
    WEBHOOKS = "webhooks"  # See and change webhook endpoints and their deliveries.
    ACCOUNT = "account"  # See the own account, its plan and what was used of it.

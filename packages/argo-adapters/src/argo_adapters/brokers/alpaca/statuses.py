"""What Alpaca's words for an order's state mean to us."""

from collections.abc import Mapping

from argo_core.trading.order import Status

# The whole table: a word that is not here is read as WORKING. An end that is taken for an open
# order is looked at again a minute later; an open order that is taken for ended is forgotten.
STATUSES: Mapping[str, Status] = {
    "held": Status.HELD,
    "accepted": Status.WORKING,
    "accepted_for_bidding": Status.WORKING,
    "pending_review": Status.WORKING,
    "pending_new": Status.WORKING,
    "new": Status.WORKING,
    "partially_filled": Status.WORKING,
    "pending_replace": Status.WORKING,
    # These may trade again: tomorrow, after the halt, or once they are reckoned up.
    "done_for_day": Status.WORKING,
    "suspended": Status.WORKING,
    "stopped": Status.WORKING,
    "calculated": Status.WORKING,
    "pending_cancel": Status.CANCELLING,
    "filled": Status.FILLED,
    "canceled": Status.CANCELLED,
    "expired": Status.EXPIRED,
    "replaced": Status.REPLACED,
    "rejected": Status.REJECTED,
}


def status_of(word: str) -> tuple[Status, str | None]:
    """What it means, and what there is to say about it, None in the ordinary case."""
    status = STATUSES.get(word)
    if status is None:
        return Status.WORKING, f"the broker calls it {word[:40]!a}, which is not known"
    if status is Status.REJECTED:
        return status, "the broker accepted it and then rejected it"
    return status, f"the broker calls it {word}" if word == "suspended" else None

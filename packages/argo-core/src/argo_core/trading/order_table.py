"""Which status may follow which: one table, for messages that come late, twice or in any order."""

from collections.abc import Mapping

from argo_core.trading.order import Status

_ENDS = frozenset(
    {Status.FILLED, Status.CANCELLED, Status.EXPIRED, Status.REJECTED, Status.REPLACED}
)

# What is not here does not happen: an older message came after a newer one. An order that ended
# stays so, but for one that was given up as lost and turns out to be there.
TABLE: Mapping[Status, frozenset[Status]] = {
    Status.INTENDED: _ENDS | {Status.HELD, Status.WORKING, Status.CANCELLING, Status.LOST},
    Status.HELD: _ENDS | {Status.WORKING, Status.CANCELLING},
    Status.WORKING: _ENDS | {Status.CANCELLING},
    Status.CANCELLING: _ENDS,
    Status.LOST: _ENDS | {Status.HELD, Status.WORKING, Status.CANCELLING},
    # The fill that a cancel came too late for.
    Status.CANCELLED: frozenset({Status.FILLED}),
    Status.EXPIRED: frozenset({Status.FILLED}),
    Status.REPLACED: frozenset({Status.FILLED}),
    Status.FILLED: frozenset(),
    Status.REJECTED: frozenset(),
}


def after(known: Status, told: Status) -> Status:
    """The status once `told` has been heard of an order that was `known` to be so."""
    return told if told in TABLE[known] else known

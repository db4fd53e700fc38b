"""A stretch of silence as a log entry."""

from collections.abc import Mapping
from datetime import datetime

from argo_core.codec.members import common
from argo_core.consensus.reasons import Reason
from argo_core.ledger.entry import encode_entry
from argo_core.market.moment import aware, to_micros


def quiet_entry(
    *,
    log: str,
    strategy: str,
    seq: int,
    from_at: datetime,
    to_at: datetime,
    cycles: int,
    holds: int,
    skips: int,
    reasons: Mapping[Reason, int],
) -> bytes:
    """The record of a stretch of cycles that published nothing, so that silence is on record too.

    It covers `cycles` whole cycles from `from_at` to `to_at`; `reasons` counts the decisions by why
    they came out as they did.

    Raises:
        InvalidInput: the stretch ends before it begins, or a count is negative.
    """
    return encode_entry(
        {
            **common("quiet", log, strategy, seq, to_at),
            "from_us": to_micros(aware("from_at", from_at)),
            "to_us": to_micros(to_at),
            "cycles": cycles,
            "holds": holds,
            "skips": skips,
            **{f"count_{reason.value}": count for reason, count in reasons.items()},
        }
    )

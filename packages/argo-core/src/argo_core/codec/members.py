"""Members that several kinds of entries have, and numbers as whole steps."""

import math
from datetime import datetime

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Scalar
from argo_core.ledger.kinds.common import VERSION
from argo_core.market.moment import aware, to_micros

MICRO = 1_000_000


def common(kind: str, log: str, strategy: str, seq: int, decided_at: datetime) -> dict[str, Scalar]:
    return {
        "v": VERSION,
        "kind": kind,
        "log": log,
        "strategy": strategy,
        "seq": seq,
        "decided_us": to_micros(aware("decided_at", decided_at)),
    }


def steps(value: float, per_unit: int) -> int:
    """`value` in whole steps, refused unless the steps read back as exactly the same float."""
    steps = round(value * per_unit) if math.isfinite(value) else 0
    if steps / per_unit != value:
        raise InvalidInput(
            "number", f"{value} is not in steps of 1/{per_unit}", "quantise it first"
        )
    return steps

"""`quiet`: cycles that published nothing, so that silence is on the record too."""

from typing import cast

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Fields
from argo_core.ledger.kinds.common import COMMON
from argo_core.ledger.schema import COUNT, MICROS, Group, Kind


def _agrees(fields: Fields) -> None:
    if cast(int, fields["from_us"]) > cast(int, fields["to_us"]):
        raise InvalidInput("from_us", "it is after to_us", "give the earlier moment first")


QUIET = Kind(
    required={
        **COMMON,
        "from_us": MICROS,
        "to_us": MICROS,
        "cycles": COUNT,
        "holds": COUNT,
        "skips": COUNT,
    },
    groups=(Group("[a-z_]+", {"count_*": COUNT}),),
    agree=_agrees,
)

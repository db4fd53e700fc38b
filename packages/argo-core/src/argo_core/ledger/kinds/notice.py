"""`correct`, `retire` and `key`: what an operator has to say; none of them edits anything."""

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Fields
from argo_core.ledger.kinds.common import COMMON
from argo_core.ledger.schema import COUNT, MICROS, WORD, Kind, Text
from argo_core.ledger.verifier_key import parse_verifier_key

CORRECT = Kind(required={**COMMON, "index": COUNT, "note": WORD})
"""The entry at `index` is wrong as `note` says; it stays as it is, and so does its score."""

RETIRE = Kind(required={**COMMON, "note": WORD})
"""The strategy ends here, because of `note`; its record stays."""


def _is_key(fields: Fields) -> None:
    try:
        parse_verifier_key(str(fields["key"]))
    except InvalidInput as error:
        raise InvalidInput("key", error.problem, error.fix) from error


KEY = Kind(
    required={
        **COMMON,
        "key": WORD,
        "use": Text("checkpoint|witness", "checkpoint or witness"),
        "from_us": MICROS,
        "note": WORD,
    },
    agree=_is_key,
)
"""From then on the log signs, or is cosigned, with this key; readers still pin it themselves."""

"""`correct`, `retire` and `key`: what an operator has to say; none of them edits anything."""

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Fields
from argo_core.ledger.kinds.common import COMMON
from argo_core.ledger.schema import COUNT, MICROS, WORD, Kind, Text
from argo_core.ledger.verifier_key import COSIGNATURE, ED25519, parse_verifier_key

CORRECT = Kind(required={**COMMON, "index": COUNT, "note": WORD})
"""The entry at `index` is wrong as `note` says; it stays as it is, and so does its score."""

RETIRE = Kind(required={**COMMON, "note": WORD})
"""The strategy ends here, because of `note`; its record stays."""

_ALGORITHMS = {"checkpoint": ED25519, "witness": COSIGNATURE}


def _is_key(fields: Fields) -> None:
    try:
        key = parse_verifier_key(str(fields["key"]))
    except InvalidInput as error:
        raise InvalidInput("key", error.problem, error.fix) from error
    if key.algorithm != _ALGORITHMS[str(fields["use"])]:
        problem = f"algorithm {key.algorithm} is not for a {fields['use']}"
        raise InvalidInput("use", problem, "1 signs checkpoints, 4 is a witness's")


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

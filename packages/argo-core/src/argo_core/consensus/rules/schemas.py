"""The structured output language models are held to: numbers and words from fixed lists only."""

from collections.abc import Collection

from argo_core.consensus.rules.language_model import KEYS, Action, Driver
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol

NAME = "opinions"
VERSION = "opinions-1"


def opinions(asked: Collection[Symbol]) -> dict[str, object]:
    """The JSON schema of an answer about these symbols, in order of symbol.

    Only `language_model.read_items` decides whether an answer is good; the schema makes vendors
    that enforce it give better ones.

    Raises:
        InvalidInput: no symbol is asked about.
    """
    if not asked:
        raise InvalidInput("asked", "there is no symbol", "ask about at least one")
    item = {
        "type": "object",
        "additionalProperties": False,
        "required": list(KEYS),
        "properties": {
            "symbol": {"type": "string", "enum": sorted(set(asked))},
            "action": {"type": "string", "enum": [str(action) for action in Action]},
            "score": {"type": "number", "minimum": -1, "maximum": 1},
            "as_of": {"type": "string", "description": "ISO 8601 with a UTC offset"},
            "drivers": {
                "type": "array",
                "items": {"type": "string", "enum": [str(driver) for driver in Driver]},
            },
        },
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["items"],
        "properties": {"items": {"type": "array", "items": item}},
    }

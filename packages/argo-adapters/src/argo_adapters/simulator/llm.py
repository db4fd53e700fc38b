"""What simulated language models read and write: a question found in text, an answer to a schema.

They know nothing but the tape's past: a score is the vendor's mood, see `sentiment`. What a schema
asks for beyond that is filled with the least it allows.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import frozen

from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.sentiment import mood
from argo_adapters.simulator.stamps import iso
from argo_core.market.instrument import Symbol

HOLD_BAND = 0.25
CHARACTERS_PER_TOKEN = 4

_TRIES = 200
_STRONG = 0.75
_DECODER = json.JSONDecoder()


@frozen
class Habit:
    """How a vendor judges: it looks `lookback` nanoseconds back, and anew every `bucket`."""

    who: str
    lookback: int
    bucket: int


def tokens(text: str) -> int:
    """About how many tokens a text has; never none."""
    return -(-len(text) // CHARACTERS_PER_TOKEN) or 1


def text_of(content: object) -> str:
    """The plain text of a message's content, which may be a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = (part.get("text", "") for part in content if isinstance(part, dict))
        return "\n".join(part for part in parts if isinstance(part, str))
    return ""


def asked_about(texts: Iterable[str]) -> list[Symbol]:
    """The symbols of the last JSON object with a list of `symbols` in the texts, in order.

    Whatever stands around the object, delimiters or prose, is passed over.
    """
    found: list[Symbol] = []
    for text in texts:
        for question in _objects(text):
            names = (one.get("symbol") if isinstance(one, dict) else one for one in question)
            found = [Symbol(name) for name in names if isinstance(name, str)]
    return list(dict.fromkeys(found))


def written(lens: Lens, habit: Habit, symbols: Iterable[Symbol], schema: object) -> str:
    """The model's answer about the symbols, as JSON text of the schema."""
    items = [_item(lens, habit, symbol) for symbol in symbols if symbol not in lens.hidden]
    shape = _item_schema(schema)
    if shape is not None:
        return _dumped({"items": [_fitted(item, shape) for item in items]})
    if isinstance(schema, Mapping):
        return _dumped(least(schema))
    return _dumped({"items": items})


def least(schema: object) -> object:
    """The smallest value a JSON schema allows, or None for a schema nobody understands."""
    if not isinstance(schema, Mapping):
        return None
    if schema.get("enum"):
        return schema["enum"][0]
    properties, _required = schema.get("properties", {}), schema.get("required", ())
    smallest: dict[object, Callable[[], object]] = {
        "object": lambda: {
            name: least(properties.get(name)) for name in schema.get("required", ())
        },
        "array": lambda: [least(schema.get("items"))] * min(schema.get("minItems", 0), 10),
        "string": lambda: "x" * min(schema.get("minLength", 0), 1_000),
        "number": lambda: schema.get("minimum", 0),
        "integer": lambda: schema.get("minimum", 0),
        "boolean": lambda: False,
    }
    return smallest.get(schema.get("type"), lambda: None)()


def inside(value: object, *path: str) -> object:
    """What lies at that path of nested objects, or None."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _objects(text: str) -> Iterable[list[object]]:
    place = -1
    for _ in range(_TRIES):
        place = text.find("{", place + 1)
        if place < 0:
            return
        try:
            value, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and isinstance(value.get("symbols"), list):
            yield value["symbols"]
        place = end - 1


def _item(lens: Lens, habit: Habit, symbol: Symbol) -> dict[str, object]:
    bucket = lens.now // habit.bucket * habit.bucket
    known = lens.knows(symbol)
    score = mood(lens.market, habit.who, symbol, bucket, habit.lookback) if known else 0.0
    action = "buy" if score > HOLD_BAND else "sell" if score < -HOLD_BAND else "hold"
    drivers = (
        ["technical", "news"] if abs(score) > _STRONG else ["technical"] if known else ["none"]
    )
    return {
        "symbol": symbol,
        "action": action,
        "score": score,
        "sentiment": score,
        "as_of": iso(bucket + lens.shift),
        "drivers": drivers,
    }


def _item_schema(schema: object) -> Mapping[str, Any] | None:
    """The properties of one item, if the schema is a list of items about symbols."""
    properties = inside(schema, "properties", "items", "items", "properties")
    return properties if isinstance(properties, dict) and "symbol" in properties else None


def _fitted(item: Mapping[str, object], properties: Mapping[str, Any]) -> dict[str, object]:
    return {name: item[name] if name in item else least(one) for name, one in properties.items()}


def _dumped(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))

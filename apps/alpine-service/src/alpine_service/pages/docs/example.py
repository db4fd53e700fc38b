"""Examples made of the description: a body for a schema, and a command for an operation."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

Plain = Mapping[str, Any]

# What stands for a member in an example, where the description gives none.
_BY_NAME: Mapping[str, Any] = {
    "id": "whk_3fT9vQ2kLm8RzX1b",
    "email": "ada@example.com",
    "password": "correct horse battery staple",
    "plan": "pro",
    "strategy": "trend",
    "symbol": "AAPL",
    "symbols": "AAPL",
    "strategies": "trend",
    "description": "",
    "name": "backtest",
    "url": "https://example.com/alpine",
    "log": "log.example/signals",
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "code": "123456",
    "zone": "Europe/Zurich",
    "kind": "signal.published",
    "signal_id": "sig-41",
    "delivery_id": "msg_7Yc2Qe5LwZ0pA9sD4gHk1b",
    "stop": "178.90",
    "target": "188.40",
}
# Of several values that may be, the one that tells most.
_CHOSEN = frozenset({"public", "BUY", "target"})
_NUMBERS: Mapping[str, int] = {
    "seq": 7,
    "confidence_bp": 7_240,
    "return_bp": 335,
    "outcome_index": 58,
    "horizon_s": 3_600,
    "per_minute": 600,
    "per_day": 200_000,
    "monthly_cents": 9_900,
    "keys": 20,
    "streams": 10,
    "endpoints": 10,
    "hour": 7,
    "status": 204,
    "official_s": 1_772_452_800,
    "cosigned_s": 1_772_452_800,
}
_TIME_US = 1_772_452_800_000_000
_OF_TYPE: Mapping[str, Any] = {
    "integer": 41,
    "number": 0.5,
    "boolean": True,
    "null": None,
    "object": {},
}
_TIME = "2026-03-02T12:00:00Z"
_DEEPEST = 5


def example_of(schema: Plain, named: Plain) -> Any:
    """A value that could be one of that schema; `named` are the schemas that have names."""
    return _value(schema, named, "", 0)


def as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def curl(method: str, path: str, operation: Plain, document: Plain) -> str:
    """A command that asks it, for a shell in which `ALPINE_KEY` is a key."""
    parameters = operation.get("parameters", [])
    words = ["curl"]
    if method != "get":
        words.append(f"-X {method.upper()}")
    url = document["servers"][0]["url"] + _filled(path, parameters) + _query(parameters)
    words = [" ".join([*words, f'"{url}"'])]
    words += [f'-H "{each}"' for each in _credentials(operation, method, document)]
    if body := operation.get("requestBody"):
        schema = body["content"]["application/json"]["schema"]
        value = _short(schema, document["components"]["schemas"])
        said = json.dumps(value, ensure_ascii=False)
        words += ['-H "Content-Type: application/json"', f"-d '{said}'"]
    return " \\\n  ".join(words)


def _short(schema: Plain, named: Plain) -> Any:
    """What has to be there, or everything where nothing has to."""
    value, needed = example_of(schema, named), _resolved(schema, named).get("required")
    return {name: value[name] for name in needed} if needed else value


def _credentials(operation: Plain, method: str, document: Plain) -> list[str]:
    ways = {name for way in operation["security"] for name in way}
    if "key" in ways:
        return ["Authorization: Bearer $ALPINE_KEY"]
    if "session" not in ways:
        return []
    cookie = document["components"]["securitySchemes"]["session"]["name"]
    origin = [] if method == "get" else [f"Origin: {document['servers'][0]['url']}"]
    return [f"Cookie: {cookie}=$ALPINE_SESSION", *origin]


def _filled(path: str, parameters: list[Plain]) -> str:
    for each in parameters:
        if each["in"] == "path":
            word = str(each.get("example", f"${each['name'].upper()}"))
            path = path.replace(f"{{{each['name']}}}", word)
    return path


def _query(parameters: list[Plain]) -> str:
    """Those that are needed, and those that have an example."""
    said = [
        f"{each['name']}={quote(str(each['example']), safe='')}"
        for each in parameters
        if each["in"] == "query" and "example" in each
    ]
    return f"?{'&'.join(said)}" if said else ""


def _value(schema: Plain, named: Plain, name: str, depth: int) -> Any:
    schema = _resolved(schema, named)
    if given := schema.get("examples") or schema.get("enum"):
        return next((each for each in given if each in _CHOSEN), given[0])
    if depth > _DEEPEST:
        return None
    if "properties" in schema:
        return {
            member: _value(rule, named, member, depth + 1)
            for member, rule in schema["properties"].items()
        }
    if "items" in schema:
        return [_value(schema["items"], named, name, depth + 1)]
    return _plain(schema, name)


def _resolved(schema: Plain, named: Plain) -> Plain:
    """The schema behind a name, and the first of several that may be."""
    while "$ref" in schema or "anyOf" in schema:
        if choices := schema.get("anyOf"):
            # A reason may be missing, and then fits to any state.
            is_reason = not _CHOSEN.intersection(choices[0].get("enum", _CHOSEN))
            schema = choices[-1] if is_reason else choices[0]
        else:
            schema = named[schema["$ref"].rpartition("/")[2]]
    return schema


def _plain(schema: Plain, name: str) -> Any:
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if schema.get("format") == "date-time":
        return _TIME
    if name == "next" and "null" in kinds:
        return None
    if kind == "integer":
        return _NUMBERS.get(name, _TIME_US if name.endswith("_us") else _OF_TYPE[kind])
    return _BY_NAME.get(name, "…") if kind == "string" else _OF_TYPE[kind]

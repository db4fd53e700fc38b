"""The OpenAPI document in the order and the words in which people read it."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from alpine_service.api.problems import KINDS, Kind
from alpine_service.pages.docs.example import as_json, curl, example_of

Plain = Mapping[str, Any]
# What readers come for first. Tags that are not here stand behind.
_ORDER = (
    "Signals",
    "Strategies",
    "Proofs",
    "Events",
    "Webhooks",
    "Daily mail",
    "API keys",
    "Plan",
    "Account",
    "Service",
    "Witness",
    "Staff",
)
_RULES = ("minimum", "maximum", "minLength", "maxLength", "pattern", "default")
_RULE_WORDS = {
    "minimum": "at least",
    "maximum": "at most",
    "minLength": "characters at least",
    "maxLength": "characters at most",
    "pattern": "of the form",
    "default": "if left out,",
}


@frozen
class Part:
    """Part of the words for a type; `anchor` is where the type is described, if it has a name."""

    words: str
    anchor: str | None = None


@frozen
class Member:
    """A parameter, or a member of a body."""

    name: str
    kind: tuple[Part, ...]
    meaning: str
    is_needed: bool
    where: str = ""
    rules: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@frozen
class Answer:
    """One status; `body` is of what is answered with it, and `example` what it may look like."""

    status: str
    meaning: str
    media: str = ""
    body: tuple[Part, ...] = ()
    example: str | None = None


@frozen
class Operation:
    """One thing that can be asked. `refusals` are in short, since all are alike."""

    id: str
    method: str
    path: str
    summary: str
    meaning: str
    parameters: tuple[Member, ...]
    takes: str | None
    members: tuple[Member, ...]
    answers: tuple[Answer, ...]
    refusals: tuple[Answer, ...]
    command: str


@frozen
class Section:
    """Operations that belong together."""

    title: str
    anchor: str
    operations: tuple[Operation, ...]


@frozen
class Body:
    """A type of bodies that has a name."""

    name: str
    meaning: str
    members: tuple[Member, ...]


@frozen
class Reference:
    """All that is said about the API."""

    version: str
    url: str
    about: tuple[str, ...]
    sections: tuple[Section, ...]
    bodies: tuple[Body, ...]
    problems: tuple[Kind, ...]


def reference_of(document: Plain) -> Reference:
    """The whole of it."""
    info = document["info"]
    return Reference(
        version=info["version"],
        url=document["servers"][0]["url"],
        about=tuple(info["description"].strip().split("\n\n")),
        sections=_sections(document),
        bodies=tuple(
            Body(name, schema.get("description", ""), _members(schema))
            for name, schema in sorted(document["components"]["schemas"].items())
        ),
        problems=KINDS,
    )


def _sections(document: Plain) -> tuple[Section, ...]:
    found: dict[str, list[Operation]] = {name: [] for name in _ORDER}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            told = _operation(method, path, operation, document)
            found.setdefault(operation["tags"][0], []).append(told)
    return tuple(
        Section(title, title.lower().replace(" ", "-"), tuple(operations))
        for title, operations in found.items()
        if operations
    )


def _operation(method: str, path: str, operation: Plain, document: Plain) -> Operation:
    named = document["components"]["schemas"]
    body = operation.get("requestBody")
    schema = body["content"]["application/json"]["schema"] if body else None
    takes = None if schema is None else _name(schema)
    answers = [_answer(status, said, named) for status, said in operation["responses"].items()]
    good = tuple(each for each in answers if each.status < "4")
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        meaning=operation["description"],
        parameters=tuple(_parameter(each) for each in operation.get("parameters", ())),
        takes=takes,
        members=() if takes is None else _members(named[takes]),
        answers=good,
        refusals=tuple(_refusal(each.status, document) for each in answers if each.status >= "4"),
        command=curl(method, path, operation, document),
    )


def _answer(status: str, said: Plain, named: Plain) -> Answer:
    for media, content in said.get("content", {}).items():
        schema = content.get("schema")
        is_json = media == "application/json" and schema is not None
        return Answer(
            status,
            said["description"],
            media,
            _kind(schema) if is_json else (),
            as_json(example_of(schema, named)) if is_json else None,
        )
    return Answer(status, said.get("description", ""))


def _refusal(status: str, document: Plain) -> Answer:
    return Answer(status, document["components"]["responses"][f"Problem{status}"]["description"])


def _parameter(given: Plain) -> Member:
    schema = given["schema"]
    return Member(
        given["name"],
        _kind(schema),
        given["description"],
        given["required"],
        given["in"],
        _rules(schema),
        _choices(schema),
    )


def _members(schema: Plain) -> tuple[Member, ...]:
    needed = schema.get("required", ())
    return tuple(
        Member(
            name,
            _kind(rule),
            rule.get("description", ""),
            name in needed,
            rules=_rules(rule),
            choices=_choices(rule),
        )
        for name, rule in schema.get("properties", {}).items()
    )


def _choices(schema: Plain) -> tuple[str, ...]:
    """The words that may be, or that each of a list may be."""
    found = schema.get("enum") or schema.get("items", {}).get("enum", ())
    return tuple(str(each) for each in found)


def _rules(schema: Plain) -> tuple[str, ...]:
    """What a value has to keep, in words."""
    return tuple(
        f"{_RULE_WORDS[name]} `{schema[name]}`"
        for name in _RULES
        if schema.get(name) not in (None, "")
    )


def _kind(schema: Plain) -> tuple[Part, ...]:
    """A type in a few words, of which those with a name lead to it."""
    if "$ref" in schema:
        name = _name(schema)
        return (Part(name, f"body-{name}"),)
    if choices := schema.get("anyOf"):
        parts = [part for each in choices for part in (Part(" or "), *_kind(each))]
        return tuple(parts[1:])
    if "items" in schema:
        return (Part("list of "), *_kind(schema["items"]))
    kind = schema.get("type", "anything")
    words = " or ".join(kind) if isinstance(kind, list) else kind
    return (Part("time" if schema.get("format") == "date-time" else words),)


def _name(schema: Plain) -> str:
    return str(schema["$ref"]).rpartition("/")[2]

"""The OpenAPI document as a page for people."""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from argo_service.api import problems
from argo_service.api.html import inline, page, prose, table

_EXAMPLE_ORIGIN = "http://127.0.0.1:8090"
_OK = "200"


def docs_page(document: Mapping[str, Any]) -> str:
    """The page of an OpenAPI document as `openapi` makes it."""
    operations = list(_operations(document))
    schemas = document["components"]["schemas"]
    main = "".join(
        (
            f"<h1>{escape(document['info']['title'])} API</h1>",
            _subtitle(document["info"]["version"]),
            prose(document["info"]["description"]),
            _keys(document),
            *(_section(tag, operations) for tag in _tags(operations)),
            '<h2 id="answers">Answers</h2>',
            *(_schema(name, schema) for name, schema in schemas.items()),
            _problems(),
        )
    )
    frame = f'<div class="frame">{_navigation(operations, schemas)}<main>{main}</main></div>'
    return page("Argo API", frame)


def _subtitle(version: str) -> str:
    links = '<a href="/openapi.json">OpenAPI 3.1</a> &middot; <a href="/">Start</a>'
    return f'<p class="faint">Version {escape(version)} &middot; {links}</p>'


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _tags(operations: Sequence[tuple[str, str, Mapping[str, Any]]]) -> list[str]:
    return list(dict.fromkeys(operation["tags"][0] for _, _, operation in operations))


def _navigation(
    operations: Sequence[tuple[str, str, Mapping[str, Any]]], schemas: Mapping[str, Any]
) -> str:
    parts = []
    for tag in _tags(operations):
        links = "".join(
            f'<li><a href="#{operation["operationId"]}">{escape(path)}</a></li>'
            for _, path, operation in operations
            if operation["tags"][0] == tag
        )
        parts.append(f"<h2>{escape(tag)}</h2><ul>{links}</ul>")
    names = "".join(f'<li><a href="#answer-{name}">{name}</a></li>' for name in schemas)
    faults = "".join(
        f'<li><a href="#problem-{kind.slug}">{kind.slug}</a></li>' for kind in problems.KINDS
    )
    parts.append(f"<h2>Answers</h2><ul>{names}</ul><h2>Problems</h2><ul>{faults}</ul>")
    return f'<nav aria-label="Contents">{"".join(parts)}</nav>'


def _keys(document: Mapping[str, Any]) -> str:
    meaning = document["components"]["securitySchemes"]["key"]["description"]
    return f'<h2 id="keys">Keys</h2>{prose(meaning)}'


def _section(tag: str, operations: Sequence[tuple[str, str, Mapping[str, Any]]]) -> str:
    inside = "".join(
        _operation(method, path, operation)
        for method, path, operation in operations
        if operation["tags"][0] == tag
    )
    return f"<h2>{escape(tag)}</h2>{inside}"


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    title = f'<span class="method">{method}</span><code class="path">{escape(path)}</code>'
    scopes = [scope for way in operation["security"] for scope in way.get("key", ())]
    scope = f'<p class="faint">Scope: <code>{escape(scopes[0])}</code></p>' if scopes else ""
    return "".join(
        (
            f'<h3 id="{operation["operationId"]}">{title}</h3>',
            f"<p><b>{escape(operation['summary'])}.</b></p>",
            prose(operation["description"]),
            scope,
            _parameters(operation["parameters"]),
            _body(operation),
            _responses(operation["responses"]),
            f"<pre><code>{escape(_curl(method, path, operation, keyed=bool(scopes)))}</code></pre>",
        )
    )


def _parameters(parameters: Sequence[Mapping[str, Any]]) -> str:
    if not parameters:
        return ""
    return table(
        ("Parameter", "In", "Takes", "Meaning"),
        (
            (
                f"<code>{escape(each['name'])}</code>",
                each["in"],
                _type(each["schema"]),
                inline(each["description"]),
            )
            for each in parameters
        ),
    )


def _body(operation: Mapping[str, Any]) -> str:
    if "requestBody" not in operation:
        return ""
    ((media, content),) = operation["requestBody"]["content"].items()
    return f"<p>Body: <code>{escape(media)}</code> {_type(content['schema'])}</p>"


def _responses(responses: Mapping[str, Mapping[str, Any]]) -> str:
    return table(
        ("Status", "Meaning", "Body"),
        (
            (
                status,
                inline(each["description"]),
                " ".join(
                    f"<code>{escape(media)}</code> {_type(content['schema'])}"
                    for media, content in each["content"].items()
                ),
            )
            for status, each in responses.items()
        ),
    )


def _curl(method: str, path: str, operation: Mapping[str, Any], *, keyed: bool) -> str:
    query = []
    for each in operation["parameters"]:
        if "example" not in each:
            continue
        text = quote(
            f"{each['example']:g}" if each["schema"].get("type") == "number" else each["example"]
        )
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", text)
        else:
            query.append(f"{each['name']}={text}")
    header = ' -H "Authorization: Bearer $ARGO_API_KEY"' if keyed else ""
    asked = "?" + "&".join(query) if query else ""
    sent = ' --json \'{"reason": "..."}\'' if method == "POST" else ""
    return f"curl{header}{sent} '{_EXAMPLE_ORIGIN}{path}{asked}'"


def _schema(name: str, schema: Mapping[str, Any]) -> str:
    title = f'<h3 id="answer-{name}">{name}</h3>{prose(schema.get("description", ""))}'
    if "properties" not in schema:
        return title + f"<p>{_type(schema)}</p>"
    required = schema["required"]
    rows = (
        (f"<code>{escape(field)}</code>" + ("" if field in required else "?"), _type(kind))
        for field, kind in schema["properties"].items()
    )
    return title + table(("Member", "Type"), rows)


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#answer-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if "additionalProperties" in schema:
        return f"map of names to {_type(schema['additionalProperties'])}"
    said = {"date-time": "moment"}.get(schema.get("format", ""), schema.get("type", "anything"))
    bounds = [f"{word} {schema[key]}" for key, word in _BOUNDS if key in schema]
    return escape(", ".join([said, *bounds]))


_BOUNDS = (("minimum", "from"), ("maximum", "to"), ("default", "default"))


def _problems() -> str:
    example = {
        "type": "/docs#problem-invalid-input",
        "title": "A parameter was refused",
        "detail": "limit: '0' is not a page size; give a whole number from 1 to 500",
        "field": "limit",
        "fix": "give a whole number from 1 to 500",
        "status": 400,
        "request_id": "6f0c1f6a2f5e4f0e8f6d0c0a7b1d9e55",
    }
    kinds = "".join(
        f'<h3 id="problem-{kind.slug}">{kind.slug} <span class="faint">{kind.status.value}</span>'
        f"</h3><p><b>{escape(kind.title)}.</b> {inline(kind.meaning)}</p>"
        for kind in problems.KINDS
    )
    shown = escape(json.dumps(example, indent=2))
    return f'<h2 id="problems">Problems</h2><pre><code>{shown}</code></pre>{kinds}'

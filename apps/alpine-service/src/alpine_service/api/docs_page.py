"""The API's description as a page: made of the OpenAPI document, whole without any script."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from alpine_service.api.problems import KINDS

Plain = Mapping[str, Any]

_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:60rem;padding:2rem 1rem 6rem}
h1,h2,h3{line-height:1.2}h2{margin-top:3rem}
section{border-top:1px solid color-mix(in srgb,currentColor 20%,transparent);padding:.5rem 0 1rem}
code,pre,.path{font-family:ui-monospace,monospace;font-size:.9em}
.path{font-size:1rem;overflow-wrap:anywhere}.method{font-weight:700}
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.5rem 0}
td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}
pre{overflow-x:auto;padding:.75rem;background:color-mix(in srgb,currentColor 8%,transparent)}
a{color:inherit}nav ul{columns:16rem;padding-left:1rem}
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; object-src 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def docs_page(document: Plain) -> bytes:
    """The page; its policy is `POLICY`."""
    body = "\n".join(_body(document))
    return _page("Alpine's API", body)


def problem_page(name: str) -> bytes | None:
    """What a type of problem means; None if there is no such type."""
    for kind in KINDS:
        if kind.name == name:
            words = f"<p>{escape(kind.meaning)}</p><p>Status {kind.status}.</p>"
            more = '<p><a href="/docs">All about the API</a></p>'
            return _page(kind.title, f"<h1>{escape(kind.title)}</h1>{words}{more}")
    return None


def _page(title: str, body: str) -> bytes:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    ).encode()


def _body(document: Plain) -> Iterator[str]:
    info = document["info"]
    yield f"<h1>{escape(info['title'])}</h1><p>{escape(info['summary'])}</p>"
    for paragraph in info["description"].strip().split("\n\n"):
        yield f"<p>{_words(paragraph)}</p>"
    yield '<p>For programs: <a href="/v1/openapi.json">the OpenAPI document</a>.</p>'
    yield '<nav aria-label="Contents"><ul>'
    by_tag = _by_tag(document)
    for tag in by_tag:
        yield f'<li><a href="#{_anchor(tag)}">{escape(tag)}</a></li>'
    yield '<li><a href="#bodies">Bodies</a></li>'
    yield '<li><a href="#problems">Problems</a></li></ul></nav>'
    for tag, operations in by_tag.items():
        yield f'<h2 id="{_anchor(tag)}">{escape(tag)}</h2>'
        for method, path, operation in operations:
            yield from _operation(method, path, operation)
    yield '<h2 id="bodies">Bodies</h2>'
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield from _schema(name, schema)
    yield '<h2 id="problems">Problems</h2>'
    yield "<table><tr><th>Type</th><th>Status</th><th>Meaning</th></tr>"
    for kind in KINDS:
        link = f'<a href="/problems/{kind.name}"><code>/problems/{kind.name}</code></a>'
        yield f"<tr><td>{link}</td><td>{kind.status}</td><td>{escape(kind.meaning)}</td></tr>"
    yield "</table>"


def _by_tag(document: Plain) -> dict[str, list[tuple[str, str, Plain]]]:
    found: dict[str, list[tuple[str, str, Plain]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append((method, path, operation))
    return found


def _operation(method: str, path: str, operation: Plain) -> Iterator[str]:
    yield f'<section id="{operation["operationId"]}"><h3>{escape(operation["summary"])}</h3>'
    yield f'<p class="path"><span class="method">{method.upper()}</span> {escape(path)}</p>'
    yield f"<p>{_words(operation['description'])}</p>"
    if parameters := operation.get("parameters"):
        yield "<table><caption>Parameters</caption>"
        for each in parameters:
            where = each["in"] + (", needed" if each["required"] else "")
            rule = escape(json.dumps(each["schema"]))
            yield (
                f"<tr><td><code>{escape(each['name'])}</code><br>{where}</td>"
                f"<td>{_words(each['description'])}<br><code>{rule}</code></td></tr>"
            )
        yield "</table>"
    if body := operation.get("requestBody"):
        yield f"<p>Takes {_kind(body['content']['application/json']['schema'])}.</p>"
    yield "<table><caption>Answers</caption>"
    for status, response in operation["responses"].items():
        yield f"<tr><td>{status}</td><td>{_answer(response)}</td></tr>"
    yield "</table></section>"


def _answer(response: Plain) -> str:
    if reference := response.get("$ref"):
        return f"<a href='#problems'>{escape(reference.rpartition('/')[2])}</a>"
    said = escape(response["description"])
    for media, content in response.get("content", {}).items():
        said += f" <code>{escape(media)}</code>"
        if "schema" in content:
            said += f" {_kind(content['schema'])}"
    return said


def _schema(name: str, schema: Plain) -> Iterator[str]:
    yield f'<section id="body-{escape(name)}"><h3>{escape(name)}</h3>'
    yield f"<p>{_words(schema.get('description', ''))}</p>"
    if "enum" in schema:
        choices = ", ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"])
        yield f"<p>One of {choices}.</p>"
    if properties := schema.get("properties"):
        yield "<table>"
        for member, rule in properties.items():
            needed = "" if member in schema.get("required", ()) else "<br>may be left out"
            yield (
                f"<tr><td><code>{escape(member)}</code>{needed}</td>"
                f"<td>{_words(rule.get('description', ''))} {_kind(rule)}</td></tr>"
            )
        yield "</table>"
    yield "</section>"


def _kind(schema: Plain) -> str:
    """A type in a few words, with links to those that have a name."""
    if reference := schema.get("$ref"):
        name = escape(reference.rpartition("/")[2])
        return f'<a href="#body-{name}">{name}</a>'
    if choices := schema.get("anyOf"):
        return " or ".join(_kind(each) for each in choices)
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    kind = schema.get("type", "anything")
    words = " or ".join(kind) if isinstance(kind, list) else kind
    if "format" in schema:
        words += f" ({schema['format']})"
    return f"<code>{escape(words)}</code>"


def _words(text: str) -> str:
    """A sentence, with what is between backticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))


def _anchor(tag: str) -> str:
    return escape(tag.lower().replace(" ", "-"))

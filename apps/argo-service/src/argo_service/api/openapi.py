"""The OpenAPI 3.1 document, made from the table of operations and the answers' types."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from argo_service.api import problems
from argo_service.api.bodies import ProblemBody
from argo_service.api.operation import Operation, Parameter
from argo_service.api.schema import Schema, schema_of
from argo_service.version import VERSION

_INTRODUCTION = (
    "Signals made from the opinions of several vendors, each with its reasons, its evidence and"
    " its place in an append-only log. Times are UTC in ISO 8601, prices decimals in strings."
    " Errors are RFC 9457 problem documents; a malformed, unknown or doubled parameter is refused"
    " by name, and so is such a member of a body."
)

# What any path may answer: a parameter nobody knows, a body, another host's name, a fault of ours.
_ANYWHERE = (400, 413, 421, 500)


def openapi(operations: Iterable[Operation]) -> dict[str, Any]:
    """The whole document."""
    schemas: dict[str, Schema] = {}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _operation(operation, schemas)
        paths.setdefault(operation.template, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Argo", "version": VERSION, "description": _INTRODUCTION},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key made with `argo keys add`, sent in the header only."
                    " While no key was ever made the service is open, on this machine only.",
                }
            },
        },
    }


def _operation(operation: Operation, schemas: dict[str, Schema]) -> dict[str, Any]:
    good = HTTPStatus(operation.status)
    answers: dict[str, Any] = {str(operation.status): {"description": good.phrase, "content": {}}}
    if good is not HTTPStatus.NO_CONTENT:
        answers[str(operation.status)] = _answer(good.phrase, operation.body, schemas)
    if operation.public:
        answers["304"] = {"description": "What you have is still right", "content": {}}
    if operation.unwell:
        answers["503"] = _answer("A check failed; the body says which", operation.body, schemas)
    for status in (*_ANYWHERE, *operation.refusals):
        answers[str(status)] = {
            "description": _said(status),
            "content": {problems.MEDIA_TYPE: {"schema": schema_of(ProblemBody, schemas)}},
        }
    described: dict[str, Any] = {
        "operationId": operation.handler.__name__,
        "summary": operation.summary,
        "description": operation.meaning,
        "tags": [operation.tag],
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": dict(sorted(answers.items())),
        "security": [],
    }
    if operation.takes is not None:
        taken = schema_of(operation.takes, schemas)
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": taken}},
        }
    if operation.scope is not None:
        # The empty one says that the key may be left out, as it may while there are none.
        described["security"] = [{"key": [operation.scope.value]}, {}]
    return described


def _answer(meaning: str, body: type[Any] | str, schemas: dict[str, Schema]) -> dict[str, Any]:
    if isinstance(body, str):
        schema = {"type": "object" if body == "application/json" else "string"}
        if body == "application/octet-stream":
            schema["contentMediaType"] = body
        return {"description": meaning, "content": {body: {"schema": schema}}}
    described = schema_of(body, schemas)
    return {"description": meaning, "content": {"application/json": {"schema": described}}}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.meaning,
        "required": parameter.where == "path",
        "schema": dict(parameter.schema),
    }
    if parameter.example is not None:
        kind = parameter.schema.get("type")
        described["example"] = float(parameter.example) if kind == "number" else parameter.example
    return described


def _said(status: int) -> str:
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return "The fault is ours"
    named = (kind.title for kind in problems.KINDS if kind.status == status)
    return next(named, HTTPStatus(status).phrase)

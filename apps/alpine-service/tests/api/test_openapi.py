"""The description of the API."""

from enum import StrEnum

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from attrs import field, frozen
from openapi_spec_validator import OpenAPIV31SpecValidator
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.api.app import build_app
from alpine_service.api.openapi import openapi, statuses
from alpine_service.api.route import ADMIN, SIGNED_IN, Door, Route, keyed
from alpine_service.api.routes import ROUTES
from alpine_service.api.schema import Schemas
from alpine_service.domain.accounts.scope import Scope
from alpine_service.testing.fake_platform import Fakes

Client = TestClient[web.Request, web.Application]
DOCUMENT = openapi(ROUTES, "https://alpine.example", "1.0", "__Host-alpine")


class Colour(StrEnum):
    """A colour."""

    RED = "red"


@frozen
class Leaf:
    """A leaf."""

    colours: list[Colour]
    size: int | None
    name: str = field(
        metadata={"meaning": "Its name.", "example": "oak", "schema": {"minLength": 1}}
    )
    leaf: "Leaf | None" = None


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(build_app(Fakes().platform()))


def test_the_document_is_valid() -> None:
    # As plain JSON, so that nothing is in it that JSON does not have.
    OpenAPIV31SpecValidator(orjson.loads(orjson.dumps(DOCUMENT))).validate()


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    described = {
        (method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods
    }

    assert described == {(route.method, route.path) for route in ROUTES}


def test_no_two_operations_have_one_name() -> None:
    names = [each["operationId"] for path in DOCUMENT["paths"].values() for each in path.values()]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_part_of_a_path_is_described_and_every_refusal_has_a_meaning(route: Route) -> None:
    in_path = {each.name for each in route.parameters if each.where == "path"}

    assert in_path == {part.strip("{}") for part in route.path.split("/") if part.startswith("{")}
    for status in statuses(route):
        assert f"Problem{status}" in DOCUMENT["components"]["responses"]


def test_what_follows_from_access_is_said() -> None:
    async def nothing(request: web.Request) -> web.Response:
        return web.Response()

    def operation(access: object, path: str = "/x", **more: object) -> dict[str, object]:
        route = Route("POST", path, nothing, "X", "X", access, None, **more)  # type: ignore[arg-type]
        document = openapi([route], "http://x", "1", "c")
        found: dict[str, object] = document["paths"][path]["post"]
        return found

    by_key = operation(keyed(Scope.WEBHOOKS, owned=True), "/x/{id}", takes=Leaf, idempotent=True)
    by_session = operation(SIGNED_IN)
    staff = operation(ADMIN)

    assert by_key["security"] == [{"key": ["webhooks"]}, {"session": []}]
    assert by_session["security"] == [{"session": []}]
    assert set(by_key["responses"]) >= {"401", "403", "404", "409", "413", "415", "422", "429"}  # type: ignore[call-overload]
    assert "404" not in by_session["responses"]  # type: ignore[operator]
    assert "`admin`" in str(staff["description"])
    assert ADMIN.door is Door.SESSION


def test_a_class_becomes_a_schema_with_all_that_is_said_of_it() -> None:
    schemas = Schemas()

    assert schemas.of(Leaf) == {"$ref": "#/components/schemas/Leaf"}
    assert schemas.named == {
        "Leaf": {
            "type": "object",
            "description": "A leaf.",
            "properties": {
                "colours": {
                    "type": "array",
                    "items": {"type": "string", "enum": ["red"], "description": "A colour."},
                },
                "size": {"type": ["integer", "null"]},
                "name": {
                    "type": "string",
                    "minLength": 1,
                    "description": "Its name.",
                    "examples": ["oak"],
                },
                "leaf": {
                    "anyOf": [{"$ref": "#/components/schemas/Leaf"}, {"type": "null"}],
                    "default": None,
                },
            },
            "required": ["colours", "size", "name"],
            "additionalProperties": False,
        },
    }


def test_two_classes_of_one_name_are_a_mistake() -> None:
    schemas = Schemas()
    schemas.of(Leaf)

    with pytest.raises(TypeError, match="two bodies are called Leaf"):
        schemas.of(frozen(type("Leaf", (), {})))


def test_a_type_that_json_does_not_have_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="no schema for"):
        Schemas().of(complex)


async def test_the_document_is_served_to_everybody(client: Client) -> None:
    response = await client.get("/v1/openapi.json")

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert (await response.json())["openapi"] == "3.1.1"
    again = await client.get(
        "/v1/openapi.json", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status == 304

"""The API's description: complete, true to the answers, and readable."""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from argo_service.api.openapi import openapi
from argo_service.api.routes import OPERATIONS

Conforming = Callable[[Any, dict[str, Any], dict[str, Any]], list[str]]


async def test_every_route_is_in_the_description(station: Any) -> None:
    document = json.loads(await (await station.client.get("/openapi.json")).read())
    routed = {
        (route.method, route.resource.canonical)
        for route in station.client.app.router.routes()
        if route.method != "HEAD"
    }
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert described == routed


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/api/v1/signals", "/api/v1/signals"),
        ("/api/v1/signals/AAPL", "/api/v1/signals/{symbol}"),
        ("/api/v1/signals/BTC/USD", "/api/v1/signals/{symbol}"),
        ("/api/v1/signals/MSFT", "/api/v1/signals/{symbol}"),
        ("/api/v1/signals?limit=0", "/api/v1/signals"),
        ("/api/v1/health?level=live", "/api/v1/health"),
        ("/api/v1/health?level=deep", "/api/v1/health"),
        ("/?x=1", "/"),
        ("/docs?x=1", "/docs"),
        ("/openapi.json?x=1", "/openapi.json"),
        ("/metrics?x=1", "/metrics"),
        ("/api/v1/bodies", "/api/v1/bodies"),
        ("/api/v1/stream?since=x", "/api/v1/stream"),
        ("/checkpoint?x=1", "/checkpoint"),
        ("/tile/0/999", "/tile/{level}/{path}"),
        ("/tile/entries/999", "/tile/entries/{path}"),
        ("/proof/99.tlog-proof", "/proof/{index}.tlog-proof"),
        ("/api/v1/entries/99", "/api/v1/entries/{index}"),
        ("/api/v1/entries/x", "/api/v1/entries/{index}"),
    ],
)
async def test_answers_are_what_the_description_says(
    station: Any, conforming: Conforming, path: str, template: str
) -> None:
    await station.cycle()
    response = await station.client.get(path)
    document = openapi(OPERATIONS)
    described = document["paths"][template]["get"]["responses"][str(response.status)]
    schema = described["content"][response.content_type]["schema"]
    body = json.loads(await response.read())
    assert conforming(body, schema, document["components"]["schemas"]) == []


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/checkpoint", "/checkpoint"),
        ("/tile/0/000.p/1", "/tile/{level}/{path}"),
        ("/tile/entries/000.p/1", "/tile/entries/{path}"),
        ("/proof/0.tlog-proof", "/proof/{index}.tlog-proof"),
        ("/api/v1/entries/0", "/api/v1/entries/{index}"),
    ],
)
async def test_the_records_parts_and_that_they_are_unchanged_are_described(
    station: Any, path: str, template: str
) -> None:
    described = openapi(OPERATIONS)["paths"][template]["get"]["responses"]
    response = await station.client.get(path)
    assert response.content_type in described["200"]["content"]
    headers = {"If-None-Match": response.headers["ETag"]}
    assert (await station.client.get(path, headers=headers)).status == 304
    assert described["304"]["content"] == {}


@pytest.mark.parametrize(
    ("method", "template"),
    [(operation.method, operation.template) for operation in OPERATIONS],
)
async def test_a_foreign_host_and_a_large_body_are_described_for_every_path(
    station: Any, method: str, template: str
) -> None:
    described = openapi(OPERATIONS)["paths"][template][method.lower()]["responses"]
    path = re.sub(r"{\w+}", "1", template.replace("{symbol}", "AAPL"))
    for more in ({"headers": {"Host": "evil.example"}}, {"data": b"x" * 20_000}):
        response = await station.client.request(method, path, **more)
        assert response.content_type in described[str(response.status)]["content"]


def test_the_description_is_well_formed() -> None:
    document = openapi(OPERATIONS)
    assert document["openapi"] == "3.1.0"
    text = json.dumps(document)
    for reference in re.findall(r'"\$ref": "#/components/schemas/(\w+)"', text):
        assert reference in document["components"]["schemas"]
    names = [op["operationId"] for path in document["paths"].values() for op in path.values()]
    assert len(set(names)) == len(names)
    for path, methods in document["paths"].items():
        for one in methods.values():
            named = {each["name"] for each in one["parameters"] if each["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))
    for operation in OPERATIONS:
        needs = {401, 403, 429} if operation.scope else set()
        needs |= {404, 429} if operation.public else set()
        assert needs <= set(operation.refusals)


class Page(HTMLParser):
    """Collects what a page refers to, and checks that its tags are closed."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        said = dict(attrs)
        self.ids += [said["id"]] if said.get("id") else []  # type: ignore[list-item] # not None, as just asked
        self.links += [said["href"]] if said.get("href") else []  # type: ignore[list-item] # not None, as just asked
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_pages_are_whole_without_scripts_and_their_style_is_allowed(
    station: Any, path: str
) -> None:
    response = await station.client.get(path)
    text = await response.text()
    page = Page()
    page.feed(text)
    assert page.open == []
    assert "script" not in page.tags
    assert not page.tags & {"img", "link", "iframe", "form"}
    assert "style" not in page.attributes
    assert not any(link.startswith(("http", "//")) for link in page.links)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in response.headers["Content-Security-Policy"]


async def test_every_link_leads_somewhere(station: Any) -> None:
    for path in ("/", "/docs"):
        page = Page()
        page.feed(await (await station.client.get(path)).text())
        assert len(set(page.ids)) == len(page.ids)
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids
            else:
                assert (await station.client.get(link)).status in {200, 503}


async def test_the_page_describes_every_path_and_every_kind_of_problem(station: Any) -> None:
    text = await (await station.client.get("/docs")).text()
    for operation in OPERATIONS:
        assert operation.template in text
    refused = await (await station.client.get("/api/v1/signals?limit=0")).json(content_type=None)
    assert f'id="{refused["type"].partition("#")[2]}"' in text


async def test_the_first_page_says_what_is_simulated(station: Any) -> None:
    assert "simulated vendors" in await (await station.client.get("/")).text()

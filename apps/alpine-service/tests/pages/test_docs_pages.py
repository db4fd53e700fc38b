"""The pages that describe the API and its problems, and say how our word is checked."""

import re
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.api.openapi import openapi
from alpine_service.api.problems import KINDS, Kind
from alpine_service.api.routes import ROUTES
from alpine_service.pages.dashboard import build_site
from alpine_service.pages.docs.example import curl, example_of
from alpine_service.pages.docs.reference import reference_of
from alpine_service.pages.policy import POLICY
from alpine_service.pages.rendering import Renderer, renderer
from alpine_service.pages.static_files import read_static
from alpine_service.testing.fake_platform import PUBLIC_URL, Fakes

Client = TestClient[web.Request, web.Application]
DOCUMENT = orjson.loads(orjson.dumps(openapi(ROUTES, PUBLIC_URL, "1.0", "__Host-alpine")))
SCHEMAS = DOCUMENT["components"]["schemas"]
GUIDE = Path(__file__).parents[2] / "docs/how-to/verify-as-a-subscriber.md"


class Page(HTMLParser):
    """What stands in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        said = {name: value or "" for name, value in attrs}
        self.ids += [said["id"]] if "id" in said else []
        self.links += [said["href"]] if "href" in said else []
        self.scripts += [said.get("src", "")] if tag == "script" else []
        assert not any(name.startswith("on") or name == "style" for name in said)


@pytest.fixture(scope="module")
def made_with() -> Renderer:
    return renderer(read_static())


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, made_with: Renderer) -> Client:
    return await aiohttp_client(build_site(Fakes().platform(), made_with))


async def test_the_page_says_everything_without_a_script_or_a_stranger(client: Client) -> None:
    response = await client.get("/docs")
    text = await response.text()
    page = Page(text)

    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Content-Security-Policy"] == POLICY
    assert not {"style", "img", "iframe"} & page.tags
    assert all(each.startswith("/static/") for each in page.scripts)
    for route in ROUTES:
        assert route.path in text
        operation = DOCUMENT["paths"][route.path][route.method.lower()]
        assert operation["operationId"] in page.ids
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        assert link.removeprefix("#") in page.ids if link.startswith("#") else link[0] == "/"


async def test_no_page_is_part_of_the_description_for_programs(client: Client) -> None:
    described = await (await client.get("/v1/openapi.json")).json()

    assert not {"/docs", "/problems/{name}", "/how-to-verify"} & described["paths"].keys()
    assert described["paths"].keys() == DOCUMENT["paths"].keys()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_the_type_of_a_problem_leads_to_what_it_means(client: Client, kind: Kind) -> None:
    response = await client.get(f"/problems/{kind.name}")

    assert response.status == 200
    assert kind.title in await response.text()


async def test_a_type_that_does_not_exist_has_no_page(client: Client) -> None:
    assert (await client.get("/problems/unheard-of")).status == 404


def test_every_operation_is_told_once_in_a_section() -> None:
    sections = reference_of(DOCUMENT).sections
    told = [(each.method, each.path) for section in sections for each in section.operations]

    assert sorted(told) == sorted((route.method, route.path) for route in ROUTES)
    assert sections[0].title == "Signals"
    assert sections[-1].title == "Staff"


def test_what_a_path_asks_for_is_told_with_its_rules() -> None:
    (section,) = (each for each in reference_of(DOCUMENT).sections if each.title == "Signals")
    (limit,) = (each for each in section.operations[0].parameters if each.name == "limit")

    assert not limit.is_needed
    assert "at least `1`" in limit.rules


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_an_example_has_the_members_and_types_of_its_schema(name: str) -> None:
    example = example_of(SCHEMAS[name], SCHEMAS)
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}

    assert [each.message for each in Draft202012Validator(schema).iter_errors(example)] == []


def test_a_command_brings_what_the_operation_takes() -> None:
    webhooks = curl("post", "/v1/webhooks", DOCUMENT["paths"]["/v1/webhooks"]["post"], DOCUMENT)
    log = curl("get", "/v1/log", DOCUMENT["paths"]["/v1/log"]["get"], DOCUMENT)
    path = "/v1/account/sessions/{id}"
    end = curl("delete", path, DOCUMENT["paths"][path]["delete"], DOCUMENT)

    assert "Authorization: Bearer $ALPINE_KEY" in webhooks
    assert '-d \'{"url": "https://example.com/alpine"}\'' in webhooks
    assert log == f'curl "{PUBLIC_URL}/v1/log"'
    assert f"Origin: {PUBLIC_URL}" in end
    assert "{id}" not in end


async def test_the_commands_to_verify_by_hand_are_those_that_are_tried(client: Client) -> None:
    # The guide's commands are run by the tests of the documentation.
    guide = GUIDE.read_text("utf-8")
    tried = re.findall(r"```bash\n(.*?)```", guide[guide.index("## By hand") :], re.DOTALL)
    page = await (await client.get("/how-to-verify")).text()
    shown = [unescape(each) for each in re.findall(r"<code>(.*?)</code>", page, re.DOTALL)]

    assert len(tried) == 4
    assert [each for each in tried if each.rstrip("\n") not in shown] == []


async def test_the_foot_of_every_page_leads_to_how_to_verify(client: Client) -> None:
    assert "/how-to-verify" in Page(await (await client.get("/docs")).text()).links


def test_the_example_of_a_signal_could_be_one() -> None:
    example = example_of(SCHEMAS["SignalSummary"], SCHEMAS)
    assert (example["state"], example["direction"]) == ("public", "BUY")
    assert example["result"] == "target"
    assert Decimal(example["stop"]) < Decimal(example["entry"]) < Decimal(example["target"])
    assert example["decided_us"] // 1_000_000 == example["official_s"]

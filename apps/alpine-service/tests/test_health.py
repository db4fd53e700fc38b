from importlib.metadata import version

from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.app import build_app


async def test_health_says_who_answers_and_in_which_version(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(build_app())

    response = await client.get("/health")

    assert response.status == 200
    assert response.content_type == "application/json"
    assert await response.json() == {
        "status": "ok",
        "service": "alpine",
        "version": version("alpine-service"),
    }


async def test_health_is_never_answered_from_a_store(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(build_app())

    response = await client.get("/health")

    assert response.headers["Cache-Control"] == "no-store"

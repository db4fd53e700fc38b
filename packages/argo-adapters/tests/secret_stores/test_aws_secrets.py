"""AWS Secrets Manager: moto's server as the good one, a server of ours for all that goes wrong."""

import asyncio
import json
import logging
import socket
import traceback
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from argo_adapters.clocks.system import SystemClock
from argo_adapters.secrets.aws import AwsSecrets, AwsSettings, open_client
from argo_adapters.secrets.aws_place import AwsPlace
from argo_core.errors import (
    InvalidInput,
    InvalidSetting,
    SecretDenied,
    SecretError,
    SecretGarbled,
    SecretMissing,
    SecretsAway,
    SecretThrottled,
)
from argo_core.ports import Clock
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.secrets_contract import (
    FIRST,
    NAME,
    OTHER,
    SECOND,
    Putting,
    Removing,
    RotatingSecretsContract,
)

REGION = "eu-central-1"
CANARY = "canary-5e6f"
GROK, SONAR = AwsPlace("argo/grok"), AwsPlace("argo/sonar")
PLACES = {NAME: GROK, OTHER: SONAR, "sources.nobody.key": AwsPlace("argo/nobody")}
QUICK = {"connect_s": 0.3, "read_s": 0.3, "attempts": 1, "answer_s": 5.0}


class TestAwsSecrets(RotatingSecretsContract):
    @pytest.fixture
    def secrets(self, operator: Any, moto_url: str) -> Iterator[AwsSecrets]:
        settings = AwsSettings(REGION, moto_url, fresh_s=0.0)
        with closing(AwsSecrets(PLACES, open_client(settings), settings, SystemClock())) as store:
            yield store

    @pytest.fixture
    def putting(self, operator: Any) -> Putting:
        async def put(name: str, value: str) -> None:
            await asyncio.to_thread(store_in, operator, PLACES[name].secret, value)

        return put

    @pytest.fixture
    def removing(self, operator: Any) -> Removing:
        async def remove(name: str) -> None:
            await asyncio.to_thread(
                operator.delete_secret,
                SecretId=PLACES[name].secret,
                ForceDeleteWithoutRecovery=True,
            )

        return remove


@asynccontextmanager
async def opened(
    places: Mapping[str, AwsPlace], settings: AwsSettings, clock: Clock | None = None
) -> AsyncIterator[AwsSecrets]:
    ask = await asyncio.to_thread(open_client, settings)
    with closing(AwsSecrets(places, ask, settings, clock or SystemClock())) as store:
        yield store


def store_in(operator: Any, secret: str, value: str) -> None:
    try:
        operator.put_secret_value(SecretId=secret, SecretString=value)
    except operator.exceptions.ResourceNotFoundException:
        operator.create_secret(Name=secret, SecretString=value)


async def test_fields_of_one_secret_are_of_one_version_and_asked_for_once(
    operator: Any, moto_url: str
) -> None:
    for number in (1, 2):
        value = json.dumps({"key_id": f"id-{number}", "secret_key": f"word-{number}"})
        await asyncio.to_thread(store_in, operator, "argo/alpaca", value)
    places = {part: AwsPlace("argo/alpaca", part) for part in ("key_id", "secret_key")}
    clock = FakeClock()
    async with opened(places, AwsSettings(REGION, moto_url), clock) as store:
        first = await store.read("key_id")
        await asyncio.to_thread(
            store_in,
            operator,
            "argo/alpaca",
            json.dumps({"key_id": "id-3", "secret_key": "word-3"}),
        )
        second = await store.read("secret_key")
        assert first.version == second.version
        assert (first.current.reveal(), second.current.reveal()) == ("id-2", "word-2")
        assert second.previous is not None
        assert second.previous.reveal() == "word-1"
        await clock.advance(1.0)
        assert (await store.read("key_id")).current.reveal() == "id-3"


async def test_a_secret_marked_as_deleted_is_missing(operator: Any, moto_url: str) -> None:
    await asyncio.to_thread(store_in, operator, GROK.secret, FIRST)
    await asyncio.to_thread(operator.delete_secret, SecretId=GROK.secret)
    async with opened(PLACES, AwsSettings(REGION, moto_url)) as store:
        with pytest.raises(SecretMissing, match="deleted") as caught:
            await store.read(NAME)
    assert "restore" in caught.value.fix


@pytest.mark.parametrize(
    ("stored", "place", "problem"),
    [
        (f"{CANARY} and more", GROK, "characters no key has"),
        (" ", GROK, "empty"),
        ("x" * 5_000, GROK, "more than"),
        (CANARY, AwsPlace(GROK.secret, "key"), "no JSON object"),
        (f'["{CANARY}"]', AwsPlace(GROK.secret, "key"), "no JSON object"),
        (f'{{"other": "{CANARY}"}}', AwsPlace(GROK.secret, "key"), "no text 'key'"),
        (f'{{"key": ["{CANARY}"]}}', AwsPlace(GROK.secret, "key"), "no text 'key'"),
        (b"\x00" + CANARY.encode(), GROK, "holds no text"),
    ],
)
async def test_what_is_no_key_is_garbled_and_never_repeated(
    operator: Any, moto_url: str, stored: str | bytes, place: AwsPlace, problem: str
) -> None:
    kind = "SecretBinary" if isinstance(stored, bytes) else "SecretString"
    await asyncio.to_thread(operator.create_secret, **{"Name": place.secret, kind: stored})
    async with opened({NAME: place}, AwsSettings(REGION, moto_url)) as store:
        with pytest.raises(SecretGarbled, match=problem) as caught:
            await store.read(NAME)
        assert "canary" not in told(caught.value) + repr(store)


async def test_an_old_version_that_is_no_key_is_no_previous_value(
    operator: Any, moto_url: str
) -> None:
    await asyncio.to_thread(store_in, operator, GROK.secret, "not a key")
    await asyncio.to_thread(store_in, operator, GROK.secret, SECOND)
    async with opened(PLACES, AwsSettings(REGION, moto_url)) as store:
        read = await store.read(NAME)
    assert (read.current.reveal(), read.previous) == (SECOND, None)


def told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))


@asynccontextmanager
async def answering(status: int, body: object, **settings: float) -> AsyncIterator[AwsSecrets]:
    """AWS, if it always gave this answer."""

    async def handler(request: web.Request) -> web.Response:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(status=status, text=text, content_type="application/x-amz-json-1.1")

    app = web.Application()
    app.router.add_post("/", handler)
    async with TestServer(app) as server:
        url = str(server.make_url("/")).rstrip("/")
        asked = AwsSettings(REGION, url, **{**QUICK, **settings})  # type: ignore[arg-type]
        async with opened(PLACES, asked) as store:
            yield store


@pytest.mark.parametrize(
    ("status", "code", "kind", "fix"),
    [
        (400, "ResourceNotFoundException", SecretMissing, "make the secret argo/grok"),
        (400, "InvalidRequestException", SecretMissing, "restore argo/grok"),
        (400, "AccessDeniedException", SecretDenied, "secretsmanager:GetSecretValue"),
        (400, "DecryptionFailure", SecretDenied, "kms:Decrypt"),
        (403, "ExpiredTokenException", SecretDenied, "allow"),
        (400, "UnrecognizedClientException", SecretDenied, "allow"),
        (400, "ThrottlingException", SecretThrottled, "refresh_s"),
        (400, "InvalidParameterException", SecretGarbled, "check the place"),
        (500, "InternalServiceError", SecretsAway, "tried again"),
        (503, CANARY, SecretsAway, "tried again"),
        (400, "not a word " + CANARY, SecretGarbled, "check the place"),
    ],
)
async def test_every_refusal_says_what_to_do_and_nothing_that_aws_said(
    aws_credentials: None, status: int, code: str, kind: type[SecretError], fix: str
) -> None:
    body = {"__type": code, "message": f"the value is {CANARY}"}
    async with answering(status, body) as store:
        with pytest.raises(kind) as caught:
            await store.read(NAME)
    assert fix in caught.value.fix
    assert caught.value.name == NAME
    assert "canary" not in told(caught.value)


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"Name": "argo/grok"}'])
async def test_an_answer_that_is_none_is_no_secret(aws_credentials: None, body: str) -> None:
    async with answering(200, body) as store:
        with pytest.raises(SecretError) as caught:
            await store.read(NAME)
    assert caught.value.fix


async def test_what_is_throttled_is_tried_again_so_many_times_and_no_more(
    aws_credentials: None,
) -> None:
    asked = 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.json_response({"__type": "ThrottlingException"}, status=400)

    app = web.Application()
    app.router.add_post("/", handler)
    async with TestServer(app) as server:
        settings = AwsSettings(REGION, str(server.make_url("")).rstrip("/"), attempts=2)
        async with opened(PLACES, settings) as store:
            with pytest.raises(SecretThrottled):
                await store.read(NAME)
    assert asked == 2


async def test_nobody_listening_is_being_away(aws_credentials: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings = AwsSettings(REGION, f"http://127.0.0.1:{taken.getsockname()[1]}", **QUICK)  # type: ignore[arg-type]
        async with opened(PLACES, settings) as store:
            with pytest.raises(SecretsAway, match="cannot be reached"):
                await store.read(NAME)


async def test_an_answer_that_never_comes_is_given_up(aws_credentials: None) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings = AwsSettings(REGION, f"http://127.0.0.1:{silent.getsockname()[1]}", **QUICK)  # type: ignore[arg-type]
        async with opened(PLACES, settings) as store:
            with pytest.raises(SecretsAway):
                await store.read(NAME)


async def test_a_library_that_blocks_for_ever_keeps_nobody() -> None:
    from threading import Event  # noqa: PLC0415 - of this test alone

    never = Event()

    def ask(_secret: str, _stage: str) -> dict[str, str]:
        never.wait(30)
        return {}

    store = AwsSecrets(PLACES, ask, AwsSettings(answer_s=0.05), SystemClock())
    with pytest.raises(SecretsAway, match=r"within 0\.05 s"):
        await store.read(NAME)
    store.close()
    never.set()


async def test_without_credentials_it_says_so(
    aws_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    async with answering(200, {}) as store:
        with pytest.raises(SecretDenied, match="no AWS credentials"):
            await store.read(NAME)


async def test_a_name_without_a_place_is_missing() -> None:
    store = AwsSecrets({}, lambda *_: {}, AwsSettings(), FakeClock())
    with closing(store), pytest.raises(SecretMissing, match="no place"):
        await store.read(NAME)


def test_without_a_region_it_says_so(
    aws_credentials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InvalidSetting, match=r"secrets\.aws.*region"):
        open_client(AwsSettings())


async def test_nothing_of_a_secret_is_logged_not_even_by_the_library(
    operator: Any, moto_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.to_thread(store_in, operator, GROK.secret, FIRST)
    caplog.set_level(logging.DEBUG)
    async with opened(PLACES, AwsSettings(REGION, moto_url)) as store:
        caplog.clear()
        assert (await store.read(NAME)).current.reveal() == FIRST
    assert "canary" not in caplog.text


@pytest.mark.parametrize("text", ["", "a b", "argo/x#", "argo/x#a b", "argo/x#a#b", "é", "a" * 600])
def test_a_place_is_a_name_and_at_most_a_field(text: str) -> None:
    with pytest.raises(InvalidInput, match="names no secret"):
        AwsPlace.parse(text)


def test_a_place_reads_as_it_is_written() -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:argo/x-AbCdEf"
    for text in ("argo/massive", "argo/alpaca#key_id", arn):
        assert str(AwsPlace.parse(text)) == text
    assert AwsPlace.parse("argo/alpaca#key_id") == AwsPlace("argo/alpaca", "key_id")

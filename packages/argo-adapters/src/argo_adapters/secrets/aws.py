"""AWS Secrets Manager: boto3, made to keep its bounds; all that touches the library is here.

It is imported when the store is opened, because it is an extra, and blocks, so it has one thread.
A rotation there labels the new version AWSCURRENT and the one before AWSPREVIOUS; both are read.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any, Final

from attrs import frozen

from argo_adapters.one_thread import OneThread
from argo_adapters.secrets.aws_place import AwsPlace
from argo_adapters.secrets.aws_refusals import translated
from argo_adapters.secrets.form import as_secret
from argo_core.errors import (
    InvalidSetting,
    SecretError,
    SecretGarbled,
    SecretMissing,
    SecretsAway,
)
from argo_core.ports import Clock
from argo_core.resilience.secret import Secret, SecretValue

CURRENT: Final = "AWSCURRENT"
PREVIOUS: Final = "AWSPREVIOUS"

Ask = Callable[[str, str], Mapping[str, Any]]
"""A secret's name and a stage in, the service's answer out; raises what boto3 raises."""


@frozen
class AwsSettings:
    """How the service is reached; what is None is what boto3 finds by itself.

    `connect_s` and `read_s` bound each of at most `attempts` requests, `answer_s` all of them, in
    wall seconds. What was read is not asked for again within `fresh_s`, so that the fields of one
    secret are of one version.
    """

    region: str | None = None
    endpoint_url: str | None = None
    connect_s: float = 2.0
    read_s: float = 3.0
    attempts: int = 3
    answer_s: float = 20.0
    fresh_s: float = 1.0


@frozen
class _Stored:
    """One version of a secret, as text."""

    text: Secret
    version: str


@frozen
class _Read:
    """Both versions, and when they were read."""

    current: _Stored
    previous: _Stored | None
    at: float


class AwsSecrets:
    """The port `Secrets` on AWS Secrets Manager, which `ask` asks in a thread of its own.

    `places` are by the names of the secrets. Close it; what is under way then is given up.
    """

    def __init__(
        self,
        places: Mapping[str, AwsPlace],
        ask: Ask,
        settings: AwsSettings,
        clock: Clock,
    ) -> None:
        self._places = places
        self._settings = settings
        self._clock = clock
        self._ask = ask
        self._thread = OneThread("aws-secrets")
        self._read: dict[str, _Read] = {}
        self._one_at_a_time = asyncio.Lock()

    def __repr__(self) -> str:
        return f"AwsSecrets({len(self._places)} secrets)"

    async def read(self, name: str) -> SecretValue:
        """As the port promises."""
        if name not in self._places:
            fix = "name its place in secrets.aws.places"
            raise SecretMissing(name, "no place in AWS is named for it", fix)
        place = self._places[name]
        async with self._one_at_a_time:
            read = self._read.get(place.secret)
            if read is None or self._clock.monotonic() - read.at >= self._settings.fresh_s:
                read = await self._fetch(name, place.secret)
                self._read[place.secret] = read
        previous = None if read.previous is None else _previous(name, place, read.previous)
        return SecretValue(_value(name, place, read.current), read.current.version, previous)

    def close(self) -> None:
        """Ask nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _fetch(self, name: str, secret: str) -> _Read:
        current = await self._stage(name, secret, CURRENT)
        try:
            previous: _Stored | None = await self._stage(name, secret, PREVIOUS)
        except SecretMissing:
            # It was never rotated.
            previous = None
        return _Read(current, previous, self._clock.monotonic())

    async def _stage(self, name: str, secret: str, stage: str) -> _Stored:
        call = asyncio.get_running_loop().run_in_executor(self._thread, self._ask, secret, stage)
        try:
            async with self._clock.timeout(self._settings.answer_s):
                answer = await call
        except TimeoutError:
            problem = f"AWS did not answer within {self._settings.answer_s:g} s"
            failure: SecretError = SecretsAway(name, problem, "check network, region and endpoint")
        except Exception as error:  # noqa: BLE001 - boto3 raises classes it makes as it goes
            failure = translated(name, secret, error)
        else:
            return _stored(name, secret, answer)
        # Raised out here, or Python would show the original, and what it quotes, as its context.
        raise failure


def open_client(settings: AwsSettings) -> Ask:
    """boto3's client. Blocks: it reads files, and the first time it imports the library.

    Raises:
        InvalidSetting: boto3 is not installed, or finds no region, or the address is none.
    """
    if find_spec("boto3") is None:
        fix = "pip install 'argo-adapters[aws]', or keep the secrets elsewhere"
        raise InvalidSetting("secrets.aws.places", "boto3 is not installed", fix)
    import boto3  # type: ignore[import-untyped] # noqa: PLC0415
    from botocore.config import Config  # type: ignore[import-untyped] # noqa: PLC0415
    from botocore.exceptions import (  # type: ignore[import-untyped] # noqa: PLC0415
        BotoCoreError,
    )

    # At DEBUG they log whole answers, in which the secrets are.
    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    retries = {"total_max_attempts": settings.attempts, "mode": "standard"}
    config = Config(
        connect_timeout=settings.connect_s,
        read_timeout=settings.read_s,
        retries=retries,
        max_pool_connections=1,
    )
    try:
        client = boto3.session.Session().client(
            "secretsmanager",
            region_name=settings.region,
            endpoint_url=settings.endpoint_url,
            config=config,
        )
    except (BotoCoreError, ValueError) as error:
        fix = "set secrets.aws.region, and an endpoint like https://host if there is one"
        raise InvalidSetting("secrets.aws", type(error).__name__, fix) from None

    def ask(secret: str, stage: str) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = client.get_secret_value(SecretId=secret, VersionStage=stage)
        return answer

    return ask


def _stored(name: str, secret: str, answer: Mapping[str, Any]) -> _Stored:
    text, version = answer.get("SecretString"), answer.get("VersionId")
    if not isinstance(text, str) or not isinstance(version, str):
        fix = f"store {secret} as text, not as bytes"
        raise SecretGarbled(name, f"{secret} holds no text", fix)
    return _Stored(Secret(text), version)


def _previous(name: str, place: AwsPlace, stored: _Stored) -> Secret | None:
    """What an old version holds is nobody's fault today."""
    try:
        return _value(name, place, stored)
    except SecretGarbled:
        return None


def _value(name: str, place: AwsPlace, stored: _Stored) -> Secret:
    text = stored.text.reveal()
    if place.field is None:
        return as_secret(name, text)
    fix = f'store {place.secret} as JSON like {{"{place.field}": "..."}}'
    try:
        root = json.loads(text)
    except ValueError:
        root = None
    # Raised out here, because the error of json holds the whole text.
    if not isinstance(root, dict):
        raise SecretGarbled(name, f"{place.secret} is no JSON object", fix)
    if not isinstance(root.get(place.field), str):
        raise SecretGarbled(name, f"{place.secret} has no text {place.field!r}", fix)
    return as_secret(name, root[place.field])

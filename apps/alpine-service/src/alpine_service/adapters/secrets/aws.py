"""Secrets from AWS Secrets Manager: one secret, a JSON object of settings by their names.

Region, credentials and an address of its own for tests are boto3's to find, in its usual places.
While AWS rotates the secret there are two versions of it, AWSCURRENT and AWSPREVIOUS.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from alpine_service.errors import InvalidSetting, SecretsAway
from alpine_service.ports.secrets import Secret
from alpine_service.settings import SECRET_NAMES

SETTING = "ALPINE_SECRETS"
_CONNECT_S, _READ_S = 3, 5
_TRIES = 2


class AwsSecrets:
    """Keeps the port `Secrets`. Not for the event loop: each question is an HTTP request."""

    def __init__(self, secret_id: str) -> None:
        """boto3 is imported here, because only those who want it have it.

        Raises:
            InvalidSetting: it is not installed, or does not know where to ask.
        """
        try:
            import boto3  # type: ignore[import-untyped]  # noqa: PLC0415
            from botocore.config import Config  # type: ignore[import-untyped]  # noqa: PLC0415
            from botocore.exceptions import (  # type: ignore[import-untyped]  # noqa: PLC0415
                BotoCoreError,
                ClientError,
            )
        except ImportError as error:
            fix = "install alpine-service[aws], or give the secrets otherwise"
            raise InvalidSetting(SETTING, f"{error.name} is not installed", fix) from error
        self._secret_id = secret_id
        self._away: type[Exception] = BotoCoreError
        self._refused: type[Exception] = ClientError
        patience = Config(
            connect_timeout=_CONNECT_S, read_timeout=_READ_S, retries={"total_max_attempts": _TRIES}
        )
        try:
            self._client: Any = boto3.client("secretsmanager", config=patience)
        except BotoCoreError as error:
            fix = "set AWS_REGION and what boto3 needs to sign in"
            raise InvalidSetting(SETTING, type(error).__name__, fix) from None

    def read(self) -> Mapping[str, Secret]:
        current = self._version("AWSCURRENT")
        if current is None:
            fix = "name a secret that there is, in this region"
            raise InvalidSetting(SETTING, f"there is no {self._secret_id}", fix)
        previous = self._version("AWSPREVIOUS") or {}
        return {name: Secret(value, previous.get(name)) for name, value in current.items()}

    def _version(self, stage: str) -> dict[str, str] | None:
        try:
            found = self._client.get_secret_value(SecretId=self._secret_id, VersionStage=stage)
        except self._refused as error:
            code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
            if code == "ResourceNotFoundException":
                return None
            if code in {"AccessDeniedException", "UnrecognizedClientException"}:
                fix = f"let us have secretsmanager:GetSecretValue of {self._secret_id}"
                raise InvalidSetting(SETTING, code, fix) from None
            raise SecretsAway(f"AWS Secrets Manager answered {code}") from None
        except self._away as error:
            # Only its kind: its words may quote the request.
            raise SecretsAway(f"AWS Secrets Manager: {type(error).__name__}") from None
        return _members(found.get("SecretString", ""))


def _members(text: str) -> dict[str, str]:
    fix = f"make it a JSON object with some of {', '.join(sorted(SECRET_NAMES))}, each a string"
    try:
        said = orjson.loads(text)
    except ValueError:
        # From None, because the error below quotes the text.
        raise InvalidSetting(SETTING, "the secret is not JSON", fix) from None
    if not isinstance(said, dict) or not all(isinstance(each, str) for each in said.values()):
        raise InvalidSetting(SETTING, "the secret is not an object of strings", fix)
    if not said.keys() <= SECRET_NAMES:
        raise InvalidSetting(SETTING, "the secret has members that are no secrets of ours", fix)
    return {name: value.strip() for name, value in said.items()}

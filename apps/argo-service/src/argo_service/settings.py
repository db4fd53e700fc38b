"""What an operator decides: one TOML file, overridden by the environment, read once by nobody else.

A setting `listen.port` is overridden by `ARGO_LISTEN__PORT`. The file is the one named, or
`ARGO_CONFIG`, or `argo.toml` in the current directory when there is one. Secrets are never in the
file: they come from the environment, or from a file of their own named by a key ending in `_file`.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from argo_core.errors import InvalidSetting
from argo_core.resilience.secret import Secret
from argo_service.config.reader import (
    DEFAULT,
    Leaf,
    build,
    converted,
    from_environment,
    leaves,
    refuse_unknown,
)
from argo_service.config.toml_file import Given, read_toml
from argo_service.config.tree import Settings

CONFIG_VARIABLE = "ARGO_CONFIG"
API_KEY_VARIABLE = "ARGO_API_KEY"
"""The key that commands show to a running service; no setting, as the service needs none."""
DEFAULT_FILE = Path("argo.toml")
_MAX_SECRET_BYTES = 4_096
_FILE = "_file"
_OURS = frozenset({CONFIG_VARIABLE, API_KEY_VARIABLE})


@frozen
class Configuration:
    """The settings in force, and for each key where its value came from.

    `path` is the file that was asked for by name, to be read again.
    """

    settings: Settings
    origins: Mapping[str, str]
    path: Path | None = None

    def origin(self, key: str) -> str:
        """`default`, `argo.toml:12` or `environment ARGO_LISTEN__PORT`."""
        return self.origins.get(key, DEFAULT)


def read_configuration(
    path: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Configuration:
    """Read file and environment; what is in neither keeps its default.

    Raises:
        InvalidSetting: a value is there and cannot be meant; its `field` is the full key.
    """
    known = leaves(Settings)
    given = _from_file(path, environment)
    refuse_unknown(known, given)
    given |= from_environment(known, environment, ours=_OURS)
    given |= _secrets_in_files(known, given)
    settings = build(Settings(), given)
    return Configuration(settings, {key: value.origin for key, value in given.items()}, path)


def read_api_key(environment: Mapping[str, str] = os.environ) -> Secret | None:
    """The API key for talking to a running service, None where there is none.

    Raises:
        InvalidSetting: it holds characters that no key has.
    """
    given = environment.get(API_KEY_VARIABLE, "")
    if not given.strip():
        return None
    value = Given(given, f"environment {API_KEY_VARIABLE}", is_text=True)
    key = converted(API_KEY_VARIABLE, Secret, value)
    return key if isinstance(key, Secret) else None


def _from_file(path: Path | None, environment: Mapping[str, str]) -> dict[str, Given]:
    named = path or (Path(environment[CONFIG_VARIABLE]) if CONFIG_VARIABLE in environment else None)
    if named is not None:
        return read_toml(named)
    return read_toml(DEFAULT_FILE) if DEFAULT_FILE.exists() else {}


def _secrets_in_files(known: Mapping[str, Leaf], given: Mapping[str, Given]) -> dict[str, Given]:
    read: dict[str, Given] = {}
    for key in known:
        secret = key.removesuffix(_FILE)
        # Files of signing keys are not read here; what is set directly wins over what a file holds.
        if secret == key or secret not in known or key not in given or secret in given:
            continue
        path = Path(str(converted(key, Path, given[key])))
        try:
            with path.open("rb") as file:
                text = file.read(_MAX_SECRET_BYTES).decode("utf-8")
        except (OSError, ValueError) as error:
            problem = f"{path} cannot be read ({_why(error)})"
            fix = "name a readable text file that holds nothing but the key"
            raise InvalidSetting(key, problem, fix) from error
        read[secret] = Given(text, f"file {path}", is_text=True)
    return read


def _why(error: Exception) -> str:
    return str(error.strerror) if isinstance(error, OSError) else "it is not text"

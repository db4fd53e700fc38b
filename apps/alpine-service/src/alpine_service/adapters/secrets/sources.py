"""Secrets from the environment, and from files, as containers and service managers lay them down.

`ALPINE_MAIL_URL_FILE` names a file with what `ALPINE_MAIL_URL` would be. A file beside it, with
`.previous` behind its name, may have what it was before.
"""

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from alpine_service.errors import InvalidSetting
from alpine_service.ports.secrets import Secret
from alpine_service.settings import SECRET_NAMES

FILE = "_FILE"
PREVIOUS = ".previous"
LONGEST = 65_536


@frozen
class EnvironmentSecrets:
    """Keeps the port `Secrets`."""

    _environment: Mapping[str, str] = field(repr=False)

    def read(self) -> Mapping[str, Secret]:
        given = self._environment
        return {name: Secret(given[name].strip()) for name in SECRET_NAMES if name in given}


@frozen
class FileSecrets:
    """Keeps the port `Secrets`; the environment names the files."""

    _environment: Mapping[str, str] = field(repr=False)

    def read(self) -> Mapping[str, Secret]:
        return {
            name: _secret(f"{name}{FILE}", Path(self._environment[f"{name}{FILE}"].strip()))
            for name in SECRET_NAMES
            if f"{name}{FILE}" in self._environment
        }


def _secret(setting: str, path: Path) -> Secret:
    before = path.with_name(f"{path.name}{PREVIOUS}")
    return Secret(read_text(setting, path), read_text(setting, before) if before.exists() else None)


def read_text(setting: str, path: Path) -> str:
    """What a small file says, without white space around it.

    Raises:
        InvalidSetting: it cannot be read, or is too large; nothing of it is repeated.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST + 1)
        text = data.decode()
    except OSError as error:
        fix = "name a file that we may read"
        raise InvalidSetting(setting, f"{path}: {error.strerror}", fix) from error
    except ValueError:
        raise InvalidSetting(setting, f"{path} is no text", "write it as UTF-8") from None
    if len(data) > LONGEST:
        raise InvalidSetting(setting, f"{path} is too large", "give a small file") from None
    return text.strip()

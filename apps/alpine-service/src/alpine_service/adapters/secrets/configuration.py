"""What is given, from wherever it is given: the environment, a file of settings, secrets' sources.

A file of settings is in force below the environment, and can be changed while the service runs; so
can files of secrets, and what a secrets manager keeps.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import evolve, field, frozen

from alpine_service.adapters.secrets.aws import SETTING as MANAGER
from alpine_service.adapters.secrets.aws import AwsSecrets
from alpine_service.adapters.secrets.sources import (
    FILE,
    EnvironmentSecrets,
    FileSecrets,
    read_text,
)
from alpine_service.errors import InvalidSetting
from alpine_service.ports.secrets import Secret, Secrets
from alpine_service.settings import SECRET_NAMES, SOURCES, Before, Settings, read_settings

SETTINGS_FILE = "ALPINE_SETTINGS_FILE"
_AWS = "aws:"
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


@frozen
class Given:
    """Settings, and by name the text that each comes from, secrets included."""

    settings: Settings
    values: Mapping[str, str] = field(repr=False)


class Configuration:
    """Reads what is given, as often as it is asked; nobody else looks into the environment."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._environment = given
        self._last: Given | None = None
        self._manager: tuple[str, Secrets] | None = None

    def read(self) -> Given:
        """All of it, as it is now; blocking.

        Raises:
            InvalidSetting: something cannot be meant; it is named, and its value is not repeated.
            SecretsAway: a secrets manager does not answer.
        """
        given = self._settings()
        secrets: dict[str, Secret] = {}
        for source in self._sources(given):
            for name, secret in source.read().items():
                if name in secrets:
                    fix = "give it in one way: in the environment, as a file, or by the manager"
                    raise InvalidSetting(name, "it is given in two ways", fix)
                secrets[name] = secret
        others = {name: text for name, text in given.items() if name not in SOURCES}
        values = others | {name: secret.current for name, secret in secrets.items()}
        before = {name: secret.previous for name, secret in secrets.items()}
        settings = evolve(
            read_settings(values),
            before=Before(
                database_url=before.get("ALPINE_DATABASE_URL"),
                log_api_key=before.get("ALPINE_LOG_API_KEY"),
                mail_url=before.get("ALPINE_MAIL_URL"),
            ),
        )
        self._last = Given(settings, values)
        return self._last

    @property
    def last(self) -> Given:
        """What was read last.

        Raises:
            InvalidSetting, SecretsAway: nothing was yet, and it cannot be read.
        """
        return self._last or self.read()

    @property
    def has_manager(self) -> bool:
        """Whether a secrets manager was asked."""
        return self._manager is not None

    def files(self) -> Mapping[str, Path]:
        """The files that are read, by the settings that name them; blocking.

        Raises:
            InvalidSetting: the file of settings cannot be read.
        """
        given = self._settings()
        names = (SETTINGS_FILE, *sorted(f"{name}{FILE}" for name in SECRET_NAMES))
        return {name: Path(given[name].strip()) for name in names if name in given}

    def _settings(self) -> dict[str, str]:
        """The environment, above the file that it names."""
        here = {
            name: text for name, text in self._environment.items() if name.startswith("ALPINE_")
        }
        path = here.get(SETTINGS_FILE, "").strip()
        return {**_lines(Path(path)), **here} if path else here

    def _sources(self, given: Mapping[str, str]) -> Sequence[Secrets]:
        always = (EnvironmentSecrets(given), FileSecrets(given))
        asked = given.get(MANAGER, "").strip()
        if not asked:
            return always
        if not asked.startswith(_AWS) or asked == _AWS:
            raise InvalidSetting(
                MANAGER, "nobody keeps secrets there", "give aws: and a secret's name"
            )
        if self._manager is None or self._manager[0] != asked:
            self._manager = asked, AwsSecrets(asked.removeprefix(_AWS))
        return (*always, self._manager[1])


def _lines(path: Path) -> dict[str, str]:
    """A file of NAME=value, as systemd reads one; values may be in quotes."""
    found: dict[str, str] = {}
    for number, line in enumerate(read_text(SETTINGS_FILE, path).splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith(("#", ";")):
            continue
        parts = _LINE.fullmatch(text)
        if parts is None or not parts[1].startswith("ALPINE_") or parts[1] == SETTINGS_FILE:
            fix = "write ALPINE_NAME=value, one in a line"
            raise InvalidSetting(SETTINGS_FILE, f"line {number} of {path} is no setting", fix)
        if parts[1] in found:
            problem = f"{path} has {parts[1]} twice"
            raise InvalidSetting(SETTINGS_FILE, problem, "leave one of them")
        found[parts[1]] = _unquoted(parts[2])
    return found


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if is_quoted else text

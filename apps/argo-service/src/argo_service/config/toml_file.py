"""A TOML file as flat keys, each with the line it stands on."""

import re
import tomllib
from pathlib import Path

from attrs import frozen

from argo_core.errors import InvalidSetting

_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")
_PART = r"(?:[\w-]+|\"[^\"]*\"|'[^']*')"
_ASSIGNMENT = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
MAX_BYTES = 1_000_000


@frozen
class Given:
    """A raw value somebody wrote, and where."""

    value: object
    origin: str
    is_text: bool = False


def read_toml(path: Path) -> dict[str, Given]:
    """Every value in the file by its dotted key.

    Raises:
        InvalidSetting: the file cannot be read, or is not TOML.
    """
    try:
        if path.is_fifo():
            # Whoever reads one waits for somebody who writes, and SIGHUP reads it a second time.
            problem = f"{path} is a pipe, and settings are read more than once"
            raise InvalidSetting("config", problem, "name a readable TOML file")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror})"
        raise InvalidSetting("config", problem, "name a readable TOML file") from error
    if len(raw) > MAX_BYTES:
        raise InvalidSetting("config", f"{path} is larger than 1 MB", "name a settings file")
    try:
        text = raw.decode("utf-8")
        tree = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        problem = f"{path} is not TOML ({error})"
        raise InvalidSetting("config", problem, "correct it at the place named") from error
    lines = _lines(text)
    flat = _flat(tree, prefix="")
    return {key: Given(value, _origin(path, key, lines)) for key, value in flat.items()}


def _flat(tree: dict[str, object], prefix: str) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _lines(text: str) -> dict[str, int]:
    # tomllib forgets positions. A line inside a long string may look like an assignment; then a
    # wrong line is shown beside a right value, which is why the first one found wins.
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.fullmatch(line):
            table = _plain(header[1]) + "."
        elif assignment := _ASSIGNMENT.match(line):
            found.setdefault(table + _plain(assignment[1]), number)
    return found


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _origin(path: Path, key: str, lines: dict[str, int]) -> str:
    # A value in an inline table stands on the line of the table.
    while key:
        if key in lines:
            return f"{path}:{lines[key]}"
        key = key.rpartition(".")[0]
    return str(path)

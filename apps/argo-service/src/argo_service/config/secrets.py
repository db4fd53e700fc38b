"""Where secrets are kept that are neither in the environment nor in a file."""

import re
from collections.abc import Mapping
from typing import Final

from attrs import Attribute, field, frozen

from argo_adapters.secrets.aws_place import AwsPlace
from argo_adapters.secrets.holder import REFRESH_S
from argo_core.errors import InvalidInput
from argo_service.config import checks

_SHORTEST_S: Final = 10.0
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}")
_LINE: Final = re.compile(r"(?P<key>[a-z_.]+) = (?P<place>\S+)")
_FIX: Final = "write it like sources.massive.key = argo/massive"


def read_places(lines: tuple[str, ...]) -> Mapping[str, AwsPlace]:
    """Where in AWS the secrets of which settings are.

    Raises:
        InvalidInput: a line is of another form, or two are about one setting.
    """
    places: dict[str, AwsPlace] = {}
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:
            raise InvalidInput("places", f"{line[:80]!r} names no setting and place", _FIX)
        try:
            place = AwsPlace.parse(found["place"])
        except InvalidInput as error:
            raise InvalidInput("places", error.problem, error.fix) from error
        if found["key"] in places:
            raise InvalidInput("places", f"{found['key']} is there twice", "name it once")
        places[found["key"]] = place
    return places


def _places(
    _instance: object, _attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]
) -> None:
    read_places(value)


def _region(_instance: object, attribute: "Attribute[str | None]", value: str | None) -> None:
    if value is not None and not _REGION.fullmatch(value):
        problem = f"{value[:40]!r} is no region of AWS"
        raise InvalidInput(attribute.name, problem, "write it like eu-central-1")


def _endpoint(_instance: object, attribute: "Attribute[str | None]", value: str | None) -> None:
    if value is not None:
        # What comes back from there are keys, so it is held to what addresses of vendors are.
        checks.url(_instance, attribute, value)  # type: ignore[arg-type]


def _often(_instance: object, attribute: "Attribute[float]", value: float) -> None:
    if not _SHORTEST_S <= value <= checks.LONGEST_S:
        problem = f"{value} is too often, or too seldom"
        fix = f"give {_SHORTEST_S:g} to {checks.LONGEST_S} seconds"
        raise InvalidInput(attribute.name, problem, fix)


@frozen
class Aws:
    """AWS Secrets Manager. A line of `places` says which setting's secret is where.

    A place is a secret's name or ARN, and after a `#` the field of its JSON. What is None is what
    boto3 finds by itself, as it finds its credentials.
    """

    places: tuple[str, ...] = field(default=(), validator=_places)
    region: str | None = field(default=None, validator=_region)
    endpoint_url: str | None = field(default=None, validator=_endpoint)


@frozen
class SecretStores:
    """Keys of vendors are read again every `refresh_s`, wherever they are.

    With `seal_process` other programs of the same user cannot look into the service's memory.
    """

    refresh_s: float = field(default=REFRESH_S, validator=_often)
    seal_process: bool = True
    aws: Aws = Aws()

"""How much the service says of itself."""

from typing import Final

from attrs import Attribute, field, frozen

from argo_core.errors import InvalidInput

LEVELS: Final = ("debug", "info", "warning", "error")


def _level(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if value not in LEVELS:
        problem = f"{value[:40]!r} is no level"
        raise InvalidInput(attribute.name, problem, f"give one of {', '.join(LEVELS)}")


@frozen
class Logging:
    """Lines below `level` are not written."""

    level: str = field(default="info", validator=_level)

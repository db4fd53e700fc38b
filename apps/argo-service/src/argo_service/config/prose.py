"""Whether a language model puts signals into words."""

from typing import Final

from attrs import Attribute, field, frozen

from argo_core.consensus.opinion import GROK
from argo_core.errors import InvalidInput
from argo_service.config import checks

_MOST_IN_FLIGHT: Final = 64


def _source(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if value != GROK:
        problem = f"{value[:40]!r} writes no words"
        raise InvalidInput(attribute.name, problem, f"give {GROK}")


def _in_flight(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if not 1 <= value <= _MOST_IN_FLIGHT:
        problem = f"{value} is out of range"
        raise InvalidInput(attribute.name, problem, f"give 1 to {_MOST_IN_FLIGHT}")


@frozen
class Reasoning:
    """Words by a language model, beside the template that every signal has.

    `source` is the vendor asked, with its key and address; `model` the name it is asked by,
    pinned. At most `max_in_flight` signals wait for words at once, and words may take up to
    `usd_share` of what the vendor may cost in a day.
    """

    enabled: bool = False
    source: str = field(default=str(GROK), validator=_source)
    model: str = field(default="grok-4.20-non-reasoning", validator=checks.ascii_name)
    max_in_flight: int = field(default=4, validator=_in_flight)
    usd_share: float = field(default=0.2, validator=checks.share)

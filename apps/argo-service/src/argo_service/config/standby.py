"""Two processes on one record, of which one publishes."""

import re
from typing import Final

from attrs import Attribute, field, frozen

from argo_core.errors import InvalidInput

AUTO, FILE, POSTGRES, REDIS = "auto", "file", "postgres", "redis"
LAPSED, ASKED = "lapsed", "asked"
SHORTEST_S, LONGEST_S = 0.5, 60.0
_COLOUR: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def _colour(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if not _COLOUR.fullmatch(value):
        problem = f"{value[:40]!r} is no colour"
        raise InvalidInput(attribute.name, problem, "use up to 32 of a-z, 0-9 and -")


def _lasting(_instance: object, attribute: "Attribute[float]", value: float) -> None:
    if not SHORTEST_S <= value <= LONGEST_S:
        problem = f"{value:g} s are no time for a lease"
        raise InvalidInput(attribute.name, problem, f"give {SHORTEST_S:g} to {LONGEST_S:g} s")


def _one_of(*words: str):  # type: ignore[no-untyped-def]  # attrs' own type of it is longer than it
    def check(_instance: object, attribute: "Attribute[str]", value: str) -> None:
        if value not in words:
            problem = f"{value[:40]!r} is none of them"
            raise InvalidInput(attribute.name, problem, f"give one of {', '.join(words)}")

    return check


@frozen
class Standby:
    """With it `enabled`, the process stands by until it holds the publisher's lease.

    `colour` is what this process is called beside the other. The `lease` is kept where the log is:
    in a file beside it for processes of one machine, or in PostgreSQL; or in the Redis of
    `redis.url`. It lasts `lease_s` seconds unless it is renewed, by the process's own clock two
    thirds of that. The other process `takes_over` once the lease is over, or only when it is asked
    to.
    """

    enabled: bool = False
    colour: str = field(default="blue", validator=_colour)
    lease: str = field(default=AUTO, validator=_one_of(AUTO, FILE, POSTGRES, REDIS))
    lease_s: float = field(default=3.0, validator=_lasting)
    takes_over: str = field(default=LAPSED, validator=_one_of(LAPSED, ASKED))

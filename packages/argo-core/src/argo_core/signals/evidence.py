"""The facts a signal's words may cite, numbered."""

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from argo_core.consensus.opinion import Opinion, SourceName

LIMIT = 12


@frozen
class Evidence:
    """A numbered fact: `id` is `e1` to `e12` within its signal, `value` is printable ASCII."""

    id: str
    source: SourceName
    kind: str
    value: str
    unit: str
    as_of: datetime


def collect(opinions: Iterable[Opinion]) -> tuple[Evidence, ...]:
    """At most twelve facts, a fair share from each source: first facts first, sources by name."""
    ordered = sorted(opinions, key=lambda opinion: opinion.source)
    deepest = max((len(opinion.facts) for opinion in ordered), default=0)
    picked = [
        (opinion.source, opinion.facts[rank])
        for rank in range(deepest)
        for opinion in ordered
        if rank < len(opinion.facts)
    ][:LIMIT]
    return tuple(
        Evidence(f"e{number}", source, fact.kind, fact.value, fact.unit, fact.as_of)
        for number, (source, fact) in enumerate(picked, start=1)
    )
